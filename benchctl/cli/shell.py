"""What every command gets: the language, the two output streams, the environment.

Effects of the process (streams, environment, time of a crash) enter the program here and nowhere
else in the command line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from benchctl.cli.terminal import Terminal
from benchctl.core.messages import LANGUAGES, Message, msg, words


@dataclass(slots=True)
class Shell:
    """One call of the program."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    language: str
    out: Terminal
    err: Terminal

    def text(self, id_: str, /, **args: Any) -> str:
        """Return the sentence `cli.<id_>` in the person's language."""
        return words(msg(f"cli.{id_}", **args), self.language)

    def words(self, message: Message) -> str:
        """Return a message in the person's language."""
        return words(message, self.language)

    @property
    def extra(self) -> list[Path]:
        """Folders of `BENCHCTL_PATH` that may hold drivers/, procedures/, sim_instruments/."""
        named = self.environ.get("BENCHCTL_PATH", "")
        return [Path(p) for p in named.split(os.pathsep) if p]

    @property
    def lab(self) -> Path | None:
        """The lab folder that this call names, before any option was parsed."""
        named = value_of("--lab", self.argv) or self.environ.get("BENCHCTL_LAB")
        return Path(named) if named else None


def open_shell(argv: Sequence[str]) -> Shell:
    """Return the shell of this process; characters that a stream cannot take become `?`."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    return Shell(
        argv=tuple(argv),
        environ=os.environ,
        language=language_of(argv, os.environ),
        out=Terminal(_stream(sys.stdout), os.environ),
        err=Terminal(_stream(sys.stderr), os.environ),
    )


def _stream(stream: TextIO | None) -> TextIO:
    """Return `stream`, or one that goes nowhere where the process was started without it."""
    return stream if stream is not None else Path(os.devnull).open("w", encoding="utf-8")


def value_of(option: str, argv: Sequence[str]) -> str | None:
    """Return what the command line says for a long option, before it is parsed."""
    for n, word in enumerate(argv):
        if word == "--":
            return None
        if word == option and n + 1 < len(argv):
            return argv[n + 1]
        if word.startswith(f"{option}="):
            return word[len(option) + 1 :]
    return None


def language_of(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the language of messages: `--lang`, `BENCHCTL_LANG`, then the locale."""
    asked = value_of("--lang", argv) or environ.get("BENCHCTL_LANG")
    if asked in LANGUAGES:
        return asked
    locale = next((v for k in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environ.get(k))), "")
    return "zh" if locale.lower().startswith("zh") else "en"
