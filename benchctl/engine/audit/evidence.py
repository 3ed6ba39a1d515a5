"""A finished run as its record has it: events in order, procedure, standards, instruments.

The procedure is read again from the text in the record; the file it came from may have changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.events import (
    ActionStarted,
    InstrumentOpened,
    PlanResolved,
    PointJudged,
    RawBlock,
    RunMeasured,
    RunOpened,
    RunsSetAside,
    SettingWritten,
    StandardBound,
)
from benchctl.core.messages import msg
from benchctl.core.series import Floats
from benchctl.core.suggest import closest
from benchctl.language import Diagnostics, Source
from benchctl.procedure import Procedure, load_procedure
from benchctl.records import Lab, StoredEvent

JSON = dict[str, Any]


@dataclass(slots=True)
class Kept:
    """The events of a run that results rest on, each with its place in the record."""

    opened: RunOpened | None = None
    plan: JSON = field(default_factory=dict)
    standards: list[tuple[StoredEvent, StandardBound]] = field(default_factory=list)
    instruments: dict[str, tuple[StoredEvent, InstrumentOpened]] = field(default_factory=dict)
    settings: list[tuple[StoredEvent, SettingWritten]] = field(default_factory=list)
    started: list[tuple[StoredEvent, ActionStarted]] = field(default_factory=list)
    blocks: list[tuple[StoredEvent, RawBlock]] = field(default_factory=list)
    measured: list[tuple[StoredEvent, RunMeasured]] = field(default_factory=list)
    judged: dict[tuple[str, str, str], tuple[StoredEvent, PointJudged]] = field(
        default_factory=dict
    )
    """The last judgement of a unit's point, by serial number, point and occasion."""

    def take(self, stored: StoredEvent) -> None:
        """Take one event."""
        match stored.event:
            case RunOpened() as event:
                self.opened = event
            case PlanResolved() as event:
                self.plan = event.plan
            case StandardBound() as event:
                self.standards.append((stored, event))
            case InstrumentOpened() as event:
                self.instruments[event.instrument] = (stored, event)
            case SettingWritten() as event:
                self.settings.append((stored, event))
            case ActionStarted() as event:
                self.started.append((stored, event))
            case RawBlock() as event:
                self.blocks.append((stored, event))
            case RunMeasured() as event:
                self.measured.append((stored, event))
            case RunsSetAside() as event:
                self.measured = [(s, _aside(m, event)) for s, m in self.measured]
            case PointJudged() as event:
                self.judged[event.uut, event.point, event.occasion] = (stored, event)


class Evidence:
    """What the record of one run holds."""

    def __init__(self, lab: Lab, run: str, kept: Kept, opened: RunOpened) -> None:
        self.lab = lab
        self.run = run
        self.kept = kept
        self.opened = opened
        self._columns: dict[int, Floats] = {}
        self._read: dict[str, Procedure] = {}

    @classmethod
    def read(
        cls,
        lab: Lab,
        run: str,
        *,
        kinds: Sequence[str] = (),
        procedures: dict[str, Procedure] | None = None,
    ) -> Evidence:
        """Read the record of a run, or only its events of some kinds.

        Args:
            lab: Whose record.
            run: Its id.
            kinds: Of the events that are wanted; all without.
            procedures: Those that were read from records before, by their text.

        Raises:
            RecordError: it cannot be read, or has no beginning.
        """
        kept = Kept()
        for of_kind in (
            (lab.events(run, kind=kind) for kind in kinds) if kinds else (lab.events(run),)
        ):
            for stored in of_kind:
                kept.take(stored)
        if kept.opened is None:
            raise RecordError(msg("records.no-events"))
        found = cls(lab, run, kept, kept.opened)
        found._read = {} if procedures is None else procedures
        return found

    @cached_property
    def source(self) -> Source:
        """The procedure's text as it was when the run began."""
        name = f"{self.opened.procedure.get('name', '')}.yaml"
        return Source(name, str(self.opened.procedure.get("text", "")))

    @cached_property
    def procedure(self) -> Procedure:
        """The procedure of the run, with the variants that its units were measured by.

        Raises:
            FileError: this program does not understand the text any more.
        """
        tables: JSON = self.opened.procedure.get("tables", {})
        known = "\0".join((self.source.text, *(f"{n}\0{t}" for n, t in sorted(tables.items()))))
        if known not in self._read:
            self._read[known] = procedure_from(self.source, tables)
        return self.of_variant(self._read[known])

    def of_variant(self, procedure: Procedure) -> Procedure:
        """Return a procedure with the variants of the run's units."""
        first: JSON = next(iter(self.kept.plan.get("uuts", ())), {})
        return procedure.of(first.get("parameters", {}))

    def unit(self, serial: str) -> Mapping[str, Any]:
        """Return what was planned for a unit.

        Raises:
            UsageError: the run has no such unit.
        """
        units = {str(u["serial"]): u for u in self.kept.plan.get("uuts", ())}
        if serial not in units:
            raise UsageError(
                msg("audit.no-unit", run=self.run, serial=serial), hint=_near(serial, units)
            )
        found: Mapping[str, Any] = units[serial]
        return found

    def judgement(
        self, serial: str, point: str, occasion: str = ""
    ) -> tuple[StoredEvent, PointJudged]:
        """Return the last judgement of a unit's point, or that on an occasion.

        Raises:
            UsageError: the unit has no such point, or it was never judged.
        """
        found = [
            v
            for (s, p, o), v in self.kept.judged.items()
            if (s, p) == (serial, point) and occasion in ("", o)
        ]
        if found:
            return found[-1]
        self.unit(serial)
        known = [p for s, p, _ in self.kept.judged if s == serial]
        raise UsageError(
            msg("audit.no-point", run=self.run, serial=serial, point=point),
            hint=msg("procedure.one-of", names=", ".join(known)) if known else None,
        )

    def runs_of(
        self, serial: str, point: str, occasion: str
    ) -> list[tuple[StoredEvent, RunMeasured]]:
        """Return every run that was made of a unit's point, also those that do not count.

        What was found and what was left after an adjustment are two results, each of its own runs.
        """
        wanted = (serial, point, occasion)
        return [(s, e) for s, e in self.kept.measured if (e.uut, e.point, e.occasion) == wanted]

    def standard_of(self, role: str) -> JSON | None:
        """Return the standard that stood behind a role, None where none did."""
        found = [e.standard for _, e in self.kept.standards if e.role == role]
        return found[-1] if found else None

    def blocks_of(
        self, stored: StoredEvent, event: RunMeasured, role: str
    ) -> Iterator[tuple[StoredEvent, RawBlock]]:
        """Give the blocks of raw readings that a run's value of a role was made of.

        Those of the action itself, of its last beginning, and what was read beside all actions.
        """
        need = self.procedure.needs.get(role)
        own = need is not None and need.per_uut
        of_role = [
            (s, b)
            for s, b in self.kept.blocks
            if s.seq < stored.seq
            and role in b.channels
            and b.action in (event.action, "environment")
            and (not own or b.series.rpartition("/")[2] == event.uut)
        ]
        last = of_role[-1][1] if of_role else None
        # the environment's readings of a run that went on are two series in one bench time
        yield from (
            (s, b)
            for s, b in of_role
            if last is not None
            and (b.series == last.series or b.action == last.action == "environment")
        )

    def columns(self, stored: StoredEvent, block: RawBlock) -> Floats:
        """Return the raw readings of a block, shape (channels + 3, rows), checked by their sha256.

        Raises:
            RecordError: they are not those that were recorded.
        """
        if stored.seq not in self._columns:
            with self.lab.store.reading() as reader:
                data = reader.blob(self.run, stored.seq) or b""
            expected = block.sha256.removeprefix("sha256:")
            count = len(block.channels) + 3
            if hashlib.sha256(data).hexdigest() != expected or len(data) != 8 * count * block.rows:
                raise _damaged(self.run, stored.seq)
            values = np.frombuffer(data, dtype=np.float64).reshape(count, block.rows)
            self._columns[stored.seq] = values
        return self._columns[stored.seq]


def _aside(run: RunMeasured, event: RunsSetAside) -> RunMeasured:
    """Return a run as one that does not count, where the event sets it aside."""
    of = (event.uut, event.point, event.occasion)
    if not run.valid or (run.uut, run.point, run.occasion) != of:
        return run
    return replace(run, valid=False, problem=event.why)


def _damaged(run: str, seq: int) -> RecordError:
    return RecordError(msg("records.block-damaged", run=run, seq=seq))


def procedure_from(source: Path | Source, tables: Mapping[str, str] | None = None) -> Procedure:
    """Return the procedure that a file or a text is, with the tables that were beside it.

    Raises:
        FileError: it has mistakes.
    """
    diagnostics = Diagnostics()
    procedure = load_procedure(source, diagnostics, tables, tried=False)
    diagnostics.raise_if_failed()
    assert procedure is not None
    return procedure


def _near(word: str, known: Mapping[str, Any]) -> Any:
    near = closest(word, known)
    return msg("procedure.did-you-mean", name=near) if near else None
