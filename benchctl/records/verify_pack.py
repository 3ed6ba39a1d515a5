"""Checks evidence packs and single result documents against what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import LANGUAGES, msg
from benchctl.records.compare_document import differences
from benchctl.records.fold import fold
from benchctl.records.lab import stored_event
from benchctl.records.rows import RecordRow
from benchctl.records.verify import Checked, Problem, checked
from benchctl.verifier.check import check
from benchctl.verifier.findings import Finding, problem
from benchctl.verifier.heads import Anchor, read_anchor
from benchctl.verifier.signatures import PublicKey
from benchctl.verifier.sources import PackSource, SourceError

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

MOST_PLACES = 20
"""Places of a document that are named, before the rest is left."""


def verified_pack(
    path: Path,
    *,
    keys: Sequence[PublicKey] = (),
    anchors: Sequence[Anchor] = (),
    authorities: Sequence[bytes] = (),
) -> Checked:
    """Check a pack: as the verifier does, and its documents against a new fold of its records.

    Raises:
        UsageError: the file is no pack.
    """
    try:
        pack = PackSource.open(path)
    except SourceError as error:
        raise UsageError(msg("records.no-pack", path=str(path))) from error
    report = check(pack, keys=keys, anchors=anchors, authorities=authorities)
    findings = [*report.findings, *_documents(pack)]
    return checked(findings, report.unseen, report.runs, report.heads)


def document_problems(lab: Lab, path: Path) -> tuple[str, list[Problem], list[Anchor]]:
    """Compare a result document with the record of its run.

    Returns the run, what differs, and the anchor that the document carries.

    Raises:
        UsageError: the file is no result document, or of a run that is not here.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        run = str(given["run"])
        carried = (given["log"].get("signature") or {}).get("anchor")
        anchors = [read_anchor(carried)] if carried else []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(msg("records.no-document", path=str(path))) from error
    recorded = json.loads(json.dumps(lab.document(lab.find_run(run))))
    found = _differing(path.name, run, given, recorded)
    return run, list(checked(list(found), (), 0, 0).problems), anchors


def _documents(pack: PackSource) -> Iterator[Finding]:
    run = pack.row.run
    try:
        events = [stored_event(RecordRow(run, *line)) for line in pack.records(run)]
    except RecordError:
        return  # the chain has said so
    for language in LANGUAGES:
        name = f"result.{language}.json"
        if name not in pack.files:
            continue
        recorded = json.loads(json.dumps(fold(events, language, algorithm=pack.row.algorithm)))
        try:
            given = json.loads(pack.files[name])
        except ValueError:
            yield problem("document-differs", run, name=name, place="-")
            continue
        yield from _differing(name, run, given, recorded)


def _differing(name: str, run: str, given: Any, recorded: Any) -> Iterator[Finding]:
    for document in (given, recorded):  # who signed is not of the events
        if isinstance(document, dict) and isinstance(document.get("log"), dict):
            document["log"].pop("signature", None)
    for count, place in enumerate(differences(given, recorded)):
        if count == MOST_PLACES:
            return
        yield problem("document-differs", run, name=name, place=place)
