"""No run shopping: the first valid run in an order stands; annulling takes two persons."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from day import Day
from lab_folder import SERIALS

from benchctl.core.errors import RefusedError
from benchctl.engine import prepare, truth
from benchctl.records import Lab, attempts_of, verify

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

ORDER = "WO-118"


@pytest.fixture
def ready(lab):
    lab.write()
    return lab


def attempts(lab, serial=SERIALS[0], order=ORDER):
    with Lab.open(lab.path) as records:
        return attempts_of(records, order, serial)


def annul(lab, run, **more):
    given = {"uut": SERIALS[0], "because": "master was air-locked", "by": "Li", "second": "Wang"}
    words = [w for name, text in (given | more).items() for w in (f"--{name}", text)]
    return call(lab, "annul", run, *words)


def call(lab, *words):
    """Call `benchctl records` on the lab's folder."""
    root = str(Path(__file__).resolve().parents[2])
    return subprocess.run(
        [sys.executable, "-m", "benchctl", "records", *words, "--lab", str(lab.path)],
        env=os.environ | {"PYTHONPATH": root, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_first_valid_run_stands_and_a_second_one_is_refused(ready):
    first = ready.run("quick", order=ORDER)
    second = ready.run("quick", order=ORDER)
    assert first.verdict == "pass"
    assert (second.outcome, second.exit_code) == ("refused", 3)
    assert "was run in order" in second.document["reason"]["text"]
    assert first.run in second.document["reason"]["text"]
    assert [a.run for a in attempts(ready) if a.valid] == [first.run]


def test_the_plan_says_of_every_unit_that_a_run_stands_and_how_it_can_be_annulled(ready):
    plain = prepare(ready.request("quick", units=2, order=ORDER))  # there are no records yet
    assert len(plain.plan.as_json()["uuts"]) == 2
    first = ready.run("quick", units=2, order=ORDER)
    with pytest.raises(RefusedError) as refused:
        prepare(ready.request("quick", units=2, order=ORDER))
    for serial in SERIALS[:2]:
        assert serial in str(refused.value.message)
    assert first.run in str(refused.value.message)
    prepare(ready.request("quick", units=2, order="WO-119"))
    prepare(ready.request("quick", units=2, order=ORDER, service="test"))


def test_without_an_order_nothing_changes(ready):
    for _ in range(2):
        report = ready.run("quick", points=("Q3",), units=1)
        assert report.outcome == "finished"
        assert "attempts" not in report.document["uuts"][0]


def test_another_order_another_stage_or_a_test_may_be_run(ready):
    ready.run("quick", order=ORDER, units=1)
    for more in ({"order": "WO-119"}, {"stage": "in_service"}, {"service": "test"}):
        report = ready.run("quick", units=1, **({"order": ORDER} | more))
        assert report.outcome == "finished", more
    made = attempts(ready)
    assert [(a.service, a.stage) for a in made] == [
        ("verification", "initial"),
        ("verification", "in_service"),
        ("test", "initial"),
    ]
    assert [a.valid for a in made] == [True, True, False]


def test_a_run_that_gave_no_verdict_may_be_made_again_and_is_told(ready):
    day = Day(ready)
    day.after(10.0, lambda: day.scheduler.stop("operator"))
    day.run(order=ORDER, units=1)
    again = ready.run("quick", order=ORDER, units=1)
    assert again.outcome == "finished"
    (earlier,) = again.document["uuts"][0]["attempts"]
    assert (earlier["outcome"], earlier["verdict"], earlier["valid"]) == (
        "aborted",
        "not_measured",
        False,
    )
    texts = [i["text"]["text"] for i in again.document["incidents"] if i["uut"] == SERIALS[0]]
    assert any(ORDER in text for text in texts)


def test_a_fail_stands_even_where_the_run_was_stopped_after_it(ready):
    seed, serial = next(
        (seed, row["serial"])
        for seed in range(1, 60)
        for row in truth(ready.request("quick", units=6, seed=seed))
        if row["point"] == "Q3" and abs(row["error"]) > 2.2
    )
    day = Day(ready)
    day.at("load-1/Q1/set", 0.5, lambda: day.scheduler.stop("operator"))
    day.run(order=ORDER, units=6, seed=seed)
    (made,) = attempts(ready, serial)
    assert (made.outcome, made.verdict, made.valid) == ("aborted", "fail", True)
    report = ready.run("quick", order=ORDER, uuts=(serial,), seed=seed)
    assert report.outcome == "refused"


def test_the_order_may_be_a_column_of_the_batch(ready):
    batch = ready.path / "batch.csv"
    lines = ["serial,position,委托单号", f"{SERIALS[0]},1,{ORDER}", f"{SERIALS[1]},2,"]
    batch.write_text("\n".join(lines), encoding="utf-8")
    first = ready.run("quick", units=0, uuts=(), batch=batch)
    assert first.document["uuts"][0]["order"] == ORDER
    assert "order" not in first.document["uuts"][1]
    assert ready.run("quick", units=0, uuts=(), batch=batch).outcome == "refused"
    assert ready.run("quick", uuts=(SERIALS[1],), order=ORDER).outcome == "finished"


def test_an_annulled_run_does_not_stand_and_is_shown_for_ever(ready):
    first = ready.run("quick", order=ORDER, units=1)
    said = annul(ready, first.run)
    assert said.returncode == 0, said.stderr
    second = ready.run("quick", order=ORDER, units=1)
    assert second.outcome == "finished"
    (earlier,) = second.document["uuts"][0]["attempts"]
    assert earlier["annulled"]["because"] == "master was air-locked"
    assert (earlier["annulled"]["by"], earlier["annulled"]["second"]) == ("Li", "Wang")
    with Lab.open(ready.path) as records:
        old = records.document(first.run)
        assert verify(records) == []
    assert old["uuts"][0]["annulled"]["second"] == "Wang"
    assert old["uuts"][0]["verdict"] == "pass"
    assert annul(ready, first.run).returncode == 3


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({"second": "li"}, 2, "two different"),
        ({"second": " "}, 2, "two different"),
        ({"because": " "}, 2, "why"),
        ({"uut": "W-9"}, 3, "nothing"),
    ],
)
def test_annulling_takes_a_cause_and_two_persons(ready, more, code, says):
    run = ready.run("quick", order=ORDER, units=1).run
    said = annul(ready, run, **more)
    assert says in said.stderr
    assert said.returncode == code
    assert [a.valid for a in attempts(ready)] == [True]


def test_all_attempts_are_counted(ready):
    first = ready.run("quick", order=ORDER)
    annul(ready, first.run)
    ready.run("quick", order=ORDER, uuts=(SERIALS[0],))
    (one, two) = json.loads(call(ready, "attempts", "--json").stdout)
    assert [len(u["attempts"]) for u in (one, two)] == [2, 1]
    assert one["stands"] != first.run
    assert two["stands"] == first.run
    assert "2 units in 1 orders; 3 runs, of which 1 annulled" in call(ready, "attempts").stdout
