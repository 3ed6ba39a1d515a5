"""Workbooks cell by cell: what openpyxl reads, and what spreadsheets write that it does not."""

import datetime
import io
import zipfile
from xml.parsers import expat

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.language import Diagnostics
from benchctl.language.tables import read_xlsx
from benchctl.language.worksheets import SheetCell, column_name, sheet_rows

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
VALUE = st.one_of(
    st.none(),
    TEXT.map(lambda t: t[:30]).filter(lambda t: not t.startswith("=")),
    st.integers(-(10**15), 10**15),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.booleans(),
    st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2090, 1, 1)).map(
        lambda d: d.replace(microsecond=0)
    ),
    st.dates(datetime.date(1950, 1, 1), datetime.date(2090, 1, 1)),
)


def saved(book):
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(VALUE, max_size=6), min_size=1, max_size=6))
def test_every_cell_is_what_openpyxl_reads(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = saved(book)
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
    expected = {
        (cell.row, cell.column): (cell.value, cell.data_type == "e")
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    found = {
        (number, cell.column): (cell.value, cell.error)
        for number, cells in sheet_rows(data)
        for cell in cells
    }
    blank = {place for place, (value, _) in found.items() if value == ""}
    assert {k: v for k, v in found.items() if k not in blank} == expected


def test_formats_are_told_and_dates_of_either_epoch_are_dates():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    sheet = book.active
    sheet["B2"], sheet["C2"], sheet["D2"] = 42, datetime.date(2026, 1, 31), 0.5
    sheet["B2"].number_format = "00000"
    sheet["D2"].number_format = "[h]:mm"
    ((number, cells),) = sheet_rows(saved(book))
    assert number == 2
    assert cells[0] == SheetCell(2, 42, "00000")
    assert cells[1].value == datetime.datetime(2026, 1, 31)
    assert cells[2].value == datetime.timedelta(hours=12)


PARTS = {
    "_rels/.rels": '<Relationships xmlns="r"><Relationship Id="a" Type="x/officeDocument" '
    'Target="/office/book.xml"/></Relationships>',
    "office/book.xml": '<workbook xmlns="m" xmlns:r="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships"><sheets><sheet r:id="c"/><sheet r:id="b"/></sheets>'
    "</workbook>",
    "office/_rels/book.xml.rels": '<Relationships xmlns="r">'
    '<Relationship Id="c" Type="x/chartsheet" Target="chart.xml"/>'
    '<Relationship Id="b" Type="x/worksheet" Target="sheets/one.xml"/>'
    '<Relationship Id="t" Type="x/sharedStrings" Target="/office/texts.xml"/></Relationships>',
    "office/texts.xml": '<sst xmlns="m"><si><t>plain</t></si><si><r><t>表</t></r><r><t>号</t></r>'
    "<rPh><t>biaohao</t></rPh></si></sst>",
}


def by_hand(rows, before=""):
    """A workbook as no library writes it: other paths, a chart first, rich text."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        sheet = f'{before}<worksheet xmlns="m"><sheetData>{rows}</sheetData></worksheet>'
        archive.writestr("office/sheets/one.xml", sheet)
    return data.getvalue()


@pytest.mark.parametrize(
    ("cell", "value", "formula", "error"),
    [
        ('<c t="s"><v>0</v></c>', "plain", False, False),
        ('<c t="s"><v>1</v></c>', "表号", False, False),
        ('<c t="inlineStr"><is><t>a</t></is></c>', "a", False, False),
        ('<c t="inlineStr"><is> <t/> </is></c>', "", False, False),
        ('<c t="inlineStr"><is><r><t>表</t></r> <r><t> 号</t></r></is></c>', "表 号", False, False),
        (
            '<c t="inlineStr"><is><rPh><t>x</t></rPh><t>表</t><rPh><t>y</t></rPh></is></c>',
            "表",
            False,
            False,
        ),
        ('<x:c xmlns:x="m" t="str"> <x:v>a&amp;b<!-- c --></x:v> </x:c>', "a&b", False, False),
        ('<c t="str"><f>A1</f><v>shown</v></c>', "shown", True, False),
        ("<c><f>1+1</f><v>2</v></c>", 2, True, False),
        ("<c><f>1+1</f></c>", None, True, False),
        ('<c t="e"><v>#REF!</v></c>', "#REF!", False, True),
        ('<c t="b"><v>1</v></c>', True, False, False),
        ("<c><v>1.5E3</v></c>", 1500.0, False, False),
        ('<c t="d"><v>2026-01-31</v></c>', datetime.date(2026, 1, 31), False, False),
    ],
)
def test_cells_of_every_kind(cell, value, formula, error):
    ((number, cells),) = sheet_rows(by_hand(f"<row>{cell}</row>"))
    assert (number, cells) == (1, [SheetCell(1, value, formula=formula, error=error)])


def test_rows_and_cells_without_their_place_follow_one_another():
    rows = '<row r="3"><c><v>1</v></c><c r="D3"><v>2</v></c><c><v>3</v></c></row>'
    rows += "<row><c/><c><v>4</v></c></row>"
    found = [(n, [(c.column, c.value) for c in cells]) for n, cells in sheet_rows(by_hand(rows))]
    assert found == [(3, [(1, 1), (4, 2), (5, 3)]), (4, [(2, 4)])]


def test_a_long_sheet_is_read_to_its_last_row_and_a_cut_one_is_damaged():
    rows = "".join(f"<row><c t='str'><v>表 {n}</v></c></row>" for n in range(9000))
    found = list(sheet_rows(by_hand(rows)))
    assert [number for number, _ in found] == list(range(1, 9001))
    assert [cells[0].value for _, cells in found] == [f"表 {n}" for n in range(9000)]
    with pytest.raises(expat.ExpatError):
        list(sheet_rows(by_hand(f"{rows}<row>")))


def test_a_sheet_with_a_document_type_is_refused():
    entity = "<!DOCTYPE worksheet [<!ENTITY e 'x'>]>"
    data = by_hand("<row><c t='str'><v>&e;</v></c></row>", before=entity)
    with pytest.raises(ValueError, match="document type"):
        list(sheet_rows(data))
    told = Diagnostics()
    assert read_xlsx(data, "a.xlsx", told, most_rows=10) is None
    assert [d.code for d in told.items] == ["E005"]


@pytest.mark.parametrize("column", [1, 26, 27, 52, 702, 703, 16384])
def test_columns_are_named_as_spreadsheets_name_them(column):
    assert column_name(column) == openpyxl.utils.get_column_letter(column)
