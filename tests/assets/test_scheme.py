"""The verification scheme: what lies outside of it is refused, with the sentence."""

import json
from datetime import date

import pytest

from benchctl.bench.scheme import Edition, load_scheme
from benchctl.cli.app import command_line
from benchctl.core.errors import UsageError
from benchctl.core.messages import words
from benchctl.engine import RunRequest, run
from benchctl.language import Diagnostics, Source

SCHEME = """\
scheme: Water meters, Hall 2
measurement_standards:
  water-line:
    certificate: 国量标京字第 123 号
    authority: 北京市市场监督管理局
    scope: DN 15 to DN 25, U = 0.1 % (k = 2)
    benches: [Simulated water line DN 15-20]
    procedures: [water-meter]
    from: 2024-05-01
    until: 2029-04-30
procedures:
  - {procedure: water-meter, edition: JJG 162-2007, from: 2020-01-01, until: 2024-04-30}
  - {procedure: water-meter, edition: JJG 162-2019, from: 2024-05-01}
persons:
  - {name: Li Wei, procedures: [water-meter], roles: [operator, checker], from: 2024-05-01, until: 2099-04-30}
  - {name: Wang Fang, procedures: [water-meter], roles: [approver], from: 2024-05-01}
  - name: Zhao Min
    procedures: [water-meter]
    roles: [operator]
    from: 2024-05-01
    withdrawn: {on: 2025-01-01, because: left the lab}
"""  # noqa: E501
DAY = date(2026, 6, 30)
WATER = Edition("water-meter", "JJG 162-2019", "ab" * 32)
BENCH = "Simulated water line DN 15-20"


def read(text):
    diagnostics = Diagnostics()
    scheme = load_scheme(Source("scheme.yaml", text), diagnostics)
    return scheme, [
        f"{d.span.line}:{d.span.column} {d.message.id.rpartition('.')[2]}"
        for d in diagnostics.items
    ]


def good(text=SCHEME):
    scheme, mistakes = read(text)
    assert mistakes == []
    return scheme


def outside(day=DAY, person="Li Wei", edition=WATER, bench=BENCH, role="operator", text=SCHEME):
    found = good(text).outside(day, person=person, edition=edition, bench=bench, role=role)
    assert all(words(m, "zh") != words(m, "en") for m in found)
    return [m.id.rpartition(".")[2] for m in found]


def test_what_the_scheme_allows_is_allowed():
    assert outside() == []
    assert outside(person="Wang Fang", role="approver") == []


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"person": "Wang Fang"}, ["no-person"]),
        ({"person": "Nobody"}, ["no-person"]),
        ({"person": "Zhao Min"}, ["withdrawn"]),
        ({"person": "Zhao Min", "day": date(2024, 12, 31)}, []),
        ({"bench": "Water line 9"}, ["no-standard"]),
        ({"day": date(2029, 4, 30)}, []),
        ({"day": date(2029, 5, 1)}, ["ended"]),
        ({"day": date(2024, 4, 30)}, ["not-yet", "not-yet", "not-yet"]),
        (
            {"edition": Edition("gas-meter", "JJG 577-2012", "")},
            ["no-procedure", "no-person", "no-standard"],
        ),
        ({"edition": Edition("water-meter", "JJG 162-2026", "")}, ["edition"]),
        ({"edition": Edition("water-meter", "JJG 162-2007", "")}, ["ended"]),
    ],
)
def test_every_reason_why_something_lies_outside_is_told(changed, reasons):
    assert outside(**changed) == reasons


def test_a_file_may_be_pinned_by_the_beginning_of_its_sha256():
    pinned = "edition: JJG 162-2019, sha256: "
    text = SCHEME.replace("edition: JJG 162-2019,", f"{pinned}{'ab' * 6},")
    assert outside(text=text) == []
    other = SCHEME.replace("edition: JJG 162-2019,", f"{pinned}{'cd' * 6},")
    assert outside(text=other) == ["file"]


@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("until: 2029-04-30", "until: 2023-04-30", ["10:12 until-before-from"]),
        ("on: 2025-01-01", "on: 2020-01-01", ["21:21 withdrawn-before-from"]),
        ("from: 2024-05-01\n    until", "from: May 2024\n    until", ["9:11 no-date"]),
        (
            "    procedures: [water-meter]\n    from",
            "    procedures: [watr-meter]\n    from",
            ["8:18 unknown-procedure"],
        ),
        ("roles: [approver]", "roles: [aprover]", None),
        ("    scope: DN 15 to DN 25, U = 0.1 % (k = 2)\n", "", None),
        ("benches: [Simulated water line DN 15-20]", "benches: []", None),
    ],
)
def test_a_mistake_in_a_scheme_is_told_at_its_place(old, new, mistakes):
    assert old in SCHEME
    scheme, told = read(SCHEME.replace(old, new, 1))
    assert scheme is None
    assert told == mistakes if mistakes is not None else len(told) == 1


class Hall:
    """A lab with or without a scheme, on the simulated bench."""

    def __init__(self, folder, capsys):
        self.lab = folder / "lab"
        self.lab.mkdir()
        self.out = folder / "out.json"
        self.capsys = capsys

    def run(self, *more):
        argv = ["run", "water-meter", "--simulate", "--uut", "W-1", "--points", "Q3", "--quiet"]
        code = command_line([*argv, "--lab", str(self.lab), "--json", str(self.out), *more])
        return code, json.loads(self.out.read_text(encoding="utf-8")), self.capsys.readouterr().err


@pytest.fixture
def hall(tmp_path, capsys):
    return Hall(tmp_path, capsys)


def test_a_verification_outside_the_scheme_is_refused_and_recorded_with_its_reason(hall):
    (hall.lab / "scheme.yaml").write_text(SCHEME, encoding="utf-8")
    code, document, told = hall.run("--operator", "Zhao Min")
    assert (code, document["outcome"], document["scheme"]) == (3, "refused", None)
    assert "Zhao Min as operator for water-meter was withdrawn on 2025-01-01: left the lab" in told
    assert document["run"] is not None


def test_a_verification_within_the_scheme_says_under_which_certificate_it_was_made(hall):
    (hall.lab / "scheme.yaml").write_text(SCHEME, encoding="utf-8")
    code, document, _ = hall.run("--operator", "Li Wei")
    assert code == 1  # one point of three
    assert document["outcome"] == "finished"
    assert document["scheme"]["certificate"] == "国量标京字第 123 号"
    assert document["scheme"]["person"] == "Li Wei"
    assert document["scheme"]["valid_until"] == "2029-04-30"


def test_a_test_run_and_a_lab_without_a_scheme_are_as_before(hall):
    assert hall.run("--operator", "Nobody")[1]["outcome"] == "finished"
    (hall.lab / "scheme.yaml").write_text(SCHEME, encoding="utf-8")
    document = hall.run("--operator", "Nobody", "--service", "test")[1]
    assert (document["outcome"], document["scheme"]) == ("finished", None)


def test_check_knows_a_scheme(tmp_path, capsys):
    file = tmp_path / "scheme.yaml"
    file.write_text(SCHEME.replace("from: 2024-05-01", "from: soon", 1), encoding="utf-8")
    assert command_line(["check", str(file)]) == 2
    assert "`soon` is not a date" in capsys.readouterr().out


def test_only_an_authorised_person_takes_a_run_over(hall):
    (hall.lab / "scheme.yaml").write_text(SCHEME, encoding="utf-8")
    told = []

    def try_both(control):
        with pytest.raises(UsageError) as refused:
            control.operator("Zhao Min")
        told.append(str(refused.value.message))
        control.operator("Li Wei")  # may

    request = RunRequest(
        "water-meter", lab=hall.lab, simulate=True, uuts=("W-1",), points=("Q3",), operator="Li Wei"
    )
    assert run(request, on_control=try_both).outcome == "finished"
    assert told == [
        "outside the verification scheme: the authorisation of Zhao Min as operator for "
        "water-meter was withdrawn on 2025-01-01: left the lab"
    ]
