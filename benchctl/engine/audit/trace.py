"""From a printed number back to raw bytes: readings, instruments, certificates, formula, settings.

Everything comes from the record alone. Each piece is named by its place there (the number of the
event and its hash), so that `records verify` and any other program can look at the very same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.errors import UsageError
from benchctl.core.events import PointJudged, RunMeasured, body
from benchctl.core.messages import Message, msg
from benchctl.engine.audit.evidence import Evidence
from benchctl.procedure import CONTEXT, Procedure
from benchctl.records import StoredEvent

JSON = dict[str, Any]

NUMBERS: Mapping[str, str] = {
    "error": "audit.of-error",
    "reported": "audit.of-reported",
    "U": "audit.of-U",
    "reported_U": "audit.of-reported-U",
    "k": "audit.of-k",
    "dof": "audit.of-dof",
    "U_reference": "audit.of-U-reference",
    "mpe": "audit.of-mpe",
    "accept": "audit.of-accept",
    "p_conform": "audit.of-p-conform",
    "specific_risk": "audit.of-specific-risk",
    "tur": "audit.of-tur",
}
"""What is printed of a point, and the sentence that says how it is made."""

OF_A_RUN: Mapping[str, str] = {
    "indication": "audit.of-indication",
    "reference": "audit.of-reference",
    "u": "audit.of-u",
}
"""What is printed of a run, likewise."""


def trace(
    evidence: Evidence, serial: str, point: str, number: str | None = None, *, occasion: str = ""
) -> JSON:
    """Return where the numbers of a unit's point come from, or one of them.

    Args:
        evidence: The run's record.
        serial: Of the unit.
        point: By its name.
        number: One of `NUMBERS` and `OF_A_RUN`; all without.
        occasion: `as_found` or `as_left`; without it the last one.

    Raises:
        UsageError: there is no such unit, point or number.
        FileError: this program does not understand the recorded procedure.
    """
    stored, judged = evidence.judgement(serial, point, occasion)
    known = {**NUMBERS, **OF_A_RUN}
    if number is not None and number not in known:
        raise UsageError(
            msg("audit.no-number", number=number),
            hint=msg("procedure.one-of", names=", ".join(known)),
        )
    wanted = [n for n in NUMBERS if number in (None, n)]
    runs = [_run(evidence, s, e) for s, e in evidence.runs_of(serial, point, judged.occasion)]
    return {
        "run": evidence.run,
        "uut": serial,
        "point": point,
        "occasion": judged.occasion,
        "record": _place(stored),
        "procedure": _procedure(evidence),
        "formula": formula(evidence.procedure.part(point)),
        "verdict": judged.verdict or None,
        "rule": judged.rule,
        "why": judged.why,
        "numbers": [_number(evidence, judged, name) for name in wanted],
        "runs": runs,
    }


def overview(evidence: Evidence) -> JSON:
    """Return what a run's numbers rest on as a whole: standards, instruments, raw readings."""
    kept = evidence.kept
    return {
        "run": evidence.run,
        "procedure": _procedure(evidence),
        "bench": {key: evidence.opened.bench.get(key) for key in ("name", "sha256")},
        "software": evidence.opened.software,
        "standards": [
            {"role": e.role, **e.standard, "record": _place(s)} for s, e in kept.standards
        ],
        "instruments": [{**body(e), "record": _place(s)} for s, e in kept.instruments.values()],
        "points": [
            {"uut": u, "point": p, "occasion": o, "record": _place(s)}
            for (u, p, o), (s, _) in kept.judged.items()
        ],
        "raw": [_block(s, e) for s, e in kept.blocks],
    }


def formula(procedure: Procedure) -> JSON:
    """Return the measurement model with the steps that lead to it, as the procedure has them."""
    model = procedure.measurand.model
    return {
        "quantity": procedure.measurand.name,
        "unit": procedure.measurand.unit,
        "model": model.result.text,
        "where": [{"name": s.name, "unit": s.unit, "value": s.value.text} for s in model.steps],
    }


def _procedure(evidence: Evidence) -> JSON:
    keys = ("name", "standard", "edition", "sha256")
    return {key: evidence.opened.procedure.get(key) for key in keys}


def _place(stored: StoredEvent) -> JSON:
    return {"seq": stored.seq, "utc": stored.utc, "hash": stored.hash}


def _number(evidence: Evidence, judged: PointJudged, name: str) -> JSON:
    value = getattr(judged, name)
    return {
        "name": name,
        "value": list(value) if isinstance(value, tuple) else value,
        "how": _how(evidence, judged, name).as_json(),
    }


def _how(evidence: Evidence, judged: PointJudged, name: str) -> Message:
    procedure = evidence.procedure.part(judged.point)
    decision = procedure.decision
    return msg(
        NUMBERS[name],
        quantity=judged.quantity,
        model=procedure.measurand.model.result.text,
        n=len(evidence.runs_of(judged.uut, judged.point, judged.occasion)),
        rule=judged.rule or decision.rule,
        rounding=judged.rounding or "-",
        of_u=procedure.measurand.reporting.of_u,
        method=judged.method or "gum",
        stage=evidence.opened.stage,
    )


def _run(evidence: Evidence, stored: StoredEvent, event: RunMeasured) -> JSON:
    """Return one run: its inputs with their readings, its budget, its settings."""
    return {
        "record": _place(stored),
        "run": event.run,
        "valid": event.valid,
        "problem": event.problem,
        "action": event.action,
        "window": list(event.window),
        "numbers": [
            {"name": n, "value": getattr(event, n), "how": msg(how, n=event.n).as_json()}
            for n, how in OF_A_RUN.items()
        ],
        "error": event.error,
        "U": event.U,
        "gate": event.gate,
        "method": event.method,
        "inputs": [_input(evidence, stored, event, name) for name in event.inputs],
        "budget": list(event.budget),
        "settings": _settings(evidence, event),
    }


def _input(evidence: Evidence, stored: StoredEvent, event: RunMeasured, name: str) -> JSON:
    need = evidence.procedure.needs.get(name)
    blocks = list(evidence.blocks_of(stored, event, name))
    return {
        "name": name,
        "value": event.inputs[name],
        "unit": CONTEXT.get(name) or (need.unit if need else ""),
        "constant": bool(need and need.constant) or name in CONTEXT,
        "sources": [_source(evidence, source) for source in event.sources.get(name, ())],
        "standard": evidence.standard_of(name),
        "raw": [_block(s, e) for s, e in blocks],
    }


def _source(evidence: Evidence, source: Mapping[str, Any]) -> JSON:
    """Return a channel with the instrument that it belongs to, as that answered when opened."""
    found = evidence.kept.instruments.get(str(source["instrument"]))
    if found is None:
        return {**source, "serial": "", "driver": "", "address": "", "identity": ""}
    stored, opened = found
    return {
        **source,
        "serial": opened.serial,
        "driver": opened.driver,
        "address": opened.address,
        "identity": opened.identity,
        "record": _place(stored),
    }


def _block(stored: StoredEvent, block: Any) -> JSON:
    return {
        "record": _place(stored),
        "series": block.series,
        "channels": list(block.channels),
        "units": list(block.units),
        "first": block.first,
        "rows": block.rows,
        "sha256": block.sha256,
    }


def _settings(evidence: Evidence, event: RunMeasured) -> list[JSON]:
    """Return what every channel was set to last before the end of the run's window.

    Of the units' own instruments only that of the unit itself.
    """
    last: dict[tuple[str, str], JSON] = {}
    others = {m.uut for _, m in evidence.kept.measured} - {event.uut}
    for stored, setting in evidence.kept.settings:
        if setting.t <= event.window[1] and setting.instrument not in others:
            last[setting.instrument, setting.channel] = {
                **body(setting),
                "record": _place(stored),
            }
    return list(last.values())
