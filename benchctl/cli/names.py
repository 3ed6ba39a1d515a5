"""What may stand at a place of the command line, for a shell that completes.

Each function fits click's `shell_complete=`: it gets the context of the half-written call and the
beginning of a word. A person waits after every TAB, so names are taken from files as they lie
there: no driver is imported, no procedure is checked, no database is opened by its own tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli.shell import Shell
from benchctl.core.places import search_path

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from benchctl.cli.outline import Outline

    Items = list[CompletionItem]

MOST_FILES = 200
"""Files of a folder that are looked into."""
MOST_RUNS = 50
_HEAD = 16_384
_BENCH = re.compile(r"(?m)^bench\s*:\s*(.*)$")
_PLANT = re.compile(r"(?m)^plant:(.*)$")
_SIMULATOR = re.compile(r"(?m)^def simulator\(")
_DOCSTRING = re.compile(r'\A(?:#.*\n)*r?"""([^\n"]+)')

_RUNS = "SELECT run, utc, bench FROM runs {which} ORDER BY number DESC LIMIT 1000"
_OPEN = (
    "WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.run = runs.run AND r.kind = 'run-closed')"
)


def procedures(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the procedures of the shelf and those that lie here; files where none fits."""
    from benchctl.cli.outline import SUFFIXES, procedure_files, read_outline

    found = procedure_files(_lab(ctx), _shell(ctx).extra)
    here = [p for suffix in SUFFIXES for p in sorted(Path().glob(f"*{suffix}"))[:MOST_FILES]]
    named = {**found, **{p.name: p for p in here if read_outline(p)}}
    return _items(
        ((n, _title(ctx, read_outline(p))) for n, p in named.items() if n.startswith(incomplete)),
        incomplete,
        files=True,
    )


def points(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the points of the procedure that is named; the last of a list with commas."""
    outline = _outline(ctx)
    chosen, comma, _ = incomplete.rpartition(",")
    names = outline.points if outline else ()
    left = (f"{chosen}{comma}{n}" for n in names if n not in chosen.split(","))
    return _items(((name, "") for name in left), incomplete)


def stages(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """Return the stages of the procedure that is named, all where none is."""
    outline = _outline(ctx)
    known = param.type.choices if isinstance(param.type, click.Choice) else ()
    names = [n for n in known if outline is None or n in outline.stages]
    return _items(((n, _shell(ctx).text(f"stage-{n}")) for n in names), incomplete)


def services(ctx: click.Context, param: click.Parameter, incomplete: str) -> Items:
    """Return the services."""
    known = param.type.choices if isinstance(param.type, click.Choice) else ()
    return _items(((n, _shell(ctx).text(f"service-{n}")) for n in known), incomplete)


def settings(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return `NAME=` of the procedure's parameters, and behind the `=` the choices."""
    outline = _outline(ctx)
    if outline is None:
        return []
    name, equals, _ = incomplete.partition("=")
    if equals:
        known = outline.parameters.get(name)
        return _items(
            ((f"{name}={c}", known.unit) for c in known.choices) if known else (), incomplete
        )
    taken = {text.partition("=")[0].strip() for text in ctx.params.get("sets") or ()}
    left = ((f"{n}=", p.unit) for n, p in outline.parameters.items() if n not in taken)
    return _items(left, incomplete)


def speeds(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the speeds that have a name."""
    return _items((("max", ""), ("real", "")), incomplete)


def bench_files(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the bench files that lie here or in the lab; files where none fits."""
    folders = [Path(), *([lab] if (lab := _lab(ctx)) is not None else [])]
    found = ((str(path), name) for folder in folders for path, name in _benches(folder))
    return _items(found, incomplete, files=True)


def _benches(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.glob("*.y*ml"))[:MOST_FILES]:
        named = _BENCH.search(_head(path))
        if named:
            yield path, named[1].partition(" #")[0].strip().strip("\"'")


def simulated_benches(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the simulated benches."""
    found: dict[str, str] = {}
    for folder in search_path("sim_instruments", _lab(ctx), _shell(ctx).extra):
        for entry in sorted(folder.glob("[!_.]*")):
            file = entry / "bench.py" if entry.is_dir() else entry
            if (entry / "plant.yaml").is_file():
                told = _PLANT.search(_head(entry / "plant.yaml"))
                found.setdefault(entry.name, told[1].strip().strip("\"'") if told else "")
            elif file.suffix == ".py" and file.is_file() and not _SIMULATOR.search(_head(file)):
                found.setdefault(entry.stem, _summary(file))
    return _items(sorted(found.items()), incomplete)


def drivers(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the drivers of the shelf, none of them imported."""
    from importlib.metadata import entry_points

    found = {
        path.stem: path
        for folder in reversed(search_path("drivers", _lab(ctx), _shell(ctx).extra))
        for suffix in ("y*ml", "py")
        for path in folder.glob(f"[!_]*.{suffix}")
    }
    installed = {point.name: "" for point in entry_points(group="benchctl.drivers")}
    named = installed | {n: _summary(p) for n, p in found.items() if n.startswith(incomplete)}
    return _items(sorted(named.items()), incomplete)


def runs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the runs of the lab, newest first; the newest of all is also `latest`."""
    found = _run_ids(ctx, incomplete)
    latest = _items([("latest", "")], incomplete) if found or not incomplete else []
    return [*found, *latest] or _items([("latest", "")], incomplete)


def open_runs(ctx: click.Context, _param: click.Parameter, incomplete: str) -> Items:
    """Return the runs that were never closed: they go on, or were cut off."""
    return _run_ids(ctx, incomplete, _OPEN)


def _run_ids(ctx: click.Context, incomplete: str, which: str = "") -> Items:
    rows = _rows(ctx, _RUNS.format(which=which))
    fitting = [row for row in rows if row[0].startswith(incomplete.upper())][:MOST_RUNS]
    return _items(
        ((run, f"{utc[:16].replace('T', ' ')} {bench}") for run, utc, bench in fitting), ""
    )


def _rows(ctx: click.Context, query: str) -> list[tuple[str, str, str]]:
    """Return what the lab's database answers; a database that is not there has no runs."""
    import sqlite3  # the records' own way in takes four times the time that TAB has

    database = (_lab(ctx) or _default_lab()) / "lab.sqlite"
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as connection:
            return [(str(a), str(b), str(c)) for a, b, c in connection.execute(query)]
    except sqlite3.Error:
        return []


def _default_lab() -> Path:
    import os
    import sys

    from benchctl.records import user_data_folder

    return user_data_folder(os.environ, sys.platform, Path.home())


def options(command: click.Command, ctx: click.Context, incomplete: str) -> Items:
    """Return the options of a command that are not yet given, their help worded."""
    shell = _shell(ctx)
    helps = {
        name: getattr(param, "help", None) or ""
        for param in command.get_params(ctx)
        for name in param.opts
    }
    found = click.Command.shell_complete(command, ctx, incomplete)
    for item in found:
        own = item.value != "--help"  # click's own, in English
        item.help = shell.text(helps[item.value] if own else "option-help")
    return found


def _items(found: Iterable[tuple[str, str]], incomplete: str, *, files: bool = False) -> Items:
    """Return the words that begin so with their help; what the shell finds in folders if none."""
    from click.shell_completion import CompletionItem

    items = [CompletionItem(n, help=h or None) for n, h in found if n.startswith(incomplete)]
    return items or ([CompletionItem(incomplete, type="file")] if files else [])


def _shell(ctx: click.Context) -> Shell:
    shell = ctx.find_root().obj
    assert isinstance(shell, Shell)
    return shell


def _lab(ctx: click.Context) -> Path | None:
    named = ctx.params.get("lab")
    return Path(named) if named else _shell(ctx).lab


def _outline(ctx: click.Context) -> Outline | None:
    """Return the outline of the procedure that the call names.

    Before an option that waits for its value click leaves arguments where they stood.
    """
    from benchctl.cli.outline import procedure_file, read_outline

    name = ctx.params.get("procedure") or next(iter(ctx.args), "")
    file = procedure_file(name, _lab(ctx), _shell(ctx).extra)
    return read_outline(file) if file is not None else None


def _title(ctx: click.Context, outline: Outline | None) -> str:
    titles = outline.titles if outline else {}
    return titles.get(_shell(ctx).language) or next(iter(titles.values()), "")


def _summary(file: Path) -> str:
    """Return the first line of a module's docstring."""
    found = _DOCSTRING.match(_head(file))
    return found[1].strip() if found else ""


def _head(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_HEAD).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError:
        return ""
