"""The run sheet as one HTML file for an A4 page, without anything from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from benchctl.cli.sheet import Picture, Row, Sheet

_STYLE = """
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { font: 9pt/1.3 "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC",
       "WenQuanYi Zen Hei", sans-serif; max-width: 186mm; margin: 0 auto; color: #111 }
h1 { font-size: 15pt; margin: 0 0 2mm }
h2 { font-size: 9.5pt; margin: 4mm 0 1mm }
.simulated { border: .6mm solid #b00; color: #b00; font-weight: 700; padding: 1mm 3mm;
             margin: 0 0 3mm }
dl { display: grid; grid-template-columns: fit-content(40mm) 1fr fit-content(40mm) 1fr;
     gap: .3mm 3mm; margin: 0 0 4mm }
dt { color: #555; overflow-wrap: anywhere }
dd { margin: 0; overflow-wrap: anywhere }
dd.long { grid-column: 2 / -1 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { border-bottom: .2mm solid #bbb; padding: .35mm 1.5mm; text-align: right;
         white-space: nowrap }
th { border-bottom: .4mm solid #111; font-weight: 600 }
tr.limits td { color: #555; border-bottom: .4mm solid #111 }
.units th:nth-child(2), .units td:nth-child(2), .units th:last-child, .units td:last-child
  { text-align: left }
.units td:nth-child(2) { font-family: ui-monospace, "DejaVu Sans Mono", monospace }
.turned { margin-bottom: 4mm }
.turned th:first-child, .turned td:first-child { text-align: left }
.turned td:nth-child(2) { color: #555 }
.turned th { overflow-wrap: anywhere; white-space: normal }
tr.verdict td { border-top: .4mm solid #111; font-weight: 700 }
tr.fail { font-weight: 700 }
tr.fail td:last-child { background: #f6d5d5 }
tr.not_measured td:last-child, tr.indeterminate td:last-child { background: #fbefc9 }
thead { display: table-header-group }
tr, li, .sign { break-inside: avoid }
.ending { font-weight: 700; margin: 2mm 0 0 }
ul { margin: 0; padding: 0; list-style: none }
li { padding-left: 4mm; text-indent: -4mm; overflow-wrap: anywhere }
.shown { display: flex; flex-wrap: wrap; gap: 4mm }
figure { margin: 0; max-width: 88mm; break-inside: avoid }
figure img { width: 60mm; max-height: 60mm; object-fit: contain }
figcaption { color: #555 }
.sign { display: flex; gap: 8mm; margin-top: 12mm }
.sign div { flex: 1; border-top: .3mm solid #111; padding-top: 1mm; color: #555 }
footer { margin-top: 5mm; font-size: 7pt; color: #555; overflow-wrap: anywhere }
@media screen { body { padding: 12mm; max-width: 210mm } }
@media (max-width: 720px) {
  dl { grid-template-columns: fit-content(40mm) 1fr }
  body { padding: 4mm } }
"""
_LONG = 36
"""Characters of a value that gets a line of its own."""
_BESIDE = 3
"""Columns of a unit's line that are no results: position, serial number, verdict."""
_WIDE = 10
"""So many results of a unit stand beside each other on a page."""
_ABREAST = 6
"""Units beside each other where a point has a line."""
_LANGUAGES = {"zh": "zh-CN"}


def html(sheet: Sheet) -> str:
    """Return a sheet as an HTML document."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    language = _LANGUAGES.get(sheet.language, sheet.language)
    yield f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    yield "img-src data:; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(sheet.title)} {escape(sheet.facts[0][1])}</title>"
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{escape(sheet.title)}</h1>"
    if sheet.simulated:
        yield f'<p class="simulated">{escape(sheet.simulated)}</p>'
    yield "<dl>"
    for label, value in sheet.facts:
        long = ' class="long"' if len(value) > _LONG else ""
        yield f"<dt>{escape(label)}</dt><dd{long}>{escape(value)}</dd>"
    yield "</dl>"
    yield from _tables(sheet)
    yield f'<p class="ending">{escape(sheet.ending)}</p>'
    for heading, lines in zip(sheet.headings, (sheet.reasons, sheet.incidents), strict=True):
        yield from _list(heading, lines)
    if sheet.pictures:
        yield f'<h2>{escape(sheet.shown)}</h2>\n<div class="shown">'
        yield from (_figure(picture) for picture in sheet.pictures)
        yield "</div>"
    names = "".join(f"<div>{escape(name)}</div>" for name in sheet.signatures)
    yield f'<div class="sign">{names}</div>'
    yield f"<footer>{escape(sheet.foot)}</footer>\n</body>\n</html>"


def _tables(sheet: Sheet) -> Iterator[str]:
    """Give one table with a line for each unit; of many points, tables with a line for each."""
    limits = tuple(text.replace("+-", "±") for text in sheet.limits)
    if len(sheet.head) - _BESIDE <= _WIDE:
        yield from _table(sheet.head, limits, sheet.rows)
        return
    last = len(sheet.head) - 1
    for first in range(0, max(len(sheet.rows), 1), _ABREAST):
        units = sheet.rows[first : first + _ABREAST]
        head = ("", sheet.limits[1], *(" ".join(unit.cells[:2]) for unit in units))
        points = [
            Row((sheet.head[i], limits[i], *(unit.cells[i] for unit in units)), None)
            for i in range(2, last)
        ]
        verdicts = Row((sheet.head[last], "", *(unit.cells[last] for unit in units)), "verdict")
        yield from _table(head, (), [*points, verdicts], "turned")


def _table(
    head: tuple[str, ...], limits: tuple[str, ...], rows: Sequence[Row], kind: str = "units"
) -> Iterator[str]:
    yield f'<table class="{kind}">\n<thead>'
    yield _row(Row(head, None), "th")
    if limits:
        yield _row(Row(limits, "limits"), "td")
    yield "</thead>\n<tbody>"
    for row in rows:
        yield _row(row, "td")
    yield "</tbody>\n</table>"


def _figure(picture: Picture) -> str:
    name, ask = escape(picture.name), escape(picture.ask)
    return (
        f'<figure><img alt="{name}" src="{escape(picture.data)}"><figcaption>{ask}</figcaption>'
        "</figure>"
    )


def _row(row: Row, tag: str) -> str:
    cells = "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row.cells)
    kind = f' class="{escape(row.verdict)}"' if row.verdict else ""
    return f"<tr{kind}>{cells}</tr>"


def _list(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"<h2>{escape(heading)}</h2>\n<ul>"
    for line in lines:
        yield f"<li>{escape(line.strip())}</li>"
    yield "</ul>"
