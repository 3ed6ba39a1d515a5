"""Putting the units of a load into the line, and looking at what was put there."""

from __future__ import annotations

from benchctl.acquire import Task, Until
from benchctl.core.errors import RefusedError
from benchctl.core.messages import Message, msg
from benchctl.engine.asking import confirmed, question_of
from benchctl.engine.session import Session
from benchctl.procedure.plan import Load


def mount(session: Session, load: Load) -> Task[None]:
    """Have a person put the units of a load into the line; the bench is at rest meanwhile.

    What the procedure wants to be looked at is confirmed one after the other: a "no" is asked again
    once it was put right.

    Raises:
        RefusedError: the person says no.
    """
    session.relax()
    session.line.clear()
    yield from put_in_line(session, load)


def put_in_line(session: Session, load: Load, before: Message | None = None) -> Task[None]:
    """Have a person say that the units of a load are in the line, and open their instruments.

    `before` is said first.

    Raises:
        RefusedError: the person says no.
    """
    units = {
        p: s
        for s, p in zip(load.serials, load.positions, strict=True)
        if s not in session.taken_out
    }
    question = _question(session, units)
    answer = yield from session.ask(
        "confirm",
        question if before is None else msg("engine.sentences", one=before, other=question),
        default=True,
        about={"mount": list(units), "serials": list(units.values())},
    )
    if answer.value is not True:
        raise RefusedError(msg("engine.not-mounted"))
    session.line.fill(load, units)
    for n, look in enumerate(session.procedure.mounting, 1):
        about = {"mounted": n, "serials": list(units.values())}
        yield from confirmed(session, question_of(look), default=True, about=about)
    for step in session.bench.opening_units(list(units.values())):
        step()
        yield Until(session.clock.now())
    for serial in units.values():
        if serial in session.bench.silent and serial not in session.dropped:
            session.drop(serial, session.bench.silent[serial].message)


def _question(session: Session, units: dict[int, str]) -> Message:
    """Return what goes where: units by position, and the positions that get a spool.

    Only a line in which units share a flow or a pressure has to be closed where none is.
    """
    places = ", ".join(f"{p}: {s}" for p, s in units.items())
    if session.procedure.line is None:
        return msg("engine.mount-places", places=places)
    count = session.bench.file.positions
    if count is None:
        return msg("engine.mount", places=places)
    empty = [p for p in range(1, count + 1) if p not in units]
    if not empty:
        return msg("engine.mount-full", places=places)
    return msg("engine.mount-spools", places=places, spools=spans(empty))


def spans(numbers: list[int]) -> str:
    """Return ascending numbers in short: `2, 5 … 12`."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(
        f"{run[0]} … {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs
    )
