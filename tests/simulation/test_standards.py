"""Simulated reference standards are off by draws from their certificates, in every way of them."""

import math
from pathlib import Path
from statistics import fmean

import pytest

from benchctl.bench import load_bench
from benchctl.bench.standards import corrected
from benchctl.core.clock import VirtualClock
from benchctl.core.messages import words
from benchctl.core.units import unit
from benchctl.language import Diagnostics, FileError
from benchctl.simulation import Standards, find_bench, uuts_from_rows

BENCH = """
bench: Desk
simulated: {bench: desk}
positions: 1
instruments:
  source: {driver: keysight_e36312a, at: "visa:sim.source", serial: MY1, standard: CAL}
  thermal: {driver: fluke_1586a, at: "visa:sim.scanner", serial: S1, standard: T}
standards:
  CAL:
    model: Source
    serial: MY1
    certificate: A
    issued: 30 d ago
    due: in 335 d
    channels:
      voltage_1: {U: 0.2 %, k: 2, range: 0 .. 10 V}
      current_1: {U: {equation: 0.01 + 0.002 * abs(value), unit: A}, k: 2, range: 0 .. 5 A}
      voltage_2:
        k: 2
        table:
          - {at: 0 V, U: 0.001 V, correction: 0.02 V}
          - {at: 10 V, U: 0.011 V, correction: -0.18 V}
  T:
    model: Scanner
    serial: S1
    certificate: B
    issued: 30 d ago
    due: in 335 d
    channels: {ch_101: {U: 0.05 K, k: 2, range: 0 .. 100 °C}, ch_102: {U: 0.05 K, k: 2}}
roles:
  supplied: source.voltage_1
  temperature: {each: manual.temperature}
constants:
  volume: {value: 20 L, U: 0.005 L, k: 2.5}
  mark: 70 mm
"""
PLANT = """
plant: A source warms a block that a scanner measures
uuts: {serial: "D{seed}"}
quantities:
  block: {unit: °C, formula: 20 + 10 * source.voltage_1 + constant.volume - 20}
each:
  warm: {unit: °C, formula: block}
shows: {thermal.ch_101: block}
reads: {temperature: warm}
"""
SEEDS = range(1, 401)


def bench_file(folder, text=BENCH):
    path = folder / "bench.yaml"
    path.write_text(text.lstrip(), encoding="utf-8")
    return path


@pytest.fixture
def bench(tmp_path):
    diagnostics = Diagnostics()
    found = load_bench(bench_file(tmp_path), diagnostics)
    assert found is not None, FileError(diagnostics.items).words()
    return found


def spread(numbers):
    """The root mean square, and the mean over its own standard deviation."""
    numbers = list(numbers)
    rms = math.sqrt(fmean(n**2 for n in numbers))
    return rms, fmean(numbers) / (rms / math.sqrt(len(numbers)))


@pytest.mark.parametrize(
    ("channel", "true", "symbol", "u"),
    [
        ("source.voltage_1", 5.0, "V", 0.005),
        ("source.voltage_1", 5000.0, "mV", 5.0),
        ("source.current_1", 2.0, "A", 0.007),
        ("thermal.ch_101", 25.0, "°C", 0.025),
        ("thermal.ch_101", 298.15, "K", 0.025),
    ],
)
def test_over_the_seeds_a_channel_is_off_by_its_standard_uncertainty(
    bench, channel, true, symbol, u
):
    rms, mean = spread(Standards(bench, s).shown(channel, true, symbol) - true for s in SEEDS)
    assert rms == pytest.approx(u, rel=0.1)  # of 400 draws: 3.5 % of standard deviation
    assert abs(mean) < 3


def test_a_share_of_the_value_scales_with_it_and_an_absolute_U_is_an_offset(bench):
    own = Standards(bench, 5)
    share = own.shown("source.voltage_1", 8.0, "V") / 8.0
    assert share != 1.0
    for volts in (0.001, 2.0, -3.0):
        assert own.shown("source.voltage_1", volts, "V") == pytest.approx(share * volts, rel=1e-12)
    offsets = {round(own.shown("thermal.ch_101", t, "°C") - t, 9) for t in (0.0, 40.0, 90.0)}
    assert len(offsets) == 1
    assert offsets != {0.0}


def test_channels_and_seeds_have_draws_of_their_own_and_the_same_seed_has_the_same(bench):
    channels = ("thermal.ch_101", "thermal.ch_102")
    drawn = {(s, c): Standards(bench, s).shown(c, 20.0, "°C") for s in (1, 2) for c in channels}
    assert len(set(drawn.values())) == 4
    assert drawn[1, channels[0]] == Standards(bench, 1).shown(channels[0], 20.0, "°C")
    assert Standards(bench, 1).shown("thermal.ch_103", 20.0, "°C") == 20.0


def test_what_is_corrected_by_the_certificate_is_off_by_no_more_than_its_draw(bench):
    certified = bench.standards["CAL"].channels["voltage_2"]
    volt = unit("V")
    off = []
    for seed in SEEDS:
        shown = Standards(bench, seed).shown("source.voltage_2", 5.0, "V")
        assert shown - 5.0 == pytest.approx(0.08, abs=0.015)  # it reads too high by what is stated
        off.append(corrected(certified, shown, volt) - 5.0)
    assert spread(off)[0] == pytest.approx(0.003, rel=0.1)
    given = Standards(bench, 1).given("source.voltage_2", 5.0, "V")
    assert given == pytest.approx(4.92, abs=0.012)


def test_a_constant_is_off_by_its_own_uncertainty_and_one_without_is_exact(bench):
    rms, mean = spread(Standards(bench, s).constant("volume") - 20.0 for s in SEEDS)
    assert rms == pytest.approx(0.002, rel=0.1)
    assert abs(mean) < 3
    assert Standards(bench, 1).constant("mark") == 70.0


def test_exact_standards_are_off_by_nothing(tmp_path):
    exact = Standards.beside(bench_file(tmp_path), 3, exact=True)
    assert exact.shown("source.voltage_1", 5.0, "V") == exact.given("source.voltage_1", 5.0) == 5.0
    assert exact.constant("volume") == 20.0
    with pytest.raises(FileError):
        Standards.beside(bench_file(tmp_path, BENCH.replace("k: 2.5", "k: none")), 3)


def told(lab: Path, plant: str, seed: int):
    """What the block truly has and what the scanner shows of it, with the source at 3 V."""
    home = lab / "sim_instruments" / "desk"
    home.mkdir(parents=True, exist_ok=True)
    bench_file(home)
    (home / "plant.yaml").write_text(plant.lstrip(), encoding="utf-8")
    try:
        cls = find_bench("desk", lab=lab)
    except FileError as error:
        pytest.fail(words(error.message))
    with cls(VirtualClock(), seed=seed, uuts=uuts_from_rows(cls.default_uuts(seed))) as bench:
        bench.world.put(1.0, "source.voltage_1", 3.0)
        scanner = bench.instruments["thermal"]
        scanner.inputs.t = 5.0
        return bench.world.value("block", 5.0), scanner.shows()["ch_101"], bench.world.standards


def test_a_declared_plant_draws_what_its_sources_give_and_its_instruments_show(tmp_path):
    true, shown, standards = told(tmp_path, PLANT, 4)
    volts, litres = standards.given("source.voltage_1", 3.0, "V"), standards.constant("volume")
    assert (volts, litres) != (3.0, 20.0)
    assert true == pytest.approx(20.0 + 10.0 * volts + litres - 20.0)
    assert shown == pytest.approx(standards.shown("thermal.ch_101", true, "°C"))
    assert shown != pytest.approx(true, abs=1e-6)
    assert told(tmp_path, f"{PLANT}standards: exact\n", 4)[:2] == (50.0, 50.0)
