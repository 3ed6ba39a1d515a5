"""What a certificate proves, line by line: its form, its signatures, the record, the anchor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.cli.issuing.standing import register_findings
from benchctl.core.clock import utc_now
from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.messages import LANGUAGES, msg

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.certificates.dcc_reading import Dcc
    from benchctl.certificates.signing import Finding
    from benchctl.records import Lab
    from benchctl.verifier.heads import Anchor

ANCHOR = re.compile(rb"head1:[0-9a-z]+:[0-9]+:[0-9a-f]+")
"""A tree head as it stands in a text of a DCC."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a file: against which lab, which roots, which schema."""

    file: Path
    lab: Path | None
    trust: Sequence[Path]
    schemas: Path | None
    authorities: Sequence[Path] = ()
    anchors: Sequence[Anchor] = ()


def findings(asked: Question) -> Iterator[Finding]:
    """Give what a certificate proves, does not prove, and what is wrong with it.

    Raises:
        UsageError: it cannot be read, or is neither PDF nor DCC.
    """
    from benchctl.certificates.attached import dcc_in
    from benchctl.certificates.dcc_reading import read_dcc
    from benchctl.certificates.signing import Reader, beside_findings, signature_findings

    try:
        data = asked.file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(msg("cli.cannot-read", path=str(asked.file), reason=reason)) from error
    name = str(asked.file)
    pdf = data if data.startswith(b"%PDF-") else None
    xml = data if pdf is None else dcc_in(data, name)
    dcc = read_dcc(xml, name)
    yield from _form(dcc, xml, asked.schemas)
    settings = _settings(asked.lab)
    reader = Reader(
        utc_now(),
        _certificates(asked.trust, settings, settings.trust),
        _certificates(asked.authorities, settings, settings.tsa_trust),
    )
    yield from signature_findings(data, name, reader)
    yield from beside_findings(asked.file, data, reader, settings.verifier)
    yield from _record(dcc, xml, pdf, asked)


def _form(dcc: Dcc, xml: bytes, schemas: Path | None) -> Iterator[Finding]:
    from benchctl.certificates.dcc_check import check_dcc
    from benchctl.certificates.dcc_reading import schema_problems
    from benchctl.certificates.signing import GOOD, WRONG, Finding

    wrong = check_dcc(dcc)
    if schemas is not None:
        wrong += schema_problems(xml, schemas)
    yield from (Finding(WRONG, "form", problem) for problem in wrong)
    if not wrong:
        yield Finding(GOOD, "form", msg("certificates.shape-good"))


def _settings(folder: Path | None) -> LabSettings:
    """Return a lab's settings, empty where there is no lab."""
    from benchctl.certificates import LabSettings, lab_settings

    try:
        with _opened(folder) as lab:
            return lab_settings(lab.folder)
    except UsageError:
        return LabSettings()


def _certificates(
    given: Sequence[Path], settings: LabSettings, usual: Sequence[str]
) -> list[bytes]:
    """Return the certificates in the files that are given, else in those of the lab's settings."""
    from benchctl.certificates.signing.keys import certificates_in

    beside = settings.folder or Path()
    paths = list(given) or [beside / name for name in usual]
    return [root for path in paths for root in certificates_in(path)]


def _opened(folder: Path | None) -> Lab:
    from benchctl.cli.commands.records import open_lab

    return open_lab(folder)


def _record(dcc: Dcc, xml: bytes, pdf: bytes | None, asked: Question) -> Iterator[Finding]:
    """Compare a certificate with the one that the record gives now, and look at that record."""
    from benchctl.certificates.signing import OPEN, Finding

    run, _, serial = next((r for r in dcc.records if "/" in r), "").partition("/")
    if not run:
        yield Finding(OPEN, "record", msg("certificates.record-unnamed"))
        return
    try:
        lab = _opened(asked.lab)
        lab.find_run(run)
    except UsageError:
        yield Finding(OPEN, "record", msg("certificates.record-none", run=run))
        return
    with lab:
        yield from _in_lab(lab, run, serial, dcc, xml, pdf, asked)


def _in_lab(
    lab: Lab, run: str, serial: str, dcc: Dcc, xml: bytes, pdf: bytes | None, asked: Question
) -> Iterator[Finding]:
    from benchctl.certificates import lab_settings
    from benchctl.certificates.signing import GOOD, OPEN, WRONG, Finding

    known = [n for n in dcc.languages if n in LANGUAGES]
    documents = {n: lab.document(run, n) for n in known or ["en"]}
    first = next(iter(documents.values()))
    if _same(documents, serial, lab_settings(lab.folder), xml, pdf):
        yield Finding(GOOD, "record", msg("certificates.record-good", run=run))
    else:
        yield Finding(WRONG, "record", msg("certificates.record-bad", run=run))
    yield from _whole(lab, run, first, xml, asked.anchors)
    if first["simulated"]:
        yield Finding(OPEN, "signer", msg("certificates.is-specimen"))
    else:
        yield from register_findings(lab, dcc.number, xml)


def _whole(
    lab: Lab, run: str, document: dict[str, Any], xml: bytes, anchors: Sequence[Anchor]
) -> Iterator[Finding]:
    """Tell whether the record is whole, its tree head signed, and fixed by anchors."""
    from benchctl.certificates.signing import GOOD, OPEN, WRONG, Finding
    from benchctl.records import verified
    from benchctl.verifier.heads import read_anchor

    signed = document["log"]["signature"] or {}
    anchor = str(signed.get("anchor") or document["log"]["root"])
    printed = dict.fromkeys(ANCHOR.findall(xml))
    given = [*anchors, *(read_anchor(a.decode()) for a in printed)]
    found = verified(lab, run, anchors=given)
    if found.problems:
        yield Finding(WRONG, "record", msg("certificates.chain-bad", run=run))
        yield from (Finding(WRONG, "anchor", problem.message) for problem in found.problems)
        return
    yield Finding(GOOD, "record", msg("certificates.chain-good", run=run, anchor=anchor))
    if signed.get("key"):
        yield Finding(GOOD, "anchor", msg("certificates.head-signed", key=str(signed["key"])))
    else:
        yield Finding(OPEN, "anchor", msg("certificates.head-unsigned"))
    if printed or anchors:
        yield Finding(GOOD, "anchor", msg("certificates.anchored", anchor=str(given[0])))
    yield from (Finding(OPEN, "anchor", unseen) for unseen in found.unseen)


def _same(
    documents: dict[str, Any], serial: str, settings: LabSettings, xml: bytes, pdf: bytes | None
) -> bool:
    """Tell whether the record gives this certificate, its signatures aside."""
    from benchctl.certificates import KINDS
    from benchctl.certificates.dcc import dcc_of
    from benchctl.certificates.dcc_reading import parse
    from benchctl.certificates.signing.xml_parts import same_content

    here = parse(xml, "DCC")
    for kind in KINDS:
        try:
            again = dcc_of(documents, serial, settings, kind=kind)
        except BenchctlError:
            continue
        same = xml == again or (b"Signature" in xml and same_content(here, parse(again, "DCC")))
        if same and (pdf is None or _same_pdf(documents, serial, settings, kind, xml, pdf)):
            return True
    return False


def _same_pdf(
    documents: dict[str, Any],
    serial: str,
    settings: LabSettings,
    kind: Any,
    xml: bytes,
    pdf: bytes,
) -> bool:
    """Tell whether a PDF is the one that the record gives, before whatever signatures follow."""
    from benchctl.certificates import certificate_with_dcc
    from benchctl.certificates.signing.pades_reading import MARK

    for budget in (None, True):
        made = certificate_with_dcc(documents, serial, settings, kind=kind, budget=budget, dcc=xml)
        if pdf == made[1] or (MARK in pdf and pdf.startswith(made[1])):
            return True
    return False
