"""Diagnostics as text: four formats, two languages, marks under wide characters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.messages import msg
from benchctl.language import Diagnostic, Diagnostics, Source, Span, parse_document, render


def found(text, name="meter.yaml"):
    diagnostics = Diagnostics()
    parse_document(Source(name, text), diagnostics)
    return diagnostics.items


def unknown(text, column, length, line=1, **more):
    source = Source("f.yaml", text)
    message = msg("language.unknown-name", name="x")
    return Diagnostic("E301", message, source, Span.at(line, column, length), **more)


def test_the_full_format_shows_both_places_of_a_duplicate_key():
    text = "a: 1\npoints:\n  - mpe: 2 %\n    mpe: 3 %\n"
    assert render(found(text)) == (
        "error[E002]: duplicate key `mpe`\n"
        " --> meter.yaml:4:5\n"
        "  |\n"
        "3 |   - mpe: 2 %\n"
        "  |     --- first used here\n"
        "4 |     mpe: 3 %\n"
        "  |     ^^^"
    )


def test_lines_that_are_left_out_are_marked():
    text = "a: 1\nb: 2\nc: 3\na: 4\n"
    assert render(found(text)).splitlines()[3:] == [
        "1 | a: 1",
        "  | - first used here",
        "...",
        "4 | a: 4",
        "  | ^",
    ]


def test_chinese_is_worded_and_the_hint_stands_beside_the_mark():
    item = unknown("流量: ref_smal", 5, 8, hint=msg("language.did-you-mean", word="ref_small"))
    assert render([item], language="zh") == (
        "错误[E301]: `x` 未定义\n"
        " --> f.yaml:1:5\n"
        "  |\n"
        "1 | 流量: ref_smal\n"
        "  |       ^^^^^^^^ 是否想写 `ref_small`？"
    )


def test_marks_stand_under_wide_characters():
    *_, line, marks = render([unknown("a: 水流量 b", 4, 3)]).splitlines()
    assert marks.index("^") == line.index("水")
    assert marks.count("^") == 6


def test_a_tab_before_the_mark_takes_four_columns():
    *_, line, marks = render([unknown("a\tx", 3, 1)]).splitlines()
    assert line.index("x") == marks.index("^") == len("1 | a") + 4


def test_a_long_hint_stands_on_a_line_of_its_own():
    hint = msg("language.allowed-keys", keys=", ".join(["key"] * 30))
    lines = render([unknown("a: x", 4, 1, hint=hint)]).splitlines()
    assert lines[-2] == "  |    ^"
    assert lines[-1].startswith("  = help: allowed here: key, ")
    assert lines[-1].count("key") == 30


def test_a_span_over_lines_marks_its_first_line_without_trailing_blanks():
    source = Source("f.yaml", "a:  x  \n b\n")
    item = Diagnostic("E1", msg("language.file-empty"), source, Span(1, 1, 2, 3))
    assert render([item]).splitlines()[-1] == "  | ^^^^^"


def test_a_very_long_line_shows_what_surrounds_the_span():
    text = "a" * 5000 + "X" + "b" * 5000
    *_, line, marks = render([unknown(text, 5001, 1)]).splitlines()
    assert len(line) < 420
    assert marks.index("^") == line.index("X")
    assert line.startswith("1 | …a")
    assert line.endswith("b…")


def test_a_file_error_without_text_has_no_snippet():
    source = Source("nowhere.yaml", "")
    item = Diagnostic("E005", msg("language.file-missing"), source, Span.at(1, 1))
    assert render([item]) == "error[E005]: the file does not exist\n --> nowhere.yaml:1:1"


def test_concise_is_one_line_per_mistake():
    assert render(found("a: 1\na: 2\nb: 1\nb: 2\n"), format="concise") == (
        "meter.yaml:2:1: E002 duplicate key `a`\nmeter.yaml:4:1: E002 duplicate key `b`"
    )


def test_json_holds_everything_as_data():
    (item,) = json.loads(render(found("水: 1\n水: 2\n"), format="json", language="zh"))
    assert item == {
        "code": "E002",
        "severity": "error",
        "message": "重复的键 `水`",
        "hint": None,
        "filename": "meter.yaml",
        "location": {"row": 2, "column": 1},
        "end_location": {"row": 2, "column": 2},
        "also": {
            "location": {"row": 1, "column": 1},
            "end_location": {"row": 1, "column": 2},
            "message": "首次出现在此处",
        },
    }
    assert json.loads(render([], format="json")) == []


def test_github_annotations_are_escaped():
    source = Source("a,b:c.yaml", "x")
    message = msg("language.unknown-key", key="100%\nnext")
    item = Diagnostic("E102", message, source, Span.at(1, 1), severity="warning")
    assert render([item], format="github") == (
        "::warning file=a%2Cb%3Ac.yaml,line=1,col=1,endColumn=2,title=E102::"
        "unknown key `100%25\ufffdnext`"
    )


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="xml"):
        render([], format="xml")


def test_colours_appear_only_when_asked_for():
    items = found("a: 1\na: 2\n")
    assert "\x1b" not in render(items)
    coloured = render(items, color=True)
    assert "\x1b[1;31m" in coloured
    assert len(coloured.splitlines()) == len(render(items).splitlines())


def test_what_a_file_says_cannot_command_the_terminal():
    item = unknown("a: \x1b[2J\u202e\x9b", 1, 1, hint=msg("language.did-you-mean", word="\x1b]0;"))
    for format_ in ("full", "concise", "github"):
        text = render([item], format=format_)
        assert not set(text) & {"\x1b", "\x9b", "\u202e"}


def test_a_second_place_in_an_earlier_line_comes_first():
    also = (Span.at(1, 1), msg("language.opened-here"))
    text = render([unknown("{a: 1\nx\n", 1, 1, line=2, also=also)])
    assert text.index("opened here") < text.index("2 | x")


def test_diagnostics_are_sorted_by_place_and_told_once():
    diagnostics = Diagnostics()
    source = Source("f.yaml", "abc")
    for column in (3, 1, 2, 1):
        diagnostics.error("E1", msg("language.file-empty"), source, Span.at(1, column))
    diagnostics.warning("E1", msg("language.file-empty"), Source("g.yaml", ""), Span.at(1, 1))
    assert [d.span.column for d in diagnostics.items] == [1, 2, 3, 1]
    assert diagnostics.failed


def test_warnings_alone_do_not_fail():
    diagnostics = Diagnostics()
    diagnostics.warning("E1", msg("language.file-empty"), Source("f", ""), Span.at(1, 1))
    diagnostics.raise_if_failed()
    assert len(diagnostics) == 1


@given(
    st.text(max_size=600),
    st.tuples(*[st.integers(1, 700)] * 4),
    st.sampled_from(["full", "concise", "json", "github"]),
    st.sampled_from(["en", "zh"]),
)
def test_any_span_in_any_text_can_be_rendered(text, place, format_, language):
    line, column, end_line, end_column = place
    span = Span(line, column, max(line, end_line), end_column)
    item = Diagnostic("E1", msg("language.file-empty"), Source("f", text), span)
    assert render([item], format=format_, language=language)


@given(st.text(max_size=100))
def test_every_character_of_a_text_has_a_line_and_a_column(text):
    source = Source("f", text)
    for index, character in enumerate(text):
        span = source.span_at(index)
        line = source.line(span.line)
        assert character == line[span.column - 1 : span.column] or span.column > len(line)
