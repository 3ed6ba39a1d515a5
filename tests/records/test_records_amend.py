"""After a run: corrections, signatures, numbers; nothing that was recorded is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from record_samples import appearance, clock, closed, judged, opened, python, whole_run

from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import OperatorChanged
from benchctl.core.verdicts import Verdict
from benchctl.language import FileError
from benchctl.records import (
    APPROVED,
    CHECKED,
    RETURNED,
    Amendment,
    Fact,
    Lab,
    amend,
    answered,
    issue,
    queue,
    review,
    states,
    verify,
    voided,
)


@pytest.fixture
def run(lab: Lab) -> str:
    return made(lab, "R1")


def made(lab: Lab, run: str, *events: Any) -> str:
    journal = lab.begin_run("Line 2", run, clock=clock())
    for event in events or whole_run():
        journal.emit(event)
    return run


def point(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(p for p in document["uuts"][0]["points"] if name in (p["point"], p["item"]))


# amendments -------------------------------------------------------------------------------------


def test_two_amendments_leave_three_states_and_the_record_whole(lab: Lab, run: str) -> None:
    amend(lab, run, Amendment("Li", "name misspelt", [Fact("W-1", "owner", "Harbour")]))
    wrong = answered(
        lab, run, "W-1", "appearance", Verdict.FAIL, by="Li", because="pressed the wrong key"
    )
    document = amend(lab, run, Amendment("Li", "pressed the wrong key", [], [wrong], "Wang"))
    assert document["revision"] == 2
    assert document["verdict"] == document["uuts"][0]["verdict"] == "fail"
    assert document["uuts"][0]["extra"] == {"owner": "Harbour"}
    assert point(document, "appearance")["why"]["args"]["by"] == "Li"
    assert [a["second"] for a in document["amendments"]] == ["", "Wang"]
    first, second, third = states(lab, run)
    assert [s.verdict for s in (first, second, third)] == ["pass", "pass", "fail"]
    assert first.document["uuts"][0]["extra"] == {"owner": "Waterworks"}
    assert second.changed == ("uuts[W-1].extra.owner",)
    assert "verdict" in third.changed
    assert "uuts[W-1].points[appearance].verdict" in third.changed
    assert verify(lab) == []


def test_a_better_verdict_needs_an_amendment_too_and_gets_it(lab: Lab) -> None:
    events = whole_run()
    events[5:7] = [appearance("W-1", "fail"), judged("W-1", "Q3")]
    made(lab, "R2", *events[:-1], closed(verdict="fail"))
    right = answered(lab, "R2", "W-1", "appearance", Verdict.PASS, by="Li", because="typed wrong")
    document = amend(lab, "R2", Amendment("Li", "typed wrong", judgements=[right]))
    assert (document["verdict"], document["uuts"][0]["verdict"]) == ("pass", "pass")


def test_a_void_point_is_not_measured_and_its_readings_stay(lab: Lab, run: str) -> None:
    void = voided(lab, run, "W-1", "Q3", "valve was open")
    document = amend(lab, run, Amendment("Li", "valve was open", judgements=void))
    q3 = point(document, "Q3")
    assert (q3["verdict"], q3["error"], q3["reported"], q3["U"]) == ("not_measured",) + (None,) * 3
    assert q3["runs"][0]["error"] == 0.41
    assert document["verdict"] == "not_measured"


def test_a_corrected_serial_number_is_the_name_of_the_unit_from_then_on(lab: Lab, run: str) -> None:
    amend(lab, run, Amendment("Li", "read wrong", [Fact("W-1", "serial", "W-7")]))
    void = voided(lab, run, "W-7", "Q3", "valve was open")
    amend(lab, run, Amendment("Li", "valve was open", judgements=void))
    document = amend(lab, run, Amendment("Li", "read wrong again", [Fact("W-7", "serial", "W-8")]))
    assert [u["serial"] for u in document["uuts"]] == ["W-8"]
    assert document["uuts"][0]["verdict"] == "not_measured"
    assert [c["old"] for a in document["amendments"] for c in a["changes"]] == ["W-1", "W-7"]
    assert issue_refused(lab, run, "W-8") == "records.number-no-verdict"


@pytest.mark.parametrize(
    ("amendment", "problem"),
    [
        (Amendment("Li", " ", [Fact("W-1", "owner", "x")]), "records.amend-needs-reason"),
        (Amendment("", "because", [Fact("W-1", "owner", "x")]), "records.amend-needs-reason"),
        (Amendment("Li", "because", [Fact("W-5", "owner", "x")]), "records.no-uut"),
    ],
)
def test_an_amendment_without_reason_person_or_unit_changes_nothing(
    lab: Lab, run: str, amendment: Amendment, problem: str
) -> None:
    before = lab.document(run)
    with pytest.raises(UsageError) as caught:
        amend(lab, run, amendment)
    assert caught.value.message.id == problem
    assert lab.document(run) == before
    with pytest.raises(UsageError, match="nothing was judged"):
        voided(lab, run, "W-1", "Q9", "x")
    with pytest.raises(UsageError, match="has no item"):
        answered(lab, run, "W-1", "colour", Verdict.PASS, by="Li", because="x")


def test_a_run_that_goes_on_is_not_amended(lab: Lab) -> None:
    made(lab, "R3", opened())
    with pytest.raises(RefusedError):
        amend(lab, "R3", Amendment("Li", "because", [Fact("W-1", "owner", "x")]))


# signatures -------------------------------------------------------------------------------------


def waiting(lab: Lab, step: str) -> list[str]:
    return [w.run for w in queue(lab, step)]


def refused(lab: Lab, run: str, step: str, by: str) -> str:
    with pytest.raises(RefusedError) as caught:
        review(lab, run, step, by=by)
    return caught.value.message.id.removeprefix("records.")


def settings(lab: Lab, text: str) -> Lab:
    (lab.folder / "records.yaml").write_text(text)
    return Lab.open(lab.folder)


def test_measured_checked_and_approved_are_three_people(lab: Lab, run: str) -> None:
    with settings(lab, "review: {checked: true, approved: true}") as lab:
        assert waiting(lab, CHECKED) == [run]
        assert waiting(lab, APPROVED) == []
        assert refused(lab, run, APPROVED, "Wang") == "review-unchecked"
        assert refused(lab, run, CHECKED, "li ") == "review-own"
        review(lab, run, CHECKED, by="Wang", note="readings seen", account="wang")
        assert waiting(lab, CHECKED) == []
        assert waiting(lab, APPROVED) == [run]
        assert refused(lab, run, APPROVED, "Wang") == "review-twice"
        assert refused(lab, run, CHECKED, "Zhao") == "review-done"
        assert issue_refused(lab, run, "W-1") == "records.number-unsigned"
        review(lab, run, APPROVED, by="Zhao")
        assert waiting(lab, APPROVED) == []
        document = lab.document(run)
        assert [(r["step"], r["by"], r["current"]) for r in document["reviews"]] == [
            ("checked", "Wang", True),
            ("approved", "Zhao", True),
        ]
        assert issue(lab, run, "W-1", by="Zhao").number.startswith("SIM-")
        assert verify(lab) == []


def test_who_took_over_during_the_run_does_not_check_it(lab: Lab) -> None:
    events = whole_run()
    events.insert(3, OperatorChanged("Qian", "Li", 3.0))
    made(lab, "R2", *events)
    assert refused(lab, "R2", CHECKED, "Qian") == "review-own"
    assert refused(lab, "R2", CHECKED, "Li") == "review-own"


def test_an_amendment_voids_signatures_and_is_shown_to_the_next_one(lab: Lab, run: str) -> None:
    review(lab, run, CHECKED, by="Wang")
    review(lab, run, APPROVED, by="Zhao")
    amend(lab, run, Amendment("Qian", "name misspelt", [Fact("W-1", "owner", "Harbour")]))
    (found,) = queue(lab, CHECKED)
    assert found.since == ("name misspelt",)
    assert not any(r["current"] for r in lab.document(run)["reviews"])
    assert refused(lab, run, CHECKED, "Qian") == "review-amended"
    review(lab, run, CHECKED, by="Wang")
    assert waiting(lab, CHECKED) == []


def test_a_record_that_is_given_back_says_why(lab: Lab, run: str) -> None:
    review(lab, run, CHECKED, by="Wang")
    with pytest.raises(UsageError):
        review(lab, run, RETURNED, by="Zhao")
    review(lab, run, RETURNED, by="Zhao", note="photograph missing")
    (found,) = queue(lab, CHECKED)
    assert (found.returned, found.signed) == ("photograph missing", ())


def test_one_person_signs_twice_where_the_lab_says_so(lab: Lab, run: str) -> None:
    with settings(lab, "review: {same_person: true}") as lab:
        for step in (CHECKED, APPROVED):
            review(lab, run, step, by="Li")


def test_a_run_that_did_not_finish_is_not_signed(lab: Lab) -> None:
    made(lab, "R2", opened(), closed("aborted", "not_measured"))
    assert refused(lab, "R2", CHECKED, "Wang") == "review-not-finished"
    assert waiting(lab, CHECKED) == []


# numbers ----------------------------------------------------------------------------------------


def issue_refused(lab: Lab, run: str, uut: str) -> str:
    with pytest.raises(RefusedError) as caught:
        issue(lab, run, uut, by="Zhao")
    return caught.value.message.id


def test_a_number_is_issued_once_and_amended_results_get_another(lab: Lab, run: str) -> None:
    first = issue(lab, run, "W-1", by="Zhao")
    assert issue(lab, run, "W-1", by="Qian") == first
    amend(lab, run, Amendment("Li", "name misspelt", [Fact("W-1", "owner", "Harbour")]))
    second = issue(lab, run, "W-1", by="Zhao")
    assert (second.replaces, second.revision) == (first.number, 1)
    assert second.number != first.number
    numbers = lab.document(run)["numbers"]
    assert [(n["uut"], n["number"], n["replaces"]) for n in numbers] == [
        ("W-1", first.number, ""),
        ("W-1", second.number, first.number),
    ]


def test_numbers_of_real_and_simulated_runs_are_series_apart(lab: Lab) -> None:
    real = [opened(simulated=False), *whole_run()[1:]]
    with settings(lab, 'numbers: "LG-{year}-{n:04}"') as lab:
        for run in ("R1", "R2"):
            made(lab, run, *real)
        made(lab, "S1")
        numbers = [issue(lab, run, "W-1", by="Zhao").number for run in ("R1", "R2", "S1")]
    assert [n[:3] + n[-5:] for n in numbers] == ["LG--0001", "LG--0002", "SIM-0001"]


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([opened(service="test"), *whole_run()[1:]], "records.number-test"),
        ([*whole_run()[:-1], closed("aborted")], "records.number-not-finished"),
        ([*whole_run()[:-1], closed("error")], "records.number-not-finished"),
    ],
)
def test_what_may_bear_no_certificate_gets_no_number(
    lab: Lab, events: list[Any], problem: str
) -> None:
    made(lab, "R2", *events)
    assert issue_refused(lab, "R2", "W-1") == problem


ISSUER = """
import sys
from pathlib import Path
from benchctl.records import Lab, issue
with Lab.open(Path(sys.argv[1])) as lab:
    print("ready", flush=True)
    sys.stdin.readline()
    for run in sys.argv[2].split(","):
        print(issue(lab, run, "W-1", by=sys.argv[3]).number, flush=True)
"""


def test_two_processes_issue_each_number_once(lab: Lab, tmp_path: Path) -> None:
    import subprocess

    runs = [made(lab, f"R{n}") for n in range(12)]
    orders = (runs, [*runs[6:], *runs[:6]])  # both issue all of them, in another order
    issuers = [
        python(ISSUER, lab.folder, ",".join(order), f"P{n}", stdin=subprocess.PIPE)
        for n, order in enumerate(orders)
    ]
    for issuer in issuers:
        assert issuer.stdout is not None
        assert issuer.stdout.readline() == "ready\n"
    for issuer in issuers:
        assert issuer.stdin is not None
        issuer.stdin.write("go\n")
        issuer.stdin.flush()
    told = []
    for issuer, order in zip(issuers, orders, strict=True):
        out, err = issuer.communicate(timeout=60)
        assert issuer.returncode == 0, err
        told.append(dict(zip(order, out.split(), strict=True)))
    assert told[0] == told[1]
    assert len(set(told[0].values())) == 12
    assert sorted(number[-2:] for number in told[0].values()) == [f"{n:02}" for n in range(1, 13)]
    assert all(len(lab.document(run)["numbers"]) == 1 for run in runs)
    assert verify(lab) == []


# settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hash: md5", "records.yaml:1:7"),
        ("review: {cheked: true}", "records.yaml:1:10"),
        ("heads: {records: 0}", "records.yaml:1:18"),
        ('numbers: "{year}"', "records.yaml:1:10"),
        ('numbers: "{n.__class__}"', "records.yaml:1:10"),
        ("signer: {command: [sign]}", "public"),
        ("- x", "records.yaml:1:1"),
    ],
)
def test_mistakes_in_the_settings_have_a_place(lab: Lab, text: str, said: str) -> None:
    with settings(lab, text) as lab, pytest.raises(FileError) as caught:
        lab.begin_run("Line 2", clock=clock())
    assert caught.value.exit_code == 2
    assert said in str(caught.value)
