"""Is the record what was written? The check of `benchctl.verifier`, on a lab and in our words.

Each problem names its place: a record that does not fit the one before, readings that do not match
their sha256, runs and statements that are gone, signatures that are not the lab's. `Checked.unseen`
says what could not have been noticed with the keys and anchors at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.store import Store
    from benchctl.verifier.findings import Finding
    from benchctl.verifier.heads import Anchor
    from benchctl.verifier.signatures import PublicKey

MOST_SENTENCES = 5
"""Of what the database says of a damaged file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the record is not what was written; `seq` 0 is the run's own row."""

    run: str
    seq: int
    message: Message


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: problems, notes, and what it could not have noticed."""

    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    unseen: tuple[Message, ...]
    runs: int
    heads: int


def verify(lab: Lab, run: str | None = None) -> list[Problem]:
    """Check one run, or the whole database, and return what is wrong in it, in order.

    Raises:
        UsageError: there is no such run.
        RecordError: the database cannot be read.
    """
    return list(verified(lab, run).problems)


def verified(
    lab: Lab,
    run: str | None = None,
    *,
    keys: Sequence[PublicKey] = (),
    anchors: Sequence[Anchor] = (),
    authorities: Sequence[bytes] = (),
) -> Checked:
    """Check one run, or the whole database, against keys and anchors from elsewhere.

    The register of issued certificates is looked at too (`benchctl.records.issued`).

    A file that the database refuses to read on is a problem that names what is damaged.

    Raises:
        UsageError: there is no such run.
        RecordError: the database cannot be read.
    """
    import sqlite3

    from benchctl.verifier.check import check
    from benchctl.verifier.heads import MIRROR
    from benchctl.verifier.sources import LabSource, SourceError

    try:
        with lab.store.reading() as reader:
            if run is not None and reader.run(run) is None:
                raise UsageError(msg("records.no-run", run=run))
        file, immutable = lab.store.file
        source = LabSource.open(file, beside=lab.path.with_name(MIRROR), immutable=immutable)
    except SourceError as error:
        raise RecordError(msg("records.cannot-open", path=str(lab.path))) from error
    except RecordError as error:
        return _refused(lab.store, run, error)
    try:
        report = check(source, keys=keys, anchors=anchors, authorities=authorities, run=run)
    except (SourceError, sqlite3.DatabaseError) as error:
        path = str(lab.path)
        damaged = RecordError(msg("records.damaged", path=path), hint=msg("records.damaged-hint"))
        damaged.__cause__ = error
        return _refused(lab.store, run, damaged)
    finally:
        source.close()
    found = checked(report.findings, report.unseen, report.runs, report.heads)
    return replace(found, problems=(*found.problems, *_register(lab, run)))


def _register(lab: Lab, run: str | None) -> Iterator[Problem]:
    """What is wrong in the register of issued certificates: for one run, or whose run is gone."""
    from benchctl.records.issued import register_problems, run_of_rows

    rows = register_problems(lab)
    runs = run_of_rows(lab, rows)
    for row in rows:
        if run in (None, runs.get(row, run)):
            yield Problem(runs.get(row, "-"), 0, msg("records.register-changed", row=row))


def checked(findings: Sequence[Finding], unseen: Sequence[str], runs: int, heads: int) -> Checked:
    """Return findings of the verifier as messages."""
    said = [(f, Problem(f.run, f.seq, msg(f"records.{f.id}", **f.args))) for f in findings]
    return Checked(
        problems=tuple(p for f, p in said if f.is_problem),
        notes=tuple(p for f, p in said if not f.is_problem),
        unseen=tuple(msg(f"records.{id_}") for id_ in unseen),
        runs=runs,
        heads=heads,
    )


def _refused(store: Store, run: str | None, error: RecordError) -> Checked:
    """Return what is wrong with a file that the database refuses to read on.

    Raises:
        RecordError: it is not damaged, but cannot be read for another reason.
    """
    if error.message.id != "records.damaged":
        raise error
    try:
        with store.reading() as reader:
            seen = reader.damage(MOST_SENTENCES)
    except RecordError:
        seen = []
    path = str(store.path)
    told = msg("records.damage", path=path, seen="; ".join(seen)) if seen else error.message
    return Checked((Problem(run or "-", 0, told),), (), (), 0, 0)
