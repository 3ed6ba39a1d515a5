"""The lines of a frame on a terminal: rich's `Live` on the alternate screen, with our own segments.

Painter(sys.stdout, colour=True).draw(lines)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.style import Style

from benchctl.cli.live.lines import Line, Piece
from benchctl.cli.live.size import terminal_size

STYLES = {
    "": "",
    "dim": "dim",
    "bold": "bold",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "now": "bold cyan",
    "point": "bold underline",
    "out": "bold white on red",
    "alarm": "bold reverse",
}
"""What the names of styles mean; with NO_COLOR the attributes stay."""


class Painter:
    """Draws whole frames on a terminal, and leaves it as it was.

    `stream` is the terminal, `colour` whether colours are wanted.
    """

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._picture = _Picture()
        self._console = Console(
            file=stream,
            force_terminal=True,
            force_interactive=True,
            color_system="standard" if colour else None,
            no_color=not colour,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            width=80,
            height=24,
        )
        self._live = self._new_live()

    def _new_live(self) -> Live:
        return Live(
            self._picture,
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @property
    def shown(self) -> bool:
        """Whether the terminal is on the alternate screen."""
        return self._live.is_started

    def show(self) -> None:
        """Go to the alternate screen."""
        if not self.shown:
            self._live = self._new_live()
            self._live.start()

    def hide(self) -> None:
        """Go back to the main screen, with the cursor where it was."""
        self._live.stop()

    def __enter__(self) -> Self:
        self.show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hide()

    def size(self) -> tuple[int, int]:
        """Return columns and lines of the terminal just now; 80 by 24 where it does not say."""
        return terminal_size(self._stream) or (80, 24)

    def draw(self, lines: Sequence[Line]) -> None:
        """Show `lines` in place of everything that was on the screen."""
        self._console.size = self.size()
        self._picture.rows = [[_segment(piece) for piece in line] for line in lines]
        self._live.refresh()


class _Picture:
    """What rich asks for the segments."""

    def __init__(self) -> None:
        self.rows: list[list[Segment]] = []

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        yield from _with_ends(self.rows)


def _with_ends(rows: Iterable[Iterable[Segment]]) -> Iterable[Segment]:
    end = Segment.line()
    for n, row in enumerate(rows):
        if n:
            yield end
        yield from row


@lru_cache(maxsize=4096)
def _segment(piece: Piece) -> Segment:
    text, style = piece
    return Segment(text, _style(style))


@lru_cache(maxsize=64)
def _style(name: str) -> Style | None:
    return Style.parse(STYLES[name]) if STYLES[name] else None
