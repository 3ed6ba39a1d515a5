"""A plan says by which rule a point's readings are counted, on the screen and in the record."""

import pytest
from reading_lab import ReadingLab

from benchctl.cli.app import command_line
from benchctl.core.events import PlanResolved
from benchctl.core.messages import LANGUAGES, message_from_json, words
from benchctl.engine import RunRequest, prepare
from benchctl.records import Lab

TEST = {"services": "services: [test]"}
RULES = [
    ("20 readings", {}, "20 readings"),
    ("60 s", {}, "readings of 60 s"),
    (
        "{until: u_A <= mpe / 10, at_least: 10, at_most: 200}",
        {},
        "until u_A is 0.16 % or less; 10 to 200 readings",
    ),
    ("{until: u_A <= u_B / 2, at_least: 12, at_most: 50}", {}, "u_B / 2; 12 to 50 readings"),
    (
        "{two_stages: mpe / 5, first: 8, at_most: 100, confidence: 99 %}",
        {},
        "8 readings, then as many as the mean to +-0.32 % at 99 % needs, 100 at most",
    ),
    (
        "{sequential: 0.05 %, sigma: 0.04 %, risks: [2 %, 3 %], at_most: 60}",
        TEST,
        "(indifferent within +-0.05 % of a limit, s = 0.04 %, risks: 2 % false fail, "
        "3 % false pass), 60 readings at most; a verdict without a value",
    ),
    (
        "{planned: 40, at_least: 5, risk: 1 %}",
        TEST,
        "40 readings, from 5 on fewer where the verdict would change with a risk of no more than "
        "1 %",
    ),
]


@pytest.mark.parametrize(("rule", "more", "said"), RULES)
def test_the_plan_has_the_rule_in_words_and_numbers(tmp_path, rule, more, said):
    lab = ReadingLab(tmp_path).write(rule, **more)
    plan = prepare(lab.request(service="test" if more else "verification")).plan
    members = [m for v in plan.visits for m in v.members]
    assert len(members) == 8
    for member in members:
        assert said in words(member.how_many)
        assert all(words(member.how_many, language) for language in LANGUAGES)


def test_the_record_of_a_run_has_the_rule_before_anything_is_read(tmp_path):
    lab = ReadingLab(tmp_path).write("{until: u_A <= mpe / 10, at_least: 10, at_most: 200}")
    report = lab.run()
    with Lab.open(tmp_path) as opened:
        (stored,) = opened.events(report.run, kind=PlanResolved.KIND)
    rules = {
        words(message_from_json(m["how_many"]))
        for v in stored.event.plan["visits"]
        for m in v["members"]
    }
    assert rules == {"until u_A is 0.16 % or less; 10 to 200 readings"}


def test_a_procedure_that_totalises_says_nothing_of_readings():
    plan = prepare(RunRequest("water-meter", seed=3)).plan
    assert {m.how_many for v in plan.visits for m in v.members} == {None}


def test_the_command_shows_it(tmp_path, capsys):
    lab = ReadingLab(tmp_path).write("20 readings")
    assert command_line(["plan", "gauges", "--lab", str(lab.path)]) == 0
    assert "readings at zero, mid: 20 readings" in capsys.readouterr().out
