"""Fluke 6105A electrical power standard: three phases of voltage and current."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting, commands, flag, item, part

VOLT_RANGES = (23.0, 45.0, 90.0, 180.0, 360.0, 650.0, 1008.0)
AMPERE_RANGES = {0.25: 0.05, 0.5: 0.05, 1.0: 0.1, 2.0: 0.2, 5.0: 0.5, 10.0: 1.0, 21.0: 2.0}
"""Highest and lowest current of each range."""


def amplitude(n: int, what: str, unit: str, high: float) -> Setting[float]:
    """Return the fundamental of a phase, rms."""
    address = part(f"SOUR:PHAS{n}:{what}:MHAR:HARM1", 1, of=2)
    return Setting(address, unit=unit, low=0.0, high=high, doc=f"Phase {n}: fundamental, rms.")


def angle(n: int, what: str) -> Setting[float]:
    """Return the phase angle of a phase's fundamental."""
    address = part(f"SOUR:PHAS{n}:{what}:MHAR:HARM1", 2, of=2)
    return Setting(address, unit="°", low=-180.0, high=180.0, doc=f"Phase {n}: angle of {what}.")


def volt_range(n: int) -> Setting[float]:
    """Return the voltage range of a phase."""
    header = f"SOUR:PHAS{n}:VOLT:RANG"
    address = (item(f"{header}?", 2, of=2), f"{header} 0,{{value}}")
    return Setting(address, unit="V", choices=VOLT_RANGES, doc=f"Phase {n}: voltage range.")


def ampere_range(n: int) -> Setting[float]:
    """Return the current range of a phase."""
    header = f"SOUR:PHAS{n}:CURR:RANG"
    by_value = {high: f"{header} {low:g},{high:g}" for high, low in AMPERE_RANGES.items()}
    address = commands(item(f"{header}?", 2, of=2), by_value)
    return Setting(address, unit="A", choices=tuple(by_value), doc=f"Phase {n}: current range.")


def enabled(n: int, what: str) -> Setting[bool]:
    """Return whether the voltage or current of a phase takes part when the output is on."""
    return Setting(f"SOUR:PHAS{n}:{what}:STAT", kind=flag, doc=f"Phase {n}: {what} takes part.")


def power(n: int) -> Reading[float]:
    """Return the active power of a phase."""
    return Reading(f"SOUR:PHAS{n}:POW:WATT?", unit="W", doc=f"Phase {n}: active power as set.")


class Fluke6105A(Instrument):
    """Fluke 6100A, 6100B and 6105A with three phases fitted, pure sine.

    Amplitude and angle are set together on the wire: the other one is asked first and sent back.
    Choose the range before the amplitude; the standard refuses what lies beyond it, and says so.
    Voltages up to 1008 V: the bench must keep people away from the terminals while `output` is on.

    Bus: GPIB through VISA.
    Reading: 20 ms; switching on and off takes the ramp time that is set at the standard.
    Safe: output off, which ramps all phases down and opens their relays.
    Document: 6100B/6105A Users Manual, p. 5-32 (PHAS, POW), 5-36 (MHAR:HARM), 5-45 (CURR);
        OUTP:STAT, RANG, STAT, SOUR:FREQ as programs of others use them: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(opc=True, patience={"*OPC?": 10.0})
    identity = r"^FLUKE,\s*61(00[AB]|05A),"
    timeout = 5.0

    frequency = Setting("SOUR:FREQ", unit="Hz", low=16.0, high=850.0, doc="Of all phases.")
    voltage_range_1, voltage_range_2, voltage_range_3 = map(volt_range, (1, 2, 3))
    current_range_1, current_range_2, current_range_3 = map(ampere_range, (1, 2, 3))
    voltage_1, voltage_2, voltage_3 = (amplitude(n, "VOLT", "V", 1008.0) for n in (1, 2, 3))
    voltage_angle_1, voltage_angle_2, voltage_angle_3 = (angle(n, "VOLT") for n in (1, 2, 3))
    current_1, current_2, current_3 = (amplitude(n, "CURR", "A", 21.0) for n in (1, 2, 3))
    current_angle_1, current_angle_2, current_angle_3 = (angle(n, "CURR") for n in (1, 2, 3))
    voltage_on_1, voltage_on_2, voltage_on_3 = (enabled(n, "VOLT") for n in (1, 2, 3))
    current_on_1, current_on_2, current_on_3 = (enabled(n, "CURR") for n in (1, 2, 3))
    power_1, power_2, power_3 = map(power, (1, 2, 3))
    output = Setting("OUTP:STAT", kind=flag, safe=False, doc="Whether the outputs are on.")

    def make_safe(self) -> None:
        """Switch the outputs off."""
        self.output = False
