"""The lab's verification scheme before a run: a verification outside of it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.bench.scheme import FILE, Edition, Scheme, load_scheme
from benchctl.core.clock import utc_now
from benchctl.core.events import SchemeApplied
from benchctl.core.messages import Message, msg
from benchctl.engine.refusals import Refusal
from benchctl.language import Diagnostics

if TYPE_CHECKING:
    from benchctl.engine.prepare import Files


def scheme_of(lab: Path | None, diagnostics: Diagnostics) -> Scheme | None:
    """Return the scheme in a lab's folder, None where it has none, or one with mistakes."""
    if lab is None or not (lab / FILE).is_file():
        return None
    return load_scheme(lab / FILE, diagnostics)


def outside_scheme(files: Files, person: str) -> list[Refusal]:
    """Return why a verification lies outside of the lab's scheme; nothing where it has none."""
    if files.scheme is None or files.request.service != "verification":
        return []
    reasons = files.scheme.outside(
        utc_now().date(), person=person, edition=edition_of(files), bench=files.bench.name
    )
    return [Refusal("", msg("scheme.outside", what=what)) for what in reasons]


def scheme_applied(files: Files, person: str) -> list[SchemeApplied]:
    """Return under what a verification is made, for the record."""
    if files.scheme is None or files.request.service != "verification":
        return []
    day = utc_now().date()
    edition, bench = edition_of(files), files.bench.name
    if files.scheme.outside(day, person=person, edition=edition, bench=bench):
        return []
    said = files.scheme.as_json(day, person=person, edition=edition, bench=bench)
    return [SchemeApplied(said)]


def may_operate(files: Files, person: str) -> Message | None:
    """Return why a person may not take over a run as its operator, None where they may."""
    if files.scheme is None or files.request.service != "verification":
        return None
    day, name = utc_now().date(), files.procedure.name
    return files.scheme.unauthorised(day, person, name, "operator")


def edition_of(files: Files) -> Edition:
    """Return the procedure as it is used."""
    procedure = files.procedure
    return Edition(procedure.name, procedure.standard.title, procedure.sha256)
