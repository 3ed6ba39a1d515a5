"""Cells of CSV text: what the quick way reads is what the careful one reads."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchctl.language import Diagnostics
from benchctl.language.tables import MOST_COLUMNS, read_csv

PIECE = st.sampled_from(
    [
        *["a", "表", ",", ",", ",", ";", '"', '"', '""', '"b,c"', '="01"', "=1", "#N/A", "-"],
        "\n",
        "\r\n",
        "\r",
        '"d\ne"',
        " ",
        "\t",
    ]
)
ALSO = "\n\x85"
"""A last row with a character that only the careful way takes."""


def told(text):
    found = Diagnostics()
    table = read_csv(text.encode(), "a.csv", found, most_rows=1000)
    return table and table.rows, [(d.code, d.message, d.span) for d in found.items]


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECE, max_size=25).map("".join))
@example('a,"b","c\nd",e\nf,g')
@example('a,b"c,d\n e , "f" ,=1\n')
@example("sep=;\na;b,c\n")
@example('a,"b')
def test_the_quick_way_gives_the_cells_places_and_mistakes_of_the_careful_one(text):
    quick, careful = told(text), told(text + ALSO)
    assert quick == careful


def test_a_row_with_too_many_columns_is_refused_whatever_stands_in_it():
    for cell in ("a", '"a"'):
        row = ",".join([cell] * (MOST_COLUMNS + 1))
        assert [code for code, *_ in told(row)[1]] == ["E004"]
        assert told(row.removesuffix(f",{cell}"))[1] == []
