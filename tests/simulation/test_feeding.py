"""Simulated instruments that a plant feeds: each shows what it is given, and nothing else."""

import pytest

from benchctl.core.places import bundled
from benchctl.simulation import Fed, find_simulator

NAMES = sorted(p.stem for p in bundled("sim_instruments").glob("[!_]*.py"))
FEEDABLE = [n for n in NAMES if (make := find_simulator(n)) and make().inputs is not None]


def numbers(shown):
    return {n: v for n, v in shown.items() if isinstance(v, int | float) and v not in (True, False)}


def test_most_simulators_can_be_fed():
    assert len(FEEDABLE) > 35
    assert {"relay_valve_16", "hp_34401a", "druck_pace5000", "mettler_mtsics"} <= set(FEEDABLE)


@pytest.mark.parametrize("name", FEEDABLE)
def test_a_channel_that_is_fed_shows_the_source_at_the_instant_of_the_exchange(name):
    before = numbers(find_simulator(name)().shows())
    fed = 0
    for channel, value in before.items():
        instrument = find_simulator(name)()
        try:
            instrument.inputs.feed(channel, lambda t, value=value: value + (3 if t > 7.0 else 0))
        except KeyError:
            continue
        fed += 1
        instrument.inputs.t = 6.0
        assert instrument.shows()[channel] == pytest.approx(value)
        instrument.inputs.t = 8.0
        assert instrument.shows()[channel] == pytest.approx(value + 3)
    assert fed or not before


@pytest.mark.parametrize("name", FEEDABLE)
def test_what_is_no_channel_cannot_be_fed(name):
    with pytest.raises(KeyError):
        find_simulator(name)().inputs.feed("no_such_channel", lambda _: 0.0)


def test_what_the_instrument_sets_itself_goes_on_from_there():
    inputs = Fed({"total": 5.0})
    inputs.feed("total", lambda t: 2.0 * t)
    inputs.t = 10.0
    assert inputs["total"] == 20.0
    inputs["total"] = 0.0  # somebody resets it
    inputs.t = 13.0
    assert inputs["total"] == 6.0
    assert dict(inputs) == {"total": 6.0}


def test_a_value_of_its_own_may_be_worked_out_each_time():
    asked = []
    inputs = Fed({"pressure": lambda: asked.append(1) or 7.0})
    assert [inputs["pressure"], inputs["pressure"]] == [7.0, 7.0]
    assert len(asked) == 2
    inputs.feed("pressure", lambda t: t)
    inputs.t = 3.0
    assert inputs["pressure"] == 3.0
    assert len(asked) == 2
