"""The first sheet of an XLSX workbook, cell by cell, as it was saved: quick, in one pass.

    for number, cells in sheet_rows(data):
        cells[0].value, cells[0].format, cells[0].formula

openpyxl makes an object with its style of every cell and has to read a sheet twice to tell formulas
from their values: some ten times slower. Number formats and dates are still understood by it.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from xml.etree import ElementTree

from benchctl.language.sheet_xml import WrittenCell, written_rows

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "/worksheet"
_GENERAL = "General"


class SheetCell(NamedTuple):
    """A cell that holds something; `column` counts from 1. A tuple, as there are very many.

    `value` is a text, a number, a truth value, a date or time, or None for a formula that was never
    computed. `error` is whether the value is what is shown where a formula went wrong.
    """

    column: int
    value: Any
    format: str = _GENERAL
    formula: bool = False
    error: bool = False


def column_name(column: int) -> str:
    """Return what a spreadsheet calls a column: 1 is A, 28 is AB."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def sheet_rows(data: bytes) -> Iterator[tuple[int, list[SheetCell]]]:
    """Give number and cells of the rows of the first sheet that hold something.

    Raises:
        Exception: anything, where the workbook is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _Book(archive)
        with archive.open(book.first_sheet()) as sheet:
            yield from book.rows(sheet)


class _Book:
    """The parts of a workbook that its cells refer to."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.path = self._target("_rels/.rels", "", "/officeDocument")
        self.root = ElementTree.fromstring(archive.read(self.path))
        folder, name = posixpath.split(self.path)
        self.relations = f"{folder}/_rels/{name}.rels"
        settings = next(_all(self.root, "workbookPr"), None)
        self.mac = settings is not None and settings.get("date1904") in ("1", "true")
        self.texts = self._shared_texts()

    def first_sheet(self) -> str:
        wanted = [s.get(f"{{{_OFFICE}}}id") for s in _all(self.root, "sheet")]
        found = {r.get("Id"): r for r in self._relations() if str(r.get("Type")).endswith(_SHEET)}
        relation = next(found[id_] for id_ in wanted if id_ in found)
        return self._absolute(str(relation.get("Target")))

    def rows(self, sheet: Any) -> Iterator[tuple[int, list[SheetCell]]]:
        number = 0
        for named, written in written_rows(sheet):
            number = int(named or number + 1)
            yield number, list(self._cells(written))

    def _cells(self, row: list[WrittenCell]) -> Iterator[SheetCell]:
        column = 0
        for name, kind, style, text, formula, inline in row:
            column = _column(name.rstrip("0123456789")) if name else column + 1
            if kind == "inlineStr":
                if inline is not None:
                    yield SheetCell(column, inline, _GENERAL, formula)
                elif formula:
                    yield SheetCell(column, None, formula=True)
            elif kind == "s" and text is not None:
                yield SheetCell(column, self.texts[int(text)], _GENERAL, formula)
            elif text is not None:
                yield self._other(column, kind, style, text, formula)
            elif formula:
                yield SheetCell(column, None, formula=True)

    def _other(self, column: int, kind: str, style: str, text: str, formula: bool) -> SheetCell:
        if kind == "b":
            return SheetCell(column, text.strip() in ("1", "true"), formula=formula)
        if kind == "e":
            return SheetCell(column, text, formula=formula, error=True)
        if kind == "n":
            return self._number(text, style, column, formula)
        return SheetCell(column, _day(text) if kind == "d" else text, formula=formula)

    def _number(self, text: str, style: str, column: int, formula: bool) -> SheetCell:
        value = float(text) if any(c in text for c in ".eE") else int(text)
        form, date, elapsed = self.formats[int(style)] if style else (_GENERAL, False, False)
        if not date:
            return SheetCell(column, value, form, formula)
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

        epoch = MAC_EPOCH if self.mac else WINDOWS_EPOCH
        try:
            return SheetCell(column, from_excel(value, epoch, timedelta=elapsed), form, formula)
        except (OverflowError, ValueError):
            return SheetCell(column, "#VALUE!", form, formula, error=True)

    def _shared_texts(self) -> list[str]:
        path = self._found("/sharedStrings")
        if path is None:
            return []
        found = []
        with self.archive.open(path) as part:
            for _, element in ElementTree.iterparse(part, events=("end",)):
                if element.tag.endswith("}si"):
                    found.append(_text_of(element))
                    element.clear()
        return found

    @cached_property
    def formats(self) -> list[tuple[str, bool, bool]]:
        """Return the number format of each style, whether it is a date, or elapsed time."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

        path = self._found("/styles")
        if path is None:
            return [(_GENERAL, False, False)]
        root = ElementTree.fromstring(self.archive.read(path))
        named = dict(BUILTIN_FORMATS)
        named |= {
            int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in _all(root, "numFmt")
        }
        styles = next(_all(root, "cellXfs"), None)
        forms = [
            named.get(int(e.get("numFmtId") or 0), _GENERAL)
            for e in (styles if styles is not None else ())
        ]
        return [(f, is_date_format(f), is_timedelta_format(f)) for f in forms]

    def _relations(self) -> list[Any]:
        return list(ElementTree.fromstring(self.archive.read(self.relations)))

    def _found(self, ending: str) -> str | None:
        for relation in self._relations():
            if str(relation.get("Type")).endswith(ending):
                return self._absolute(str(relation.get("Target")))
        return None

    def _absolute(self, target: str) -> str:
        folder = "" if target.startswith("/") else posixpath.dirname(self.path)
        return posixpath.normpath(posixpath.join(folder, target.lstrip("/")))

    def _target(self, relations: str, folder: str, ending: str) -> str:
        root = ElementTree.fromstring(self.archive.read(relations))
        found = next(r for r in root if str(r.get("Type")).endswith(ending))
        return posixpath.join(folder, str(found.get("Target")).lstrip("/"))


def _all(root: Any, name: str) -> Iterator[Any]:
    return (e for e in root.iter() if e.tag.endswith(f"}}{name}"))


def _text_of(element: Any) -> str:
    """Return a text with its runs, without the phonetic guides that some of them have."""
    found = []
    for part in element:
        if part.tag.endswith("}t"):
            found.append(part.text or "")
        elif part.tag.endswith("}r"):
            found += [t.text or "" for t in part if t.tag.endswith("}t")]
    return "".join(found)


def _day(text: str) -> Any:
    from openpyxl.utils import datetime as days

    read: Callable[[str], Any] = days.from_ISO8601
    return read(text)


@lru_cache(maxsize=1024)
def _column(name: str) -> int:
    """Return the number of a column, 1 for A."""
    column = 0
    for character in name:
        column = column * 26 + ord(character) - 64
    return column
