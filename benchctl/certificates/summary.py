"""The summary sheet of certificates that were issued together: units by items, with counts.

row = summary_row(documents, "W-1", number="2026-00001", file="2026-00001.pdf")
pdf = summary_pdf([row, ...], lab_settings(folder), languages=("zh", "en"))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from benchctl.certificates import numbers
from benchctl.certificates.content import number_of
from benchctl.certificates.dates import local_day
from benchctl.certificates.model import JSON, Text
from benchctl.certificates.order import ordered
from benchctl.certificates.pdf import qr_of, set_pages
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words

MOST_POINTS = 9
"""Points that stand in columns of their own; of more only the worst one is told."""
VERDICTS = ("pass", "fail", "indeterminate", "not_measured")


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A unit on the sheet: its cells by column, each with its heading in every language.

    `number` is "" for a unit that bears no certificate, `why` then says why not.
    """

    serial: str
    model: str
    client: str
    day: date
    basis: Text
    cells: tuple[tuple[Text, Text], ...]
    verdict: str | None
    number: str
    file: str
    dcc_sha256: str
    simulated: bool
    why: Text = ()


def summary_row(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    *,
    number: str | None = None,
    file: str = "",
    dcc_sha256: str = "",
    why: Text = (),
) -> SummaryRow:
    """Return a unit's row.

    Args:
        documents: the result document of its run in each language, in the sheet's order.
        serial: its serial number.
        lab: the lab's data.
        number: of its certificate, "" where it has none; by default that of its results.
        file: the certificate's file, beside the sheet.
        dcc_sha256: hash of its DCC.
        why: why it has no certificate.
    """
    words = Words(tuple(documents))
    first = next(iter(documents.values()))
    units = [next(u for u in d["uuts"] if u["serial"] == serial) for d in documents.values()]
    titles = [str(d["procedure"]["title"]) for d in documents.values()]
    standard = str(first["procedure"].get("standard") or first["procedure"]["name"])
    return SummaryRow(
        serial=serial,
        model=ordered(units[0], "model"),
        client=ordered(units[0], "client"),
        day=local_day(str(first["finished"]), lab.utc_offset),
        basis=words.say("basis-of", standard=standard, title=tuple(titles)),
        cells=tuple(_cells(words, units[0], first["titles"])),
        verdict=units[0]["verdict"],
        number=number_of(first, serial) if number is None else number,
        file=file,
        dcc_sha256=dcc_sha256,
        simulated=bool(first["simulated"]),
        why=why,
    )


def _cells(words: Words, unit: JSON, titles: JSON) -> Iterable[tuple[Text, Text]]:
    """Give heading and text of each item and point that counts."""
    counting = [p for p in unit["points"] if not p.get("superseded")]
    for point in counting:
        if point["point"] is None:
            yield words.item(str(point["item"]), titles), _verdict(words, point["verdict"])
    points = [p for p in counting if p["point"] is not None]
    if len(points) > MOST_POINTS:
        good = sum(p["verdict"] == "pass" for p in points)
        yield words.say("points-passed"), words.same(f"{good} / {len(points)}")
        points = _worst(points)
    for point in points:
        head = words.same(f"{point['point']} / {point['unit'] or '1'}")
        known = numbers.printed(point["reported"])
        if point["verdict"] not in (None, "pass"):
            known += " ×" if point["error"] is not None else ""
        yield head, words.same(known)


def _worst(points: Sequence[JSON]) -> list[JSON]:
    """Return the point whose error takes the largest share of its limit."""
    known = [p for p in points if p["error"] is not None and any(p["mpe"] or ())]
    return [max(known, key=_share)] if known else []


def _share(point: JSON) -> float:
    return float(abs(point["error"])) / max(abs(float(e)) for e in point["mpe"] if e)


def _verdict(words: Words, verdict: str | None) -> Text:
    return words.say(f"verdict-{verdict}") if verdict else ("/",)


def summary_pdf(
    rows: Sequence[SummaryRow], lab: LabSettings, *, languages: Sequence[str] = ("zh", "en")
) -> bytes:
    """Return the sheet as PDF/A-3b.

    Raises:
        UsageError: typst is not installed, or there is no row.
        RefusedError: a character has no glyph.
    """
    pages = set_pages(_source(), summary_data(rows, lab, languages), day=rows[-1].day, name="")
    assert isinstance(pages, bytes)
    return pages


def summary_pictures(
    rows: Sequence[SummaryRow], lab: LabSettings, *, languages: Sequence[str] = ("zh", "en")
) -> list[bytes]:
    """Return every page of the sheet as PNG, to be looked at."""
    data = summary_data(rows, lab, languages)
    found = set_pages(_source(), data, day=rows[-1].day, name="", pictures=True)
    return list(found)


def _source() -> bytes:
    return resources.files("benchctl.certificates").joinpath("summary.typ").read_bytes()


def summary_data(
    rows: Sequence[SummaryRow], lab: LabSettings, languages: Sequence[str]
) -> dict[str, Any]:
    """Return what stands on the sheet as plain data."""
    words = Words(tuple(languages))
    say = words.say
    simulated = any(r.simulated for r in rows)
    days = sorted({r.day for r in rows})
    day = f"{days[0]} … {days[-1]}" if len(days) > 1 else f"{days[0]}"
    clients = sorted({r.client for r in rows if r.client})
    facts = [(say("date"), words.same(day))]
    if clients:
        facts.append((say("client"), words.same("; ".join(clients))))
    facts += [(say("units"), words.same(len(rows)))]
    facts += [
        (say(f"verdict-{v}"), words.same(n))
        for v in VERDICTS
        if (n := sum(r.verdict == v for r in rows))
    ]
    listed = hash_of(rows)
    return {
        "lab": words.of(lab.name) or ("",),
        "title": say("summary"),
        "specimen": Words(("zh", "en")).say("specimen") if simulated else (),
        "specimen_line": say("specimen-line") if simulated else (),
        "facts": facts,
        "groups": [_group(words, group, lab) for group in _groups(rows)],
        "page": say("page"),
        "end": say("end-of-summary"),
        "listed": say("listed", sha256=listed),
        "qr": qr_of(f"benchctl summary\n{len(rows)}\nsha256:{listed}"),
        "languages": list(languages),
        "date": [days[-1].year, days[-1].month, days[-1].day],
    }


def hash_of(rows: Sequence[SummaryRow]) -> str:
    """Return what fixes the list: SHA-256 over serial, verdict, number and DCC hash of each."""
    lines = [json.dumps([r.serial, r.verdict, r.number, r.dcc_sha256]) for r in rows]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _groups(rows: Sequence[SummaryRow]) -> list[list[SummaryRow]]:
    """Return the rows that have the same basis and columns together."""
    groups: dict[Any, list[SummaryRow]] = {}
    for row in rows:
        groups.setdefault((row.basis, tuple(head for head, _ in row.cells)), []).append(row)
    return list(groups.values())


def _group(words: Words, rows: Sequence[SummaryRow], lab: LabSettings) -> dict[str, Any]:
    say = words.say
    heads = [head for head, _ in rows[0].cells]
    lines = [
        [
            words.same(n),
            words.same(row.serial),
            words.same(row.model or "/"),
            *(text for _, text in row.cells),
            _verdict(words, row.verdict),
        ]
        for n, row in enumerate(rows, 1)
    ]
    passed = sum(r.verdict == "pass" for r in rows)
    return {
        "title": rows[0].basis,
        "count": say("count", units=len(rows), passed=passed),
        "head": [
            words.same("#"),
            say("serial"),
            say("model"),
            *heads,
            say("conclusion"),
            say("number"),
        ],
        "rows": lines,
        "numbers": [{"text": r.number, "link": _link(r, lab), "why": r.why} for r in rows],
        "bad": [n for n, r in enumerate(rows) if r.verdict not in (None, "pass")],
    }


def _link(row: SummaryRow, lab: LabSettings) -> str:
    if lab.verify_url and row.number and not row.simulated:
        return lab.verify_url.replace("{number}", row.number)
    return row.file
