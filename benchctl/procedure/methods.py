"""Ways to measure within one procedure: `methods`, and the parameter `method` that chooses.

What a method says is laid over the rest of the file, and the whole is read as one procedure: a role
that only the weighing needs is a role of a procedure that weighs, and of no other. So everything is
checked for every method, each mistake at its own place.
"""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.procedure.model import MethodPart
from benchctl.procedure.reading import Path, Reader

CHOOSES = "method"
"""The parameter whose choices are the methods."""


def read_methods(reader: Reader) -> list[str]:
    """Return the names of the methods that can be laid over the file; mistakes are reported."""
    methods = reader.mapping(("methods",))
    if not methods:
        return []
    sound = []
    for name, value in methods.items():
        path: Path = ("methods", name)
        if not isinstance(value, dict):
            reader.wrong("E104", msg("procedure.want-mapping"), path)
        elif reader.keys(MethodPart, path, value):
            sound.append(name)
    _check_choices(reader, list(methods))
    return sound


def _check_choices(reader: Reader, methods: list[str]) -> None:
    """Report methods that cannot be chosen, and choices that are no method."""
    parameters = reader.mapping(("parameters",))
    path: Path = ("parameters", CHOOSES)
    given = parameters.get(CHOOSES)
    hint = msg("procedure.give-method", choices=", ".join(methods), default=methods[0])
    if not isinstance(given, dict) or not isinstance(given.get("choices"), list):
        place = path if CHOOSES in parameters else ("methods",)
        reader.wrong("E101", msg("procedure.no-method-parameter"), place, key=True, hint=hint)
        return
    choices = [str(choice) for choice in given["choices"]]
    for n, choice in enumerate(choices):
        if choice not in methods:
            message = msg("procedure.unknown-method", name=choice)
            reader.unknown_name(choice, methods, message, (*path, "choices", n))
    for name in methods:
        if name not in choices:
            message = msg("procedure.method-not-chosen", name=name)
            reader.unknown_name(name, choices, message, ("methods", name), key=True)
    if given.get("default") is None:
        reader.wrong("E101", msg("procedure.method-default"), path, key=True, hint=hint)
