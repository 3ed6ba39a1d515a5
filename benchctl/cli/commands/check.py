"""`benchctl check`: every mistake in procedures, bench files and batches, each at its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.options import new_command, option, shell_of
from benchctl.cli.shell import Shell
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench import BenchFile
    from benchctl.language import Diagnostics, Document
    from benchctl.procedure import Procedure

BATCHES = (".csv", ".tsv", ".txt", ".xlsx")
PLANT = "plant.yaml"


@new_command("check", "help-check")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@option(
    "--format",
    "style",
    type=click.Choice(("full", "concise", "json", "github")),
    default="full",
    help="option-format",
)
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], style: str) -> int:
    """Check files."""
    from benchctl.language import Diagnostics, render

    shell = shell_of(ctx)
    diagnostics = Diagnostics()
    files = tuple(meant_file(shell, file) for file in files)
    check_files(shell, files, diagnostics)
    for_people = style in ("full", "concise")
    found = render(
        diagnostics.items,
        format=style,
        language=shell.language,
        color=shell.out.colour and style == "full",
    )
    if found:
        shell.out.line(found)
    summary = shell.out if for_people else shell.err
    if style == "full" and found:
        summary.line()
    summary.line(_summary(shell, diagnostics, files))
    return 2 if diagnostics.failed else 0


def _summary(shell: Shell, diagnostics: Diagnostics, files: Sequence[Path]) -> str:
    errors = [d for d in diagnostics.items if d.severity == "error"]
    warnings = len(diagnostics.items) - len(errors)
    wrong = len({d.source.name for d in errors})
    name = "check-failed" if errors else "check-passed"
    return shell.text(name, mistakes=len(errors), wrong=wrong, files=len(files), warnings=warnings)


def meant_file(shell: Shell, file: Path) -> Path:
    """Return the file, or the procedure of that name on the shelf where there is no such file."""
    from benchctl.core.places import find_file

    if file.exists():
        return file
    suffixes = (".yaml", ".yml")
    return find_file("procedures", str(file), suffixes, shell.lab, shell.extra) or file


def check_files(shell: Shell, files: Sequence[Path], diagnostics: Diagnostics) -> None:
    """Check each file as what it is; together where just one procedure, or one bench, is given."""
    from benchctl.engine import LabRegister
    from benchctl.procedure import check_file

    batches = [f for f in files if f.suffix.lower() in BATCHES]
    others = [f for f in files if f not in batches]
    parts = Parts.of(shell, others, together=len(files) > 1)
    folders = [*([shell.lab] if shell.lab else []), *shell.extra]
    procedure, register = parts.procedure, LabRegister(shell.lab)
    for file in files:
        of = procedure if file in batches else None
        if file.name == PLANT:
            _check_plant(shell, file, diagnostics)
            continue
        for found in check_file(file, of, extra=folders, register=register):
            diagnostics.add(found)
    for document, key in parts.named_benches():
        _check_simulated(shell, document, key, diagnostics)
    if procedure is not None and len(parts.benches) == 1:
        _check_together(shell, procedure, parts.benches[0], batches, diagnostics)


def _check_plant(shell: Shell, file: Path, diagnostics: Diagnostics) -> None:
    """Check a declared plant with the bench file beside it."""
    from benchctl.simulation import check_plant

    check_plant(file, diagnostics, shell.lab, _around(shell, file))


def _around(shell: Shell, file: Path) -> list[Path]:
    """Return where a file's lab may be: its folder, and those that may hold a lab's folders."""
    return [*shell.extra, *file.absolute().parents[:3]]


def _check_together(
    shell: Shell,
    procedure: Procedure,
    bench: BenchFile,
    batches: Sequence[Path],
    diagnostics: Diagnostics,
) -> None:
    """Check that a bench serves a procedure, and has a place for every unit of the batches."""
    from benchctl.engine import check_fit, check_on_bench, shelf_for
    from benchctl.language import Diagnostics, Span, read_batch

    shelf = shelf_for(shell.lab, bench.folder)
    try:
        check_fit(procedure, bench, shelf, diagnostics)
        for file in batches:
            batch = read_batch(file, Diagnostics(), wrong_too=True)
            if batch is not None:
                check_on_bench(batch, procedure, bench, shelf, diagnostics)
    except BenchctlError as broken:  # a driver that cannot be loaded
        span = Span.at(1, 1)
        diagnostics.error("E301", broken.message, bench.source, span, hint=broken.hint)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the files are together: YAML documents, procedures and benches without mistakes."""

    documents: tuple[Document, ...]
    procedures: tuple[Procedure, ...]
    benches: tuple[BenchFile, ...]

    @classmethod
    def of(cls, shell: Shell, files: Sequence[Path], *, together: bool) -> Parts:
        """Read the files; their mistakes are told elsewhere.

        Procedures and benches are read only where they are checked `together`.
        """
        from benchctl.language import Diagnostics, load_document

        documents = [load_document(file, Diagnostics()) for file in files]
        there = [d for d in documents if d is not None and isinstance(d.data, dict)]
        if not together:
            return cls(tuple(there), (), ())
        pairs = zip(files, documents, strict=True)
        benches = [f for f, d in pairs if d in there and d is not None and "bench" in d.data]
        return cls(
            tuple(there),
            tuple(p for file in files if (p := _procedure(file)) is not None),
            tuple(b for file in benches if (b := _bench(shell, file)) is not None),
        )

    @property
    def procedure(self) -> Procedure | None:
        """The procedure, where there is just one."""
        return self.procedures[0] if len(self.procedures) == 1 else None

    def named_benches(self) -> Iterator[tuple[Document, tuple[str, ...]]]:
        """Give where a file names a simulated bench."""
        for document in self.documents:
            simulated = document.data.get("simulated")
            if isinstance(document.data.get("simulated_bench"), str):
                yield document, ("simulated_bench",)
            elif isinstance(simulated, dict) and isinstance(simulated.get("bench"), str):
                yield document, ("simulated", "bench")


def _check_simulated(
    shell: Shell, document: Document, place: tuple[str, ...], diagnostics: Diagnostics
) -> None:
    """Report a simulated bench that is not there."""
    from benchctl.core.suggest import closest
    from benchctl.simulation import list_benches

    known = [b.name for b in list_benches(shell.lab, _around(shell, Path(document.source.name)))]
    name = document.text(place)
    if name in known:
        return
    near = closest(name, known)
    hint = msg("simulation.did-you-mean", word=near) if near else None
    what = msg("simulation.no-bench", name=name, known=", ".join(known) or "-")
    diagnostics.error("E301", what, document.source, document.span(place), hint=hint)


def _bench(shell: Shell, file: Path) -> BenchFile | None:
    """Return the bench file in a file, None where it has mistakes."""
    from benchctl.bench import load_bench
    from benchctl.drivers import driver_names
    from benchctl.engine import LabRegister, shelf_for
    from benchctl.language import Diagnostics

    names = driver_names(shelf_for(shell.lab, file.parent).folders)
    register = LabRegister(shell.lab)
    return load_bench(file, Diagnostics(), drivers=names, register=register)


def _procedure(file: Path) -> Procedure | None:
    """Return the procedure in a file, None where it holds another thing or mistakes."""
    from benchctl.language import Diagnostics, load_document
    from benchctl.procedure import load_procedure

    document = load_document(file, Diagnostics())
    if document is None or not isinstance(document.data, dict):
        return None
    return load_procedure(file, Diagnostics()) if "procedure" in document.data else None
