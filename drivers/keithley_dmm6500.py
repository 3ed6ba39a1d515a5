"""Keithley DMM6500 multimeter with its scanner card."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting

INPUT = ":ROUT:OPEN:ALL"
"""At the terminals, not at a position of the card that somebody left closed."""


def position(number: int) -> Reading[float]:
    """Return DC voltage at one position of the scanner card."""
    return Reading(
        f':SENS:FUNC "VOLT:DC",(@{number});:ROUT:CLOS (@{number});:READ?',
        unit="V",
        doc=f"DC voltage at position {number} of the scanner card.",
    )


class KeithleyDmm6500(Instrument):
    """Keithley DMM6500 in its SCPI command set (not TSP), with or without a 2000-SCAN card.

    Each reading selects its function, or closes its position of the card, first; where no position
    is meant, all are opened. Readings at the card need the rear terminals, selected by the button
    at the front; the meter tells it otherwise.

    Bus: LAN (VXI-11 or raw socket 5025), USB, GPIB or RS-232 by an option.
    Reading: 0.1 s at 1 PLC; a position of the card takes 20 ms more for its relay.
    Safe: the highest range for DC voltage; the meter only measures.
    Document: DMM6500 Reference Manual DMM6500-901-01; channel-wise SENS:FUNC, and
        ROUT:OPEN:ALL without a card, from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?")
    identity = r"^KEITHLEY INSTRUMENTS,MODEL DMM6500,"
    timeout = 10.0

    dc_voltage = Reading(f'{INPUT};:SENS:FUNC "VOLT:DC";:READ?', unit="V", doc="DC voltage.")
    ac_voltage = Reading(
        f'{INPUT};:SENS:FUNC "VOLT:AC";:READ?', unit="V", doc="AC voltage, true rms."
    )
    dc_current = Reading(f'{INPUT};:SENS:FUNC "CURR:DC";:READ?', unit="A", doc="DC current.")
    resistance = Reading(f'{INPUT};:SENS:FUNC "RES";:READ?', unit="Ω", doc="Resistance, two wires.")
    resistance_4w = Reading(
        f'{INPUT};:SENS:FUNC "FRES";:READ?', unit="Ω", doc="Resistance, four wires."
    )

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
        low=0.0005,
        high=12.0,
        doc="Integration time for DC voltage in periods of the mains (12 at 50 Hz, 15 at 60 Hz).",
    )

    def make_safe(self) -> None:
        """Choose the highest range, so that nothing left connected overloads the input."""
        self.dc_voltage_range = 1000.0
