"""Readings with the corrections of a certificate: alone, in a mean, together, through a curve."""

import pytest
from bench_samples import NEEDS, Role, opened_rig

from benchctl.bench import certificate_beyond, certificate_drift, standard_json
from benchctl.simulation import find_bench

THERMOMETER = """\
standards:
  PT-1:
    model: Pt100 transmitter
    serial: "5"
    certificate: T-1
    issued: 10 d ago
    due: in 355 d
    channels:
      temperature_1:
        U: {equation: 0.02 + 0.001 * abs(value), unit: K}
        range: 0 .. 60 °C
        correction: {polynomial: [5, 0.1], unit: K}
        drift: 0.04 K per year
      temperature_2: {U: 0.03 K, range: 0 .. 60 °C, correction: 2 K}
"""
NEW = NEEDS | {
    "inlet_temperature": Role("°C"),
    "outlet_temperature": Role("K"),
    "level": Role("m"),
}


@pytest.fixture(scope="module")
def bench_text(tmp_path_factory):
    """The water bench whose thermometers have a certificate, and a role through a curve."""
    cls = find_bench("water_bench")
    folder = tmp_path_factory.mktemp("bench")
    for path in cls.bench_file.parent.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "level.csv").write_text("m,°C\n0,0\n300,60\n", encoding="utf-8")
    text = cls.bench_file.read_text("utf-8")
    water = 'unit=1"}    # 1 inlet, 2 outlet'
    for old, new in [
        (water, water.replace("}", ", standard: PT-1}")),
        ("standards:", THERMOMETER.rstrip()),
        ("roles:\n", "roles:\n  level: water.temperature_1 via level.csv\n"),
    ]:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text, folder


@pytest.fixture(scope="module")
def rig(bench_text):
    text, folder = bench_text
    with opened_rig(text, needs=NEW, folder=folder) as rig:
        rig.open()
        yield rig


@pytest.fixture(scope="module")
def plain(rig):
    """What the two thermometers indicate, in °C."""
    channels = [rig.bench.channel(r) for r in ("inlet_temperature", "outlet_temperature")]
    instrument = channels[0].sources[0][0]
    return [float(instrument.reader(name)()[0]) for name in ("temperature_1", "temperature_2")]


def first(value):
    return value + 5 + 0.1 * value


def test_a_reading_is_corrected_in_its_own_unit_before_it_is_converted(rig, plain):
    assert rig.bench.channel("inlet_temperature").read() == pytest.approx(first(plain[0]), abs=0.1)
    outlet = rig.bench.channel("outlet_temperature").read()
    assert outlet == pytest.approx(plain[1] + 2 + 273.15, abs=0.1)


def test_each_channel_of_a_mean_has_its_own_correction(rig, plain):
    mean = rig.bench.channel("water_temperature").read()
    assert mean == pytest.approx((first(plain[0]) + plain[1] + 2) / 2, abs=0.1)


def test_roles_of_one_instrument_are_read_together_each_with_its_own(rig, plain):
    channels = [rig.bench.channel(r) for r in ("inlet_temperature", "outlet_temperature")]
    inlet, outlet = rig.bench.joint_reader(channels)()
    assert inlet == pytest.approx(first(plain[0]), abs=0.1)
    assert outlet == pytest.approx(plain[1] + 2 + 273.15, abs=0.1)


def test_a_reading_is_corrected_before_it_goes_through_a_curve(rig, plain):
    level = rig.bench.channel("level").read()
    assert level == pytest.approx(first(plain[0]) * 5, abs=0.5)


def test_U_drift_and_range_are_carried_through_the_curve(rig):
    wiring = rig.bench.wiring
    u, _ = wiring.reference_u("level", 100.0)  # 20 °C, 5 m per K
    assert u == pytest.approx((0.02 + 0.02) / 2 * 5)
    drift = certificate_drift(wiring, "level", 100.0)
    assert drift == pytest.approx(0.04 * 365 / 365.25 * 5, rel=1e-9)
    assert certificate_beyond(wiring, "level", 299.0, ()) is None
    assert certificate_beyond(wiring, "level", 305.0, ()) is not None


def test_the_record_says_what_was_applied(rig):
    said = standard_json(*rig.bench.wiring.standard("inlet_temperature"))
    assert said["corrections"] == {"unit": "K", "relative": False, "polynomial": [5.0, 0.1]}
    assert said["source"] == "bench"
