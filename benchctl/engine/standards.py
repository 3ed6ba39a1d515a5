"""What is wrong with the standards behind a run, before it starts, and what a test may set aside.

A check has a name: overdue, not-yet, withdrawn, serial, range. In a test run a person may
set one aside, with a reason; nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from benchctl.bench import Standard, standard_problems
from benchctl.bench.assets import SOON
from benchctl.core.clock import utc_now
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import CheckOverridden
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.engine.refusals import Refusal

if TYPE_CHECKING:
    from benchctl.engine.prepare import Files
    from benchctl.engine.request import RunRequest
    from benchctl.engine.session import Session
    from benchctl.procedure import Procedure
    from benchctl.procedure.plan import Plan, Visit

CHECKS = ("overdue", "not-yet", "withdrawn", "serial", "range")


def require_overridable(request: RunRequest) -> None:
    """See that what is to be set aside is a check, and that somebody says who and why.

    Raises:
        UsageError: there is no such check, or nobody says it.
    """
    if not request.overrides:
        if request.because:
            raise UsageError(msg("engine.because-of-what"))
        return
    for name in request.overrides:
        if name not in CHECKS:
            near = closest(name, CHECKS)
            raise UsageError(
                msg("engine.no-check", name=name, known=", ".join(CHECKS)),
                hint=msg("bench.did-you-mean", name=near) if near else None,
            )
    if request.resumes:
        return  # who and why stands in the record of the run that goes on
    if not request.operator.strip() or not request.because.strip():
        raise UsageError(msg("engine.override-who"))


def behind(files: Files) -> Iterator[tuple[str, Standard, str]]:
    """Give each role behind which a standard stands, the standard and its channel."""
    for role in files.procedure.needs:
        found = files.wiring.stands_behind(role)
        if found is not None:
            yield role, *found


def standards_unfit(files: Files) -> list[Refusal]:
    """Return why standards must not be used today, or are not those that the bench file names."""
    today = utc_now().date()
    standards = {standard.name: standard for _, standard, _ in behind(files)}
    found: list[Refusal] = []
    if files.request.overrides and files.request.service != "test":
        found.append(Refusal("", msg("engine.no-override", service=files.request.service)))
    found += [
        Refusal("", message, check)
        for standard in standards.values()
        for check, message in standard_problems(standard, today)
    ]
    for entry in files.bench.instruments.values():
        standard = standards.get(entry.standard or "")
        if standard is None or entry.serial is None or entry.serial == standard.serial:
            continue
        other = msg(
            "engine.other-serial",
            instrument=entry.name,
            serial=entry.serial,
            standard=standard.name,
            certified=standard.serial,
            certificate=standard.certificate,
        )
        found.append(Refusal("", other, "serial"))
    return found


def soon_due(files: Files) -> list[Message]:
    """Return which standards are due soon."""
    today = utc_now().date()
    standards = {standard.name: standard for _, standard, _ in behind(files)}
    return [
        msg("engine.due-soon", standard=s.name, due=s.due.isoformat(), days=(s.due - today).days)
        for s in standards.values()
        if s.source == "register" and 0 <= (s.due - today).days <= SOON
    ]


def require_in_date(session: Session) -> None:
    """See that no standard's certificate ran out while the run went on.

    Raises:
        RefusedError: one did, by the run's own clock.
    """
    if "overdue" in session.overridden:
        return
    today = session.clock.utc().date()
    for role in session.procedure.needs:
        found = session.bench.wiring.stands_behind(role)
        if found is not None and today > found[0].due:
            due = found[0].due.isoformat()
            raise RefusedError(msg("engine.expired-now", standard=found[0].name, due=due))


def overridden(request: RunRequest) -> list[CheckOverridden]:
    """Return what the record says of the checks that a person has set aside."""
    return [CheckOverridden(c, request.operator, request.because) for c in request.overrides]


def beyond_certificates(files: Files, plan: Plan) -> list[Refusal]:
    """Return the units and points at which the certificate of a standard does not hold."""
    found = []
    for visit in (v for v in plan.visits if v.unit):
        for role in _concerned(files.procedure, visit):
            what = files.wiring.beyond_certificate(role, visit.setpoint, visit.unit)
            if what is not None:
                points = "+".join(visit.points)
                beyond = msg("engine.beyond-certificate", points=points, what=what)
                found += [Refusal(m.serial, beyond, "range") for m in visit.members]
    return found


def _concerned(procedure: Procedure, visit: Visit) -> Iterable[str]:
    """Return the roles that have to do with the set-point of a visit.

    Of an item that is measured in its own right, those that it sets, looks at or names in its
    model: another item's volts are none of this one's.
    """
    part = procedure.parts.get(visit.item)
    if part is None:
        return procedure.needs
    each = part.each_point
    return (
        part.measurand.model.names | each.set.keys() | {each.settle.role}
    ) & procedure.needs.keys()
