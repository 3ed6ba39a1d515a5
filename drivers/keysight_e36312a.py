"""Keysight E36312A triple power supply."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting, flag, listed

MOST_VOLTS = {1: 6.18, 2: 25.75, 3: 25.75}
MOST_AMPERES = {1: 5.15, 2: 1.03, 3: 1.03}
"""What each output can be set to: 3 % above its ratings."""


def voltage(n: int) -> Setting[float]:
    """Return the set voltage of an output."""
    address = (listed("VOLT? (@{list})", n), f"VOLT {{value}},(@{n})")
    return Setting(address, unit="V", low=0.0, high=MOST_VOLTS[n], doc=f"Output {n}: voltage set.")


def limit(n: int) -> Setting[float]:
    """Return the current limit of an output."""
    address = (listed("CURR? (@{list})", n), f"CURR {{value}},(@{n})")
    return Setting(
        address, unit="A", low=0.001, high=MOST_AMPERES[n], doc=f"Output {n}: current limit."
    )


def switch(n: int) -> Setting[bool]:
    """Return whether an output is on."""
    address = (listed("OUTP? (@{list})", n), f"OUTP {{value}},(@{n})")
    return Setting(address, kind=flag, safe=False, doc=f"Output {n}: whether it is on.")


def measured(query: str, unit: str, n: int) -> Reading[float]:
    """Return what the supply measures at an output."""
    return Reading(listed(f"{query}? (@{{list}})", n), unit=unit, doc=f"Output {n}: measured.")


class KeysightE36312A(Instrument):
    """Keysight E36312A: three outputs (6 V 5 A, 25 V 1 A, 25 V 1 A).

    Values of several outputs that are read together come in one answer each.

    Bus: LAN (VXI-11, HiSLIP, or raw socket 5025), USB; GPIB by an option.
    Reading: 10 ms, measured values 30 ms.
    Safe: all outputs off, every one tried even if another fails; what is set stays set.
    Document: E36300 Series Programming Guide E36311-90008 (channel lists); highest
        settings from the data sheet, from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^(Keysight|Agilent) Technologies,E36312A,"

    voltage_1, voltage_2, voltage_3 = voltage(1), voltage(2), voltage(3)
    current_limit_1, current_limit_2, current_limit_3 = limit(1), limit(2), limit(3)
    output_1, output_2, output_3 = switch(1), switch(2), switch(3)
    measured_voltage_1 = measured("MEAS:VOLT", "V", 1)
    measured_voltage_2 = measured("MEAS:VOLT", "V", 2)
    measured_voltage_3 = measured("MEAS:VOLT", "V", 3)
    measured_current_1 = measured("MEAS:CURR", "A", 1)
    measured_current_2 = measured("MEAS:CURR", "A", 2)
    measured_current_3 = measured("MEAS:CURR", "A", 3)

    def make_safe(self) -> None:
        """Switch all outputs off."""
        try:
            self.output_1 = False
        finally:
            try:
                self.output_2 = False
            finally:
                self.output_3 = False
