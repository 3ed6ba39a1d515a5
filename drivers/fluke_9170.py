"""Fluke / Hart 9170 field metrology wells."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, Setting, flag, settled, word


class Fluke9170(Instrument):
    """Fluke (Hart Scientific) 9170 to 9173 metrology wells, for thermometers under test.

    The well must show °C. Set duplex to half, so that it does not repeat commands. The limits are
    those of all four models together; what a well does not take it refuses, which is told.

    Bus: RS-232, 2400 to 38400 8N1, end of line CR (write end=cr into the address).
    Reading: 0.1 s at 9600 baud; `sample` tells whether the well is within its stability limit.
    Safe: the control is switched off: the block drifts to the temperature of the room. A hot block
        stays hot for hours.
    Document: none at hand; 917X Series technical guide, chapter on remote commands (SOUR:SPO,
        SOUR:SENS:DATA?, SOUR:STAB:TEST?, OUTP:STAT, UNIT:TEMP), from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^(HART|FLUKE)\b.*,\s*917[0-3]"
    timeout = 2.0

    temperature = Reading(
        settled("SOUR:SENS:DATA?", by="SOUR:STAB:TEST?", stable=flag),
        unit="°C",
        doc="Temperature of the block, by the control sensor.",
    )
    stability = Setting(
        "SOUR:STAB:LIM", unit="K", low=0.01, high=9.99, doc="Limit within which it is stable."
    )
    setpoint = Setting("SOUR:SPO", unit="°C", low=-45.0, high=700.0, doc="Set-point.")
    output = Setting("OUTP:STAT", kind=flag, safe=False, doc="Whether it controls.")
    temperature_unit = Reading("UNIT:TEMP?", kind=word("C", "F"), doc="Unit that it tells.")

    def verify(self) -> None:
        """Refuse a well that does not tell °C."""
        if self.temperature_unit != "C":
            raise self.refuse(
                msg("driver.other-unit", told=self.temperature_unit, wanted="°C"),
                hint=msg("driver.hint-other-unit", wanted="°C"),
            )

    def make_safe(self) -> None:
        """Switch the control off."""
        self.output = False
