"""Where text goes: a terminal, a pipe or a file, each told what it can show.

A stream that nobody reads any more (a closed pager, a full disk) falls silent instead of ending a
run. On a terminal a status line, or an open question with what is typed behind it, can stand below
the lines that stay; what is told meanwhile goes above it.

    out = Terminal(sys.stdout, os.environ)
    out.status([("Q3", ("bold",)), ("settling", ()), ("2.375 m3/h", ("dim",))])
    out.line(out.paint("PASS", "green"))
"""

from __future__ import annotations

import errno
import os
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from benchctl.cli.cells import GAP, plain, width
from benchctl.cli.live.charset import Charset

COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}

_STYLES = re.compile(r"\x1b\[[0-9;]*m")
_LEAST_ROOM = 20
"""Cells below which lines are left to the terminal."""

Piece = tuple[str, tuple[str, ...]]
"""A text and its styles."""


def colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether `stream` is a terminal on which colour is wanted."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


class Terminal:
    """A text stream with colour and a status line where it is a terminal; safe from any thread."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._status: Sequence[Piece] = ()
        self._typed = ""
        self._question = ""
        self._drawn = 0
        self.colour = colours(stream, environ)
        self.live = stream.isatty() and environ.get("TERM") != "dumb"
        """Whether lines can be drawn over."""
        self._charset = Charset(getattr(stream, "encoding", None) or "utf-8")
        declared = environ.get("COLUMNS", "")
        self._declared = int(declared) if re.fullmatch("[1-9][0-9]{1,4}", declared) else None
        self.trouble: OSError | None = None
        """Why nothing is written any more."""

    @property
    def columns(self) -> int:
        """How many cells a line has; 80 where that is not known."""
        return self.room or 80

    @property
    def room(self) -> int | None:
        """How many cells a line has: the terminal's, else `COLUMNS`; None where nobody says."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or None
        except (OSError, ValueError):  # no terminal, or no file at all
            return self._declared

    @property
    def lost(self) -> OSError | None:
        """Why text was lost that somebody wanted; a reader who went away wanted no more."""
        gone = self.trouble is None or self.trouble.errno == errno.EPIPE
        return None if gone else self.trouble

    def paint(self, text: str, *styles: str) -> str:
        """Return `text` in the given styles, plain where colour is not wanted."""
        codes = ";".join(COLOURS[s] for s in styles)
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colour and codes else text

    def line(self, text: str = "") -> None:
        """Write one line, above the status line if there is one."""
        with self._lock:
            if self._question and not self.live:
                self._write(f"\n{text}\n{self._question} ")
            else:
                self._write(f"{self._erased()}{text}\n{self._drawing()}")

    def prose(self, text: str, *, indent: int = 0) -> None:
        """Write a sentence, broken between words where a line has no more room.

        Further lines begin with `indent` blanks. Where nobody says how long a line may be (a pipe),
        it stays whole.
        """
        for line in self.broken(text, indent=indent):
            self.line(line)

    def broken(self, text: str, *, indent: int = 0, spare: int = 1) -> list[str]:
        """Return the lines as which `prose` writes a text; `spare` cells of each stay free."""
        from benchctl.cli.live.lines import wrap

        room = self.room
        if room is None or room < _LEAST_ROOM:
            return [text]
        plain_text = text.lstrip(" ")
        first = text[: len(text) - len(plain_text)]
        return list(wrap(plain_text, room - spare, first=first, indent=indent)) or [""]

    def status(self, pieces: Sequence[Piece]) -> None:
        """Show `pieces`, the most important first, on the last line in place of what stood there.

        What does not fit is left out from the first piece that does not; nothing on a pipe.
        """
        if not self.live:
            return
        with self._lock:
            if self._question:
                return
            self._status = pieces
            self._write(self._erased() + self._drawing())

    def typing(self, text: str) -> None:
        """Show what a person types while the terminal itself does not.

        It stands on the last line, behind the question if one is open.
        """
        if not self.live or text == self._typed:
            return
        with self._lock:
            self._typed = text
            self._write(self._erased() + self._drawing())

    def say(self, lines: Sequence[str]) -> None:
        """Tell a person what came of what was typed; nothing comes in between."""
        with self._lock:
            for line in lines:
                self.prose(line)

    def ask(self, text: str) -> None:
        """Write a question and leave the cursor behind it.

        Until `heard` a line that comes in between stands above the question; where nothing can be
        drawn over, the question is put again below it.
        """
        with self._lock:
            erased = self._erased()
            self._status, self._typed, self._question = (), "", text
            self._write(f"{erased}{self._drawing() if self.live else f'{text} '}")

    def heard(self, said: str | None = None) -> None:
        """Take it that the question is answered, or withdrawn.

        `said` is left standing behind it; None where the terminal has shown what was typed.
        """
        with self._lock:
            if said is not None and self.live:
                self._write(f"{self._erased()}{self._question} {said}\n")
            elif said is not None:
                self._write(f"{said}\n")
            self._question, self._typed, self._drawn = "", "", 0

    def clear(self) -> None:
        """Take the status line away."""
        with self._lock:
            self._status = ()
            self._write(self._erased() + self._drawing())

    def _drawing(self) -> str:
        """Return what stands below the lines: the question, or what is typed and the status."""
        if self._question and self.live:
            return self._asked()
        typed = [(typed_text(self._typed, self.columns - 1), ("bold",))] if self._typed else []
        pieces = [*typed, *self._status]
        self._drawn = int(bool(pieces))
        return self._fitting(pieces)

    def _asked(self) -> str:
        """Return the question and as much of what is typed as has room behind it."""
        columns = self.columns
        cells = [width(_STYLES.sub("", row)) for row in self._question.split("\n")]
        typed = _its_end(plain(self._typed), columns - 2 - cells[-1] % columns)
        cells[-1] += 1 + width(typed)
        self._drawn = sum(max(1, -(-n // columns)) for n in cells)
        return f"{self._question} {typed}"

    def _erased(self) -> str:
        """Return what takes away what stands below the lines."""
        rows, self._drawn = self._drawn, 0
        return "\r\x1b[2K" + "\x1b[1A\x1b[2K" * (rows - 1) if rows else ""

    def _fitting(self, pieces: Sequence[Piece]) -> str:
        room, shown = self.columns - 1, ""
        for text, styles in pieces:
            gap = GAP if shown else ""
            room -= width(gap + text)
            if room < 0:
                break
            shown += gap + self.paint(text, *styles)
        return shown

    def json(self, document: Any) -> None:
        """Write one JSON document, in characters that the stream can take."""
        import json

        encoding = (self._stream.encoding or "").lower().replace("-", "")
        text = json.dumps(
            document, ensure_ascii=encoding != "utf8", indent=2, allow_nan=False, default=str
        )
        self.line(text)

    def _write(self, text: str) -> None:
        if self.trouble is not None or not text:
            return
        try:
            self._stream.write(text if text.isascii() else self._charset.fit(text))
            self._stream.flush()
        except OSError as error:  # a run goes on without its reader
            self.trouble = error
            self._silence()

    def _silence(self) -> None:
        """Let what is left in the buffer go nowhere, or the interpreter trips over it."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def typed_text(typed: str, room: int) -> str:
    """Return a line that is being typed with a mark and a cursor; its end where it is too long."""
    return f"> {_its_end(plain(typed), room - 3)}_"


def _its_end(text: str, room: int) -> str:
    """Return as much of the end of a text as there is room for."""
    while text and width(text) > room:
        text = text[1:]
    return text
