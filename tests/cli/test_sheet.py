"""The run sheet: one page with everything on it, as text and as HTML, in either language."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.cli.cells import width
from benchctl.cli.sheet import require_sheet, sheet_of, write_sheet
from benchctl.cli.sheet_html import html
from benchctl.cli.sheet_text import text
from benchctl.cli.shell import Shell
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg


def said(id_, **args):
    return {**msg(id_, **args).as_json(), "text": "as the record words it"}


def unit(serial, position, verdict, error, **more):
    appearance = {
        "item": "appearance",
        "point": None,
        "quantity": None,
        "unit": None,
        "error": None,
        "mpe": None,
        "verdict": "pass",
        "why": said("answered-yes", by="Li Wei"),
    }
    point = {
        "item": "error of indication",
        "point": "Q3",
        "quantity": "error",
        "unit": "%",
        "error": error,
        "mpe": [-2.0, 2.0],
        "verdict": verdict,
        "why": {"id": "x", "text": "lies outside"},
    }
    return {
        "serial": serial,
        "position": position,
        "verdict": verdict,
        "extra": {"order": "WO-77"},
        "parameters": {"Q3": "2.5 m³/h"},
        "points": [appearance, point],
    } | more


DOCUMENT = {
    "schema": "benchctl.result/1",
    "run": "01M7Z5B0TBRQE7T470GDT831MM",
    "software": {"name": "benchctl", "version": "0.1.0", "id": "x"},
    "procedure": {"name": "water-meter", "title": "Cold-water meters", "standard": "JJG 162-2019"},
    "service": "verification",
    "stage": "initial",
    "simulated": True,
    "started": "2026-01-31T09:00:00.000Z",
    "finished": "2026-01-31T09:41:02.000Z",
    "outcome": "finished",
    "verdict": "fail",
    "operator": "Li Wei",
    "operators": [{"name": "Li Wei", "from": 0.0}, {"name": "Wang Fang", "from": 96.0}],
    "bench": {"name": "Water line 2"},
    "environment": [{"quantity": "water_temperature", "unit": "°C", "min": 20.1, "max": 20.6}],
    "standards": [
        {
            "role": role,
            "model": "CMFS025",
            "serial": "14077123",
            "certificate": "SIM-0147",
            "due": "2027-01-01",
        }
        for role in ("reference_volume", "reference_flow")
    ],
    "titles": {"appearance": {"en": "marks", "zh": "外观标志"}},
    "incidents": [
        {
            "kind": "operator",
            "at": 96.0,
            "by": "Wang Fang",
            "uut": None,
            "text": said("desk.relieved", name="Wang Fang", before="Li Wei"),
        },
        {
            "kind": "drop",
            "at": 120.0,
            "by": "Wang Fang",
            "uut": "W-2",
            "text": said("engine.dropped-for", by="Wang Fang", reason="glass <broken>"),
        },
    ],
    "uuts": [unit("W-1", 1, "pass", 0.411), unit("W-2", 3, "fail", 2.345)],
    "log": {"root": "sha256:ab"},
}


class Texts(HTMLParser):
    """The texts of a page, by element."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self._open = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img"):
            self._open.append(tag)
        there = dict(attrs)
        assert "href" not in there  # nothing from elsewhere
        assert there.get("src", "data:image/").startswith("data:image/")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self._open[-1] != "style":
            self.found.append((self._open[-1], data.strip()))

    def of(self, tag):
        return [text for where, text in self.found if where == tag]


def page_of(shell, document):
    return Texts(html(sheet_of(shell, document)))


@pytest.mark.parametrize("form", ["html", "text"])
def test_everything_that_belongs_on_it_is_on_it(screen, form):
    sheet = sheet_of(screen.shell, DOCUMENT)
    page = html(sheet) if form == "html" else text(screen.shell, DOCUMENT, sheet)
    for wanted in (
        "SIMULATED: no real instrument",
        "01M7Z5B0TBRQE7T470GDT831MM",
        "Cold-water meters (JJG 162-2019)",
        "Li Wei, Wang Fang (1:36)",
        "flow",
        "SIM-0147",
        "20.1 .. 20.6 °C",
        "WO-77",
        "+0.41",
        "Wang Fang is responsible from now on",
        "position 3 W-2",
        "Checked by",
        "sha256:ab",
        "no certificate",
    ):
        assert wanted in page, wanted


def test_each_unit_has_a_row_with_its_verdict_in_words(screen):
    page = page_of(screen.shell, DOCUMENT)
    assert page.of("th") == ["pos", "serial", "marks", "Q3 %", "verdict"]
    assert page.of("td") == [
        *["mpe", "±2"],
        *["1", "W-1", "PASS", "+0.41", "PASS"],
        *["3", "W-2", "PASS", "+2.35 FAIL", "FAIL"],
    ]


def test_a_sheet_is_worded_in_the_persons_language(chinese_screen):
    shell = chinese_screen.shell
    page = page_of(shell, DOCUMENT)
    assert page.of("h1") == ["检定运行单"]
    assert page.of("th") == ["表位", "出厂编号", "外观标志", "Q3 %", "结论"]
    assert "不合格" in page.of("td")
    assert any("此后由 Wang Fang 负责" in line for line in page.of("li"))
    written = text(shell, DOCUMENT, sheet_of(shell, DOCUMENT))
    assert max(width(line) for line in written.splitlines()) <= 80
    assert "外观标志：2 台全部合格" in written


def test_what_a_person_typed_cannot_break_the_page(screen):
    page = html(sheet_of(screen.shell, DOCUMENT))
    assert "glass &lt;broken&gt;" in page
    assert "<broken>" not in page


@given(serial=st.text(max_size=20), reason=st.text(max_size=40))
def test_any_text_makes_a_page_of_the_same_shape(serial, reason):
    document = DOCUMENT | {"uuts": [unit(serial, 1, "fail", 9.0)], "operator": reason}
    page = page_of(Shell((), {}, "en", None, None), document)
    assert len(page.of("th")) == 5


def test_a_run_that_was_refused_has_a_sheet_that_says_so(screen):
    refused = {"run": None, "outcome": "refused", "verdict": "not_measured", "uuts": []}
    sheet = sheet_of(screen.shell, refused)
    assert "refused: NOT MEASURED" in html(sheet)
    assert "refused: NOT MEASURED" in text(screen.shell, refused, sheet)


def test_the_name_of_the_file_says_what_is_written(screen, tmp_path):
    for name in ("a.html", "a.HTM", "a.txt"):
        require_sheet(tmp_path / name)
        write_sheet(tmp_path / name, screen.shell, DOCUMENT)
    assert (tmp_path / "a.HTM").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("Run sheet\n")
    with pytest.raises(UsageError, match=r"as \.html or \.txt"):
        require_sheet(tmp_path / "a.pdf")


def test_a_run_and_a_record_write_the_same_sheet(benchctl, tmp_path):
    argv = ["run", "water-meter", "--simulate", "--points", "Q3", "--uut", "W-1", "--lab", "lab"]
    assert benchctl(*argv, "--quiet", "--sheet", "sheet.html").returncode == 1
    assert benchctl("records", "show", "--lab", "lab", "--sheet", "again.html").returncode == 0
    first, again = (
        (tmp_path / n).read_text(encoding="utf-8") for n in ("sheet.html", "again.html")
    )
    assert first == again
    assert re.search(r"<td>W-1</td>", first)
    wrong = benchctl(*argv, "--sheet", "sheet.pdf")
    assert (wrong.returncode, "as .html or .txt" in wrong.stderr) == (2, True)


def test_pictures_that_the_operator_was_shown_stand_on_the_page_itself(screen):
    shown = {
        "picture": "places.svg",
        "ask": "Put it <there>.",
        "data": "data:image/svg+xml;base64,PA==",
    }
    elsewhere = shown | {"data": "https://example.org/x.svg"}
    procedure = DOCUMENT["procedure"] | {"pictures": [shown, elsewhere]}
    page = html(sheet_of(screen.shell, DOCUMENT | {"procedure": procedure}))
    assert page.count("<img ") == 1
    assert 'src="data:image/svg+xml;base64,PA=="' in page
    assert "Put it &lt;there&gt;." in page
    assert "img-src data:" in page
    assert "<img" not in html(sheet_of(screen.shell, DOCUMENT))


def test_of_many_points_each_has_a_line_and_six_units_stand_abreast(screen):
    of_point = unit("W-1", 1, "pass", 0.41)["points"][1]
    points = [of_point | {"point": f"P{n}"} for n in range(11)]
    units = [unit(f"W-{n}", n, "pass", 0.41, points=points) for n in range(1, 9)]
    page = page_of(screen.shell, DOCUMENT | {"uuts": units})
    assert page.of("th") == [
        *["mpe", *(f"{n} W-{n}" for n in range(1, 7))],
        *["mpe", "7 W-7", "8 W-8"],
    ]
    first = page.of("td")[:8]
    assert first == ["P0 %", "±2", *["+0.41"] * 6]
    assert page.of("td")[-3:] == ["verdict", "PASS", "PASS"]
