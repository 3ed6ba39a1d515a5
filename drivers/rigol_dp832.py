"""Rigol DP832 triple power supply."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting, commands, flag, item

MOST_VOLTS = {1: 32.0, 2: 32.0, 3: 5.3}
MOST_AMPERES = 3.2
"""What each output can be set to."""


def voltage(n: int) -> Setting[float]:
    """Return the set voltage of an output."""
    return Setting(
        f":SOUR{n}:VOLT", unit="V", low=0.0, high=MOST_VOLTS[n], doc=f"Output {n}: voltage set."
    )


def limit(n: int) -> Setting[float]:
    """Return the current limit of an output."""
    return Setting(
        f":SOUR{n}:CURR", unit="A", low=0.0, high=MOST_AMPERES, doc=f"Output {n}: current limit."
    )


def switch(n: int) -> Setting[bool]:
    """Return whether an output is on."""
    by_value = {True: f":OUTP CH{n},ON", False: f":OUTP CH{n},OFF"}
    address = commands(f":OUTP? CH{n}", by_value)
    return Setting(address, kind=flag, safe=False, doc=f"Output {n}: whether it is on.")


def measured(n: int, number: int, unit: str) -> Reading[float]:
    """Return one of voltage, current and power that the supply measures at an output."""
    address = item(f":MEAS:ALL? CH{n}", number, of=3)
    return Reading(address, unit=unit, doc=f"Output {n}: measured.")


class RigolDp832(Instrument):
    """Rigol DP832 and DP832A: three outputs (30 V, 30 V, 5 V; 3 A).

    Voltage, current and power of an output that are read together are of one moment.

    Bus: USB-TMC, LAN (VXI-11, raw socket 5555), RS-232.
    Reading: 50 ms; the supply measures about three times a second.
    Safe: all outputs off, every one tried even if another fails; what is set stays set.
    Document: DP800 Programming Guide PGH03109-1110 (OUTP, SOUR, MEAS:ALL); highest settings from
        its table 2-1, from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?")
    identity = r"^RIGOL TECHNOLOGIES,DP832A?,"

    voltage_1, voltage_2, voltage_3 = voltage(1), voltage(2), voltage(3)
    current_limit_1, current_limit_2, current_limit_3 = limit(1), limit(2), limit(3)
    output_1, output_2, output_3 = switch(1), switch(2), switch(3)
    measured_voltage_1 = measured(1, 1, "V")
    measured_current_1 = measured(1, 2, "A")
    measured_power_1 = measured(1, 3, "W")
    measured_voltage_2 = measured(2, 1, "V")
    measured_current_2 = measured(2, 2, "A")
    measured_power_2 = measured(2, 3, "W")
    measured_voltage_3 = measured(3, 1, "V")
    measured_current_3 = measured(3, 2, "A")
    measured_power_3 = measured(3, 3, "W")

    def make_safe(self) -> None:
        """Switch all outputs off."""
        try:
            self.output_1 = False
        finally:
            try:
                self.output_2 = False
            finally:
                self.output_3 = False
