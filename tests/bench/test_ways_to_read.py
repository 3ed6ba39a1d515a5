"""A role that each unit is read for in its own way: by its register, its pulses or a person."""

import pytest
from bench_samples import NEEDS, LoadedBench, opened_rig, wiring

from benchctl.bench import Wiring
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import words
from benchctl.core.results import Uut

BENCH = """\
bench: By pulses
positions: 2
instruments:
  pulses: {driver: pulse_counter_16, at: "modbus+rtu:///dev/ttyUSB1?unit=1"}
roles:
  meter_volume:
    by: how
    pulse: {positions: [pulses.count_1, pulses.count_2], scale: 0.1 L}
    person: {each: manual.volume}
"""


def uut(n=1, **how):
    return Uut(f"W-{n}", n, {"pulse_value": 0.1}, how)


def test_the_column_chooses_and_without_it_the_first_way_is_taken(water_file):
    names = ["register", "pulse", "person", "register", "register"]
    told = [
        {"reading": "register"},
        {"reading": "pulse"},
        {"reading": "person"},
        {"reading": " "},
        {},
    ]
    binding = water_file.roles["meter_volume"]
    assert [binding.chosen(uut(**t)) for t in told] == names
    assert water_file.columns() == {"reading"}
    assert water_file.each_of(uut(reading="pulse")) is None
    assert str(water_file.each_of(uut(reading="person")).channel) == "manual.volume"
    assert water_file.uut_address(uut(reading="person")) == "W-1"


def test_a_way_that_the_bench_has_not_is_refused_with_the_one_that_is_meant(water_file):
    with pytest.raises(UsageError) as error:
        water_file.each_of(uut(reading="pulses"))
    assert error.value.message.id == "bench.no-way"
    assert "register, pulse, person" in error.value.words()
    assert "`pulse`" in words(error.value.hint, "en")


def test_a_pulse_is_worth_what_the_unit_says(water_file):
    seen = wiring(water_file)
    steps = [seen.resolutions(uut(reading=r))["meter_volume"] for r in ("register", "pulse")]
    assert steps == pytest.approx([0.01, 0.1])
    assert "meter_volume" not in seen.resolutions(uut(reading="person"))
    half = Uut("W-1", 1, {"pulse_value": 0.5}, {"reading": "pulse"})
    assert seen.resolutions(half)["meter_volume"] == pytest.approx(0.5)


def test_only_units_read_by_pulses_need_the_parameter_that_says_what_one_is_worth(water_file):
    seen = Wiring(water_file, wiring(water_file).shelf, NEEDS, {"pulse_weight": "L"})
    assert seen.problems() == []
    assert seen.resolutions(uut(reading="register"))["meter_volume"] == pytest.approx(0.01)
    with pytest.raises(UsageError) as error:
        seen.resolutions(uut(reading="pulse"))
    assert error.value.message.id == "bench.no-parameter"


def test_counts_become_volume_at_the_units_own_position():
    with opened_rig() as rig:
        bench = rig.bench
        bench._uuts = {s: Uut(s, n, {"pulse_value": 0.25}, {"reading": "pulse"})
                       for n, s in enumerate(rig.serials, 1)}  # fmt: skip
        rig.open()
        read = [bench.channel("meter_volume", serial=s) for s in rig.serials]
        first = [channel.read() for channel in read]
        assert first == pytest.approx([1009 * n * 0.25 for n in (1, 2, 3)])
        assert {(c.resolution, c.counted, c.unit) for c in read} == {(0.25, True, "L")}


def test_a_bench_may_count_only():
    loaded = LoadedBench(BENCH)
    assert loaded.mistakes == []
    seen = wiring(loaded.file, {"meter_volume": NEEDS["meter_volume"]})
    assert seen.problems() == []
    assert seen.resolutions(uut())["meter_volume"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("old", "new", "mistake", "hint"),
    [
        ("pulses.count_2]", "pulse.count_2]", "8:41 E301 no-such-instrument", "pulses"),
        ("pulses.count_2]", "pulses.count_1]", "8:41 E106 channel-twice", None),
        (", pulses.count_2]", "]", "8:24 E105 few-positions", None),
        ("scale: 0.1 L", "scale: 0.1 Lx", "8:65 E202 unknown", None),
        ("scale: 0.1 L", "scale: 0 L", "8:65 E105 not-positive", None),
        ("each: manual.volume", "each: manuel.volume", "9:20 E301 no-such-driver", "manual"),
        ("positions: [", "postions: [", "8:13 E102 unknown-key", "positions"),
        ("scale: 0.1 L", "scal: 0.1 L", "8:58 E102 unknown-key", "scale"),
    ],
)
def test_a_mistake_is_told_at_its_place(old, new, mistake, hint):
    loaded = LoadedBench(BENCH.replace(old, new, 1))
    assert loaded.mistakes == [mistake]
    (found,) = loaded.diagnostics.items
    assert hint is None or f"`{hint}`" in words(found.hint, "en") or hint in words(found.hint, "en")
    assert words(found.message, "zh")


def test_a_role_without_any_way_is_a_mistake():
    text = BENCH[: BENCH.index("    pulse:")]
    assert LoadedBench(text).mistakes == ["7:9 E106 no-ways"]


def test_a_channel_that_counts_something_else_is_a_problem():
    text = BENCH.replace("scale: 0.1 L", "scale: 0.1 kg").replace("count_2", "count_22")
    messages = wiring(LoadedBench(text).file, {"meter_volume": NEEDS["meter_volume"]}).problems()
    assert [m.id.removeprefix("bench.") for m in messages] == ["unit-misfit", "no-such-channel"]
    assert messages[0].args["has"] == "1 × kg"
    assert messages[1].args["known"] == "count_2"


def test_a_position_without_a_channel_is_refused():
    with opened_rig(serials=None) as rig:
        serial = rig.serials[0]
        rig.bench._uuts = {serial: Uut(serial, 13, {"pulse_value": 0.1}, {"reading": "pulse"})}
        rig.open(only={"pulses"})
        with pytest.raises(RefusedError) as error:
            rig.bench.channel("meter_volume", serial=serial)
        assert error.value.message.id == "bench.no-place"
