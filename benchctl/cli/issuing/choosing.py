"""Which runs and units get a certificate now: by run, day or order, and what was issued before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchctl.cli import names as known
from benchctl.cli.options import option
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from benchctl.certificates import Kind, LabSettings
    from benchctl.records import Lab, RunInfo
    from benchctl.records.issued import Entry

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("runs", nargs=-1, shell_complete=known.runs),
    option("--since", metavar="DATE", help="option-issue-since"),
    option("--until", metavar="DATE", help="option-issue-until"),
    option("--order", metavar="NO", help="option-issue-order"),
)


def selection(function: F) -> F:
    """Give a command RUN..., --since, --until and --order."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


@dataclass(slots=True)
class Chosen:
    """The units of a run: to be issued, issued before (with their entry), and left out."""

    run: str
    simulated: bool
    wanted: list[str] = field(default_factory=list)
    issued: dict[str, Entry] = field(default_factory=dict)
    left_out: dict[str, Message] = field(default_factory=dict)


def day_of(text: str | None) -> str:
    """Return a day as ISO 8601, "" where none is given.

    Raises:
        UsageError: it is no day.
    """
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise UsageError(msg("cli.not-a-day", text=str(text))) from error


def chosen_runs(lab: Lab, options: Mapping[str, Any], settings: LabSettings) -> list[str]:
    """Return the runs that are meant, oldest first.

    By day or order only real ones, where there is a real one.

    Raises:
        UsageError: nothing says which, or there is no such run.
    """
    since, until = day_of(options["since"]), day_of(options["until"])
    if options["runs"]:
        return list(dict.fromkeys(lab.find_run(name) for name in options["runs"]))
    if not (since or until or options["order"]):
        raise UsageError(msg("issuing.which"))
    found = list(_of_days(lab, since, until, settings.utc_offset))
    if options["order"]:
        of_order = _of_order(lab, options["order"])
        found = [info for info in found if info.run in of_order]
    real = [info for info in found if not info.simulated]
    if not found:
        raise UsageError(msg("issuing.no-runs"))
    return [info.run for info in reversed(real or found)]


def _of_days(lab: Lab, since: str, until: str, offset: int) -> Iterator[RunInfo]:
    from benchctl.certificates.dates import local_day

    for info in lab.runs(None):
        if info.finished is None:
            continue
        day = local_day(info.finished, offset).isoformat()
        if day >= since and (not until or day <= until):
            yield info


def _of_order(lab: Lab, order: str) -> set[str]:
    from benchctl.records import orders

    return {a.run for made in orders(lab).get(order, {}).values() for a in made}


def choose(
    lab: Lab,
    run: str,
    issued: Mapping[str, Entry],
    *,
    order: str | None = None,
    kind: Kind | None = None,
) -> Chosen:
    """Return what is to be done with the units of a run.

    Args:
        lab: the records.
        run: the run's id.
        issued: the register of originals, by number.
        order: only units of this order.
        kind: the kind of certificate that is wanted, by default what the results bear.
    """
    from benchctl.certificates import kind_of
    from benchctl.records import valid_numbers

    document = lab.document(run)
    found = Chosen(run, bool(document["simulated"]))
    holding = {} if found.simulated else valid_numbers(lab, run, document)
    for uut in document["uuts"]:
        serial = str(uut["serial"])
        if order is not None and uut.get("order") != order:
            continue
        try:
            kind_of(document, uut, kind)
        except RefusedError as error:
            found.left_out[serial] = error.message
            continue
        entry = issued.get(holding.get(serial, ""))
        if entry is None:
            found.wanted.append(serial)
        else:
            found.issued[serial] = entry
    return found


def require_units(chosen: Sequence[Chosen]) -> None:
    """Refuse a choice in which no unit bears a certificate.

    Raises:
        RefusedError: there is none; why, where it is one reason.
    """
    if any(c.wanted or c.issued for c in chosen):
        return
    reasons = [message for c in chosen for message in c.left_out.values()]
    if len({r.id for r in reasons}) == 1:
        raise RefusedError(reasons[0])
    raise RefusedError(msg("certificates.none", run=", ".join(c.run for c in chosen)))


def output_folder(path: Path) -> Path:
    """Return a folder to write to, made where there is none.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(msg("cli.no-folder", path=str(path))) from error
    return path
