"""Standards of the register in plans and runs: corrected, in range, in date, or refused."""

import json
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from asset_samples import BALANCE, MASTER, dated, spoilt, write_bench

from benchctl.cli.app import command_line
from benchctl.core.clock import VirtualClock, utc_now
from benchctl.records import Lab


class Bench:
    """A lab with its register, and the water bench that names its standards."""

    def __init__(self, folder, capsys):
        self.lab = folder / "lab"
        self.file = write_bench(folder)
        self.folder = folder
        self.capsys = capsys

    def enter(self, *texts, more=()):
        for n, text in enumerate(texts):
            file = self.folder / f"asset-{n}.yaml"
            file.write_text(text, encoding="utf-8")
            code = command_line(["assets", "add", str(file), "--lab", str(self.lab), *more])
            told = self.capsys.readouterr()
            assert code == 0, told.err
        return self

    def call(self, *argv):
        code = command_line([*argv, "--lab", str(self.lab)])
        told = self.capsys.readouterr()
        return code, told.out, told.err

    def plan(self, *more):
        return self.call("plan", "water-meter", "--bench", str(self.file), "--uut", "W-1", *more)

    def run(self, *more, points="Q3"):
        argv = ["run", "water-meter", "--bench", str(self.file), "--uut", "W-1", "--quiet"]
        out = self.folder / "out.json"
        code, _, told = self.call(
            *argv, "--points", points, "--seed", "7", "--json", str(out), *more
        )
        return code, json.loads(out.read_text(encoding="utf-8")), told


@pytest.fixture
def bench(tmp_path, capsys):
    return Bench(tmp_path, capsys)


def point(document, name="Q3"):
    return next(p for p in document["uuts"][0]["points"] if p["point"] == name)


def test_the_correction_of_the_master_moves_every_error_by_what_the_certificate_says(bench):
    master = dated(MASTER)
    bench.enter(master, dated(BALANCE))
    corrected = point(bench.run()[1])
    plain = spoilt("error: 0.30 %", "error: 0 %", spoilt("error: 0.10 %", "error: 0 %", master))
    plain = spoilt("error: -0.04 %", "error: 0 %", plain)
    bench.enter(plain, more=("--because", "a trial without corrections"))
    bare = point(bench.run()[1])
    run = corrected["runs"][0]
    flow = run["conditions"]["reference_flow"]
    share = (-0.30 + (flow - 1) / 6 * 0.34) / 100
    assert run["reference"] == pytest.approx(bare["runs"][0]["reference"] * (1 + share), rel=1e-12)
    expected = 100 * ((1 + bare["error"] / 100) / (1 + share) - 1)
    assert corrected["error"] == pytest.approx(expected, abs=1e-9)
    assert abs(corrected["error"] - bare["error"]) > 0.2


def test_U_is_that_of_the_certificate_at_the_flow_with_the_drift_of_its_history(bench):
    older = dated(spoilt("NIM-2026-0147", "OLD", MASTER), issued=395, due=30)
    older = spoilt("error: 0.30 %", "error: 0.20 %", older)
    bench.enter(older, dated(MASTER), dated(BALANCE))
    code, document, _ = bench.run()
    assert code == 1  # Q3 alone was measured
    standards = {s["role"]: s for s in document["standards"]}
    drift = standards["reference_volume"]["drift"]
    assert drift["source"] == "history"
    assert drift["half_width"] == pytest.approx(0.1 / 365 * 365, rel=1e-3)
    found = point(document)
    flow = found["runs"][0]["conditions"]["reference_flow"]
    U = 0.10 - 0.02 * (flow - 1) / 6
    budget = _budget(bench.lab, "reference_volume")
    share = {line["source"]: line["u"] / line["value"] * 100 for line in budget}
    assert share["certificate"] == pytest.approx(U / 2, rel=1e-9)
    assert share["drift"] == pytest.approx(drift["half_width"] / 3**0.5, rel=1e-9)


def _budget(folder, role):
    with Lab.open(folder) as lab:
        event = next(s.event for s in lab.events(lab.find_run(), kind="run-measured"))
    return [line for line in event.budget if line["input"] == role]


def test_the_plan_shows_the_reference_at_every_point_and_refuses_beyond_the_table(bench):
    narrow = spoilt("at: 0.01 m³/h", "at: 0.05 m³/h", dated(MASTER))
    bench.enter(narrow, dated(BALANCE))
    code, _, told = bench.plan()
    assert code == 3
    assert "point Q1" in told
    assert "0.02625 m³/h lies outside the certificate of MM-014 (0.05 … 7 m³/h)" in told
    assert "Q3:" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            dated(spoilt("14077123", "14077132")),
            "the certificate NIM-2026-0147 of MM-014 is for 14077132",
        ),
        (dated(MASTER, issued=400, due=-1), "was due on"),
    ],
    ids=["another serial number", "overdue"],
)
def test_a_verification_is_refused_with_the_reason_and_nothing_of_it_can_be_set_aside(
    bench, text, said
):
    bench.enter(text, dated(BALANCE), more=("--superseded",))
    code, document, told = bench.run()
    assert (code, document["outcome"]) == (3, "refused")
    assert said in told
    check = "serial" if "is for" in said else "overdue"
    aside = ("--override", check, "--because", "no other", "--operator", "Li Wei")
    code, document, told = bench.run(*aside)
    assert (code, document["outcome"]) == (3, "refused")
    assert "only a test run can" in told
    assert said in told


def test_in_a_test_run_a_check_is_set_aside_by_somebody_because_of_something(bench):
    bench.enter(dated(MASTER, issued=400, due=-1), dated(BALANCE), more=("--superseded",))
    test = ("--service", "test", "--override", "overdue")
    assert bench.run(*test)[0] == 2
    assert bench.run(*test, "--operator", "Li Wei")[0] == 2
    assert bench.run("--service", "test")[0] == 3
    reason = ("--operator", "Li Wei", "--because", "the new one is on its way")
    code, document, _ = bench.run(*test, *reason)
    assert code == 1
    assert document["outcome"] == "finished"
    assert document["overrides"] == [
        {"check": "overdue", "by": "Li Wei", "because": "the new one is on its way"}
    ]
    assert bench.run("--service", "test", "--override", "everything", *reason)[0] == 2
    _, told, _ = bench.call("records", "show")
    assert "Li Wei set the check `overdue` aside: the new one is on its way" in told
    sheet = bench.folder / "sheet.txt"
    bench.call("records", "show", "--sheet", str(sheet))
    assert "the new one is on its way" in sheet.read_text(encoding="utf-8")


def test_what_is_out_of_service_is_not_used_until_it_is_back(bench):
    bench.enter(dated(MASTER), dated(BALANCE))
    assert bench.call("assets", "withdraw", "MM-014", "--because", "dropped")[0] == 0
    code, _, told = bench.plan()
    assert code == 3
    assert "MM-014 was withdrawn: dropped" in told
    assert bench.call("assets", "withdraw", "MM-014", "--because", "checked", "--back")[0] == 0
    assert bench.plan()[0] == 0


def test_a_standard_that_is_due_soon_is_told_and_may_be_used(bench):
    bench.enter(dated(MASTER, due=12), dated(BALANCE))
    code, told, _ = bench.plan()
    assert code == 0
    assert "in 12 days" in told
    bench.run()
    assert "MM-014 is due on" in bench.call("records", "show")[1]


def test_a_standard_that_expires_during_the_run_ends_it_at_the_next_point(bench, monkeypatch):
    bench.enter(dated(MASTER, due=0), dated(BALANCE))
    midnight = datetime.combine(
        utc_now().date() + timedelta(days=1), datetime.min.time(), tzinfo=utc_now().tzinfo
    )
    start = midnight - timedelta(minutes=12)  # Q3 is done by then, Q2 takes half an hour
    engine = import_module("benchctl.engine.run")
    monkeypatch.setattr(engine, "VirtualClock", lambda: VirtualClock(start))
    code, document, told = bench.run(points="Q3,Q2,Q1")
    assert code == 3
    assert document["outcome"] == "error"
    assert "while the run went on" in told
    verdicts = {p["point"]: p["verdict"] for p in document["uuts"][0]["points"] if p["point"]}
    assert verdicts["Q1"] == "not_measured"
    assert verdicts["Q3"] != "not_measured"
    assert document["made_safe"]["failed"] == []


def test_under_other_conditions_than_its_own_a_certificate_says_nothing(bench):
    cold = spoilt(
        "}\nchannels", ", conditions: {ambient_temperature: 5 .. 10 °C}}\nchannels", MASTER
    )
    bench.enter(dated(cold), dated(BALANCE))
    _, document, _ = bench.run()
    found = point(document)
    assert found["verdict"] == "not_measured"
    assert "the certificate holds for 5 … 10 °C" in found["why"]["text"]


def test_an_instrument_that_is_not_the_certified_one_is_refused_when_it_answers(bench):
    text = bench.file.read_text(encoding="utf-8")
    named = 'order=CDAB", serial: "14077123", standard'
    assert named in text
    bench.file.write_text(text.replace(named, 'order=CDAB", standard'), encoding="utf-8")
    bench.enter(dated(spoilt("14077123", "14077132")), dated(BALANCE))
    code, document, told = bench.run()
    assert (code, document["outcome"]) == (3, "refused")
    assert "14077123" in told
    assert "14077132" in told
