"""Variants within one procedure: what differs with a parameter, laid over the rest of the file.

    variants:
      edition:
        "2012": {}
        "2026": {standard: {edition: 2026, in_force: 2026-06-01}, limits: [...]}
      method: {flying: {...}, gravimetric: {...}}

The key is a parameter, below it stands what each of its choices says. What is chosen is laid over
the file, one parameter after the other, and the whole is read as one procedure: a role that only
the weighing needs is a role of a procedure that weighs, and of no other. So everything is checked
for every combination of choices, each mistake at its own place.

`methods: {...}` of earlier versions is read as `variants: {method: {...}}`, with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from benchctl.core.messages import msg
from benchctl.procedure.items import is_definition, item_names
from benchctl.procedure.model import VariantPart
from benchctl.procedure.procedure import choice_text
from benchctl.procedure.reading import Path, Reader

OLD = "methods"
"""What the variants of the parameter `method` were called."""
MOST_VARIANTS = 200
"""So many combinations of choices may be procedures of their own."""
NOT_LAID = frozenset({"about", "note"})
"""Keys that say something of a variant and are laid over nothing."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A parameter and, by choice, the place of what it lays over the file."""

    parameter: str
    choices: Mapping[str, Path]


def read_axes(reader: Reader) -> list[Axis] | None:
    """Return the parameters with variants that can be laid over the file, [] where it has none.

    None where there are too many of them. Mistakes are reported.
    """
    axes = []
    for parameter, base in _parameters(reader):
        overlays = reader.mapping(base)
        if not overlays:
            reader.wrong("E104", msg("procedure.want-mapping"), base)
            continue
        _check_choices(reader, parameter, base, list(overlays))
        sound = [
            name for name, value in overlays.items() if _is_sound(reader, (*base, name), value)
        ]
        if sound:
            axes.append(Axis(parameter, {choice_text(name): (*base, name) for name in sound}))
    if prod(len(axis.choices) for axis in axes) > MOST_VARIANTS:
        message = msg("procedure.too-many-variants", limit=MOST_VARIANTS)
        reader.wrong("E004", message, ("variants",), key=True)
        return None
    return axes


def combinations(axes: list[Axis]) -> Iterator[tuple[tuple[str, ...], tuple[Path, ...]]]:
    """Give each combination of choices with the places of what is laid over the file."""
    for chosen in product(*(axis.choices.items() for axis in axes)):
        yield tuple(text for text, _ in chosen), tuple(path for _, path in chosen)


def laid(reader: Reader, paths: tuple[Path, ...]) -> Reader:
    """Return the reader of the file with variants laid over it."""
    document = reader.document
    for path in paths:
        if _at(document.data, path) is not None:
            document = document.overlaid(path, without=NOT_LAID)
    return Reader(document, reader.diagnostics)


def _parameters(reader: Reader) -> Iterator[tuple[str, Path]]:
    """Give each parameter that has variants, and where they stand."""
    for parameter in reader.mapping(("variants",)):
        yield parameter, ("variants", parameter)
    if reader.mapping((OLD,)):
        reader.wrong("E106", msg("procedure.methods-now"), (OLD,), key=True, warning=True)
        yield "method", (OLD,)


def _is_sound(reader: Reader, path: Path, value: object) -> bool:
    """Return whether a variant can be laid over the file; mistakes are reported."""
    if value is None:
        return True
    if not isinstance(value, dict):
        reader.wrong("E104", msg("procedure.want-mapping"), path)
        return False
    items = {*item_names(reader.data), *item_names(value)}
    parts = {k: v for k, v in value.items() if k not in items and not is_definition(k, v, value)}
    return reader.keys(VariantPart, path, parts)


def _check_choices(reader: Reader, parameter: str, base: Path, names: list[str]) -> None:
    """Report variants that cannot be chosen, and choices that are none."""
    path: Path = ("parameters", parameter)
    given = reader.mapping(("parameters",)).get(parameter)
    hint = msg("procedure.give-choices", name=parameter, choices=", ".join(names), default=names[0])
    if not isinstance(given, dict) or not isinstance(given.get("choices"), list):
        place = path if given is not None else base
        message = msg("procedure.no-variant-parameter", name=parameter)
        reader.wrong("E101", message, place, key=True, hint=hint)
        return
    known = {choice_text(name): name for name in names}
    choices = [
        choice_text(reader.text((*path, "choices", n)) or "") for n in range(len(given["choices"]))
    ]
    for n, choice in enumerate(choices):
        if choice not in known:
            message = msg("procedure.unknown-variant", name=choice, parameter=parameter)
            reader.unknown_name(choice, names, message, (*path, "choices", n))
    for choice, name in known.items():
        if choice not in choices:
            message = msg("procedure.variant-not-chosen", name=name, parameter=parameter)
            reader.unknown_name(name, choices, message, (*base, name), key=True)
    if given.get("unit") is not None:  # "1 kPa" would have to be the choice 1000 Pa
        message = msg("procedure.variant-unit", name=parameter)
        reader.wrong("E106", message, (*path, "unit"))
    if given.get("default") is None:
        message = msg("procedure.variant-default", name=parameter)
        reader.wrong("E101", message, path, key=True, hint=hint)


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data
