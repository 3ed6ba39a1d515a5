"""Keysight 34465A multimeter: voltage, current, resistance, frequency."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting, flag


def ranged(function: str, unit: str, *choices: float) -> Setting[float]:
    """Return the range of a function; to set it ends autoranging."""
    address, doc = f"{function}:RANG", "Range; ends autoranging."
    return Setting(address, unit=unit, choices=choices, doc=doc)


class Keysight34465A(Instrument):
    """Keysight Truevolt multimeters 34460A, 34461A, 34465A, 34470A; Agilent 34410A and 34411A.

    Each reading selects its function first, so that a hand on the front panel spoils one reading
    at most; range and integration time of each function stay as they were set. Autoranging holds
    until a range is set. An overload is answered as 9.9E+37 and is an error, not a value.

    Bus: LAN (VXI-11, HiSLIP, or raw socket 5025), USB; through VISA.
    Reading: integration time, twice with auto zero (0.4 s at 10 PLC, 50 Hz), longer after a change
        of function or range.
    Safe: the highest range for DC voltage; the meter only measures.
    Document: Truevolt Series Operating and Programming Guide, 34460-90901 (FUNC, READ?, VOLT:DC);
        that the 34410A takes the same from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^(Agilent|Keysight) Technologies,344(10|11|60|61|65|70)A,"
    timeout = 10.0

    dc_voltage = Reading('FUNC "VOLT:DC";:READ?', unit="V", doc="DC voltage.")
    ac_voltage = Reading('FUNC "VOLT:AC";:READ?', unit="V", doc="AC voltage, true rms.")
    dc_current = Reading('FUNC "CURR:DC";:READ?', unit="A", doc="DC current.")
    ac_current = Reading('FUNC "CURR:AC";:READ?', unit="A", doc="AC current, true rms.")
    resistance = Reading('FUNC "RES";:READ?', unit="Ω", doc="Resistance, two wires.")
    resistance_4w = Reading('FUNC "FRES";:READ?', unit="Ω", doc="Resistance, four wires.")
    frequency = Reading('FUNC "FREQ";:READ?', unit="Hz", doc="Frequency at the voltage input.")

    dc_voltage_range = Setting(
        "VOLT:DC:RANG",
        unit="V",
        choices=(0.1, 1.0, 10.0, 100.0, 1000.0),
        safe=1000.0,
        doc="Range for DC voltage; ends autoranging.",
    )
    dc_voltage_nplc = Setting(
        "VOLT:DC:NPLC",
        unit="1",
        choices=(0.02, 0.2, 1.0, 10.0, 100.0),
        doc="Integration time for DC voltage in periods of the mains.",
    )
    dc_voltage_auto_zero = Setting("VOLT:DC:ZERO:AUTO", kind=flag, doc="Zero at every reading.")
    dc_voltage_autorange = Setting("VOLT:DC:RANG:AUTO", kind=flag, doc="Autoranging.")

    ac_voltage_range = ranged("VOLT:AC", "V", 0.1, 1.0, 10.0, 100.0, 750.0)
    dc_current_range = ranged("CURR:DC", "A", 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 3.0)
    ac_current_range = ranged("CURR:AC", "A", 1e-4, 1e-3, 0.01, 0.1, 1.0, 3.0)
    resistance_range = ranged("RES", "Ω", 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
    resistance_4w_range = ranged("FRES", "Ω", 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)

    def make_safe(self) -> None:
        """Choose the highest range, so that nothing left connected overloads the input."""
        self.dc_voltage_range = 1000.0
