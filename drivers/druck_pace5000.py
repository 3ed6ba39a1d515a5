"""Druck PACE5000 pressure controller."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import (
    Action,
    Instrument,
    Reading,
    Scpi,
    Setting,
    flag,
    item,
    settled,
    text,
    whole,
    word,
)

VENT = ":SOUR:PRES:LEV:IMM:AMPL:VENT"
UNIT = "KPA"


class DruckPace5000(Instrument):
    """GE / Baker Hughes Druck PACE5000 and PACE6000, module 1.

    Answers repeat the header of the question, which is checked. It must show kPa. A set-point is
    only followed while `control` is on; `pressure` is stable when the controller says in-limits.

    Bus: RS-232 (9600 8N1), LAN raw socket 5025, GPIB or USB; through VISA where it has it.
    Reading: 0.1 s.
    Safe: control off, then vent: with its valves merely shut, pressure would stay in the meter
        under test, and whoever opens a fitting would meet it. Both are tried even if one fails.
    Document: PACE Series SCPI manual K0472 Revision A, p. 4-32 (OUTP), 4-89 (VENT), 2-5 (MODE of
        SLEW); UNIT:PRES, SLEW and the two values of INL from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?", echo=True)
    identity = r"(GE )?Druck,\s*PACE[56]000"
    timeout = 2.0

    pressure = Reading(
        settled(":SENS:PRES?", by=item(":SENS:PRES:INL?", 2, of=2), stable=flag),
        unit="kPa",
        doc="Pressure at the outlet.",
    )
    setpoint = Setting(
        ":SOUR:PRES",
        unit="kPa",
        low=-100.0,
        high=21000.0,
        doc="Pressure to be held; the fitted module allows less, and the controller says so.",
    )
    slew = Setting(
        ":SOUR:PRES:SLEW",
        unit="kPa/s",
        low=0.001,
        high=2000.0,
        doc="Rate at which it goes to a new set-point, in slew mode LIN.",
    )
    slew_mode = Setting(
        ":SOUR:PRES:SLEW:MODE", kind=word("MAX", "LIN"), doc="As fast as it can, or at `slew`."
    )
    control = Setting(":OUTP:STAT", kind=flag, safe=False, doc="Whether it controls.")
    venting = Reading(f"{VENT}?", kind=whole, doc="0 it does not vent, 1 it does, 2 it has.")
    pressure_unit = Reading(":UNIT:PRES?", kind=text, doc="Unit that it shows.")

    vent = Action(f"{VENT} 1", doc="Let the pressure out.")
    stop_venting = Action(f"{VENT} 0", doc="Shut the vent.")

    def verify(self) -> None:
        """Refuse a controller that does not show kPa."""
        if self.pressure_unit.upper() != UNIT:
            raise self.refuse(
                msg("driver.other-unit", told=self.pressure_unit, wanted=UNIT),
                hint=msg("driver.hint-other-unit", wanted=UNIT),
            )

    def make_safe(self) -> None:
        """Stop controlling and let the pressure out; both are tried even if one fails."""
        try:
            self.control = False
        finally:
            self.vent()
