"""Commands and options whose help is a sentence of the catalog, and the options that many share.

Every option that takes a value reads it from the environment too: `--bench` from `BENCHCTL_BENCH`.
Options that may be given several times are separated there by `;` (or a new line).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchctl.cli import names as known
from benchctl.cli.shell import Shell
from benchctl.core.messages import LANGUAGES

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])


def shell_of(ctx: click.Context) -> Shell:
    """Return the shell of this call."""
    shell = ctx.find_root().obj
    assert isinstance(shell, Shell)
    return shell


class Option(click.Option):
    """An option: `help` is a sentence of the catalog, its value may come from the environment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_flag and not self.count:
            longest = max(self.opts, key=len).lstrip("-")
            self.envvar = f"BENCHCTL_{longest.upper().replace('-', '_')}"

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line of the help, worded."""
        record = super().get_help_record(ctx)
        if record is None or self.help is None:
            return record
        return record[0], record[1].replace(self.help, shell_of(ctx).text(self.help), 1)

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return what the environment says; several values are separated by `;` or a new line."""
        found = self.resolve_envvar_value(ctx)
        if found is not None and self.multiple:
            return tuple(v.strip() for v in re.split(r"[;\n]", found) if v.strip())
        return found


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        shell_of(ctx).out.line(ctx.get_help())
        ctx.exit()


class _Worded:
    """A command or group whose help is a sentence of the catalog."""

    help: str | None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option for help, which is written where a full disk is told of."""
        found: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]  # of click.Command
        if found is not None:
            found.callback = _show_help
        return found

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, worded."""
        if self.help:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(shell_of(ctx).text(self.help))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the options that may come next."""
        assert isinstance(self, click.Command)
        return known.options(self, ctx, incomplete)


class Command(_Worded, click.Command):
    """A command whose help is a sentence of the catalog."""


class Group(_Worded, click.Group):
    """A group of commands, listed with their help."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        rows = [(name, self.short_help_of(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def short_help_of(self, ctx: click.Context, name: str) -> str:
        """Return the line that tells what the command `name` is for."""
        command = self.get_command(ctx, name)
        return shell_of(ctx).text(command.help) if command and command.help else ""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that may come next; no command is imported."""
        from click.shell_completion import CompletionItem

        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=self.short_help_of(ctx, name)) for name in names]
        return [*commands, *super().shell_complete(ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant.

        Raises:
            click.UsageError: there is no such command; one that is alike is named.
        """
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from benchctl.core.suggest import closest

            shell = shell_of(ctx)
            problem = shell.text("no-command", name=args[0])
            alike = closest(args[0], self.list_commands(ctx))
            if alike is not None:
                problem = f"{problem}\n{shell.text('did-you-mean', name=alike)}"
            raise click.UsageError(problem, ctx)
        return super().resolve_command(ctx, args)


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Declare an option of a command; `help` names a sentence of the catalog."""
    return click.option(*names, cls=Option, **settings)


def _set_language(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        shell_of(ctx).language = value


language_option = option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    is_eager=True,
    callback=_set_language,
    help="option-lang",
)
json_flag = option("--json", "as_json", is_flag=True, help="option-json-flag")
lab_option = option("--lab", type=click.Path(file_okay=False, path_type=Path), help="option-lab")
bench_option = option(
    "--bench",
    type=click.Path(dir_okay=False, path_type=Path),
    shell_complete=known.bench_files,
    help="option-bench",
)


def new_command(
    name: str, help_: str, group: Group | None = None
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command with `--lang`, in `group` if there is one."""

    def made(function: Callable[..., Any]) -> Command:
        built = click.command(name, cls=Command, help=help_)(language_option(function))
        if group is not None:
            group.add_command(built)
        return built

    return made


def new_group(name: str, help_: str) -> Group:
    """Return a group of commands."""
    return Group(name, help=help_, no_args_is_help=True)
