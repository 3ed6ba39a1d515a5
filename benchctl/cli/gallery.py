"""The gallery: a page of Markdown that shows every procedure of a shelf, made from the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.cli.procedure_diff import shown
from benchctl.cli.shell import Shell

if TYPE_CHECKING:
    from benchctl.procedure import Parameter, Procedure

MOST_POINTS = 24
"""More names of points are counted, not listed."""


def gallery(shell: Shell, procedures: Sequence[Procedure]) -> Iterator[str]:
    """Yield the lines of the page."""
    yield f"# {shell.text('gallery-title')}"
    yield ""
    yield shell.text("gallery-made")
    for procedure in procedures:
        yield ""
        yield from _procedure(shell, procedure)


def _procedure(shell: Shell, procedure: Procedure) -> Iterator[str]:
    titles = dict.fromkeys(procedure.title.values())
    standard = procedure.standard
    since = f" ({shell.text('in-force', date=standard.in_force)})" if standard.in_force else ""
    cited = ", ".join((f"{standard.title}{since}", *standard.see_also))
    yield f"## {procedure.name}"
    yield ""
    yield f"{' · '.join(titles)}. {cited}."
    yield ""
    yield "| | |"
    yield "|---|---|"
    for name, text in _rows(procedure):
        if text:
            yield f"| {shell.text(name)} | {_cell(text)} |"


def _rows(procedure: Procedure) -> Iterator[tuple[str, str]]:
    data = procedure.data
    yield "items", ", ".join(_item(name, data) for name in data.get("items", ()))
    names = procedure.point_names()
    listed = ", ".join(names[:MOST_POINTS]) + (", …" if len(names) > MOST_POINTS else "")
    yield "points", f"{len(names)}: {listed}" if names else ""
    yield "stages", ", ".join(procedure.stages_known())
    yield "parameter", ", ".join(_parameter(p) for p in procedure.parameters.values())
    yield "needs", ", ".join(_need(role, procedure) for role in procedure.needs)
    yield "simulated-bench", procedure.simulated_bench or ""
    yield "notes", str(len(procedure.notes) or "")


def _item(name: str, data: Mapping[str, Any]) -> str:
    """Return an item with its title."""
    definition = data.get(name)
    title = definition.get("title") if isinstance(definition, dict) else None
    if isinstance(title, dict):
        title = " · ".join(dict.fromkeys(map(str, title.values())))
    return f"{name} ({title})" if title else str(name)


def _parameter(parameter: Parameter) -> str:
    values = ""
    if parameter.choices:
        values = " | ".join(shown(c) for c in parameter.choices)
    elif parameter.at_least is not None and parameter.at_most is not None:
        values = f"{parameter.at_least:g} … {parameter.at_most:g}"
    unit = f" {parameter.unit}" if parameter.unit and values else ""
    return f"`{parameter.name}` {values}{unit}".strip()


def _need(role: str, procedure: Procedure) -> str:
    need = procedure.needs[role]
    unit = f" in {need.unit}" if need.unit else ""
    return f"`{role}`{unit}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
