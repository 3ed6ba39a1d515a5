"""How a call that went wrong ends: one block on standard error, never a bare traceback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchctl import __version__
from benchctl.cli.cells import plain
from benchctl.core.errors import BenchctlError, InstrumentError

if TYPE_CHECKING:
    import click

    from benchctl.cli.shell import Shell

STOPPED = 4
"""Exit code: a person stopped it."""
LOOK_NOW = 5
"""Exit code: a record could not be written, or the bench may not be safe."""
COULD_NOT = 3
"""Exit code: it could not be finished."""

_TOUCH_THE_BENCH = ("resume", "safe")
"""Commands whose whole purpose is a safe bench: if they break, nobody knows that it is."""


def show_error(shell: Shell, error: BenchctlError) -> None:
    """Write an error as one block: what, where, what to do."""
    from benchctl.cli.spoken import spoken  # only an error needs it

    if _show_diagnostics(shell, error):
        return
    told = [message for message in (error.message, error.hint) if message is not None]
    what, *rest = "\n".join(spoken(message, shell.language) for message in told).split("\n")
    lines = [f"{shell.err.paint(shell.text('error'), 'red', 'bold')}{plain(what)}"]
    if isinstance(error, InstrumentError):
        lines += _place(shell, error, what)
    lines += [f"  {plain(line)}" for line in rest]
    shell.err.line("\n".join(lines))


def _place(shell: Shell, error: InstrumentError, what: str) -> list[str]:
    """Return the line that says what `what` does not: instrument, channel, bytes."""
    parts = []
    if error.instrument and error.instrument not in what:
        name = ".".join(p for p in (error.instrument, error.channel) if p)
        parts.append(f"{shell.text('instrument')}: {plain(name)}")
    shown = error.wire[:64].hex(" ")
    if shown and shown[:23] not in what:
        more = " ..." if len(error.wire) > 64 else ""
        parts.append(f"{shell.text('bytes')}: {shown}{more}")
    return [f"  {'; '.join(parts)}"] if parts else []


def _show_diagnostics(shell: Shell, error: BenchctlError) -> bool:
    """Write the mistakes of a file, each at its place; False where the error is another."""
    if error.exit_code != 2:
        return False
    from benchctl.language import FileError, render

    if not isinstance(error, FileError):
        return False
    shell.err.line(
        render(
            error.diagnostics, format="full", language=shell.language, color=shell.err.colour
        ).rstrip("\n")
    )
    return True


def show_usage_error(shell: Shell, wrong: click.ClickException) -> int:
    """Write what is wrong with the command line, and which help tells more."""
    what, *rest = _usage_words(shell, wrong).split("\n")
    lines = [f"{shell.err.paint(shell.text('error'), 'red', 'bold')}{plain(what)}"]
    lines += [f"  {plain(line)}" for line in rest]
    ctx = getattr(wrong, "ctx", None)
    if ctx is not None:
        lines.append(f"  {shell.text('see-help', command=ctx.command_path)}")
    shell.err.line("\n".join(lines))
    return 2


def _usage_words(shell: Shell, wrong: click.ClickException) -> str:
    """Return what click found wrong in our own words, where they are known."""
    from click.exceptions import BadParameter, MissingParameter, NoSuchOption

    if isinstance(wrong, NoSuchOption):
        text = shell.text("no-option", name=wrong.option_name)
        alike = "', '".join(wrong.possibilities or ())
        return f"{text}\n{shell.text('did-you-mean', name=alike)}" if alike else text
    if isinstance(wrong, MissingParameter) and wrong.param is not None:
        return shell.text("missing", name=wrong.param.make_metavar(_context(wrong)))
    if isinstance(wrong, BadParameter) and wrong.param is not None:
        name = wrong.param.opts[0] if wrong.param.param_type_name == "option" else wrong.param.name
        return shell.text("bad-value", name=str(name), problem=wrong.message)
    return wrong.format_message()


def _context(wrong: click.UsageError) -> click.Context:
    import click

    return wrong.ctx if wrong.ctx is not None else click.Context(click.Command("benchctl"))


def show_stopped(shell: Shell) -> None:
    """Say that a person stopped the program before anything was moved."""
    shell.err.line(shell.text("stopped-early"))


def internal_error(shell: Shell, bug: BaseException) -> int:
    """Write a short block and the traceback to a file; return the exit code."""
    where = write_traceback(shell, bug)
    head = shell.err.paint(shell.text("internal-error"), "red", "bold")
    lines = [f"{head}{type(bug).__name__}: {plain(str(bug))}"]
    lines.append(
        f"  {shell.text('traceback-lost')}"
        if where is None
        else f"  {shell.text('traceback-in', path=str(where))}"
    )
    shell.err.line("\n".join(lines))
    return LOOK_NOW if any(word in _TOUCH_THE_BENCH for word in shell.argv[:2]) else COULD_NOT


def write_traceback(shell: Shell, bug: BaseException) -> Path | None:
    """Write what a developer needs into the lab folder, else the temporary one; None if neither."""
    import tempfile  # all of this only for our own mistakes

    from benchctl.core.clock import utc_now

    name = f"benchctl-error-{utc_now():%Y%m%dT%H%M%S%f}.txt"
    text = "\n".join(
        [f"benchctl {__version__}", f"arguments: {list(shell.argv)}", "", *_trace(bug)]
    )
    lab = shell.lab
    folders = [lab] if lab is not None and lab.is_dir() else []
    for folder in [*folders, Path(tempfile.gettempdir())]:
        try:
            (folder / name).write_text(text, encoding="utf-8", errors="replace")
        except OSError:  # the next folder may take it; None says that none did
            continue
        return folder / name
    return None


def _trace(bug: BaseException) -> list[str]:
    import traceback

    return [part.rstrip("\n") for part in traceback.format_exception(bug)]


def lost_output(shell: Shell, code: int) -> int:
    """Return the exit code, after telling that standard output could not take what was written."""
    trouble = shell.out.lost
    if trouble is None:
        return code
    head = shell.err.paint(shell.text("error"), "red", "bold")
    shell.err.line(f"{head}{shell.text('output-lost', reason=trouble.strerror or str(trouble))}")
    return max(code, LOOK_NOW)
