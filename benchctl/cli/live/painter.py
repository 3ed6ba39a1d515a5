"""The lines of a frame on a terminal: rich's `Live` has the screen, the rows are written by us.

    Painter(sys.stdout, colour=True).draw(lines)

rich lays out, pads and crops each frame anew, which takes more time than to make it; so it only
enters and leaves the alternate screen and renders styles, and rows that changed are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from types import TracebackType
from typing import Self, TextIO

from rich.color import ColorSystem
from rich.console import Console
from rich.live import Live
from rich.style import Style
from rich.text import Text

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
"""What the names of styles mean."""
_TOGETHER, _AT_ONCE = "\x1b[?2026h", "\x1b[?2026l"
"""A terminal that knows these shows all that is between them in one go."""
_CLEAR = "\x1b[2J"


class Painter:
    """Draws whole frames on a terminal, and leaves it as it was.

    `stream` is the terminal, `colour` whether colours are wanted.
    """

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._colours = ColorSystem.STANDARD if colour else None
        self._rows: list[str] = []
        self._size = (0, 0)
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
            Text(),
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
            self._rows, self._size = [], (0, 0)
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

    def draw(self, lines: Sequence[Line], *, anew: bool = True) -> None:
        """Show `lines` in place of everything that was on the screen.

        Only rows that are others than before are written, unless the screen is to be drawn `anew`:
        somebody else may have written on it.
        """
        size = self.size()
        rows = [self._row(line) for line in lines]
        before = self._rows if not anew and size == self._size else []
        clear = _CLEAR if size != self._size else ""
        changed = [
            f"\x1b[{n};1H\x1b[2K{row}"
            for n, (row, old) in enumerate(zip_longest(rows, before[: size[1]]), 1)
            if row != old and row is not None
        ]
        gone = f"\x1b[{len(rows) + 1};1H\x1b[J" if len(rows) < size[1] and not before else ""
        if changed or gone:
            self._stream.write(f"{_TOGETHER}{clear}{''.join(changed)}{gone}{_AT_ONCE}")
            self._stream.flush()
        self._rows, self._size = rows, size

    def _row(self, line: Line) -> str:
        return "".join(_ansi(piece, self._colours) for piece in line)


@lru_cache(maxsize=8192)
def _ansi(piece: Piece, colours: ColorSystem | None) -> str:
    text, name = piece
    style = _style(name)
    return text if style is None else style.render(text, color_system=colours)


@lru_cache(maxsize=64)
def _style(name: str) -> Style | None:
    return Style.parse(STYLES[name]) if STYLES[name] else None
