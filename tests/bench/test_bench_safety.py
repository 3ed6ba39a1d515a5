"""The order in which steps to a safe state are tried, and what is said of those that fail."""

from hypothesis import given
from hypothesis import strategies as st

from benchctl.bench.safety import TRIES, Step, carry_out
from benchctl.core.clock import pause
from benchctl.core.errors import NoReplyError
from benchctl.core.messages import msg


class Rig:
    """Instruments that fail so many times, and the order in which they were asked."""

    def __init__(self, failing=None, seconds=0.0):
        self.failing = dict(failing or {})
        self.seconds = seconds
        self.asked = []

    def step(self, name):
        instrument, _, channel = name.partition("/")

        def action():
            self.asked.append(name)
            if self.failing.get(name, 0) > 0:
                self.failing[name] -= 1
                pause(self.seconds)
                raise NoReplyError(msg("links.no-reply", address=name, timeout=1.0, n=0))

        return Step(instrument, channel, action)

    def carry_out(self, names, seconds=5.0):
        done, failed = carry_out([self.step(n) for n in names], seconds)
        return done, [step.name for step in failed], failed


STEPS = ["relays/k2", "relays/k1", "pump/run", "relays", "pump"]


def test_steps_that_succeed_are_made_once_in_their_order():
    rig = Rig()
    assert rig.carry_out(STEPS)[:2] == (STEPS, [])
    assert rig.asked == STEPS


def test_an_instrument_that_fails_waits_until_the_others_are_safe():
    rig = Rig(dict.fromkeys(["relays/k2", "relays/k1", "relays"], 9))
    done, failed, _ = rig.carry_out(STEPS)
    assert rig.asked[:3] == ["relays/k2", "pump/run", "pump"]
    assert (done, failed) == (["pump/run", "pump"], ["relays/k2", "relays/k1", "relays"])


def test_an_instrument_that_failed_is_next_asked_for_its_safe_state_as_a_whole():
    rig = Rig({"relays/k2": 1})
    done, failed, _ = rig.carry_out(STEPS)
    assert rig.asked[3:] == ["relays", "relays/k1", "relays/k2"]
    assert failed == []
    assert set(done) == set(STEPS)


def test_the_time_that_a_silent_instrument_eats_is_not_taken_from_a_pump():
    rig = Rig(dict.fromkeys(["relays/k2", "relays/k1", "relays"], 9), seconds=0.06)
    done, failed, steps = rig.carry_out(STEPS, seconds=0.1)
    assert done == ["pump/run", "pump"]
    assert failed == ["relays/k2", "relays/k1", "relays"]
    assert "no answer" in steps[0].error
    assert "not reached within 0.1 s" in steps[1].error


def test_without_any_time_every_step_is_named():
    rig = Rig()
    done, failed, _ = rig.carry_out(STEPS, seconds=0.0)
    assert (rig.asked, done, failed) == ([], [], STEPS)


@given(st.dictionaries(st.sampled_from(STEPS), st.integers(0, 3)))
def test_every_step_is_tried_until_it_succeeds_or_has_failed_twice(failing):
    rig = Rig(failing)
    done, failed, _ = rig.carry_out(STEPS)
    assert failed == [name for name in STEPS if failing.get(name, 0) >= TRIES]
    assert sorted(done + failed) == sorted(STEPS)
    for name in STEPS:
        assert rig.asked.count(name) == min(failing.get(name, 0) + 1, TRIES)


def test_a_mistake_in_a_drivers_own_safe_state_leaves_the_others_their_turn():
    broken = Step("pump", "", lambda: 1 / 0)
    rig = Rig()
    done, failed = carry_out([broken, rig.step("relays")], 1.0)
    assert (done, failed) == (["relays"], [broken])
    assert broken.error == "ZeroDivisionError: division by zero"
