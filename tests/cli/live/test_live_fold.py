"""What the screen knows is a pure fold of a run's events."""

import copy
from dataclasses import replace

import pytest
from live_samples import Told, after, closed, item_judged, judged, opened, started, watched

from benchctl.cli.live.fold import fold
from benchctl.cli.live.state import State, countdown, load_of, share_done, time_left, visit_of
from benchctl.core import events

STORY = [
    started("load-1/tightness", "hold", 0.0, 70.0),
    Told(70.0, item_judged("W-1")),
    Told(70.0, item_judged("W-2")),
    Told(70.0, events.ActionFinished("load-1/tightness", "done", 70.0)),
    started(t=90.0),
    Told(100.0, watched(t=100.0)),
    Told(150.0, events.ActionFinished("load-1/Q3/run-1", "done", 150.0)),
    Told(150.0, judged("W-1", error=0.41)),
    Told(150.0, judged("W-2", error=2.345)),
]


def test_folding_changes_no_state_that_was_there():
    state = after(*STORY[:5])
    before = copy.deepcopy(state)
    for told in STORY[5:]:
        fold(state, told)
    assert state == before


def test_the_same_events_give_the_same_state():
    assert after(*STORY) == after(*copy.deepcopy(STORY))


def test_an_event_that_the_screen_does_not_show_changes_only_the_time():
    state = after(*STORY)
    setting = events.SettingWritten("pump", "speed", 50.0, "%", 160.0)
    assert fold(state, Told(160.0, setting)) == replace(state, t=160.0)


def test_a_unit_fails_at_once_and_passes_only_when_everything_is_done():
    state = after(*STORY)
    assert state.units["W-2"].verdict == "fail"
    assert state.units["W-1"].verdict is None
    for point in ("Q2", "Q1"):
        state = fold(state, Told(200.0, judged("W-1", point)))
    assert state.units["W-1"].verdict == "pass"


def test_a_unit_without_a_valid_measurement_has_not_passed():
    state = after(*STORY, judged("W-1", "Q2", None, "not_measured"), judged("W-1", "Q1"))
    assert state.units["W-1"].verdict == "not_measured"


def test_a_retest_that_passes_takes_the_fail_away_and_is_told():
    state = after(*STORY)
    told = len(state.notes)
    state = fold(state, Told(300.0, judged("W-2", error=1.9)))
    assert state.units["W-2"].cells["Q3"].text == "+1.90"
    assert state.units["W-2"].verdict is None
    assert len(state.notes) == told + 1


def test_a_pass_is_not_worth_a_note_and_a_fail_is():
    assert [n.event.uut for n in after(*STORY).notes] == ["W-2"]


def test_the_error_of_a_fail_has_the_digits_that_show_it():
    state = after(judged("W-1", error=2.003))
    assert state.units["W-1"].cells["Q3"].text == "+2.003"


def test_the_end_of_a_run_has_the_last_word_on_a_unit():
    state = after(*STORY, events.UutJudged("W-1", "not_measured"), closed())
    assert state.units["W-1"].verdict == "not_measured"
    assert state.closed.outcome == "finished"
    assert share_done(state) == 1.0


def test_present_values_belong_to_the_action_that_goes_on():
    state = after(started(t=20.0), Told(50.0, watched(t=50.0, progress=0.25, remaining=40.0)))
    assert (state.progress, state.remaining, state.values["reference_flow"]) == (0.25, 40.0, 2.3751)
    late = fold(state, Told(51.0, watched("load-1/Q3/settle", remaining=3.0, flow=2.4)))
    assert (late.progress, late.remaining, late.values["reference_flow"]) == (0.25, 40.0, 2.4)


def test_the_parts_of_a_retest_belong_to_it():
    retest = "load-1/Q3/retest"
    state = after(started(retest, "retest"), watched(f"{retest}-2", remaining=12.0))
    assert countdown(state) == 12.0
    assert visit_of(state).points == ("Q3",)


def test_the_countdown_goes_on_between_two_tellings():
    state = after(started(t=20.0), Told(50.0, watched(t=50.0, remaining=40.0)))
    assert countdown(state) == 40.0
    assert countdown(state, age=3.0) == 37.0
    assert countdown(state, age=100.0) == 0.0


def test_bench_time_that_jumps_is_not_counted_down():
    state = after(started(t=20.0), Told(50.0, watched(t=50.0, remaining=40.0)))
    jumping = fold(state, Told(50.0, opened(speed="max")))
    assert countdown(jumping, age=3.0) == 40.0
    fast = fold(state, Told(50.0, opened(speed="60")))
    assert countdown(fast, age=0.5) == 10.0
    real = fold(state, Told(50.0, opened(speed="max", simulated=False)))
    assert countdown(real, age=3.0) == 37.0


def test_what_nobody_can_predict_falls_back_on_the_plan_and_then_on_nothing():
    state = after(started("load-1/Q3/settle", "settle", 10.0, 20.0))
    unknown = watched("load-1/Q3/settle", t=15.0, progress=0.0, remaining=0.0)
    state = fold(state, Told(15.0, unknown))
    assert countdown(state) == 15.0
    assert countdown(state, age=16.0) is None
    endless = watched("load-1/Q3/settle", t=15.0, progress=0.0, remaining=1e6)
    assert countdown(fold(state, Told(15.0, endless))) == 15.0


def test_progress_is_that_of_the_planned_durations():
    whole = 70.0 + 3 * 80.0
    assert share_done(after()) == 0.0
    state = after(*STORY[:4])
    assert share_done(state) == pytest.approx(70.0 / whole)
    state = after(*STORY[:6])
    assert share_done(state) == pytest.approx((70.0 + 30.0) / whole)
    assert time_left(state) == pytest.approx(20.0 + 2 * 80.0 + 30.0)


def test_a_retest_that_nobody_planned_keeps_the_whole_from_being_done():
    planned = [a["id"] for a in after().actions.values() if not a.get("conditional")]
    done = [events.ActionFinished(action, "done", 1.0) for action in planned]
    state = after(*done, started("load-1/Q3/retest", "retest", expected=0.0))
    assert share_done(state) == 1.0
    state = fold(state, Told(30.0, watched("load-1/Q3/retest-1", remaining=31.0)))
    assert share_done(state) == pytest.approx(310.0 / 341.0)


def test_a_question_is_open_until_it_is_answered():
    question = {"id": "engine.is-tight", "args": {"serial": "W-1", "position": 1}}
    asked = events.PromptOpened("prompt-1", "yes_no", question, "tightness", "W-1", "", 5.0)
    state = after(started(), asked)
    assert state.asked.serial == "W-1"
    assert countdown(state) is None
    answered = events.PromptAnswered("prompt-1", True, "Li", 9.0)
    assert fold(state, Told(9.0, answered)).asked is None


def test_the_load_in_the_line_is_that_of_the_action():
    state = after(serials=("A", "B", "C", "D"), loads=2)
    assert load_of(state) == "load-1"
    state = fold(state, started("load-2/Q2/settle", "settle", 100.0, 20.0))
    assert (load_of(state), visit_of(state).id) == ("load-2", "load-2/Q2")


def test_what_could_not_be_made_safe_is_known_by_name():
    failed = ({"instrument": "pump", "channel": "speed", "error": "gone"},)
    assert after(events.MadeSafe("error", (), failed)).unsafe == ("pump.speed",)


def test_units_of_roles_come_from_the_plan_and_from_raw_blocks():
    block = events.RawBlock("s", "a", ("line_pressure",), ("MPa",), 0, 1, "")
    units = after(block).role_units
    assert (units["line_pressure"], units["reference_flow"]) == ("MPa", "m³/h")


def test_judgements_of_units_that_nobody_planned_are_passed_over():
    state = after(judged("X-9"), item_judged("X-9"), events.UutDropped("X-9", {}, 1.0))
    assert state.units.keys() == {"W-1", "W-2"}


def test_a_screen_can_begin_before_anything_is_known():
    assert (countdown(State()), time_left(State()), share_done(State())) == (None, 0, 0.0)
