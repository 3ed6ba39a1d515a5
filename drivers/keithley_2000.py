"""Keithley 2000 multimeter with its scanner card."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting

ONCE = ":INIT:CONT OFF;:FORM:ELEM READ"
"""One reading at a time, told as a bare number: after power-on it measures on and on."""
INPUT = f"{ONCE};:ROUT:OPEN:ALL"
"""At the terminals, not at a position of the card that somebody left closed."""


def position(number: int) -> Reading[float]:
    """Return DC voltage at one position of the scanner card."""
    return Reading(
        f"{ONCE};:SENS:FUNC 'VOLT:DC';:ROUT:CLOS (@{number});:READ?",
        unit="V",
        doc=f"DC voltage at position {number} of the scanner card.",
    )


class Keithley2000(Instrument):
    """Keithley 2000 and 2001 multimeters, with or without a 2000-SCAN card, in SCPI.

    Each reading selects its function, or closes its position of the card, first; where no position
    is meant, all are opened. The meter answers an overflow as +9.9E37, which is an error here.

    Bus: GPIB through VISA, or RS-232 (9600 8N1, flow control none or xonxoff).
    Reading: 0.5 s at 10 PLC.
    Safe: the highest range for DC voltage; the meter only measures.
    Document: Model 2000 User's Manual 2000-900-01, chapters 4 and 5; the 2001's ranges are others;
        ROUT:OPEN:ALL without a card from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?")
    identity = r"^KEITHLEY INSTRUMENTS INC\.,MODEL 200[01],"
    timeout = 10.0

    dc_voltage = Reading(f"{INPUT};:SENS:FUNC 'VOLT:DC';:READ?", unit="V", doc="DC voltage.")
    ac_voltage = Reading(f"{INPUT};:SENS:FUNC 'VOLT:AC';:READ?", unit="V", doc="AC voltage, rms.")
    dc_current = Reading(f"{INPUT};:SENS:FUNC 'CURR:DC';:READ?", unit="A", doc="DC current.")
    resistance = Reading(f"{INPUT};:SENS:FUNC 'RES';:READ?", unit="Ω", doc="Two wires.")
    resistance_4w = Reading(f"{INPUT};:SENS:FUNC 'FRES';:READ?", unit="Ω", doc="Four wires.")

    position_1 = position(1)
    position_2 = position(2)
    position_3 = position(3)
    position_4 = position(4)
    position_5 = position(5)
    position_6 = position(6)
    position_7 = position(7)
    position_8 = position(8)
    position_9 = position(9)
    position_10 = position(10)

    dc_voltage_range = Setting(
        ":SENS:VOLT:DC:RANG",
        unit="V",
        choices=(0.1, 1.0, 10.0, 100.0, 1000.0),
        safe=1000.0,
        doc="Range for DC voltage; ends autoranging.",
    )
    dc_voltage_nplc = Setting(
        ":SENS:VOLT:DC:NPLC",
        unit="1",
        low=0.01,
        high=10.0,
        doc="Integration time for DC voltage in periods of the mains.",
    )

    def make_safe(self) -> None:
        """Choose the highest range, so that nothing left connected overloads the input."""
        self.dc_voltage_range = 1000.0
