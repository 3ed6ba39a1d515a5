"""Breath-alcohol simulator: heated solution, and air blown through it."""

from __future__ import annotations

import re

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Action, Instrument, Line, Reading, Setting, Told, ask, flag, whole

UNITS = {"°C": "C", "L/min": "L/min", "L": "L", "": ""}
"""How the generic protocol writes our units."""


class Breath(Line):
    """`TEMP?` is answered `TEMP 34.02 C S`: name, value, unit, S at rest or D not.

    `SETP 34.00` and `BLOW` are answered `OK`; an error is `ERR` with a number.
    """

    name = "breath"
    who = "ID?"
    serial = "SN?"

    def parse(self, command: str, reply: str, unit: str) -> Told | str:
        """Return the value in `unit`, or the text of an answer that has none."""
        if reply.startswith("ERR"):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        if command in (self.who, self.serial):
            return reply
        if not command.endswith("?"):
            if reply != "OK":
                raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
            return reply
        found = re.fullmatch(r"(\w+) (-?[\d.]+)(?: ([A-Z]\S*))?(?: ([SD]))?", reply)
        if found is None or f"{found[1]}?" != command or (found[3] or "") != UNITS[unit]:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        return Told(found[2], None if found[4] is None else found[4] == "S", found[4] or "")


class BreathSimulator(Instrument):
    """Wet-bath breath-alcohol simulator with a controlled blow, for evidential analysers.

    Generic: the commands are ours, and our simulated instrument's. The makers' simulators (Guth,
    Alcotest CU, Lion) differ: copy this driver and adapt the commands to the manual of yours. The
    concentration follows from the solution and `temperature` (OIML R 126); it is the procedure's.

    Bus: RS-232, 9600 8N1, CR LF.
    Reading: 25 ms at 9600 baud.
    Safe: no blow and no heating. Nobody may be there to see the jar run dry; 34 °C come back in
        a few minutes.
    Document: none: a protocol of our own, "generic"; 34 °C after OIML R 126: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Breath()
    identity = "BREATH"

    temperature = Reading("TEMP?", unit="°C", resolution=0.01, doc="Solution; stable when at rest.")
    setpoint = Setting(
        ask("SETP?", write="SETP {value:.2f}"), unit="°C", low=30.0, high=40.0, doc="Set-point."
    )
    heater = Setting(ask("HEAT?", write="HEAT {value}"), kind=flag, safe=False, doc="Heating on.")
    flow = Setting(
        ask("FLOW?", write="FLOW {value:.1f}"), unit="L/min", low=3.0, high=60.0, doc="Of a blow."
    )
    volume = Setting(
        ask("VOL?", write="VOL {value:.2f}"), unit="L", low=0.5, high=5.0, doc="Of a blow."
    )
    blowing = Reading("BLOWING?", kind=flag, doc="Whether air flows.")
    blows = Reading("BLOWS?", kind=whole, doc="Blows since the solution was renewed.")

    blow = Action("BLOW", doc="Blow the volume once through the solution.")
    stop = Action("STOP", doc="End a blow.")

    def make_safe(self) -> None:
        """End a blow, then switch the heating off; both are tried even if one fails."""
        try:
            self.stop()
        finally:
            self.heater = False
