"""Lines of a person, one after the other, while nothing runs yet."""

from __future__ import annotations

from benchctl.cli.cells import plain
from benchctl.cli.keyboard import Keyboard, Wake
from benchctl.cli.signals import StopSignals
from benchctl.cli.terminal import Terminal
from benchctl.core.errors import StoppedError
from benchctl.core.messages import msg

LOOK_EVERY = 0.2
"""Real seconds between two looks at whether a person wants to stop."""


def next_line(keyboard: Keyboard, screen: Terminal, signals: StopSignals) -> str | None:
    """Return the next line that is typed or scanned, None at the end of the input.

    Raises:
        StoppedError: a person wants no run.
    """
    wake = Wake()
    try:
        while (line := keyboard.head) is None:
            if signals.source:
                screen.heard()
                raise StoppedError(msg("engine.stopped", source=signals.source))
            if keyboard.at_end():
                screen.heard()
                return None
            wake.wait_for(keyboard, LOOK_EVERY)
            keyboard.take()
    finally:
        wake.close()
    keyboard.pop()
    screen.heard()
    if not keyboard.is_terminal:  # which would have shown it
        screen.line(plain(line))
    return line
