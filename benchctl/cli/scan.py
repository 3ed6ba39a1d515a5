"""Scanning units into the line before a run: one line per position, from a scanner or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.cli.cells import plain
from benchctl.cli.dialogue import next_line
from benchctl.cli.keyboard import Keyboard
from benchctl.cli.shell import Shell
from benchctl.cli.signals import StopSignals
from benchctl.cli.wording import ranges
from benchctl.core.errors import UsageError
from benchctl.core.messages import LANGUAGES, catalog, msg

if TYPE_CHECKING:
    from benchctl.engine import Lineup, RunRequest

MOST_NAMED = 6
"""So many units that are left out are named."""


def wants_scan(shell: Shell, request: RunRequest, keyboard: Keyboard, *, asked: bool) -> bool:
    """Return whether the units are to be scanned.

    They are where that is asked for, and where a person sits at a bench whose questions come to a
    person, and nobody said what is in the line.

    Raises:
        UsageError: the units of an earlier run stand where they stood.
    """
    if asked and request.failed_of:
        raise UsageError(msg("cli.exclusive", one="--scan", other="--failed-of"))
    if request.failed_of:
        return False
    if asked or request.batch is not None or request.uuts:
        return asked
    return keyboard.is_terminal and shell.out.live and not request.simulate and _for_people(request)


def _for_people(request: RunRequest) -> bool:
    """Return whether a person answers on the bench that is meant; what is wrong is told later."""
    from benchctl.cli.benches import find_bench_file, read_bench_file

    try:
        bench = read_bench_file(find_bench_file(request.bench, request.lab), request.lab)
    except UsageError:
        return False
    return bench.simulated is None or (bench.simulated.served and request.by_hand)


def scan(shell: Shell, request: RunRequest, keyboard: Keyboard, signals: StopSignals) -> RunRequest:
    """Ask for the unit of each position; return the request for what was scanned.

    Raises:
        FileError: a file has mistakes.
        UsageError: nothing was scanned.
        StoppedError: a person wants no run.
    """
    from benchctl.engine import lineup_for, placed

    dialogue = _Dialogue(shell, keyboard, signals)
    lineup = dialogue.hold(lineup_for(request))
    if not lineup.places:
        raise UsageError(msg("desk.scan-nothing"))
    return placed(request, lineup)


class _Dialogue:
    """Lines in, a line-up out."""

    def __init__(self, shell: Shell, keyboard: Keyboard, signals: StopSignals) -> None:
        self._shell = shell
        self._screen = shell.err
        self._keyboard = keyboard
        self._signals = signals
        self._done = _words("scan-done")
        self._undo = _words("scan-undo")

    def hold(self, lineup: Lineup) -> Lineup:
        """Let a person fill the line; return what was scanned."""
        self._say("scan-begin")
        if lineup.order is not None:
            self._say("scan-order", count=len(lineup.order))
        while True:
            lineup, whole = self._fill(lineup)
            self._show(lineup)
            if whole or not self._keyboard.is_terminal or not lineup.scanned:
                return lineup
            self._screen.ask(self._text("scan-start"))
            said = self._line()
            if not said:
                return lineup
            lineup = self._take(lineup, said)

    def _fill(self, lineup: Lineup) -> tuple[Lineup, bool]:
        """Scan until the line is full or somebody says so; whether the input ended."""
        while (position := lineup.next_position) is not None:
            self._screen.ask(self._text("scan-position", position=position))
            said = self._line()
            if said is None:
                self._screen.line()
                return lineup, True
            if said.casefold() in self._done:
                return lineup, False
            lineup = self._take(lineup, said)
        self._say("scan-full")
        return lineup, False

    def _take(self, lineup: Lineup, said: str) -> Lineup:
        """Return what a line makes of the line-up; what is refused is said."""
        try:
            if said.casefold() in self._undo:
                lineup = lineup.undo()
                self._say("scan-undone")
                return lineup
            return lineup.scan(said)
        except UsageError as error:
            what, *hints = error.words(self._shell.language).split("\n")
            self._say("scan-refused", problem=plain(what))
            for hint in hints:
                self._screen.prose(f"  {plain(hint)}", indent=2)
            return lineup

    def _show(self, lineup: Lineup) -> None:
        if not lineup.places:
            return
        places = ", ".join(f"{position}:{plain(serial)}" for position, serial in lineup.places)
        self._say("scan-units", places=places)
        if lineup.spools:
            self._say("scan-spools", positions=ranges(lineup.spools))
        if left_out := lineup.left_out:
            serials = ", ".join(plain(serial) for serial in left_out[:MOST_NAMED])
            if len(left_out) > MOST_NAMED:
                more = len(left_out) - MOST_NAMED
                serials = self._text("scan-more", serials=serials, count=more)
            self._say("scan-left-out", serials=serials)

    def _line(self) -> str | None:
        """Return the next line, None at the end of the input.

        Raises:
            StoppedError: a person wants no run.
        """
        return next_line(self._keyboard, self._screen, self._signals)

    def _say(self, name: str, /, **args: str | int) -> None:
        self._screen.prose(self._text(name, **args), indent=2)

    def _text(self, name: str, /, **args: str | int) -> str:
        return self._shell.words(msg(f"desk.{name}", **args))


def _words(name: str) -> set[str]:
    """Return a word in every language, in small letters."""
    return {catalog(language, "desk")[name].casefold() for language in LANGUAGES}
