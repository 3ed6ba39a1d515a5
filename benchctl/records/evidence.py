"""Evidence for others: packs, the verifier as a file, documents compared with the record.

What is needed for it is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.verify import Checked, Problem
    from benchctl.verifier.heads import Anchor
    from benchctl.verifier.signatures import PublicKey


def write_pack(lab: Lab, run: str, path: Path) -> bool:
    """Write the evidence pack of a run; return whether its list of files could be signed.

    Raises:
        UsageError: there is no such run.
        RecordError: the record cannot be read, has no statements, or the pack not be written.
    """
    from benchctl.records.pack import write_pack

    return write_pack(lab, run, path)


def write_verifier(path: Path) -> None:
    """Write the verifier as one file that `python FILE RECORD --key KEY` runs.

    Raises:
        RecordError: it cannot be written.
    """
    from benchctl.records.pack import write_verifier

    write_verifier(path)


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
    from benchctl.records.verify_pack import verified_pack

    return verified_pack(path, keys=keys, anchors=anchors, authorities=authorities)


def document_problems(lab: Lab, path: Path) -> tuple[str, list[Problem], list[Anchor]]:
    """Compare a result document with the record of its run.

    Returns the run, what differs, and the anchor that the document carries.

    Raises:
        UsageError: the file is no result document, or of a run that is not here.
    """
    from benchctl.records.verify_pack import document_problems

    return document_problems(lab, path)
