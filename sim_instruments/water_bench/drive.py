"""A frequency converter as its fieldbus profile shows it (ABB drives profile, ACS380/480/580).

Control word: 047E makes it ready, 047F starts it; bit 7 rising resets a fault. Status word: bit 0
ready to switch on, 1 ready to run, 2 runs, 3 tripped, 8 at its set-point, 9 remote. After 5 s
without a valid message it trips, and the pump coasts to a stop. The words are those of the ABB
drives communication profile; a start needs the edge from 047E to 047F.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SILENCE = 5.0
"""Bench seconds without a valid message after which a running drive trips."""
FULL = 20000.0
"""Reference and actual value that stand for full speed."""
_ON, _NEEDED, _RAMP, _RESET, _REMOTE = 0x0001, 0x000E, 0x0070, 0x0080, 0x0400


@dataclass(frozen=True, slots=True)
class Drive:
    """What was written to the drive and what it made of it; `reference` is a share of full speed.

    `ready` is the state after 047E, from which bit 0 starts it.
    """

    control: int = 0
    reference: float = 0.0
    ready: bool = False
    running: bool = False
    tripped: bool = False

    @property
    def speed(self) -> float:
        """The share of full speed that it is driven to."""
        ramped = self.control & _RAMP == _RAMP
        return self.reference if self.running and ramped else 0.0

    def commanded(self, control: int) -> Drive:
        """Return the drive after a control word."""
        reset = bool(control & _RESET) and not self.control & _RESET
        tripped = self.tripped and not reset
        allowed = control & _REMOTE and not tripped
        on = bool(control & _ON)
        # bits 1 and 2 (OFF2, OFF3) and 3 (run enabled) are active low: all must be 1 to run
        enabled = bool(allowed) and control & _NEEDED == _NEEDED
        running = enabled and on and (self.running or self.ready)
        ready = enabled and not on and not running
        return replace(self, control=control, ready=ready, running=running, tripped=tripped)

    def referred(self, counts: float) -> Drive:
        """Return the drive after a reference in counts; it runs forward only."""
        return replace(self, reference=min(max(counts / FULL, 0.0), 1.0))

    def silenced(self) -> Drive:
        """Return the drive after its watchdog ran out."""
        if not self.running:
            return self
        return replace(self, running=False, ready=False, tripped=True)

    def status(self, speed: float) -> int:
        """Return the status word while the motor turns at this share of full speed."""
        word = 0x0230  # OFF2 and OFF3 not active, remote
        if self.tripped:
            return word | 0x0008
        if self.ready or self.running:
            word |= 0x0001
        if self.running:
            word |= 0x0006
            if abs(speed - self.speed) <= 0.02:
                word |= 0x0100
        return word
