"""The options that `run`, `plan` and `sim truth` share, and the request that they make."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchctl.cli import names as known
from benchctl.cli.options import bench_option, lab_option, option, shell_of
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.engine import RunRequest

F = TypeVar("F", bound=Callable[..., Any])

SERVICES = ("verification", "calibration", "test")
STAGES = ("initial", "subsequent", "after_repair", "in_service", "arbitration")
"""The engine's lists once more: help must not import the engine. A test holds them together."""

_OPTIONS = (
    click.argument("procedure", shell_complete=known.procedures),
    bench_option,
    option("--batch", type=click.Path(dir_okay=False, path_type=Path), help="option-batch"),
    option("--failed-of", "failed_of", default="", metavar="RUN", help="option-failed-of"),
    option("--uut", "uuts", multiple=True, metavar="SERIAL", help="option-uut"),
    option("--order", default="", metavar="NO", help="option-order"),
    option(
        "--set",
        "sets",
        multiple=True,
        metavar="NAME=VALUE",
        shell_complete=known.settings,
        help="option-set",
    ),
    option(
        "--service",
        type=click.Choice(SERVICES),
        default="verification",
        shell_complete=known.services,
        help="option-service",
    ),
    option(
        "--stage",
        type=click.Choice(STAGES),
        default="initial",
        shell_complete=known.stages,
        help="option-stage",
    ),
    option("--operator", default="", metavar="NAME", help="option-operator"),
    option(
        "--points",
        default=None,
        metavar="NAME,...",
        shell_complete=known.points,
        help="option-points",
    ),
    option("--override", "overrides", multiple=True, metavar="CHECK", help="option-override"),
    option("--because", default="", metavar="TEXT", help="option-override-because"),
    option("--simulate", is_flag=True, help="option-simulate"),
    option("--seed", type=click.IntRange(0), help="option-seed"),
    option(
        "--speed",
        default="max",
        metavar="max|real|FACTOR",
        shell_complete=known.speeds,
        help="option-speed",
    ),
    lab_option,
)


def request_options(function: F) -> F:
    """Give a command PROCEDURE and the options that say what is run on what."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def request_from(
    ctx: click.Context, options: Mapping[str, Any], *, yes: bool = False
) -> RunRequest:
    """Return the request that the parsed options make.

    What is typed wins over the environment where the two exclude each other.

    Raises:
        UsageError: options exclude each other, or `--set` is not NAME=VALUE.
    """
    from benchctl.engine import RunRequest

    _require_text("--uut", options["uuts"])
    _require_text("--set", options["sets"])
    _require_text("--because", [options["because"]])
    _require_text("--operator", [options["operator"]])
    batch, not_batch = _exclusive(ctx, options, "batch", "failed_of")
    uuts, not_uuts = _exclusive(ctx, options, "uuts", "failed_of")
    batch, uuts = _exclusive(ctx, {**options, "batch": batch, "uuts": uuts}, "batch", "uuts")
    bench, simulate = _exclusive(ctx, options, "bench", "simulate")
    return RunRequest(
        procedure=options["procedure"],
        bench=bench,
        batch=batch,
        uuts=tuple(uuts or ()),
        sets=assignments(options["sets"]),
        service=options["service"],
        stage=options["stage"],
        order=options["order"],
        operator=options["operator"],
        overrides=tuple(dict.fromkeys(options["overrides"])),
        because=options["because"],
        points=_points(options["points"]),
        simulate=bool(simulate),
        seed=options["seed"],
        speed=options["speed"],
        lab=options["lab"],
        language=shell_of(ctx).language,
        yes=yes,
        failed_of=(not_batch and not_uuts) or "",
    )


def _points(text: str | None) -> tuple[str, ...]:
    """Return the points that are named; none where the option is not given.

    Raises:
        UsageError: the option is given and names none.
    """
    if text is None:
        return ()
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(msg("cli.no-point-named"))
    return names


def _require_text(option: str, texts: Iterable[str]) -> None:
    """Refuse what could not be read on a certificate or would move a terminal's cursor.

    Raises:
        UsageError: bytes that are no UTF-8, control characters, half a surrogate pair.
    """
    for text in texts:
        kinds = {unicodedata.category(c) for c in text}
        if "Cs" in kinds:
            raise UsageError(msg("cli.not-text", option=option))
        if kinds & _NOT_PRINTABLE:
            raise UsageError(msg("cli.not-printable", option=option, text=ascii(text)))


_NOT_PRINTABLE = frozenset(("Cc", "Cf", "Cn", "Co", "Zl", "Zp"))


def _exclusive(
    ctx: click.Context, options: Mapping[str, Any], one: str, other: str
) -> tuple[Any, Any]:
    """Return two options of which only one may be given.

    Raises:
        UsageError: both are given in the same way.
    """
    if not options[one] or not options[other]:
        return options[one] or None, options[other] or None
    typed = click.core.ParameterSource.COMMANDLINE
    one_typed = ctx.get_parameter_source(one) == typed
    other_typed = ctx.get_parameter_source(other) == typed
    if one_typed == other_typed:
        names = {p.name: p.opts[0] for p in ctx.command.params}
        raise UsageError(msg("cli.exclusive", one=names[one], other=names[other]))
    return (options[one], None) if one_typed else (None, options[other])


def assignments(texts: tuple[str, ...]) -> dict[str, str]:
    """Return `NAME=VALUE` texts as a mapping.

    Raises:
        UsageError: one is not of that form, or a name comes twice with different values.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise UsageError(msg("cli.not-an-assignment", text=text))
        if found.get(name, value) != value:
            raise UsageError(msg("cli.set-twice", name=name))
        found[name] = value
    return found
