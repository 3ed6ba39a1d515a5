"""What `benchctl check` asks: every mistake of a file, whatever kind of file it is.

A procedure says `procedure:`, a bench file `bench:`, an asset's file `asset:`; a table (.csv,
.xlsx) is a batch, which can be checked against a procedure.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.core.clock import utc_now
from benchctl.core.messages import msg
from benchctl.core.places import search_path
from benchctl.core.suggest import closest
from benchctl.language import (
    Diagnostic,
    Diagnostics,
    Document,
    Span,
    load_document,
    read_batch,
)
from benchctl.procedure.batch_check import check_batch
from benchctl.procedure.load import load_procedure
from benchctl.procedure.procedure import Procedure

if TYPE_CHECKING:
    from benchctl.bench.reading import Registered

BATCHES = (".csv", ".tsv", ".txt", ".xlsx")


def check_file(
    path: Path,
    procedure: Procedure | None = None,
    *,
    extra: Sequence[Path] = (),
    register: Registered | None = None,
) -> list[Diagnostic]:
    """Return everything that is wrong in a procedure, a bench file, an asset's file or a batch.

    Args:
        path: The file.
        procedure: What the parameters of a batch are checked against.
        extra: Further folders that may hold a folder `drivers`, beside that of a bench file.
        register: What knows the standards that a bench file names and does not describe.
    """
    diagnostics = Diagnostics()
    if path.suffix.lower() in BATCHES:
        batch = read_batch(path, diagnostics, wrong_too=True)
        if batch is not None and procedure is not None:
            check_batch(batch, procedure, diagnostics)
    else:
        _check_yaml(path, diagnostics, extra, register)
    return list(diagnostics.items)


def _check_yaml(
    path: Path, diagnostics: Diagnostics, extra: Sequence[Path], register: Registered | None
) -> None:
    first_look = Diagnostics()
    document = load_document(path, first_look)
    keys = document.data if document and isinstance(document.data, dict) else {}
    if "procedure" in keys:
        load_procedure(path, diagnostics)
    elif "bench" in keys:
        from benchctl.bench import load_bench  # a procedure or a batch needs none of it

        names = _driver_names(path.parent, extra)
        load_bench(path, diagnostics, drivers=names, register=register)
    elif "scheme" in keys:
        from benchctl.bench.scheme import load_scheme  # likewise

        load_scheme(path, diagnostics)
    elif "asset" in keys:
        from benchctl.bench.assets import read_asset  # likewise

        read_asset(path, diagnostics, today=utc_now().date())
    else:
        for found in first_look.items:
            diagnostics.add(found)
        if document is not None:
            _report_neither(document, list(keys), diagnostics)


def _driver_names(lab: Path, extra: Sequence[Path]) -> list[str]:
    """Return the names of the drivers that a bench file can name; none of them is imported."""
    from benchctl.drivers import driver_names  # with the driver kit

    return driver_names(search_path("drivers", lab, extra))


def _report_neither(document: Document, keys: Sequence[str], diagnostics: Diagnostics) -> None:
    """Say that a file is of no known kind; a misspelt first key is named."""
    span, hint = Span.at(1, 1), msg("procedure.what-it-is")
    for key in keys:
        near = closest(key, ("procedure", "bench", "asset", "scheme"))
        if near:
            span, hint = document.key_span((key,)), msg("procedure.did-you-mean", name=near)
            break
    diagnostics.error("E101", msg("procedure.neither"), document.source, span, hint=hint)
