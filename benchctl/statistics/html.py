"""A report as one HTML page that needs nothing else: no script, no picture or font of others."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from benchctl.statistics.report import Report, ReportTable, Section

_STYLE = """
body{font:14px/1.5 "Noto Sans CJK SC","Noto Sans SC",sans-serif;color:#1a1a1a;margin:2em auto;
max-width:1060px;padding:0 1em}
h1{font-size:1.7em;margin-bottom:.2em}h2{font-size:1.25em;margin-top:2em;border-bottom:1px solid
#bbb}h3{font-size:1em;margin:1.4em 0 .3em}
table{border-collapse:collapse;font-size:.92em;margin:.4em 0 1em}
th,td{border:1px solid #ccc;padding:.22em .6em;text-align:left;vertical-align:top}
th{background:#f0f0f0}tr.bad td{background:#fbe3e6}p.note{color:#555;margin:.3em 0}
p.specimen{color:#b00020;font-weight:bold;border:2px solid #b00020;padding:.5em}
div.charts{display:flex;flex-wrap:wrap;gap:1em}figure{margin:0}figcaption{font-size:.88em}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1em 1.2em}dt{color:#555}dd{margin:0}
@media print{h2,h3,figure,tr{break-inside:avoid}body{max-width:none}}
"""


def html_of(report: Report) -> str:
    """Return the page; the same report gives the same text."""
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(report.language)}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(report.title)}</h1><p>{escape(report.lab)}</p>",
    ]
    if report.specimen:
        parts.append(f'<p class="specimen">{escape(report.specimen)}</p>')
    parts.append("<dl>")
    parts += [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.facts]
    parts.append("</dl>")
    for section in report.sections:
        parts += _section(section)
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _section(section: Section) -> Iterator[str]:
    yield f"<h2>{escape(section.title)}</h2>"
    for note in section.notes:
        yield f'<p class="note">{escape(note)}</p>'
    for table in section.tables:
        yield from _table(table)
    if section.charts:
        yield '<div class="charts">'
        for chart in section.charts:
            yield f"<figure><figcaption>{escape(chart.title)}</figcaption>{chart.svg}</figure>"
        yield "</div>"


def _table(table: ReportTable) -> Iterator[str]:
    if table.title:
        yield f"<h3>{escape(table.title)}</h3>"
    yield "<table><thead><tr>"
    yield "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    yield "</tr></thead><tbody>"
    for n, row in enumerate(table.rows):
        opened = '<tr class="bad">' if n in table.bad else "<tr>"
        yield opened + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table>"
