"""The gate of a bench file: what it says, and every mistake at its place."""

import pytest
from bench_samples import NEEDS, LoadedBench, Role, wiring

from benchctl.core.messages import words

BENCH = """\
bench: A gate
instruments:
  master:  {driver: micromotion_2700, at: "modbus+rtu:///dev/ttyUSB0?unit=1"}
  check:   {driver: micromotion_2700, at: "modbus+rtu:///dev/ttyUSB0?unit=2"}
  balance: {driver: mettler_mtsics, at: "serial:///dev/ttyUSB1?baud=9600"}
  pump:    {driver: abb_acs580, at: "modbus+tcp://10.0.0.5?unit=1"}
  valves:  {driver: relay_valve_16, at: "modbus+tcp://10.0.0.6?unit=1"}
roles:
  pump_speed: pump.speed
  tank_drain: valves.k7
gate:
  valid_for: 12 h
  checks:
    - {check: zero, title: {en: the zero, zh: 零点}, read: master.volume_flow, for: 10 s, within: 0.5 L/h}
    - {check: weight, set: {tank_drain: true}, ask: put it on, then: take it off, read: balance.mass, expect: 20 kg, within: 10 g}
    - {check: other, set: {pump_speed: 40 %}, wait: 10 s, read: check.volume_flow, against: master.volume_flow, within: 5 ‰}
"""  # noqa: E501


def test_a_gate_reads_as_it_is_written():
    loaded = LoadedBench(BENCH)
    assert loaded.mistakes == []
    gate = loaded.file.gate
    assert gate.valid_for == 12 * 3600.0
    zero, weight, other = gate.checks
    assert (zero.title["zh"], zero.over, zero.wait, zero.timeout) == ("零点", 10.0, 0.0, 60.0)
    assert (zero.expect.value, zero.within.value, zero.within.unit.symbol) == (0.0, 0.5, "L/h")
    assert (weight.expect.value, weight.within.unit.symbol) == (pytest.approx(20e3), "g")
    assert (weight.ask["en"], weight.then["zh"]) == ("put it on", "take it off")
    assert (str(other.against), other.sets[0].role) == ("master.volume_flow", "pump_speed")
    assert wiring(loaded.file, {"pump_speed": Role("%", settable=True)}).problems() == []


def test_a_bench_without_a_gate_has_none():
    assert LoadedBench(BENCH[: BENCH.index("gate:")]).file.gate is None


def test_the_gate_is_known_by_what_it_says_not_by_how_it_is_written():
    def of(text):
        loaded = LoadedBench(text)
        assert loaded.mistakes == []
        return loaded.file.gate.sha256

    assert of(BENCH) == of(BENCH.replace("bench: A gate", "bench: Another"))
    assert of(BENCH) == of(
        BENCH.replace("read: balance.mass, expect: 20 kg", "expect: 20 kg, read: balance.mass")
    )
    assert of(BENCH) != of(BENCH.replace("within: 10 g", "within: 20 g"))
    assert of(BENCH) != of(BENCH.replace("valid_for: 12 h", "valid_for: 16 h"))


@pytest.mark.parametrize(
    ("old", "new", "mistake", "hint"),
    [
        ("valid_for: 12 h", "valid_for: 12", "12:14 E202 unit-missing", None),
        ("valid_for: 12 h", "valid_for: 12 kg", "12:14 E202 misfit", None),
        ("valid_for: 12 h", "valid_for: 10 s", "12:14 E105 too-short", None),
        ("valid_for:", "valid_fro:", "12:3 E102 unknown-key", "valid_for"),
        ("read: master.volume_flow, for", "read: mastr.volume_flow, for",
         "14:58 E301 no-such-instrument", "master"),
        ("read: master.volume_flow, for", "raed: master.volume_flow, for",
         "14:52 E102 unknown-key", "read"),
        ("within: 0.5 L/h", "within: -0.5 L/h", "14:97 E105 not-positive", None),
        ("within: 0.5 L/h", "witin: 0.5 L/h", "14:89 E102 unknown-key", "within"),
        ("{tank_drain: true}", "{tank_drian: true}", "15:29 E301 no-such-role", "tank_drain"),
        ("expect: 20 kg, ", "", "15:7 E101 ask-expects", None),
        ("expect: 20 kg", "expect: 20 L", "15:111 E202 misfit", None),
        ("check: other", "check: zero", "16:15 E303 check-twice", None),
        ("check: other", "check: the other", "16:15 E105 text-not-like", None),
        ("within: 5 ‰", "within: 5 L/h", "16:121 E202 against-share", None),
        ("within: 5 ‰", "expect: 1 %, within: 5 ‰", "16:121 E106 against-expects", None),
        ("wait: 10 s", "ask: do it, expect: 1 %, wait: 10 s", "16:118 E106 ask-against", None),
        ("wait: 10 s", "then: undo it", "16:53 E106 then-without-ask", None),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(old, new, mistake, hint):
    text = BENCH
    assert old in text
    loaded = LoadedBench(text.replace(old, new, 1))
    assert mistake in loaded.mistakes
    assert loaded.file is None
    found = loaded.diagnostics.items[loaded.mistakes.index(mistake)]
    assert hint is None or hint in words(found.hint, "en")
    for language in ("en", "zh"):
        assert words(found.message, language)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("read: balance.mass", "read: balance.massa", "no-such-channel"),
        ("within: 0.5 L/h", "within: 0.5 L", "unit-misfit"),
        ("against: master.volume_flow", "against: master.density", "unit-misfit"),
        ("against: master.volume_flow", "against: master.volume_fow", "no-such-channel"),
        ("pump_speed: 40 %", "pump_speed: 40 kg", "unit-misfit"),
        ("tank_drain: true", "tank_drain: 5 kg", "unit-misfit"),
    ],
)
def test_what_the_instruments_cannot_do_is_a_problem(old, new, problem):
    text = BENCH
    loaded = LoadedBench(text.replace(old, new, 1))
    assert loaded.mistakes == []
    found = [
        m.id.removeprefix("bench.")
        for m in wiring(loaded.file, {"tank_mass": Role("kg", optional=True)}).problems()
    ]
    assert problem in found


def test_a_switch_is_not_set_to_a_quantity_of_the_procedure():
    text = BENCH
    file = LoadedBench(text).file
    need = NEEDS["line_inlet"]
    assert wiring(file, {"tank_drain": need}).problems() == []
    found = wiring(file, {"tank_drain": Role("%", settable=True)}).problems()
    assert "bench.gate-set" in [m.id for m in found]
