"""Batch files: CSV in many dialects, XLSX, and every mistake with its place."""

import datetime
import io
import time
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.language import Diagnostics, read_batch, render

GOOD = "serial,position,Q3,note\nW-0001,1,2.5 m³/h,x\n0012345,2,4.0,\n"


def read(path, content=None):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    diagnostics = Diagnostics()
    return read_batch(path, diagnostics), diagnostics.items


@pytest.fixture
def csv(tmp_path):
    return tmp_path / "batch.csv"


def workbook(path, rows, formats=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats:
        book.active[cell].number_format = number_format
    book.save(path)
    return path


def told(items):
    return [(item.code, item.span.line, item.span.column) for item in items]


# -- what is read ------------------------------------------------------------------------------


def test_a_row_has_its_serial_position_and_every_other_column_as_written(csv):
    batch, items = read(csv, GOOD)
    assert not items
    assert batch.headers == ("serial", "position", "Q3", "note")
    first, second = batch.rows
    assert (first.serial, first.position, first.row) == ("W-0001", 1, 2)
    assert second.cells["serial"].text == "0012345"
    cell = first.cells["Q3"]
    assert (cell.text, cell.row, cell.column, cell.header) == ("2.5 m³/h", 2, 10, "Q3")
    assert batch.source.line(2)[cell.column - 1 :].startswith(cell.text)
    assert batch.span(cell).end_column == 18
    assert batch.source_name == str(csv)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_office_program_may_have_written_it(csv, encoding, separator, end):
    rows = [("表号", "表位", "备注"), ("冷水-01", "3", "西门, 2")]
    lines = [separator.join(f'"{c}"' if "," in c else c for c in row) for row in rows]
    batch, items = read(csv, (end.join(lines) + end).encode(encoding))
    assert not items
    assert batch.headers == ("serial", "position", "备注")
    assert (batch.rows[0].serial, batch.rows[0].position) == ("冷水-01", 3)
    assert batch.rows[0].cells["备注"].text == "西门, 2"


@pytest.mark.parametrize("header", ["Serial", " SERIAL NO. ", "S/N", "出厂编号", "ｓｅｒｉａｌ"])
def test_the_serial_column_has_many_names(csv, header):
    batch, items = read(csv, f"{header},Q3\nA1,2.5\n")
    assert not items
    assert batch.headers == ("serial", "Q3")


def test_quoted_cells_hold_separators_quotes_and_line_breaks(csv):
    batch, _ = read(csv, 'serial,note\n"A ""1""","one,\ntwo"\nB,x\n')
    first, second = batch.rows
    assert first.serial == 'A "1"'
    assert first.cells["note"].text == "one,\ntwo"
    assert second.cells["note"].row == 4


def test_blank_lines_blanks_around_cells_and_empty_last_columns_do_not_matter(csv):
    batch, items = read(csv, "\nserial , Q3,,\n\n A1 , 2.5 ,,\n,,,\n")
    assert not items
    assert batch.headers == ("serial", "Q3")
    assert [row.serial for row in batch.rows] == ["A1"]
    assert batch.rows[0].row == 4


def test_excels_own_habits_are_known(csv):
    batch, items = read(csv, 'sep=;\nserial;Q3\n="0012";2,5\n')
    assert not items
    assert (batch.rows[0].serial, batch.rows[0].row) == ("0012", 3)
    assert batch.rows[0].cells["Q3"].text == "2,5"


def test_a_position_may_be_left_out(csv):
    batch, items = read(csv, "serial,position\nA,\nB,\n")
    assert not items
    assert [row.position for row in batch.rows] == [None, None]
    batch, _ = read(csv, "serial\nA\n")
    assert batch.rows[0].position is None


# -- mistakes ----------------------------------------------------------------------------------


def test_all_mistakes_are_told_at_once_with_row_and_column(csv):
    batch, items = read(
        csv, "serial,position,Q3\nA,1,2.5\nA,1,2.5\n,x,2.5\nB,0\nC,3,2.5,extra\n1.2E+12,4,1\n"
    )
    assert batch is None
    assert told(items) == [
        ("E403", 3, 1),
        ("E404", 3, 3),
        ("E403", 4, 1),
        ("E404", 4, 2),
        ("E402", 5, 3),
        ("E404", 5, 3),
        ("E402", 6, 9),
        ("E403", 7, 1),
    ]
    assert items[0].also[0].line == 2
    assert items[1].also[0].line == 2
    assert f"{csv}:7:1: E403" in render(items, format="concise", language="zh")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("", "E401", "empty"),
        ("\n \n", "E401", "empty"),
        ("serial,Q3\n", "E401", "no unit under test"),
        ("seriel,Q3\nA,1\n", "E401", "is it `seriel`"),
        ("Q3\n1\n", "E401", "no column `serial`"),
        ("serial,Q3,Q3\nA,1,2\n", "E401", "`Q3` appears twice"),
        ("serial,表号\nA,B\n", "E401", "`serial` appears twice"),
        ("serial,,Q3\nA,x,1\n", "E402", "without a header"),
        ('serial,Q3\n"A,1\n', "E405", "quotation"),
        ('serial,Q3\n"A"b,1\n', "E405", "quotation"),
        ("serial,Q3\nA,1\0\n", "E005", "control character"),
        ("serial" + "," * 300 + "\n", "E004", "columns"),
        ("serial\n" + "A\n" * 10_001, "E004", "rows"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(csv, content, code, said):
    batch, items = read(csv, content)
    assert batch is None
    assert items[0].code == code
    assert said in render(items, format="concise")
    assert render(items, language="zh")


@pytest.mark.parametrize(
    "junk",
    [b"%PDF-1.7\x00\x01", b"\x89PNG\r\n\x1a\n\x00", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\xff\xff\xff"],
)
def test_a_file_of_another_kind_is_refused(csv, junk):
    batch, items = read(csv, junk)
    assert batch is None
    assert [item.code for item in items] == ["E005"]


def test_a_missing_batch_is_told(tmp_path):
    batch, items = read(tmp_path / "nope.csv")
    assert batch is None
    assert [item.code for item in items] == ["E005"]


@pytest.mark.parametrize(
    "content",
    [
        b'"' + b"a" * 9_999_000,
        b"," * 9_999_000,
        b"\n" * 9_999_000,
        b'""' * 4_999_000,
        b"a" * 10_000_001,
        b"serial\n" + b'"a\n' * 3_000_000,
    ],
)
def test_a_hostile_table_is_refused_at_once(csv, content):
    csv.write_bytes(content)
    started = time.process_time()
    batch, items = read(csv)
    assert batch is None
    assert 1 <= len(items) <= 2
    assert len(render(items)) < 2000
    assert time.process_time() - started < 2  # about 0.3 s on a quiet machine


# -- XLSX --------------------------------------------------------------------------------------


def test_a_workbook_is_read_as_it_is_shown(tmp_path):
    path = workbook(
        tmp_path / "b.xlsx",
        [
            ["表号", "表位", "Q3", "due", "ok"],
            [12345, 1, 2.5, datetime.datetime(2026, 1, 31), True],
            ["W-2", 2.0, "4 m³/h", datetime.datetime(2026, 1, 31, 8, 30), None],
        ],
        [("A2", "0000000")],
    )
    batch, items = read(path)
    assert not items
    assert batch.headers == ("serial", "position", "Q3", "due", "ok")
    texts = [[cell.text for cell in row.cells.values()] for row in batch.rows]
    assert texts == [
        ["0012345", "1", "2.5", "2026-01-31", "true"],
        ["W-2", "2", "4 m³/h", "2026-01-31T08:30:00", ""],
    ]
    cell = batch.rows[1].cells["Q3"]
    assert (cell.row, cell.column) == (3, 3)


def test_a_workbook_is_known_by_its_content_not_by_its_name(csv):
    workbook(csv, [["serial"], ["A"]])
    batch, items = read(csv)
    assert not items
    assert batch.rows[0].serial == "A"


def test_mistakes_in_a_workbook_have_row_and_column_of_the_sheet(tmp_path):
    path = workbook(
        tmp_path / "b.xlsx",
        [
            ["serial", "position", "x"],
            ["A", 1, "#N/A"],
            ["A", "left", None, "stray"],
            [1234567890123456, 3],
        ],
    )
    book = openpyxl.load_workbook(path)
    book.active["C2"].data_type = "e"
    book.save(path)
    batch, items = read(path)
    assert batch is None
    assert told(items) == [
        ("E405", 2, 3),
        ("E403", 3, 1),
        ("E404", 3, 2),
        ("E402", 3, 4),
        ("E405", 4, 1),
    ]
    assert "b.xlsx:3:2" in render(items)


def test_a_formula_without_its_value_and_an_error_are_named_by_their_cell(tmp_path):
    rows = [["serial", "Q3"], ["A", "=2+0.5"], ["B", "#N/A"]]
    batch, items = read(workbook(tmp_path / "b.xlsx", rows))
    assert batch is None
    assert told(items) == [("E405", 2, 2), ("E405", 3, 2)]
    assert [item.message.args["cell"] for item in items] == ["B2", "B3"]
    batch, items = read(tmp_path / "b.csv", "serial,Q3\nA,#N/A\n")
    assert told(items) == [("E405", 2, 3)]


def test_rows_of_a_workbook_may_end_early(tmp_path):
    path = workbook(tmp_path / "b.xlsx", [["serial", "Q3"], ["A"], [], ["B", 4]])
    batch, items = read(path)
    assert not items
    assert [row.cells["Q3"].text for row in batch.rows] == ["", "4"]


def test_a_damaged_workbook_is_told(tmp_path):
    path = workbook(tmp_path / "b.xlsx", [["serial"], ["A"]])
    data = path.read_bytes()
    for damaged in (data[:50], data[:-200], data.replace(b"sheet1", b"sheet9"), b"PK\x03\x04"):
        batch, items = read(path, damaged)
        assert batch is None
        assert [item.code for item in items] == ["E005"]


def test_a_workbook_that_unpacks_to_far_too_much_is_refused_unread(tmp_path):
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 101_000_000)
    batch, items = read(path)
    assert batch is None
    assert [item.code for item in items] == ["E004"]


# -- any file ----------------------------------------------------------------------------------

PIECES = ["serial", "position", "A", "1", ",", ";", "\t", "\n", "\r\n", '"', "=", "表号", " ", "\0"]


@settings(max_examples=200)
@given(
    st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map(lambda p: "".join(p).encode())
)
def test_any_bytes_are_a_batch_or_diagnostics(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    batch, items = read(path, content)
    assert (batch is None) == bool(items)
    assert bool(render(items, language="zh")) == bool(items)
    if batch:
        assert all(row.serial for row in batch.rows)
        assert len({row.serial for row in batch.rows}) == len(batch.rows) > 0


def small_workbook():
    buffer = io.BytesIO()
    workbook(buffer, [["serial", "position"], ["A", 1], ["B", 2]])
    return buffer.getvalue()


WORKBOOK = small_workbook()


@settings(max_examples=60)
@given(st.data())
def test_a_mutated_workbook_is_a_batch_or_diagnostics(tmp_path_factory, data):
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "any.xlsx"
    batch, items = read(path, bytes(content))
    assert (batch is None) == bool(items)
