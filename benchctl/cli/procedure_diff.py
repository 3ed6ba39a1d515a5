"""`benchctl procedures diff`: which procedure, by which way, and the differences in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.cli.shell import Shell
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.procedure import Difference, Procedure


def procedure_by_way(shell: Shell, text: str, lab: Path | None) -> Procedure:
    """Return the procedure that `water-meter:method=flying` names.

    Raises:
        UsageError: it has no such way, or there is no such procedure.
        FileError: it has mistakes.
    """
    from benchctl.language import Diagnostics
    from benchctl.procedure import find_procedure, load_procedure

    name, _, ways = text.rpartition(":")
    if not name or "=" not in ways:
        name, ways = text, ""
    diagnostics = Diagnostics()
    procedure = load_procedure(find_procedure(name, lab, shell.extra), diagnostics)
    diagnostics.raise_if_failed()
    assert procedure is not None
    given = {}
    for way in filter(None, ways.split(",")):
        parameter, _, choice = (part.strip() for part in way.partition("="))
        values, _ = procedure.parameters_from({parameter: choice})
        declared = procedure.parameters.get(parameter)
        if declared is None or not declared.choices or parameter not in values:
            raise UsageError(msg("cli.no-way-chosen", name=name, choice=way))
        given[parameter] = values[parameter]
    usual = {n: p.default for n, p in procedure.parameters.items() if p.default is not None}
    return procedure.of({**usual, **given}) if given else procedure


def lines(shell: Shell, found: Sequence[Difference], names: tuple[str, str]) -> Iterator[str]:
    """Yield a line for each difference; `names` are what the two are called."""
    for difference in found:
        path = " ".join(difference.path)
        if difference.before is None or difference.after is None:
            here = difference.after is None
            value = difference.before if here else difference.after
            yield shell.text("diff-only", path=path, name=names[not here], value=shown(value))
        else:
            before, after = shown(difference.before), shown(difference.after)
            yield shell.text("diff-changed", path=path, before=before, after=after)
    if not found:
        yield shell.text("no-difference")


def shown(value: Any) -> str:
    """Return a value as a procedure file has it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_json(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return the differences as plain data."""
    return [
        {"part": d.part, "path": list(d.path), "before": d.before, "after": d.after} for d in found
    ]
