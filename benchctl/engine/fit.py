"""Does a bench serve a procedure, and a batch both? Found from files alone, nothing is opened."""

from __future__ import annotations

from benchctl.bench import BenchFile, Wiring
from benchctl.bench.wiring import Place
from benchctl.core.messages import Message, msg
from benchctl.drivers import Shelf
from benchctl.engine.units import GivenUnit, check_places
from benchctl.language import Batch, Diagnostics, parse_document
from benchctl.procedure import Procedure, check_batch


def check_wiring(wiring: Wiring, diagnostics: Diagnostics) -> None:
    """Report what keeps a procedure from running on a bench, at its place in the bench file."""
    misfits = wiring.misfits()
    document = parse_document(wiring.file.source, Diagnostics()) if misfits else None
    for place, message in misfits:
        assert document is not None  # the bench file was read from the same text
        span = document.key_span(place) if len(place) <= _KEYS else document.span(place)
        hint = _hint(place, message)
        diagnostics.error("E204", message, document.source, span, hint=hint)


_KEYS = 2
"""A place no deeper than this is a role or a part of the file: its key is marked."""


def _hint(place: Place, message: Message) -> Message | None:
    if message.id == "bench.unbound":
        role = message.args["role"]
        return msg("engine.bind-role", role=role)
    if message.id == "bench.percent-unclear":
        return msg("bench.percent-hint", U=message.args["U"])
    del place
    return None


def check_fit(
    procedure: Procedure, bench: BenchFile, shelf: Shelf, diagnostics: Diagnostics
) -> None:
    """Report what keeps a procedure, by its usual method, from running on a bench.

    Raises:
        UsageError: a driver cannot be loaded.
    """
    check_wiring(Wiring(bench, shelf, procedure.needs), diagnostics)


def check_on_bench(
    batch: Batch, procedure: Procedure, bench: BenchFile, shelf: Shelf, diagnostics: Diagnostics
) -> None:
    """Report units of a batch that have no place, or no address, on a bench.

    Raises:
        UsageError: a driver cannot be loaded.
    """
    units = [
        GivenUnit(u.serial, u.position, u.parameters, u.extra, batch, u.row)
        for u in check_batch(batch, procedure, Diagnostics())
    ]
    check_places(units, Wiring(bench, shelf, {}), diagnostics)
