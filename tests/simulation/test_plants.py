"""Declared plants: building blocks against their closed forms, mistakes at their places.

The benches are those of `docs/simulated-benches.md` and small ones written here; they are met
through their real buses.
"""

import math
import re
from pathlib import Path

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt
from benchctl.language import Diagnostics, FileError
from benchctl.simulation import check_plant, find_bench, list_benches, uuts_from_rows

PAGE = Path(__file__).parents[2] / "docs" / "simulated-benches.md"
FILES = dict(
    re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```\n", PAGE.read_text(encoding="utf-8"), re.S)
)
BENCH = """
bench: Line
simulated: {bench: line}
positions: 3
instruments:
  relays: {driver: relay_valve_16, at: "modbus+rtu+tcp://sim.relays?unit=4"}
  counter: {driver: pulse_counter_16, at: "modbus+rtu+tcp://sim.relays?unit=5"}
  master: {driver: micromotion_2700, at: "modbus+rtu://sim.master?baud=38400&unit=1"}
roles:
  valve: relays.k1
"""
PLANT = """
plant: A line with three meters
uuts:
  serial: "L{seed:03}{position}"
  kinds: [good, bad]
  usual: {Q3: 2.5, label: plain}
  draw:
    own: uniform(-1, 1)
    off: {usual: 0.5 * own, bad: 4}
  curves:
    error: {straight: [[0, off], [10, off + 1]]}
quantities:
  flow: {unit: m³/h, tail: 3.6 if relays.k1 else 0, tau: 2 s, start: 0}
  wander: {unit: m³/h, ripple: 0.036, periods: [5 s, 20 s]}
  sum: {unit: m³/h, formula: 2 * flow - 0.5 * wander + 0.001 * t}
  volume: {unit: L, total: sum, start: 10}
  up: {rising: flow}
  began: {turned: flow}
  last: {rose: relays.k1}
  late: {unit: m³/h, delayed: flow, by: 3 s}
  followed: {unit: m³/h, play: flow, width: 0.8}
  leaking: all.leak
each:
  leak: {unit: m³/h, formula: fault.leak}
  through: {unit: m³/h, formula: flow - before.leak}
  counted: {unit: L, total: through, gain: 1 + error(through) / 100, start: own}
  reading: {unit: L, register: counted, step: 0.5}
  count: {pulses: counted, worth: 0.2}
  master_at_pulse: {unit: L, latched: volume, at: count}
shows:
  master.volume_total: volume
  master.volume_flow: {quantity: sum, noise: 0.001}
  "counter.count_{position}": count
reads: {volume: reading}
truth:
  twice: 2 * error(point.flow)
  error: truth.twice / 2 - (1 if adjusted else 0)
  seal: kind != "bad"
faults:
  leak: {value: 0.36, of: unit}
"""


def written(folder, plant=PLANT, bench=BENCH, name="line"):
    home = folder / "sim_instruments" / name
    home.mkdir(parents=True, exist_ok=True)
    (home / "plant.yaml").write_text(plant.lstrip(), encoding="utf-8")
    (home / "bench.yaml").write_text(bench.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture
def line(tmp_path):
    """A started bench with its three meters, its valve opened at 4 s."""
    cls = find_bench("line", lab=written(tmp_path))
    with cls(VirtualClock(), seed=3, uuts=uuts_from_rows(cls.default_uuts(3))) as bench:
        bench.world.put(4.0, "relays.k1", True)
        yield bench


def integral(of, t_from, t_to, steps=4000):
    """Simpson's rule."""
    h = (t_to - t_from) / steps
    inner = sum((4 if n % 2 else 2) * of(t_from + n * h) for n in range(1, steps))
    return h / 3 * (of(t_from) + inner + of(t_to))


def test_a_tail_goes_to_its_target_from_the_change_on(line):
    at = lambda t: line.world.value("flow", t)  # noqa: E731
    assert at(3.9) == 0.0
    assert at(6.0) == pytest.approx(3.6 * (1 - math.exp(-1)))
    line.world.put(8.0, "relays.k1", False)
    assert at(7.9) == pytest.approx(3.6 * (1 - math.exp(-3.9 / 2)))
    assert at(10.0) == pytest.approx(3.6 * (1 - math.exp(-2)) * math.exp(-1))


def test_a_total_is_the_exact_integral_in_its_own_unit_over_changes_in_any_order(line):
    value = line.world.value
    before = value("volume", 30.0)
    line.world.put(11.0, "relays.k1", False)  # an earlier instant than one that was looked at
    assert value("volume", 30.0) != before
    by_hand = 10.0 + sum(
        integral(lambda t: value("sum", t), a, b) / 3.6 for a, b in ((0, 4), (4, 11), (11, 30))
    )
    assert value("volume", 30.0) == pytest.approx(by_hand, rel=1e-9)


def test_what_is_not_touched_by_a_change_goes_on_as_it_was(line):
    before = line.world.segment(5.0).totals["volume", -1]
    line.world.put(6.0, "relays.k2", True)
    assert line.world.segment(7.0).totals["volume", -1] is before


def test_a_unit_counts_with_its_gain_at_what_flows_through_it(line):
    unit = line.world.units[1]
    gain = 1 + (4 + 0.36) / 100  # error(3.6) of the bad one
    value = line.world.value
    passed = integral(lambda t: value("through", t, 1), 4.0, 20.0) / 3.6
    assert unit.kind == "bad"
    assert value("counted", 20.0, 1) == pytest.approx(unit.constants["own"] + gain * passed)


def test_a_leak_takes_from_those_behind_it_only_and_from_the_line_it_is_in(line):
    value = line.world.value
    line.clock.sleep(20.0)
    line.fault("leak", position=2)
    t = 60.0
    assert value("leaking", t) == 0.36
    assert [value("through", t, n) for n in range(3)] == pytest.approx([3.6, 3.6, 3.24])
    line.spool([2])
    assert value("leaking", t) == 0.0
    assert value("through", t, 2) == pytest.approx(3.6)
    stopped = value("counted", 20.0, 1)
    assert value("counted", t, 1) == stopped
    assert line.in_line() == ["L0031", "L0033"]


def test_registers_and_pulses_step_and_a_latch_holds_what_was_at_the_edge(line):
    value = line.world.value
    for t in (9.0, 17.3, 44.4):
        total = value("counted", t, 0)
        assert value("reading", t, 0) == math.floor(total / 0.5) * 0.5
        count = value("count", t, 0)
        assert count == math.floor(total / 0.2)
        low, high = 4.0, t
        for _ in range(80):  # the edge by halving
            middle = (low + high) / 2
            low, high = (middle, high) if value("count", middle, 0) < count else (low, middle)
        assert value("master_at_pulse", t, 0) == pytest.approx(value("volume", high), abs=1e-6)
    line.world.put(44.5, "relays.k1", False)  # what was latched is looked for before the change
    assert value("count", 70.0, 0) >= value("count", 44.4, 0)


def test_strokes_edges_delays_and_backlash_remember(line):
    value = line.world.value
    assert (value("up", 5.0), value("began", 5.0), value("last", 5.0)) == (True, 4.0, 4.0)
    line.world.put(30.0, "relays.k1", False)
    assert (value("up", 31.0), value("began", 31.0), value("last", 31.0)) == (False, 30.0, 4.0)
    assert value("late", 33.0) == value("flow", 30.0)
    assert value("followed", 29.9) == pytest.approx(3.2, abs=1e-4)
    assert value("followed", 30.1) == pytest.approx(3.2, abs=1e-4)  # not yet moved by the backlash
    assert value("followed", 60.0) == pytest.approx(0.4, abs=1e-4)


def test_truth_is_drawn_by_kind_and_follows_adjustments(line):
    first, bad = (u.serial for u in line.uuts[:2])
    own = line.world.units[0].constants["own"]
    assert line.truth(first, "error", "error", {"flow": 5.0}) == pytest.approx(0.5 * own + 0.5)
    assert line.truth(bad, "error of indication", "error", {"flow": 5.0}) == pytest.approx(4.5)
    assert [line.truth(s, "seal", "seal", {}) for s in (first, bad)] == [True, False]
    assert line.truth(first, "appearance", "appearance", {}) is True
    assert not line.adjust(1)  # no quantity of this plant follows from it
    line.world.put(0.0, "adjusted@1", True)
    assert line.truth(first, "error", "error", {"flow": 5.0}) == pytest.approx(0.5 * own - 0.5)


def test_a_person_reads_in_the_unit_that_is_asked_for(line):
    line.clock.sleep(20.0)
    prompt = Prompt("", "number", msg("x"), uut="L0032", position=2, unit="m³")
    shown = line.world.value("reading", 20.0 + line.answer_after, 1)
    assert line.answer(prompt).value == pytest.approx(shown / 1000)


def test_its_buses_have_the_instruments_with_what_is_fed_and_what_is_set_on_them(line, wire):
    bus = wire(line.locations["sim.relays"])
    line.clock.sleep(20.0)
    count = line.world.value("count", line.clock.now(), 0)
    reply = bus.ask(bytes.fromhex("05 04 00 00 00 02 70 4f".replace(" ", "")), 9)
    assert abs(int.from_bytes(reply[3:7], "big") - count) <= 1
    shut = bus.ask(bytes.fromhex("04050000ff008c6f"), 8)  # relay k1 on: it is on already for us
    assert shut[:2] == b"\x04\x05"
    assert line.state()["set"]["relays.k1"] is True
    off = bus.ask(bytes.fromhex("040500000000cd9f"), 8)
    assert off[:2] == b"\x04\x05"
    assert line.world.segment(line.clock.now()).inputs["relays.k1"] is False


def test_the_same_seed_draws_the_same_units_and_another_one_others(tmp_path):
    cls = find_bench("line", lab=written(tmp_path))
    rows = uuts_from_rows(cls.default_uuts(3))
    one, same, other = (cls(VirtualClock(), seed=s, uuts=rows) for s in (3, 3, 4))
    draws = [[u.constants["own"] for u in b.world.units] for b in (one, same, other)]
    assert draws[0] == draws[1] != draws[2]
    assert len(set(draws[0])) == 3


def test_a_batch_may_name_kinds_and_parameters(tmp_path):
    cls = find_bench("line", lab=written(tmp_path))
    rows = [{"serial": "A", "position": "1", "kind": "bad", "Q3": "4", "label": "other"}]
    bench = cls(VirtualClock(), seed=3, uuts=uuts_from_rows(rows))
    known = bench.world.units[0].constants
    assert (known["kind"], known["Q3"], known["label"]) == ("bad", 4.0, "other")


def test_it_is_listed_and_a_mistake_in_it_refuses_it(tmp_path):
    lab = written(tmp_path)
    listed = {info.name: info for info in list_benches(lab)}
    assert listed["line"].summary == "A line with three meters"
    assert listed["line"].problem == ""
    written(tmp_path, PLANT.replace("tau: 2 s, ", ""))
    with pytest.raises(FileError) as refused:
        find_bench("line", lab=lab)
    assert refused.value.exit_code == 2


MISTAKES = [
    ("tail: 3.6 if relays.k1 else 0", "tail: 3.6 if relays.k77 else 0", "E301", "relays.k77"),
    ("tau: 2 s, ", "", "E101", "tau"),
    ("tau: 2 s, ", "taux: 2 s, ", "E102", "taux"),
    ("ripple: 0.036, ", "ripple: 0.036, noise: 1, ", "E106", "ripple, noise"),
    ("total: sum", "total: summ", "E301", "summ"),
    ("total: sum, start: 10", "total: sum, trim: 3", "E102", "trim"),
    ("unit: L, total: sum", "unit: kg, total: sum", "E201", "volume"),
    ("2 * flow - 0.5 * wander + 0.001 * t", "flow * wander", "E203", "volume"),
    ("2 * flow - 0.5 * wander + 0.001 * t", "sqrt(-1 - flow ** 2)", "E203", "sum"),
    ("0.001 * t", "volume", "E304", "volume"),
    ("worth: 0.2", "worth: 0", "E203", "count"),
    ("at: count", "at: reading", "E106", "pulses"),
    ("{rising: flow}", "{rising: sum}", "E106", "tail"),
    ("{rose: relays.k1}", "{rose: relay.k1}", "E301", "relay.k1"),
    ("own: uniform(-1, 1)", "own: uniform(-1)", "E203", "uniform"),
    ("off: {usual: 0.5 * own, bad: 4}", "off: {bad: 4}", "E101", "good"),
    ("off: {usual: 0.5 * own, bad: 4}", "off: {usual: 1, wicked: 4}", "E301", "wicked"),
    ("straight: [[0, off]", "straight: [[0, of]", "E301", "of"),
    ("error: {straight", "error: {smooth: [[1, 1]], straight", "E106", "straight"),
    ("master.volume_total: volume", "master.volume_totl: volume", "E301", "volume_totl"),
    ("master.volume_total: volume", "master.volume_total: volum", "E301", "volum"),
    ("master.volume_total: volume", "master.volume_total: flow", "E201", "L"),
    ('"counter.count_{position}": count', "counter.count_1: count", "E106", "position"),
    ('"counter.count_{position}"', '"counter.cont_{position}"', "E301", "cont_1"),
    ("reads: {volume: reading}", "reads: {volume: readings}", "E301", "readings"),
    ("truth.twice / 2", "truth.thrice / 2", "E301", "truth.thrice"),
    ("of: unit", "of: units", "E103", "units"),
    ("start: own}", "start: ownn}", "E301", "ownn"),
    ("plant: A line", "plan: A line", "E102", "plan"),
]


@pytest.mark.parametrize(("right", "wrong", "code", "named"), MISTAKES)
def test_a_mistake_is_told_at_its_line_with_what_it_is_about(tmp_path, right, wrong, code, named):
    assert right in PLANT
    text = PLANT.replace(right, wrong, 1).lstrip()
    lab = written(tmp_path, text)
    diagnostics = Diagnostics()
    path = lab / "sim_instruments" / "line" / "plant.yaml"
    assert check_plant(path, diagnostics, lab) is None
    found = next(d for d in diagnostics.items if d.code == code)
    assert named in FileError([found]).words()
    line = next(n for n, row in enumerate(text.splitlines(), 1) if wrong in row) if wrong else 0
    assert abs(found.span.line - line) <= 1 or not wrong or code in ("E203", "E304", "E201")


def test_a_driver_without_a_simulator_and_a_channel_that_cannot_be_fed_are_told(tmp_path):
    bench = BENCH.replace("driver: relay_valve_16", "driver: manual_valves")
    diagnostics = Diagnostics()
    path = written(tmp_path, PLANT, bench) / "sim_instruments" / "line" / "plant.yaml"
    assert check_plant(path, diagnostics, tmp_path) is None
    assert "manual_valves" in FileError(diagnostics.items).words()
    diagnostics = Diagnostics()
    bench = BENCH.replace(
        "  relays:",
        '  monitor: {driver: dhi_rpm4, at: "serial://sim.h?baud=2400"}\n  relays:',
    )
    plant = PLANT.replace("shows:", "shows:\n  monitor.pressure: leaking")
    path = written(tmp_path, plant, bench) / "sim_instruments" / "line" / "plant.yaml"
    assert check_plant(path, diagnostics, tmp_path) is None
    assert [d.code for d in diagnostics.items] == ["E106"]


def test_the_example_of_the_page_is_a_bench(tmp_path):
    lab = written(tmp_path, FILES["plant.yaml"], FILES["bench.yaml"], "glass_bench")
    cls = find_bench("glass_bench", lab=lab)
    units = uuts_from_rows(cls.default_uuts(12))
    assert [u.serial for u in units][:2] == ["G0012-1", "G0012-2"]
    with cls(VirtualClock(), seed=12, uuts=units) as bench:
        assert bench.truth("G0012-3", "error", "error", {}) == pytest.approx(0.32)
        prompt = Prompt("", "number", msg("x"), uut="G0012-3", position=3, unit="°C")
        felt = bench.world.value("felt", bench.answer_after, 2)
        assert bench.answer(prompt).value == pytest.approx(felt + 0.32, abs=0.011)
        before = bench.state()["temperature"]
        bench.fault("stirrer")
        assert bench.state()["temperature"] == pytest.approx(before + 0.3)


UUT_BENCH = """
bench: Desk
simulated: {bench: desk}
positions: 1
instruments:
  source: {driver: fluke_5522a, at: "serial://sim.source?baud=9600&high_voltage=yes"}
roles:
  voltage: source.voltage
  shown: {each: keysight_34465a.dc_voltage, at: "visa:sim.uut"}
"""
UUT_PLANT = """
plant: A multimeter on a calibrator
uuts: {serial: MY1, draw: {gain: 1.001}}
each:
  there: {unit: V, formula: source.voltage if source.operate else 0}
  volts: {unit: V, formula: gain * there + (0.001 if uut.dc_voltage_range > 50 else 0)}
shows: {uut.dc_voltage: volts}
truth: {error: 100 * (gain - 1)}
"""


def test_a_unit_with_an_instrument_of_its_own_shows_what_it_is_given(tmp_path):
    lab = written(tmp_path, UUT_PLANT, UUT_BENCH, "desk")
    cls = find_bench("desk", lab=lab)
    with cls(VirtualClock(), seed=1, uuts=uuts_from_rows(cls.default_uuts(1))) as bench:
        import pyvisa

        rm = pyvisa.ResourceManager(bench.visa_library)
        meter = rm.open_resource(bench.locations["sim.uut"])
        meter.write_termination = meter.read_termination = "\n"
        assert float(meter.query("READ?")) == 0.0
        bench.world.put(bench.clock.now(), "source.voltage", 10.0)
        bench.world.put(bench.clock.now(), "source.operate", True)
        assert float(meter.query("READ?")) == pytest.approx(10.01)
        meter.write("VOLT:RANG 100")
        assert float(meter.query("READ?")) == pytest.approx(10.011)
        meter.close()
    two = written(tmp_path, UUT_PLANT, UUT_BENCH.replace("positions: 1", "positions: 2"), "desk")
    diagnostics = Diagnostics()
    path = two / "sim_instruments" / "desk" / "plant.yaml"
    assert check_plant(path, diagnostics, two) is None
    assert [d.code for d in diagnostics.items] == ["E106"]
