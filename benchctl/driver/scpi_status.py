"""The status model of IEEE 488.2: the event register and the status byte, in the standard's words.

running = Reading("STAT:OPER:COND?", kind=bit(4))
EventStatus(48).faults                    # "EXE CME": an execution error and a command error
"""

from __future__ import annotations

from enum import IntFlag
from typing import Any

from benchctl.driver.values import whole


class EventStatus(IntFlag):
    """The standard event status register, which `*ESR?` tells and clears."""

    OPC = 1
    """Operation complete."""
    RQC = 2
    """Request control."""
    QYE = 4
    """Query error: an answer was asked for that is not there, or was lost."""
    DDE = 8
    """Device-dependent error."""
    EXE = 16
    """Execution error: out of range, or not now."""
    CME = 32
    """Command error: not understood."""
    URQ = 64
    """User request."""
    PON = 128
    """Power on."""

    @property
    def faults(self) -> str:
        """The abbreviations of the errors in it, "" if there is none."""
        of_errors = (EventStatus.QYE, EventStatus.DDE, EventStatus.EXE, EventStatus.CME)
        return " ".join(str(bit.name) for bit in of_errors if bit in self)


class StatusByte(IntFlag):
    """The status byte, which `*STB?` tells."""

    EAV = 4
    """Errors are in the queue (SCPI)."""
    QUES = 8
    """Something is questionable (SCPI)."""
    MAV = 16
    """An answer waits."""
    ESB = 32
    """An enabled event has happened."""
    MSS = 64
    """Service is requested."""
    OPER = 128
    """Something of the operation status has happened (SCPI)."""


class Bit:
    """A kind: whether one bit of a status word is set; or clear, where that is what counts."""

    def __init__(self, number: int, *, clear: bool = False) -> None:
        self.number = number
        self.clear = clear

    def __call__(self, raw: Any) -> bool:
        """Return whether the bit of the status word is as it is wanted."""
        return bool(whole(raw) >> self.number & 1) is not self.clear


def bit(number: int, *, clear: bool = False) -> Bit:
    """Return a kind: whether bit `number` (0 is the lowest) of a status word is set.

    With `clear`, whether it is not.
    """
    return Bit(number, clear=clear)
