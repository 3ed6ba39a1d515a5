"""Columns line up whatever is written in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.cli.cells import duration, pad, plain, table, width

INF = float("inf")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("W-0001", 6),
        ("不合格", 6),
        ("Q3 流量", 7),
        ("m³/h", 4),
        ("e\u0301", 1),
        ("", 0),
        ("ＡＢ", 4),
    ],
)
def test_a_chinese_character_takes_two_cells_and_an_accent_none(text, cells):
    assert width(text) == cells


words = st.text(st.sampled_from("abc 不合格+-.5%³\u0301"), max_size=12)


@given(st.lists(st.tuples(words, words, words), max_size=5))
def test_every_column_begins_at_the_same_cell_in_every_row(rows):
    lines = table(["a", "b", "c"], [[x, y, f"|{z}"] for x, y, z in rows])
    marks = {width(line[: line.index("|")]) for line in lines[1:]}
    assert len(marks) <= 1


def test_numbers_are_pushed_to_the_right():
    lines = table(["serial", "error"], [["W-1", "+0.41"], ["W-2", "-12.00"]], right={1})
    assert [line[-1] for line in lines] == ["r", "1", "0"]
    assert len({len(line) for line in lines}) == 1


def test_an_instrument_cannot_move_the_cursor_or_add_a_line():
    assert plain("KEY\x1b[2J\x07SIGHT\r\n1") == "KEY[2JSIGHT  1"


def test_a_row_shorter_than_the_header_is_filled_up():
    assert table(["a", "b"], [["1"]]) == ["a  b", "1"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (59.6, "1:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (-3, "0:00"),
        (float("inf"), "-"),
    ],
)
def test_a_duration_reads_as_on_a_watch(seconds, text):
    assert duration(seconds) == text


def test_padding_counts_cells_not_characters():
    assert pad("合格", 6) == "合格  "
    assert pad("合格", 6, right=True) == "  合格"
