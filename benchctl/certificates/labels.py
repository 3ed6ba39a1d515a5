"""Labels for verified and calibrated units: a sheet of stickers with QR codes, as PDF.

pdf = labels_pdf([Label("W-1", "2026-00001", "verification", day, until)], settings, start=1)

The sheet's grid is the lab's (`labels` in `certificates.yaml`); `start` says at which label a sheet
begins that was used in part already. What did not pass gets no label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib import resources
from typing import Any

from benchctl.certificates.dates import local_day, valid_until
from benchctl.certificates.model import JSON
from benchctl.certificates.pdf import qr_of, set_pages
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg


@dataclass(frozen=True, slots=True)
class Label:
    """What a sticker says; `kind` is `verification` or `calibration`, `until` "" without an end."""

    serial: str
    number: str
    kind: str
    day: date
    until: str = ""
    simulated: bool = False


def label_of(
    document: JSON, serial: str, lab: LabSettings, *, kind: str, number: str
) -> Label | None:
    """Return the label of a unit, None where its certificate is a notice that it failed.

    Args:
        document: the result document of its run.
        serial: its serial number.
        lab: the lab's data.
        kind: the kind of its certificate.
        number: its certificate's number.
    """
    if kind == "notice":
        return None
    day = local_day(str(document["finished"]), lab.utc_offset)
    months = lab.validity.get(str(document["procedure"]["name"]))
    until = valid_until(day, months).isoformat() if months and kind == "verification" else ""
    return Label(serial, number, kind, day, until, bool(document["simulated"]))


def labels_pdf(
    labels: Sequence[Label],
    lab: LabSettings,
    *,
    start: int = 1,
    languages: Sequence[str] = ("zh", "en"),
) -> bytes:
    """Return the sheets as PDF/A-3b.

    Args:
        labels: what the stickers say.
        lab: the lab's data, with the grid of its sheets.
        start: the place of the first label on the first sheet, from 1, row by row.
        languages: the languages of the words.

    Raises:
        UsageError: `start` lies beyond the sheet, or typst is not installed.
        RefusedError: a character has no glyph.
    """
    data = labels_data(labels, lab, start, languages)
    pages = set_pages(_source(), data, day=labels[-1].day, name="")
    assert isinstance(pages, bytes)
    return pages


def labels_pictures(
    labels: Sequence[Label],
    lab: LabSettings,
    *,
    start: int = 1,
    languages: Sequence[str] = ("zh", "en"),
) -> list[bytes]:
    """Return every sheet as PNG, to be looked at."""
    data = labels_data(labels, lab, start, languages)
    return list(set_pages(_source(), data, day=labels[-1].day, name="", pictures=True))


def _source() -> bytes:
    return resources.files("benchctl.certificates").joinpath("labels.typ").read_bytes()


def labels_data(
    labels: Sequence[Label], lab: LabSettings, start: int, languages: Sequence[str]
) -> dict[str, Any]:
    """Return what stands on the sheets as plain data, one list of places for each sheet.

    Raises:
        UsageError: `start` lies beyond the sheet.
    """
    words, grid = Words(tuple(languages)), lab.labels
    size = grid.columns * grid.rows
    if not 1 <= start <= size:
        raise UsageError(msg("certificates.label-start", start=start, most=size))
    places: list[dict[str, Any] | None] = [None] * (start - 1)
    places += [_place(words, label, lab) for label in labels]
    last = labels[-1].day
    return {
        "grid": asdict(grid),
        "sheets": [places[n : n + size] for n in range(0, len(places), size)],
        "title": words.say("labels"),
        "languages": list(languages),
        "date": [last.year, last.month, last.day],
    }


def _place(words: Words, label: Label, lab: LabSettings) -> dict[str, Any]:
    say = words.say
    facts = [(say("serial"), label.serial)]
    calibrated = label.kind == "calibration"
    facts.append((say("calibrated-on" if calibrated else "verified-on"), label.day.isoformat()))
    if label.until:
        facts.append((say("valid-until"), label.until))
    facts.append((say("number"), label.number))
    address = lab.verify_url.replace("{number}", label.number) if lab.verify_url else ""
    code = address or "\n".join((label.number, label.serial))
    return {
        "lab": words.of(lab.name)[:1],
        "title": say(f"label-{label.kind}"),
        "facts": [(name[:1], value) for name, value in facts],
        "specimen": Words(("zh", "en")).say("specimen") if label.simulated else (),
        "qr": qr_of(code),
        "alt": code,
    }
