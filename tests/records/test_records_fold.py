from __future__ import annotations

import dataclasses
import json
import math
from hashlib import sha256
from typing import Any

import pytest
from record_samples import (
    BUDGET_LINE,
    appearance,
    closed,
    judged,
    made_safe,
    measured,
    opened,
    plan,
    planned_point,
    planned_uut,
    stored,
    undo,
    whole_run,
)

from benchctl.core.errors import RecordError
from benchctl.core.events import (
    EnvironmentSeen,
    Event,
    InstrumentOpened,
    LeakReported,
    LinkNoted,
    OperatorChanged,
    RunContinued,
    RunPaused,
    RunRecovered,
    StandardBound,
    UutDropped,
    UutJudged,
    Watched,
)
from benchctl.records import Lab, StoredEvent, export, fold, open_undos

Q3, Q1 = planned_point("Q3", 2.375), planned_point("Q1", 0.026)
STOPPED = {"id": "engine.stopped", "args": {"source": "SIGINT"}}


def document(*events: Event, language: str = "en") -> dict[str, Any]:
    folded = fold(stored(list(events)), language)
    json.dumps(folded, allow_nan=False)
    return folded


def verdicts(folded: dict[str, Any]) -> list[list[str | None]]:
    """Return, per unit, its verdict and those of its points."""
    return [[u["verdict"], *(p["verdict"] for p in u["points"])] for u in folded["uuts"]]


UNDECIDED = dict.fromkeys(
    (
        "rule_version",
        "statement",
        "p_conform",
        "specific_risk",
        "tur",
        "method",
        "check",
        "reported_U",
        "rounding",
    )
)
"""What records of earlier versions do not say."""


def test_a_run_is_told_in_full() -> None:
    """The whole document of a small run, written out."""
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3), notes=["check against your copy: limits"]),
        StandardBound("reference_volume", {"name": "MM-014", "model": "CMF100", "serial": "1407",
                                           "certificate": "C-1", "due": "2027-01-01"}),
        InstrumentOpened("pump", "abb_acs580", "sim.drive", "ACS580", ""),
        InstrumentOpened("master", "micromotion_2700", "sim.line1", "2700", "1407"),
        undo(),
        LinkNoted("retry", "pump", "speed", ""),
        LinkNoted("parity-ignored", "pump", "", ""),
        LinkNoted("retry", "pump", "speed", ""),
        appearance("W-1"),
        measured("W-1", "Q3"),
        judged("W-1", "Q3"),
        EnvironmentSeen("air", "°C", 20.1, 20.6, 20.3, 40, (15.0, None), None),
        made_safe("pump/speed"),
        UutJudged("W-1", "pass"),
        closed(),
    )  # fmt: skip
    assert folded == {
        "schema": "benchctl.result/1",
        "run": "R1",
        "software": {"name": "benchctl", "version": "0.1.0", "id": "sha256:ef"},
        "procedure": {
            "name": "water-meter",
            "title": "Cold-water meters",
            "standard": "JJG 162-2019",
            "sha256": "ab",
        },
        "service": "verification",
        "stage": "initial",
        "simulated": True,
        "seed": 7,
        "started": "2026-01-31T09:00:00.000Z",
        "operator": "Li",
        "operators": [{"name": "Li", "from": 0.0}],
        "follows": None,
        "bench": {"name": "Line 2", "sha256": "cd"},
        "finished": "2026-01-31T09:40:00.000Z",
        "outcome": "finished",
        "verdict": "pass",
        "reason": None,
        "environment": [
            {
                "quantity": "air",
                "unit": "°C",
                "min": 20.1,
                "max": 20.6,
                "mean": 20.3,
                "n": 40,
                "limits": [15.0, None],
                "drift_limit": None,
                "before": None,
                "after": None,
                "undisturbed": None,
                "suspended": 0.0,
            }
        ],
        "standards": [
            {
                "role": "reference_volume",
                "name": "MM-014",
                "model": "CMF100",
                "serial": "1407",
                "certificate": "C-1",
                "due": "2027-01-01",
            }
        ],
        "scheme": None,
        "overrides": [],
        "instruments": [
            {
                "instrument": "pump",
                "driver": "abb_acs580",
                "address": "sim.drive",
                "identity": "ACS580",
                "serial": "",
            },
            {
                "instrument": "master",
                "driver": "micromotion_2700",
                "address": "sim.line1",
                "identity": "2700",
                "serial": "1407",
            },
        ],
        "uuts": [
            {
                "serial": "W-1",
                "position": 1,
                "load": "load-1",
                "verdict": "pass",
                "parameters": {"Q3": "2.5 m³/h"},
                "extra": {"owner": "Waterworks"},
                "dropped": None,
                "points": [
                    {
                        "point": None,
                        "quantity": None,
                        "unit": None,
                        "nominal": None,
                        "item": "appearance",
                        "occasion": None,
                        "runs": [],
                        "error": None,
                        "reported": None,
                        "judged_on": None,
                        "U": None,
                        "k": None,
                        "dof": None,
                        "U_reference": None,
                        "mpe": None,
                        "accept": None,
                        "rule": None,
                        **UNDECIDED,
                        "verdict": "pass",
                        "why": {
                            "id": "records.no-run",
                            "args": {"run": "7"},
                            "text": "there is no run 7",
                        },
                        "observed": {"answer": True, "by": "Li"},
                    },
                    {
                        "point": "Q3",
                        "quantity": "error",
                        "unit": "%",
                        "nominal": {"value": 2.375, "unit": "m³/h"},
                        "item": "error of indication",
                        "occasion": "as_found",
                        "runs": [
                            {
                                "run": 1,
                                "indication": 100.52,
                                "reference": 100.11,
                                "error": 0.41,
                                "u": 0.06,
                                "n": 240,
                                "retest": False,
                                "valid": True,
                                "problem": None,
                                "U": 0.12,
                                "k": 2.0,
                                "dof": 60.2,
                                "method": "gum",
                                "inputs": {"meter_volume": 100.52, "reference_volume": 100.11},
                                "units": {},
                                "budget": [{**BUDGET_LINE, "share": 1.0}],
                                "window": [10.0, 70.0],
                                "conditions": {"water_temperature": 20.1},
                                "notes": [],
                                "readings": None,
                            }
                        ],
                        "error": 0.41,
                        "reported": "0.4",
                        "judged_on": "unrounded",
                        "U": 0.12,
                        "k": 2.0,
                        "dof": 60.2,
                        "U_reference": 0.1,
                        "mpe": [-2.0, 2.0],
                        "accept": [-2.0, 2.0],
                        "rule": "simple-acceptance/1",
                        **UNDECIDED,
                        "verdict": "pass",
                        "why": {
                            "id": "records.recovered",
                            "args": {"by": "Li", "at": "09:00"},
                            "text": "the run was cut off or left its bench unsafe; "
                            "Li made the bench safe at 09:00",
                        },
                        "observed": {},
                    },
                ],
            }
        ],
        "titles": {},
        "incidents": [],
        "made_safe": {"reason": "finished", "done": ["pump/speed"], "failed": []},
        "undone": [],
        "notes": [
            {
                "id": "records.note",
                "args": {"text": "check against your copy: limits"},
                "text": "check against your copy: limits",
            }
        ],
        "retries": 2,
        "revision": 0,
        "amendments": [],
        "reviews": [],
        "numbers": [],
        "log": {
            "root": f"sha256:{root_over(16)}",
            "head": f"sha256:{16:064x}",
            "events": 16,
            "algorithm": "sha256/json-1",
            "signature": None,
        },
    }


def test_a_record_made_in_english_is_read_in_chinese() -> None:
    folded = document(*whole_run(), language="zh")
    assert folded["procedure"]["title"] == "冷水水表"
    assert folded["uuts"][0]["points"][0]["why"]["text"] == "没有运行 7"


def test_points_that_nobody_reached_are_listed_and_not_measured() -> None:
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3, Q1), planned_uut("W-2", 2, Q3)),
        appearance("W-1"),
        judged("W-1", "Q3"),
        closed("aborted", "not_measured", STOPPED),
    )
    assert verdicts(folded) == [
        ["not_measured", "pass", "pass", "not_measured"],
        ["not_measured", "not_measured", "not_measured"],
    ]
    missing = folded["uuts"][0]["points"][2]
    assert (missing["point"], missing["mpe"], missing["quantity"]) == ("Q1", [-2.0, 2.0], "error")
    assert (missing["error"], missing["accept"], missing["runs"]) == (None, None, [])
    assert missing["why"] == folded["reason"]
    assert folded["reason"]["id"] == "engine.stopped"
    assert (folded["outcome"], folded["verdict"]) == ("aborted", "not_measured")


def test_a_run_without_its_last_event_is_never_a_pass() -> None:
    folded = document(*whole_run()[:-1])
    assert (folded["outcome"], folded["verdict"]) == ("error", "not_measured")
    assert folded["finished"] is None
    assert folded["reason"]["id"] == "records.cut-off"
    assert verdicts(folded) == [["pass", "pass", "pass"]]


def test_a_run_that_was_closed_after_a_power_cut_is_never_a_pass() -> None:
    folded = document(*whole_run()[:-1], closed("error", "not_measured", STOPPED))
    assert (folded["outcome"], folded["verdict"]) == ("error", "not_measured")


def test_a_failure_stays_a_failure_when_the_run_is_cut_off() -> None:
    folded = document(opened(), plan(planned_uut("W-1", 1, Q3)), judged("W-1", "Q3", "fail"))
    assert folded["verdict"] == "fail"


def test_a_point_left_out_on_request_is_not_measured() -> None:
    skipped = planned_point("Q1", 0.026, skipped=True)
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3, skipped)),
        appearance("W-1"),
        judged("W-1", "Q3"),
        closed(),
    )
    assert verdicts(folded) == [["not_measured", "pass", "pass", "not_measured"]]
    assert folded["uuts"][0]["points"][2]["why"]["id"] == "records.skipped"


@pytest.mark.parametrize(
    ("of_points", "expected"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "indeterminate"], "indeterminate"),
        (["indeterminate", "not_measured"], "not_measured"),
        (["not_measured", "fail"], "fail"),
    ],
)
def test_a_unit_is_as_good_as_its_worst_point(of_points: list[str], expected: str) -> None:
    first, second = of_points
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3, Q1)),
        appearance("W-1"),
        judged("W-1", "Q3", first),
        judged("W-1", "Q1", second),
        closed(),
    )
    assert folded["uuts"][0]["verdict"] == folded["verdict"] == expected


def test_a_failed_item_fails_the_unit() -> None:
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        appearance("W-1", "fail"),
        judged("W-1", "Q3"),
        UutJudged("W-1", "pass"),
        closed(),
    )
    assert folded["verdict"] == "fail"


def test_the_run_is_as_good_as_its_worst_unit_and_no_better_than_it_said() -> None:
    events = [opened(), plan(planned_uut("W-1", 1), planned_uut("W-2", 2))]
    events += [appearance("W-1"), appearance("W-2")]
    assert document(*events, closed())["verdict"] == "pass"
    assert (
        document(*events, UutJudged("W-2", "not_measured"), closed())["verdict"] == "not_measured"
    )


def test_every_run_at_a_point_is_listed_and_an_invalid_one_has_no_error() -> None:
    problem = {"id": "engine.no-run", "args": {}}
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        measured("W-1", "Q3", 1, valid=False, problem=problem, error=9.9, u=None),
        measured("W-1", "Q3", 2, error=2.1),
        judged("W-1", "Q3", "fail", error=2.1),
        measured("W-1", "Q3", 3, retest=True, error=1.7),
        judged("W-1", "Q3", "pass", error=1.9),
        closed(),
    )
    point = folded["uuts"][0]["points"][1]
    assert [(r["run"], r["valid"], r["error"], r["retest"]) for r in point["runs"]] == [
        (1, False, None, False),
        (2, True, 2.1, False),
        (3, True, 1.7, True),
    ]
    assert point["runs"][0]["problem"]["id"] == "engine.no-run"
    assert (point["verdict"], point["error"]) == ("pass", 1.9)  # the last judgement stands


def test_a_point_that_was_measured_but_never_judged_says_what_was_wrong() -> None:
    problem = {"id": "engine.no-run", "args": {}}
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        measured("W-1", "Q3", valid=False, problem=problem, error=None),
        closed(),
    )
    assert folded["uuts"][0]["points"][1]["why"]["id"] == "engine.no-run"


def test_as_found_and_as_left_stand_side_by_side() -> None:
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        measured("W-1", "Q3"),
        judged("W-1", "Q3", "fail"),
        measured("W-1", "Q3", occasion="as_left", error=0.1),
        judged("W-1", "Q3", occasion="as_left", error=0.1),
        closed(),
    )
    points = folded["uuts"][0]["points"][1:]
    assert [(p["occasion"], p["verdict"], len(p["runs"])) for p in points] == [
        ("as_found", "fail", 1),
        ("as_left", "pass", 1),
    ]


def test_a_unit_that_was_dropped_says_why_at_its_open_points() -> None:
    why = {"id": "records.no-run", "args": {"run": "9"}}
    folded = document(
        opened(), plan(planned_uut("W-1", 1, Q3)), UutDropped("W-1", why, 5.0), closed()
    )
    unit = folded["uuts"][0]
    assert unit["dropped"]["text"] == "there is no run 9"
    assert {p["why"]["id"] for p in unit["points"]} == {"records.no-run"}


def test_a_calibration_without_limits_states_no_verdict() -> None:
    folded = document(
        opened(service="calibration"),
        plan(planned_uut("W-1", 1, {**Q3, "mpe": None}) | {"items": []}),
        judged("W-1", "Q3", "", mpe=None, accept=None, rule=None),
        closed(verdict=""),
    )
    assert verdicts(folded) == [[None, None]]
    assert folded["verdict"] is None
    assert folded["uuts"][0]["points"][0]["mpe"] is None


def test_a_refused_run_has_a_document_with_its_reason() -> None:
    folded = document(opened(), closed("refused", "not_measured", STOPPED))
    assert (folded["outcome"], folded["verdict"], folded["uuts"]) == ("refused", "not_measured", [])
    assert folded["reason"]["text"]


def test_what_was_judged_without_a_plan_is_not_lost() -> None:
    folded = document(opened(), measured("W-7", "Q3"), judged("W-8", "Q1"), appearance("W-9"))
    assert [(u["serial"], [p["point"] for p in u["points"]]) for u in folded["uuts"]] == [
        ("W-7", ["Q3"]),
        ("W-8", ["Q1"]),
        ("W-9", [None]),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.5 m³/h", "2.5 m³/h"),
        ({"value": 2.5, "unit": "m³/h"}, "2.5 m³/h"),
        ({"value": 100.0, "unit": ""}, "100"),
        (0.05, "0.05"),
        (2, "2"),
    ],
)
def test_parameters_are_text_with_their_units(value: Any, expected: str) -> None:
    unit = planned_uut("W-1", 1) | {"parameters": {"Q3": value}}
    assert document(opened(), plan(unit))["uuts"][0]["parameters"] == {"Q3": expected}


def test_infinite_degrees_of_freedom_are_null_in_the_document() -> None:
    folded = document(opened(), judged("W-1", "Q3", dof=math.inf, U=math.nan), closed())
    point = folded["uuts"][0]["points"][0]
    assert (point["dof"], point["U"]) == (None, None)


def test_a_sentence_that_this_program_does_not_know_is_told_by_its_id() -> None:
    why = {"id": "future.reason", "args": {"flow": 2.5}}
    lacking = {"id": "records.no-run", "args": {}}
    folded = document(
        opened(), judged("W-1", "Q3", why=why), judged("W-1", "Q1", why=lacking), closed()
    )
    texts = [p["why"]["text"] for p in folded["uuts"][0]["points"]]
    assert texts == ["future.reason (flow=2.5)", "records.no-run"]


def test_what_left_its_safe_value_is_named_until_it_is_back() -> None:
    failed = {"instrument": "pump", "channel": "speed", "error": "no reply"}
    events = [opened(), undo("speed"), undo("valve"), made_safe("pump.valve", failed=(failed,))]
    folded = document(*events)
    assert [u["channel"] for u in folded["undone"]] == ["speed"]
    assert folded["made_safe"]["failed"] == [failed]
    assert [u.channel for u in open_undos(stored(events))] == ["speed"]
    events += [made_safe("pump/speed"), RunRecovered("Li", "10:00")]
    assert open_undos(stored(events)) == []
    recovered = document(*events)
    assert recovered["undone"] == []
    assert recovered["notes"][0]["args"] == {"by": "Li", "at": "10:00"}
    assert open_undos(stored([*events, undo("speed")])) != []


def test_what_was_only_shown_is_not_in_the_document() -> None:
    shown = StoredEvent(0, "R1", "", 0.0, Watched("a1", 0.0, {}, 0.5, 1.0))
    kept = stored(whole_run())
    assert fold([*kept[:4], shown, *kept[4:], shown]) == fold(kept)


def root_over(count: int) -> str:
    """The Merkle root over the hashes 1 to `count`, by the recursion of RFC 9162, 2.1.1."""

    def tree(entries: list[bytes]) -> bytes:
        if len(entries) == 1:
            return sha256(b"\x00" + entries[0]).digest()
        k = 1 << (len(entries) - 1).bit_length() - 1
        return sha256(b"\x01" + tree(entries[:k]) + tree(entries[k:])).digest()

    return tree([n.to_bytes(32) for n in range(1, count + 1)]).hex()


def test_no_events_make_no_document() -> None:
    with pytest.raises(RecordError, match="no events"):
        fold([])


def test_the_export_of_a_run_is_its_document(lab: Lab) -> None:
    from record_samples import clock

    journal = lab.begin_run("Line 2", clock=clock())
    for event in whole_run():
        journal.emit(event)
    text = export(lab, journal.run, "zh")
    assert json.loads(text) == lab.document(journal.run, "zh")
    folded = fold(lab.events(journal.run), "zh")
    signature = json.loads(text)["log"].pop("signature")
    assert folded["log"] == {**json.loads(text)["log"], "signature": None}
    assert signature["anchor"].startswith(f"head1:sha256:{signature['n']}:")
    (*_, last) = lab.events(journal.run)
    assert json.loads(text)["log"]["head"] == f"sha256:{last.hash}"
    assert "冷水水表" in text


def test_what_came_between_is_told_in_order_of_time() -> None:
    folded = document(
        opened(request={"follows": "R0"}),
        plan(planned_uut("W-1", 1, Q3), planned_uut("W-2", 2, Q3)),
        RunPaused("load-1/Q3/run-1", "Li", 100.0),
        OperatorChanged("Wang", "Li", 150.0),
        RunContinued("Wang", 3761.0, 3661.0),
        LeakReported("W-1", 1, "Wang", ("W-1", "W-2"), 3900.0),
        UutDropped("W-1", {"id": "engine.leaks", "args": {"position": 1}}, 3901.0, "Wang"),
        UutDropped("W-2", {"id": "engine.dropped", "args": {"by": "Wang"}}, 4000.0, "Wang"),
        RunPaused("load-1/Q3/run-1", "Wang", 4100.0),
        closed(),
    )
    assert [(i["kind"], i["at"], i["by"], i["uut"]) for i in folded["incidents"]] == [
        ("pause", 100.0, "Li", None),
        ("operator", 150.0, "Wang", None),
        ("leak", 3900.0, "Wang", "W-1"),
        ("drop", 4000.0, "Wang", "W-2"),
        ("pause", 4100.0, "Wang", None),
    ]
    assert [i["text"]["text"] for i in folded["incidents"]] == [
        "paused by Li for 1:01:01",
        "Wang took over from Li",
        "Wang found position 1 leaking; running totals made void: 2",
        "taken out of the run by Wang",
        "paused by Wang; the run did not go on",
    ]
    assert [i.get("seconds") for i in folded["incidents"]] == [3661.0, None, None, None, None]
    assert folded["incidents"][2]["voided"] == ["W-1", "W-2"]
    assert folded["operators"] == [{"name": "Li", "from": 0.0}, {"name": "Wang", "from": 150.0}]
    assert folded["follows"] == "R0"


def test_a_unit_that_the_bench_lost_is_no_incident() -> None:
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        UutDropped("W-1", STOPPED, 100.0),
        closed(),
    )
    assert folded["incidents"] == []


def test_a_point_that_is_measured_again_is_one_incident() -> None:
    folded = document(
        opened(),
        plan(planned_uut("W-1", 1, Q3)),
        measured("W-1", "Q3"),
        dataclasses.replace(measured("W-1", "Q3"), run=2, retest=True),
        dataclasses.replace(measured("W-1", "Q3"), run=3, retest=True),
        closed(),
    )
    (again,) = folded["incidents"]
    assert (again["kind"], again["uut"], again["point"]) == ("retest", "W-1", "Q3")
    assert again["text"]["text"] == "Q3 was measured again"
