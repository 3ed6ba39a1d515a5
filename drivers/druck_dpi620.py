"""Druck DPI 620 Genii and PV62x: a hand-held calibrator with pressure modules."""

from __future__ import annotations

import re
from typing import Any

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, number


def summed(text: str) -> str:
    """Return a message with its check: the sum of its characters modulo 100, in two digits."""
    return f"{text}{sum(text.encode('ascii')) % 100:02d}"


class Duci(Line):
    """`#IV0?:` and a check is answered `!IV0=1013.25:` and a check."""

    name = "DUCI"
    who = summed("#RI?:")
    serial = summed("#SN?:")

    def parse(self, command: str, reply: str, unit: str) -> str:
        """Return what stands behind the equals sign."""
        del unit  # the answer tells none
        found = re.fullmatch(r"!(\w+)=\s*([^:]*):(\d\d)", reply)
        if found is None or summed(reply[:-2]) != reply:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if found[1] != re.split(r"[?=]", command.lstrip("#"))[0]:
            raise GarbageReplyError(msg("driver.other-header", asked=command, told=found[1]))
        return found[2]


def field(place: int, of: int) -> Any:
    """Return a kind: one number of several, 1 is the first."""

    def kind(raw: str) -> float:
        values = raw.split(",")
        if len(values) != of:
            raise GarbageReplyError(msg("driver.items", got=len(values), wanted=of))
        return number(values[place - 1])

    return kind


class DruckDpi620(Instrument):
    """Druck DPI 620 and DPI 620G with a pressure module, showing mbar.

    It measures; the pressure comes from a hand pump, so nothing is set here. It does not speak SCPI
    but Druck's own lines, each with a check.

    Bus: USB as a virtual serial port, or the service port of a PV62x, 115200 8O1.
    Reading: 0.1 s.
    Safe: nothing to do, it only measures.
    Document: DPI 740 User Manual K0200, chapter 6, for the lines and RI; IV0, PV and IS as programs
        of others use them on a DPI 620G; SN and the exact form of answers from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Duci()
    identity = r"^DPI\s?620"
    timeout = 2.0

    pressure = Reading(summed("#IV0?:"), unit="mbar", doc="Pressure at the module, gauge or abs.")
    barometer = Reading(
        summed("#PV?:"), unit="mbar", kind=field(4, of=4), doc="Atmospheric pressure."
    )
    full_scale = Reading(
        summed("#IS?:"), unit="mbar", kind=field(2, of=3), doc="Highest pressure of the module."
    )
