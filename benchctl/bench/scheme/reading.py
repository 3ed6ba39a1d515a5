"""Reads a lab's scheme: every mistake at its place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from benchctl.bench.scheme.model import SchemePart, TermPart
from benchctl.bench.scheme.scheme import (
    Approved,
    Authorised,
    MeasurementStandard,
    Scheme,
    Term,
)
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.language import (
    Diagnostics,
    Document,
    Source,
    load_document,
    parse_document,
    validate,
)

Place = tuple[str | int, ...]

FILE = "scheme.yaml"
"""Its name in the lab's folder."""


def load_scheme(file: Path | Source, diagnostics: Diagnostics) -> Scheme | None:
    """Read a scheme; None where it has mistakes, which are in `diagnostics`."""
    before = len(diagnostics)
    if isinstance(file, Path):
        document = load_document(file, diagnostics)
    else:
        document = parse_document(file, diagnostics)
    part = None if document is None else validate(SchemePart, document, diagnostics)
    if document is None or part is None:
        return None
    scheme = _Reading(document, diagnostics).scheme(part)
    return scheme if len(diagnostics) == before else None


class _Reading:
    """One scheme while it is read."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics

    def wrong(self, message: Message, place: Place, hint: Message | None = None) -> None:
        span = self.document.span(self.document.nearest(place))
        self.diagnostics.error("E106", message, self.document.source, span, hint=hint)

    def scheme(self, part: SchemePart) -> Scheme:
        approved = [
            Approved(p.procedure, p.edition, p.sha256, self.term(p, ("procedures", n)))
            for n, p in enumerate(part.procedures)
        ]
        known = {p.procedure for p in approved}
        standards = []
        for name, s in part.measurement_standards.items():
            place: Place = ("measurement_standards", name)
            self.known(s.procedures, known, (*place, "procedures"))
            standards.append(
                MeasurementStandard(
                    *(name, s.certificate, s.authority, s.scope),
                    *(tuple(s.benches), tuple(s.procedures), self.term(s, place)),
                )
            )
        persons = []
        for n, person in enumerate(part.persons):
            self.known(person.procedures, known, ("persons", n, "procedures"))
            term = self.term(person, ("persons", n))
            persons.append(
                Authorised(person.name, tuple(person.procedures), tuple(person.roles), term)
            )
        text = self.document.source.text
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return Scheme(part.scheme, sha256, tuple(standards), tuple(approved), tuple(persons))

    def known(self, names: Iterable[str], known: set[str], place: Place) -> None:
        """Report procedures that the scheme does not approve anywhere."""
        for n, name in enumerate(names):
            if name not in known:
                near = closest(name, known)
                hint = msg("bench.did-you-mean", name=near) if near else None
                self.wrong(msg("scheme.unknown-procedure", procedure=name), (*place, n), hint)

    def term(self, part: TermPart, place: Place) -> Term:
        start = self.day(part.from_, (*place, "from"))
        until = None if part.until is None else self.day(part.until, (*place, "until"))
        ended = because = None
        if part.withdrawn is not None:
            ended = self.day(part.withdrawn.on, (*place, "withdrawn", "on"))
            because = part.withdrawn.because
        if start is not None and until is not None and until < start:
            self.wrong(msg("scheme.until-before-from"), (*place, "until"))
        if start is not None and ended is not None and ended < start:
            self.wrong(msg("scheme.withdrawn-before-from"), (*place, "withdrawn", "on"))
        return Term(start or date.min, until, ended, because or "")

    def day(self, text: str, place: Place) -> date | None:
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            self.wrong(msg("bench.no-date", text=text[:40]), place)
            return None
