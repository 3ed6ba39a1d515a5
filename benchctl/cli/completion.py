"""Shell completion: bash, zsh, fish and PowerShell ask the program what may come next.

The way is click's: a script, printed by `benchctl completion SHELL`, calls the program with
`_BENCHCTL_COMPLETE=bash_complete` and the line so far, and gets a line or three per word. Scripts
and the reading of lines are our own, because click's lose a value behind `=` in bash (`--set Q3=`),
`--option=` in zsh and fish, everything behind a comma in fish, and backslashes in PowerShell.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, ShellComplete

from benchctl.cli.shell import Shell, language_of

if TYPE_CHECKING:
    from benchctl.cli.options import Group

COMPLETE = "_BENCHCTL_COMPLETE"
"""Environment variable of a call that completes."""

_END = "\x01"
_SPECIAL = re.compile(r"([^\w@%+=:,./~^-])")
_ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)


def answer(shell: Shell, program: Group) -> int:
    """Answer a shell: the words that may come next, or the script that asks for them.

    Nothing comes out for a shell that is not known, or a line that makes no sense.
    """
    name, _, what = shell.environ[COMPLETE].partition("_")
    kind = SHELLS.get(name)
    if kind is None or what not in ("complete", "source"):
        return 1
    asked = kind(program, {"obj": shell}, "benchctl", COMPLETE)
    text = asked.source() if what == "source" else asked.complete()
    click.echo(text.encode("utf-8", "surrogateescape"), nl=bool(text))
    return 0


class _Asked(ShellComplete):
    """What a shell wants to know, and how it wants to be told."""

    def source(self) -> str:
        """Return the script."""
        from benchctl.cli.completion_scripts import SCRIPTS

        return SCRIPTS[self.name]

    @property
    def asker(self) -> Shell:
        """The call of the program that completes."""
        shell = self.ctx_args["obj"]
        assert isinstance(shell, Shell)
        return shell

    @property
    def environ(self) -> Mapping[str, str]:
        """What the script said."""
        return self.asker.environ

    def words(self) -> tuple[list[str], str]:
        """Return the words of the line before the cursor, the program first, and the last one."""
        return self._counted(split_line(self.environ.get("COMP_WORDS", ""))[0])

    def _counted(self, words: list[str]) -> tuple[list[str], str]:
        count = int(self.environ.get("COMP_CWORD") or len(words))
        return words[:count], words[count] if count < len(words) else ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words behind the program's name, and the beginning of the one that is asked.

        Paths that the shell has yet to write out (`~`, `$HOME`) are written out.
        """
        words, incomplete = self.words()
        while words and _ASSIGNMENT.fullmatch(words[0]):
            words.pop(0)
        args = [os.path.expanduser(os.path.expandvars(word)) for word in words[1:]]  # noqa: PTH111
        self.asker.argv = tuple(args)
        self.asker.language = language_of(args, self.environ)
        return args, incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what may come next; as a whole word where it stands behind `--option=`."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("--"):
            for item in found:
                item.value = f"{option}={item.value}"
        return found

    def format_completion(self, item: CompletionItem) -> str:
        """Return three lines: kind, word, help or `_`."""
        told = " ".join((item.help or "_").split())
        return f"{item.type}\n{item.value}\n{told}"


class Bash(_Asked):
    """bash: one line per word; it replaces only what stands behind the last `=` or `:`.

    COMP_LINE is the line up to the cursor, COMP_CURRENT what bash takes for the word.
    """

    name = "bash"

    def words(self) -> tuple[list[str], str]:
        """Return the words of COMP_LINE; bash's own list is cut at every `=` and `:`."""
        line = self.environ.get("COMP_LINE")
        if line is None:
            return super().words()
        words, _ = split_line(line + _END)
        return words[:-1], words[-1].removesuffix(_END)

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what may come next, without what bash will leave standing."""
        found = super().get_completions(args, incomplete)
        current = self.environ.get("COMP_CURRENT", incomplete)
        standing = incomplete.removesuffix(current) if incomplete.endswith(current) else ""
        _, quoted = split_line(self.environ.get("COMP_LINE", ""))
        for item in found:
            if item.type == "plain":
                rest = item.value.removeprefix(standing)
                item.value = rest if quoted else _SPECIAL.sub(r"\\\1", rest)
        return found

    def format_completion(self, item: CompletionItem) -> str:
        """Return one line: kind and word."""
        return f"{item.type},{item.value}"


class Zsh(_Asked):
    """zsh: three lines per word."""

    name = "zsh"

    def format_completion(self, item: CompletionItem) -> str:
        """Return three lines; zsh takes what stands behind a bare colon for the help."""
        if item.help and item.type == "plain":
            item.value = item.value.replace("\\", "\\\\").replace(":", "\\:")
        return super().format_completion(item)


class Fish(_Asked):
    """fish: one line per word; COMP_CWORD is the word itself, as written."""

    name = "fish"

    def words(self) -> tuple[list[str], str]:
        """Return the words of the line up to the cursor."""
        words, _ = split_line(self.environ.get("COMP_WORDS", "") + _END)
        return words[:-1], words[-1].removesuffix(_END)

    def format_completion(self, item: CompletionItem) -> str:
        """Return one line: kind, word and help."""
        told = " ".join((item.help or "").split())
        return f"{item.type},{item.value}\t{told}" if told else f"{item.type},{item.value}"


class PowerShell(_Asked):
    """PowerShell: it has read the line itself; COMP_WORDS has a word per line."""

    name = "powershell"

    def words(self) -> tuple[list[str], str]:
        """Return the lines of COMP_WORDS."""
        return self._counted(self.environ.get("COMP_WORDS", "").splitlines())


SHELLS: Mapping[str, type[_Asked]] = {kind.name: kind for kind in (Bash, Zsh, Fish, PowerShell)}
"""The shells by name."""


def split_line(line: str) -> tuple[list[str], bool]:
    """Return the words of a line as a POSIX shell reads them, and whether a quote is left open."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # the line ends within quotes or behind a backslash
        return [*words, lexer.token], True
    return words, False
