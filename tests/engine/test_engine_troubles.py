"""What can go wrong on a bench, in virtual time: the right outcome, exit code and verdicts.

The troubles are part of a simulated bench in a lab's own folder, run by a procedure of the lab.
"""

import pytest
from lab_folder import SERIALS, is_safe

from benchctl.core.events import ActionFinished, InstrumentOpened, LinkNoted, UndoRegistered

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def verdicts(document):
    """Return the verdict of every unit, in order of position."""
    return [uut["verdict"] for uut in document["uuts"]]


def points(document, position):
    """Return the points and items of a unit: name -> (verdict, id of the sentence why)."""
    uut = document["uuts"][position - 1]
    return {p["point"] or p["item"]: (p["verdict"], p["why"]["id"]) for p in uut["points"]}


def test_a_lab_runs_its_own_procedure_on_its_own_bench(lab):
    events = []
    report = lab.write().run("quick", on_event=lambda stored: events.append(stored.event))
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "pass", 0)
    assert report.document["procedure"]["name"] == "quick"
    opened = {e.instrument: e.serial for e in events if isinstance(e, InstrumentOpened)}
    assert opened["master"] == "14077123"
    assert set(SERIALS[:2]) <= set(opened)
    assert report.document["made_safe"]["failed"] == report.document["undone"] == []
    assert is_safe(lab.left)
    assert lab.left["volume"] > 100.0


TRIP = (
    "self.plant.change(self.clock.now(),"
    " lambda i: replace(i, drive=replace(i.drive, tripped=True)))"
)

# setting up -------------------------------------------------------------------------------------

MISSING = {
    "sim.sensors": "water",
    "sim.master": "master",
    "sim.drive": "pump",
    "sim.relays": "valves",
    "sim.counter": "counter",
    "sim.meters": SERIALS[0],
}


@pytest.mark.parametrize("bus", MISSING)
def test_an_instrument_that_is_missing_at_opening_is_named_and_nothing_moves(lab, bus):
    events = []
    lab.write(at_start=f"self.unplug({bus!r})")
    report = lab.run("quick", on_event=lambda stored: events.append(stored.event))
    assert (report.outcome, report.verdict, report.exit_code) == ("error", "not_measured", 3)
    assert report.document["reason"]["text"].startswith(f"{MISSING[bus]}: ")
    assert report.document["made_safe"]["failed"] == []
    assert not any(isinstance(e, UndoRegistered) for e in events)
    assert is_safe(lab.left)
    assert lab.left["volume"] == 0.0


@pytest.mark.parametrize(("bus", "name"), [("sim.drive", "pump"), ("sim.relays", "valves")])
def test_an_actuator_that_is_silent_from_the_start_was_never_moved(lab, bus, name):
    lab.write(at_start=f"self.fault('silent', bus={bus!r})", timeout=0.2)
    report = lab.run("quick")
    assert (report.outcome, report.exit_code) == ("error", 3)
    assert report.error.instrument == name
    assert report.document["made_safe"]["failed"] == []


def test_a_room_that_is_too_warm_from_the_start_refuses_the_run(lab):
    lab.write(at_start="self.fault('warm_room', kelvin=9.0)\nself.clock.sleep(1000.0)")
    report = lab.run("quick")
    assert (report.outcome, report.verdict, report.exit_code) == ("refused", "not_measured", 3)
    assert report.document["reason"]["args"]["role"] == "ambient_temperature"
    assert lab.left["volume"] == 0.0


def test_a_drive_that_tripped_before_is_acknowledged_while_nothing_can_move(lab):
    report = lab.write(at_start=TRIP).run("quick", units=1)
    assert (report.outcome, report.exit_code) == ("finished", 0)


# in the middle of a run -------------------------------------------------------------------------


def test_a_room_that_becomes_too_warm_and_stays_so_ends_the_run(lab):
    report = lab.write(at_start="self.fault('warm_room')").run("quick")
    assert (report.outcome, report.verdict, report.exit_code) == ("error", "not_measured", 3)
    assert report.document["reason"]["id"] == "engine.environment-stayed"
    (room,) = (e for e in report.document["environment"] if e["quantity"] == "ambient_temperature")
    assert room["max"] > room["limits"][1] > room["min"]
    assert {why for verdict, why in points(report.document, 1).values()} == {
        "answered-yes",
        "engine.environment-stayed",
        "engine.void-environment",
    }
    assert is_safe(lab.left)
    assert lab.left["volume"] > 0.0


def test_a_drive_that_trips_ends_the_run(lab):
    report = lab.write(at_question=f"if prompt.item == 'appearance': {TRIP}").run("quick")
    assert (report.verdict, report.exit_code) == ("not_measured", 3)
    assert report.document["reason"]["args"]["channel"] == "pump.tripped"
    assert is_safe(lab.left)


def test_a_meter_that_does_not_answer_is_not_measured_and_the_others_go_on(lab):
    lab.write(at_start="self.fault('dead_meter', position=2)", timeout=0.3)
    report = lab.run("quick", units=3)
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "not_measured", 1)
    assert verdicts(report.document) == ["pass", "not_measured", "pass"]
    assert points(report.document, 2) == {
        "appearance": ("pass", "answered-yes"),
        **dict.fromkeys(("Q3", "Q2", "Q1"), ("not_measured", "not-measured")),
    }
    why = report.document["uuts"][1]["points"][-1]["why"]["text"]
    assert SERIALS[1] in why
    assert "no answer" in why


def test_a_meter_that_falls_silent_drops_out_and_is_not_asked_again(lab):
    at = "if prompt.item == 'appearance': self.fault('dead_meter', position=2)"
    lab.write(at_question=at, timeout=0.3)
    events = []
    report = lab.run("quick", units=3, on_event=lambda stored: events.append(stored.event))
    assert (report.outcome, report.exit_code) == ("finished", 1)
    assert verdicts(report.document) == ["pass", "not_measured", "pass"]
    tries = [e for e in events if isinstance(e, LinkNoted) and e.what == "retry"]
    assert [e.instrument for e in tries].count(SERIALS[1]) == 3


def test_without_any_meter_left_no_water_is_sent_through_the_line(lab):
    at = "if prompt.item == 'appearance': self.unplug('sim.meters')"
    lab.write(at_question=at)
    events = []
    report = lab.run("quick", on_event=lambda stored: events.append(stored.event))
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "not_measured", 1)
    assert {p["verdict"] for p in report.document["uuts"][0]["points"][1:]} == {"not_measured"}
    finished = {e.action: e.outcome for e in events if isinstance(e, ActionFinished)}
    assert [outcome for action, outcome in finished.items() if action.endswith("/set")] == [
        "done",
        "skipped",
        "skipped",
    ]
    assert is_safe(lab.left)


def test_a_meter_that_stands_still_fails_and_the_others_go_on(lab):
    report = lab.write(at_start="self.fault('stuck_meter', position=2)").run("whole", units=3)
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "fail", 1)
    assert verdicts(report.document) == ["pass", "fail", "pass"]
    stuck = points(report.document, 2)
    assert {stuck[p] for p in ("Q3", "Q2", "Q1")} == {("fail", "outside")}
    assert stuck["function"][0] == "fail"
    errors = [p["error"] for p in report.document["uuts"][1]["points"] if p["quantity"]]
    assert errors == pytest.approx([-100.0] * 3)


def test_a_meter_that_the_tightness_test_finds_leaking_is_taken_out_and_the_others_go_on(lab):
    report = lab.write(at_start="self.fault('leak', position=2)").run("whole", units=3)
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "fail", 1)
    assert verdicts(report.document) == ["pass", "fail", "pass"]
    assert points(report.document, 2)["tightness"] == ("fail", "leaks")
    assert points(report.document, 2)["Q3"] == ("not_measured", "not-measured")
    assert points(report.document, 1)["tightness"] == ("pass", "held")
    assert points(report.document, 1)["Q3"][0] == "pass"


def test_a_leak_that_is_no_meters_fails_nobody(lab):
    report = lab.write(at_start="self.fault('leaking_valve')").run("whole")
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "not_measured", 1)
    for position in (1, 2):
        why = points(report.document, position)["tightness"]
        assert why == ("not_measured", "line-not-tight")


def test_a_master_that_goes_away_while_it_counts_ends_the_run(lab):
    lab.write(at_question="if prompt.item == 'appearance': self.unplug('sim.master')")
    report = lab.run("quick")
    assert (report.outcome, report.verdict, report.exit_code) == ("error", "not_measured", 3)
    assert report.document["reason"]["text"].startswith("master.")
    assert is_safe(lab.left)


def test_a_drive_that_falls_silent_is_named_and_all_else_is_made_safe(lab):
    at = "if prompt.item == 'appearance': self.fault('silent', bus='sim.drive')"
    report = lab.write(at_question=at, timeout=0.2).run("quick")
    assert (report.outcome, report.verdict, report.exit_code) == ("error", "not_measured", 5)
    made = report.document["made_safe"]
    assert {f["instrument"] for f in made["failed"]} == {"pump"}
    assert "no answer" in made["failed"][0]["error"]
    assert {"valves", "selector", "master"} <= set(made["done"])
    assert lab.left["valves"] == {"inlet": False, "outlet": False, "lines": []}


def test_one_spoilt_reply_of_every_instrument_changes_no_verdict(lab):
    spoil = "for bus in self._served.buses: self.fault('checksum', bus=bus, count=1)"
    report = lab.write(at_question=f"if prompt.item == 'appearance':\n    {spoil}").run("quick")
    assert (report.outcome, report.verdict, report.exit_code) == ("finished", "pass", 0)
    assert report.document["retries"] >= 3


# a reader without a signal ------------------------------------------------------------------------


def function_of(report, position=1):
    """Return the item `function` of a unit."""
    uut = report.document["uuts"][position - 1]
    return next(p for p in uut["points"] if p["item"] == "function")


def test_a_meter_that_gives_no_pulses_while_water_flows_fails(lab):
    lab.write(at_start='self.fault("stuck_meter", True, position=1)')
    report = lab.run("pulses", points=("Q3",))
    stuck, moving = function_of(report), function_of(report, 2)
    assert (stuck["verdict"], stuck["why"]["id"]) == ("fail", "no-signal")
    assert moving["verdict"] == "pass"


def test_a_reader_that_cannot_wait_for_a_pulse_says_nothing_of_the_meter(lab):
    report = lab.write().run("pulses", points=("Q3",), sets={"pulse_value": "10"})
    for position in (1, 2):
        item = function_of(report, position)
        assert item["verdict"] == "not_measured"
        assert item["why"]["id"] == "no-signal-unclear"
        assert "9.91" not in item["why"]["text"]  # what the counter answered is in the record
        assert "39 2e 39 31" in item["observed"]["wire"] or item["observed"]["error"]


def test_a_reader_that_does_not_answer_is_no_fault_of_the_meter(lab):
    at_question = """
if prompt.item == "appearance":
    self.fault("silent", True, bus="sim.counter", count=2)
"""
    lab.write(at_question=at_question)
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    text = bench.read_text(encoding="utf-8")
    bench.write_text(text.replace('visa:sim.counter"', 'visa:sim.counter?timeout=0.5"'), "utf-8")
    report = lab.run("pulses", points=("Q3",))
    item = function_of(report)
    assert (item["verdict"], item["why"]["id"]) == ("not_measured", "no-answer")
