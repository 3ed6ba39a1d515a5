"""`benchctl run`: run a procedure on a bench, show how it goes, say how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.failures import internal_error, show_error, write_traceback
from benchctl.cli.files import require_writable, write_json, write_text
from benchctl.cli.go_on import run_to_go_on_with
from benchctl.cli.junit import junit_xml
from benchctl.cli.keyboard import Keyboard
from benchctl.cli.operator import TerminalOperator
from benchctl.cli.options import new_command, option, shell_of
from benchctl.cli.paced import PacedTerminal, paced
from benchctl.cli.recovering import resumed_request
from benchctl.cli.refusal import refusal_document
from benchctl.cli.requests import request_from, request_options
from benchctl.cli.scan import scan, wants_scan
from benchctl.cli.sheet import require_sheet, write_sheet
from benchctl.cli.shell import Shell
from benchctl.cli.signals import StopSignals
from benchctl.cli.summary import ending_line, show_result
from benchctl.cli.terminal import Terminal
from benchctl.core.errors import BenchctlError, RecordError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.live.ndjson import EventWriter
    from benchctl.engine import RunReport, RunRequest
    from benchctl.records import Listener, StoredEvent

STDOUT = Path("-")
PATH = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the result goes besides the record."""

    json: Path | None
    junit: Path | None
    quiet: bool
    events: Path | None = None
    plain: bool = False
    sheet: Path | None = None

    @property
    def on_stdout(self) -> bool:
        """Whether standard output belongs to a program."""
        return STDOUT in (self.json, self.events, self.junit)

    def require_writable(self) -> None:
        """Find out before anything is touched whether the files can be written.

        Raises:
            UsageError: one cannot.
        """
        named = {"--json": self.json, "--ndjson": self.events, "--junit": self.junit}
        one, other = [*(name for name, path in named.items() if path == STDOUT), "", ""][:2]
        if other:
            raise UsageError(msg("live.two-on-stdout", one=one, other=other))
        if self.sheet is not None:
            require_sheet(self.sheet)
        for path in (self.json, self.junit, self.events, self.sheet):
            if path is not None and path != STDOUT:
                require_writable(path)

    def event_writer(self) -> EventWriter | None:
        """Begin to write events where they are wanted.

        Raises:
            UsageError: the file cannot be made.
        """
        if self.events is None:
            return None
        from benchctl.cli.live.ndjson import event_writer

        return event_writer(None if self.events == STDOUT else self.events)

    def screen(self, shell: Shell) -> Terminal | None:
        """Return where progress is shown; None where nobody wants it."""
        if self.quiet:
            return None
        if not self.on_stdout:
            return shell.out
        return shell.err if shell.err.live else None

    def write(self, shell: Shell, document: Mapping[str, Any], why: str) -> None:
        """Write the files that were asked for.

        Raises:
            RecordError: one could not be written.
        """
        if self.json == STDOUT:
            shell.out.json(document)
        elif self.json is not None:
            write_json(self.json, document)
        if self.junit == STDOUT:
            shell.out.line(junit_xml(document, why).rstrip("\n"))
        elif self.junit is not None:
            write_text(self.junit, junit_xml(document, why))
        if self.sheet is not None:
            write_sheet(self.sheet, shell, document)


@new_command("run", "help-run")
@request_options
@option(
    "--json", "json_file", type=click.Path(path_type=Path), metavar="FILE|-", help="option-json"
)
@option("--junit", type=click.Path(path_type=Path), metavar="FILE|-", help="option-junit")
@option("--sheet", type=PATH, metavar="FILE.html|.txt", help="option-sheet")
@option("--scan", is_flag=True, help="option-scan")
@option("--by-hand", is_flag=True, help="option-by-hand")
@option("--yes", is_flag=True, help="option-yes")
@option("--quiet", is_flag=True, help="option-quiet")
@option("--ndjson", type=click.Path(path_type=Path), metavar="FILE|-", help="option-ndjson")
@option("--plain", is_flag=True, help="option-plain")
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    """Run a procedure on a bench."""
    shell = shell_of(ctx)
    files = (options["json_file"], options["junit"])
    shown = (options["quiet"], options["ndjson"], options["plain"])
    outputs = Outputs(*files, *shown, options["sheet"])
    outputs.require_writable()
    writer = outputs.event_writer()
    with StopSignals(shell) as signals, paced(shell, outputs.screen(shell)) as screen:
        try:
            request = request_from(ctx, options, yes=options["yes"])
            request = replace(request, by_hand=options["by_hand"])
            keyboard = Keyboard()
            cut_off = run_to_go_on_with(shell, request, keyboard, signals)
            if cut_off is not None:
                request = resumed_request(shell, request, cut_off)
            elif wants_scan(shell, request, keyboard, asked=options["scan"]):
                request = scan(shell, request, keyboard, signals)
            listeners = [writer] if writer else []
            report = start(
                shell, request, outputs, signals, listeners, screen=screen, keyboard=keyboard
            )
        except BenchctlError as error:
            return not_started(shell, outputs, options, error)
        finally:
            lost = writer.close() if writer is not None else None
        code = finish(shell, outputs, report, screen)
    if lost is not None:
        show_error(shell, lost)
        return max(code, lost.exit_code)
    return code


def start(
    shell: Shell,
    request: RunRequest,
    outputs: Outputs,
    signals: StopSignals,
    listeners: Sequence[Listener] = (),
    *,
    screen: Terminal | None,
    keyboard: Keyboard | int = 0,
    because: str = "",
) -> RunReport:
    """Run the request, or go on with the run that it resumes, with a person at this terminal.

    `screen` is where progress is shown; `because` is why a run goes on though something changed.

    Raises:
        BenchctlError: no run was opened, or it does not go on.
    """
    from benchctl.cli.live.stage import stage
    from benchctl.cli.progress import Progress
    from benchctl.engine import SoFar, default_operator, resume, run

    def recovered(cut_off: str) -> None:
        shell.err.line(shell.text("recovered-first", run=cut_off))

    def so_far(past: SoFar, events: Sequence[StoredEvent]) -> None:
        for shown in progress:
            shown.catch_up(events, past.left())

    with stage(shell, screen, request.lab, wanted=not outputs.plain) as on:
        operator = TerminalOperator(
            shell,
            name=request.operator or default_operator(),
            yes=request.yes,
            keyboard=keyboard,
            screen=on.questions,
            stop=signals.stop,
        )
        progress = [Progress(shell, on.screen)] if on.screen is not None else []
        listening: list[Listener] = [*progress, *on.listeners, *listeners]
        with closing(operator):
            if request.resumes:
                report = resume(
                    request.resumes,
                    request,
                    because=because,
                    operator=operator,
                    listeners=listening,
                    on_scheduler=signals.attach,
                    on_control=operator.attach,
                    on_so_far=so_far,
                )
            else:
                report = run(
                    request,
                    operator=operator,
                    listeners=listening,
                    on_scheduler=signals.attach,
                    on_recovered=recovered,
                    on_control=operator.attach,
                )
    for shown in progress:
        if shown.broken is not None:  # the run went on without it
            internal_error(shell, shown.broken)
    return report


def not_started(
    shell: Shell, outputs: Outputs, options: Mapping[str, Any], error: BenchctlError
) -> int:
    """Say why no run was opened; who reads the result file must not find an older one there."""
    shell.out.clear()
    show_error(shell, error)
    document = refusal_document(shell, options, error)
    return _write(shell, outputs, document, error.words(shell.language), error.exit_code)


def finish(shell: Shell, outputs: Outputs, report: RunReport, progress: Terminal | None) -> int:
    """Write the files, show how the run ended, and return the exit code.

    The files come first: whoever reads the screen may never come.
    """
    why = "" if report.error is None else report.error.words(shell.language)
    code = _write(shell, outputs, report.document, why, report.exit_code)
    if isinstance(progress, PacedTerminal):
        progress.close()  # what waits goes before the end
    screen = outputs.screen(shell)
    shell.err.clear()
    if screen is not None:
        screen.clear()
        show_result(shell, screen, report.document)
        record = shell.text("record-is", run=report.run, path=str(report.record))
        screen.prose(record, indent=2)
    elif not outputs.on_stdout:
        shell.out.line(f"{report.run}  {ending_line(shell, report.document)}")
    if report.error is not None:
        show_error(shell, report.error)
        _explain_bug(shell, report.error)
    return code


def _explain_bug(shell: Shell, error: BenchctlError) -> None:
    """Keep the traceback of a mistake of our own, which the engine has caught."""
    if error.message.id != "engine.internal" or error.__cause__ is None:
        return
    where = write_traceback(shell, error.__cause__)
    if where is not None:
        shell.err.line(f"  {shell.text('traceback-in', path=str(where))}")


def _write(shell: Shell, outputs: Outputs, document: Mapping[str, Any], why: str, code: int) -> int:
    try:
        outputs.write(shell, document, why)
    except RecordError as error:
        show_error(shell, error)
        return max(code, error.exit_code)
    return code
