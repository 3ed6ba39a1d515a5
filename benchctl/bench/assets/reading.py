"""Reads an asset's file: every mistake at its place, with its own sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchctl.bench.assets.model import AssetPart, CertificatePart, WordsPart
from benchctl.bench.certificate import Certified, Condition, Standard
from benchctl.bench.certificate_reading import YEAR, Certificates
from benchctl.core.messages import Message, msg
from benchctl.language import (
    Diagnostics,
    Document,
    Source,
    load_document,
    parse_document,
    validate,
)

Place = tuple[str | int, ...]

LONGEST_YEARS = 10.0
"""A certificate that would hold longer has a wrong date."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: number, issuer, dates, and under which conditions it holds."""

    number: str
    issuer: str
    issued: date
    due: date
    conditions: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset with its certificate; texts are by language, under "" where one is for all."""

    name: str
    kind: str
    model: str
    serial: str
    title: Mapping[str, str]
    location: Mapping[str, str]
    note: Mapping[str, str]
    accessories: tuple[str, ...]
    certificate: Certificate | None
    channels: Mapping[str, Certified]
    source: Source

    def standard(self, withdrawn: str = "") -> Standard | None:
        """Return it as what may stand behind a role, None without a certificate."""
        certificate = self.certificate
        if certificate is None:
            return None
        return Standard(
            name=self.name,
            model=self.model,
            serial=self.serial,
            certificate=certificate.number,
            issued=certificate.issued,
            due=certificate.due,
            channels=self.channels,
            issuer=certificate.issuer,
            conditions=certificate.conditions,
            source="register",
            withdrawn=withdrawn,
        )


def read_asset(
    file: Path | Source, diagnostics: Diagnostics, *, today: date | None = None
) -> Asset | None:
    """Read an asset's file; None where it has mistakes, which are in `diagnostics`.

    With `today` a certificate that is dated in the future is a mistake.
    """
    found = len(diagnostics)
    if isinstance(file, Path):
        document = load_document(file, diagnostics)
    else:
        document = parse_document(file, diagnostics)
    if document is None:
        return None
    part = validate(AssetPart, document, diagnostics)
    if part is None:
        return None
    asset = _Reading(document, diagnostics, today).asset(part)
    return asset if len(diagnostics) == found else None


class _Reading:
    """One asset's file while it is read."""

    def __init__(self, document: Document, diagnostics: Diagnostics, today: date | None) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.today = today

    def wrong(
        self, code: str, message: Message, place: Place, *, hint: Message | None = None
    ) -> None:
        """Report a mistake at a place."""
        span = self.document.span(self.document.nearest(place))
        self.diagnostics.error(code, message, self.document.source, span, hint=hint)

    def asset(self, part: AssetPart) -> Asset:
        read = Certificates(self, register=True)
        for key, text in (("model", part.model), ("serial", part.serial)):
            if not text.strip():
                self.wrong("E105", msg("assets.blank", key=key), (key,))
        if part.asset in part.accessories:
            self.wrong("E106", msg("assets.own-accessory", name=part.asset), ("accessories",))
        certificate = None
        if part.certificate is not None:
            certificate = self.certificate(part.certificate, read)
        elif part.kind == "standard":
            self.wrong("E101", msg("assets.no-certificate"), ("asset",))
        elif part.channels:
            self.wrong("E101", msg("assets.stated-by-nobody"), ("channels",))
        if part.certificate is not None and not part.channels:
            self.wrong("E101", msg("assets.no-channels"), ("certificate",))
        issued, due = (None, None) if certificate is None else (certificate.issued, certificate.due)
        channels = {
            name: read.certified(channel, ("channels", name), issued, due)
            for name, channel in part.channels.items()
        }
        return Asset(
            name=part.asset,
            kind=part.kind,
            model=part.model,
            serial=part.serial,
            title=_words(part.title),
            location=_words(part.location),
            note=_words(part.note),
            accessories=tuple(part.accessories),
            certificate=certificate,
            channels=channels,
            source=self.document.source,
        )

    def certificate(self, part: CertificatePart, read: Certificates) -> Certificate | None:
        place: Place = ("certificate",)
        for key, text in (("number", part.number), ("issuer", part.issuer)):
            if not text.strip():
                self.wrong("E105", msg("assets.blank", key=key), (*place, key))
        issued = read.day(part.issued, (*place, "issued"))
        due = read.day(part.due, (*place, "due"))
        conditions = read.conditions(part.conditions, (*place, "conditions"))
        if issued is None or due is None:
            return None
        if due < issued:
            self.wrong("E106", msg("bench.due-before-issued"), (*place, "due"))
        elif (due - issued).days > LONGEST_YEARS * YEAR:
            years = (due - issued).days / YEAR
            long = msg("assets.long", years=f"{years:.0f}", most=f"{LONGEST_YEARS:g}")
            self.wrong("E105", long, (*place, "due"))
        if self.today is not None and issued > self.today:
            future = msg("assets.future", issued=issued.isoformat(), today=self.today.isoformat())
            self.wrong("E105", future, (*place, "issued"))
        return Certificate(part.number, part.issuer, issued, due, conditions)


def _words(given: str | WordsPart | None) -> dict[str, str]:
    if given is None:
        return {}
    if isinstance(given, str):
        return {"": given}
    return {k: v for k, v in given.model_dump().items() if v}
