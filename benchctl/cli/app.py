"""The table of commands, and the one place where a call of the program ends.

Commands are imported when they are run; their help is a sentence of the catalog, so that
`benchctl --help` imports none of them.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from benchctl import __version__
from benchctl.cli.failures import (
    STOPPED,
    internal_error,
    lost_output,
    show_error,
    show_stopped,
    show_usage_error,
)
from benchctl.cli.options import Group, Option, language_option, shell_of
from benchctl.cli.shell import Shell, open_shell
from benchctl.cli.signals import STOPS
from benchctl.core.errors import BenchctlError

COMMANDS = (
    "run",
    "resume",
    "watch",
    "check",
    "plan",
    "bench",
    "central",
    "orders",
    "faults",
    "drivers",
    "procedures",
    "sim",
    "records",
    "certificate",
    "assets",
    "rejudge",
    "budget",
    "judge",
    "stats",
    "compare",
    "schema",
    "init",
    "completion",
)
"""Names of the commands; each is `command` of the module `benchctl.cli.commands.<name>`."""


class Root(Group):
    """`benchctl`: imports a command's module when the command is run."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"benchctl.cli.commands.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        """Return the line that tells what the command `name` is for, without importing it."""
        return shell_of(ctx).text(f"help-{name}")


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        shell_of(ctx).out.line(f"benchctl {__version__}")
        ctx.exit()


def root() -> Root:
    """Return the program as a click group."""
    group = Root("benchctl", help="help-benchctl", no_args_is_help=True)
    group.params.append(
        Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="option-version",
        )
    )
    return language_option(group)


def main() -> NoReturn:
    """Run the program with the arguments of this process."""
    code = command_line(sys.argv[1:])
    for which in STOPS:  # all is done: a second Ctrl-C must not change how it ended
        signal.signal(which, signal.SIG_IGN)
    sys.exit(code)


def command_line(argv: Sequence[str]) -> int:
    """Run the program and return its exit code; every error ends here as one block of text."""
    shell = open_shell(argv)
    try:
        code = _invoke(shell)
    except KeyboardInterrupt:
        show_stopped(shell)
        code = STOPPED
    except Exception as bug:  # noqa: BLE001 - a person never sees a bare traceback
        code = internal_error(shell, bug)
    return lost_output(shell, code)


def _invoke(shell: Shell) -> int:
    if "_BENCHCTL_COMPLETE" in shell.environ:
        from benchctl.cli.completion import answer  # TAB was pressed

        return answer(shell, root())
    try:
        result: Any = root().main(
            list(shell.argv), prog_name="benchctl", standalone_mode=False, obj=shell
        )
    except click.exceptions.NoArgsIsHelpError as wanted:
        shell.err.line(wanted.format_message())
        return wanted.exit_code
    except click.ClickException as wrong:
        return show_usage_error(shell, wrong)
    except click.Abort:
        show_stopped(shell)
        return STOPPED
    except BenchctlError as error:
        show_error(shell, error)
        return error.exit_code
    return result if isinstance(result, int) else 0
