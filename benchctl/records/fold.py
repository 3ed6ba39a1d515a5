"""From the events of a run to its result document, `benchctl.result/1`: a pure function.

    document = fold(lab.events(run), "zh")

Everything that was planned is in the document, measured or not: a run that was cut off lists the
points that nobody reached as `not_measured`. `log.head` is the last hash of the run's chain (each
hash covers all before it), `log.root` the root of the Merkle tree over all of them; who signed it
is known to the lab, not to the events: `Lab.document` adds `log.signature`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchctl.core.errors import RecordError
from benchctl.core.events import (
    AuditNoted,
    CheckOverridden,
    ConsensusNoted,
    EnvironmentSeen,
    Event,
    InstrumentOpened,
    ItemJudged,
    LeakReported,
    LinkNoted,
    MadeSafe,
    NumberIssued,
    OperatorChanged,
    OrderTaken,
    PlanResolved,
    PointJudged,
    RunAmended,
    RunClosed,
    RunContinued,
    RunMeasured,
    RunOpened,
    RunPaused,
    RunRecovered,
    RunResumed,
    RunReviewed,
    RunsSetAside,
    RunSuspended,
    SchemeApplied,
    StandardBound,
    SuspensionEnded,
    UndoRegistered,
    UutAdjusted,
    UutAnnulled,
    UutDropped,
    UutJudged,
    body,
)
from benchctl.core.messages import message_from_json, msg
from benchctl.core.verdicts import Outcome, Verdict, worst
from benchctl.records.afterwards import Afterwards
from benchctl.records.canonical import ALGORITHM
from benchctl.records.incidents import Incidents
from benchctl.records.rows import StoredEvent
from benchctl.records.sentences import JSON, said, sentence
from benchctl.records.uuts import Results, uut_documents
from benchctl.verifier.hashing import digest_of, hash_name
from benchctl.verifier.merkle import Peaks, leaf

SCHEMA = "benchctl.result/1"


@dataclass(slots=True)
class _Seen:
    """What a run's events said so far; a later word on the same thing replaces an earlier one."""

    run: str = ""
    algorithm: str = ALGORITHM
    count: int = 0
    tree: Peaks = field(default_factory=lambda: Peaks(digest_of("sha256")))
    head: str = ""
    opened: RunOpened | None = None
    plan: JSON = field(default_factory=dict)
    standards: dict[tuple[str, str], StandardBound] = field(default_factory=dict)
    scheme: JSON | None = None
    overrides: list[CheckOverridden] = field(default_factory=list)
    instruments: dict[str, InstrumentOpened] = field(default_factory=dict)
    environment: dict[str, EnvironmentSeen] = field(default_factory=dict)
    undos: dict[str, UndoRegistered] = field(default_factory=dict)
    made_safe: MadeSafe | None = None
    retries: int = 0
    results: Results = field(default_factory=Results)
    incidents: Incidents = field(default_factory=Incidents)
    recovered: list[RunRecovered] = field(default_factory=list)
    closed: RunClosed | None = None
    later: Afterwards = field(default_factory=Afterwards)

    def take(self, event: Event, t: float) -> None:
        """Take one event, recorded at bench time `t`."""
        match event:
            case (
                RunPaused()
                | RunContinued()
                | RunSuspended()
                | RunResumed()
                | SuspensionEnded()
                | LeakReported()
                | ConsensusNoted()
                | OperatorChanged()
            ):
                self.incidents.take(event, t)
            case (
                RunMeasured()
                | RunsSetAside()
                | UutDropped()
                | UutAdjusted()
                | OrderTaken()
                | UutAnnulled()
            ):
                self.incidents.take(event, t)
                self.results.take(event)
            case RunOpened():
                self.opened = event
            case PlanResolved():
                self.plan = event.plan
            case StandardBound():
                key = (event.role, str(event.standard.get("serial", "")))
                self.standards[key] = event
            case CheckOverridden():
                self.overrides.append(event)
            case SchemeApplied():
                self.scheme = event.scheme
            case InstrumentOpened():
                self.instruments[event.instrument] = event
            case LinkNoted():
                self.retries += event.what == "retry"
            case EnvironmentSeen():
                self.environment[event.quantity] = event
            case UndoRegistered():
                self.undos[event.undo] = event
            case MadeSafe():
                self.made_safe = event
                _undo(self.undos, event)
            case PointJudged() | ItemJudged() | UutJudged():
                self.results.take(event)
            case RunRecovered():
                self.recovered.append(event)
            case RunClosed():
                self.closed = event
            case RunAmended() | RunReviewed() | NumberIssued() | AuditNoted():
                self.later.take(event)


def fold(
    events: Iterable[StoredEvent], language: str = "en", *, algorithm: str = ALGORITHM
) -> JSON:
    """Return the result document of the run that the events tell, worded in `language`.

    A run without its last event ended in an error and was not measured, whatever was judged.
    `algorithm` is that of the run's hashes.

    Raises:
        RecordError: there is no event.
    """
    digest = digest_of(hash_name(algorithm))
    seen = _Seen(algorithm=algorithm, tree=Peaks(digest))
    for stored in events:
        if stored.seq:  # what was only shown has no place in the record
            seen.run, seen.head = stored.run, stored.hash or seen.head
            seen.count += 1
            seen.tree.push(leaf(digest, bytes.fromhex(stored.hash)))
            seen.take(stored.event, stored.t)
    if not seen.count:
        raise RecordError(msg("records.no-events"))
    document: JSON = _without_infinities(_document(seen, language))
    return document


def open_undos(events: Iterable[StoredEvent]) -> list[UndoRegistered]:
    """Return what left its safe value and is not known to be back, in the order it left."""
    undos: dict[str, UndoRegistered] = {}
    for stored in events:
        if isinstance(stored.event, UndoRegistered):
            undos[stored.event.undo] = stored.event
        elif isinstance(stored.event, MadeSafe):
            _undo(undos, stored.event)
    return list(undos.values())


def _undo(undos: dict[str, UndoRegistered], made: MadeSafe) -> None:
    """Strike out what was done, named by the undo's id or as instrument.channel."""
    for undo in tuple(undos.values()):
        if not {undo.undo, f"{undo.instrument}.{undo.channel}"}.isdisjoint(made.done):
            del undos[undo.undo]


def _document(seen: _Seen, language: str) -> JSON:
    closed = seen.closed
    reason = sentence(closed.reason, language) if closed else said(_CUT_OFF, language)
    uuts = uut_documents(seen.plan, seen.results, reason, language)
    return {
        "schema": SCHEMA,
        "run": seen.run,
        **_opening(seen.opened, language),
        "operators": seen.incidents.operators(seen.opened),
        "follows": seen.opened.request.get("follows") if seen.opened else None,
        "finished": closed.finished if closed else None,
        "outcome": closed.outcome if closed else Outcome.ERROR.value,
        "verdict": _verdict(uuts, closed, seen.later),
        "reason": reason,
        "environment": [body(e) for e in seen.environment.values()],
        "standards": [{"role": s.role, **s.standard} for s in seen.standards.values()],
        "scheme": seen.scheme,
        "overrides": [body(o) for o in seen.overrides],
        "instruments": [body(i) for i in seen.instruments.values()],
        "uuts": seen.later.corrected(uuts),
        **seen.later.document(),
        "titles": seen.plan.get("titles", {}),
        "incidents": seen.incidents.documents(language),
        "made_safe": _made_safe(seen.made_safe),
        "undone": [body(u) for u in seen.undos.values()],
        "notes": _notes(seen, language),
        "retries": seen.retries,
        "log": {
            "root": f"{hash_name(seen.algorithm)}:{seen.tree.root().hex()}",
            "head": f"{hash_name(seen.algorithm)}:{seen.head}",
            "events": seen.count,
            "algorithm": seen.algorithm,
            "signature": None,
        },
    }


_CUT_OFF = msg("records.cut-off")


def _verdict(uuts: list[JSON], closed: RunClosed | None, later: Afterwards) -> str | None:
    """Return the most severe verdict of the units.

    It is never better than what the run's last event, or its last amendment, says, nor, without
    that event, than not measured. A calibration in which no unit is judged has no verdict.
    """
    stated = [u["verdict"] for u in uuts if u["verdict"] is not None]
    if closed is not None and uuts and not stated:
        return None
    said_last = closed.verdict if closed is not None and uuts else Verdict.NOT_MEASURED
    if later.amendments:
        said_last = later.amendments[-1].verdict
    return worst(Verdict(v) for v in (*stated, said_last) if v).value


def _opening(opened: RunOpened | None, language: str) -> JSON:
    if opened is None:  # cut off before its first word was on the disk
        blank = {"name": "", "sha256": ""}
        opened = RunOpened(
            run="",
            started="",
            procedure=dict(blank),
            bench=dict(blank),
            software={"name": "benchctl", "version": "", "id": ""},
            service="",
            stage="",
            operator="",
            simulated=False,
            seed=None,
            request={},
        )
    return {
        "software": opened.software,
        "procedure": _procedure(opened.procedure, language),
        "service": opened.service,
        "stage": opened.stage,
        "simulated": opened.simulated,
        "seed": opened.seed,
        "started": opened.started,
        "operator": opened.operator,
        "bench": {name: opened.bench.get(name, "") for name in ("name", "sha256")},
    }


def _procedure(procedure: JSON, language: str) -> JSON:
    title = procedure.get("title", "")
    if isinstance(title, dict):
        title = title.get(language) or next(iter(title.values()), "")
    standard, edition = str(procedure.get("standard", "")), str(procedure.get("edition", ""))
    pictures = [
        {
            "picture": shown["picture"],
            "ask": shown["ask"].get(language) or next(iter(shown["ask"].values()), ""),
            "data": shown["data"],
        }
        for shown in procedure.get("pictures", ())
    ]
    if edition and not standard.endswith(edition):
        standard = f"{standard}-{edition}"
    return {
        "name": procedure.get("name", ""),
        "title": title,
        "standard": standard,
        "sha256": procedure.get("sha256", ""),
        **({"pictures": pictures} if pictures else {}),
    }


def _made_safe(made: MadeSafe | None) -> JSON | None:
    if made is None:
        return None
    return {"reason": made.reason, "done": list(made.done), "failed": list(made.failed)}


def _notes(seen: _Seen, language: str) -> list[JSON]:
    """Return what a reader of the result should know: the plan's notes, and who recovered it."""
    notes: list[JSON] = []
    for note in seen.plan.get("notes", ()):
        worded = sentence(note, language) if isinstance(note, dict) else None
        notes.append(worded or said(msg("records.note", text=str(note)), language))
    notes.extend(said(message_from_json(a.why), language) for a in seen.later.audits)
    for recovery in seen.recovered:
        notes.append(said(msg("records.recovered", by=recovery.by, at=recovery.at), language))
    return notes


def _without_infinities(value: Any) -> Any:
    """Return plain data as JSON can carry it: NaN and infinities as None, tuples as lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_infinities(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinities(item) for item in value]
    return value
