r"""A device that answers lines with lines: balances, displays, old instruments on RS-232.

    class Balance:
        def answer(self, line, t):           # without its end; None for silence
            return f"S S {weight(t):10.3f} kg" if line == "SI" else "ES"

    with TextServer(clock, PtyPort("balance"), Wire(9600), Balance()) as server: ...

An answer that takes time to come about (a balance that waits for rest) is `Timed`: its text is what
holds at the end of those seconds. Several lines in one answer are separated by `end`.
"""

from __future__ import annotations

from typing import Protocol

from benchctl.core.clock import Clock
from benchctl.simulation.ports import Port
from benchctl.simulation.scpi import Timed
from benchctl.simulation.server import LineServer, Wire

LONGEST = 256
"""Bytes without an end of line that a device takes for noise and forgets."""


class TextDevice(Protocol):
    """What hangs on the line."""

    def answer(self, line: str, t: float) -> str | Timed | None:
        """Return what the device says to a line at bench time `t`, None if nothing."""
        ...


class TextServer(LineServer):
    """One device; a command ends with `end`, what it says with `reply_end` (default: the same).

    With `reply_end` b"" the device says itself how what it says ends.
    """

    def __init__(
        self,
        clock: Clock,
        port: Port,
        wire: Wire,
        device: TextDevice,
        *,
        end: bytes = b"\r\n",
        reply_end: bytes | None = None,
    ) -> None:
        super().__init__(clock, port, wire)
        self._device = device
        self._end = end
        self._reply_end = end if reply_end is None else reply_end
        self.checksum_at = -1 - len(self._reply_end)

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the first line with its end."""
        at = buffer.find(self._end)
        if at < 0:
            if len(buffer) > LONGEST:
                buffer.clear()
            return None
        line = bytes(buffer[: at + len(self._end)])
        del buffer[: len(line)]
        return line

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Return what the device says, once it has come about."""
        line = request.removesuffix(self._end).decode("latin-1")
        said = self._device.answer(line, t)
        if isinstance(said, Timed):
            self._clock.sleep(said.seconds)
            said = said.text
        return None if said is None else said.encode("latin-1") + self._reply_end
