"""HP 34401A multimeter over RS-232 or GPIB."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting


def ranged(function: str, unit: str, *choices: float) -> Setting[float]:
    """Return the range of a function; to set it ends autoranging."""
    address, doc = f"{function}:RANG", "Range; ends autoranging."
    return Setting(address, unit=unit, choices=choices, doc=doc)


class Hp34401A(Instrument):
    """HP, Agilent and Keysight 34401A multimeter.

    Each reading selects its function first. Over RS-232 the meter obeys only after SYST:REM, which
    is sent when it is connected and again after an interruption.

    Bus: GPIB through VISA, or RS-232 (maker's setting 9600 7E2; set it to 8 bits, no parity). It
        paces itself by DTR/DSR, so wire DSR high or use a cable that does.
    Reading: 0.4 s at 10 PLC, 4 s at 100 PLC (50 Hz).
    Safe: the highest range for DC voltage; the meter only measures.
    Document: User's Guide 34401-90013, chapter 4; SYST:REM p. 153.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(remote="SYST:REM")
    identity = r"^(HEWLETT-PACKARD|Agilent Technologies|Keysight Technologies),34401A,"
    timeout = 10.0

    dc_voltage = Reading('FUNC "VOLT:DC";:READ?', unit="V", doc="DC voltage.")
    ac_voltage = Reading('FUNC "VOLT:AC";:READ?', unit="V", doc="AC voltage, true rms.")
    dc_current = Reading('FUNC "CURR:DC";:READ?', unit="A", doc="DC current.")
    ac_current = Reading('FUNC "CURR:AC";:READ?', unit="A", doc="AC current, true rms.")
    resistance = Reading('FUNC "RES";:READ?', unit="Ω", doc="Resistance, two wires.")
    resistance_4w = Reading('FUNC "FRES";:READ?', unit="Ω", doc="Resistance, four wires.")

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

    ac_voltage_range = ranged("VOLT:AC", "V", 0.1, 1.0, 10.0, 100.0, 750.0)
    dc_current_range = ranged("CURR:DC", "A", 0.01, 0.1, 1.0, 3.0)
    ac_current_range = ranged("CURR:AC", "A", 1.0, 3.0)
    resistance_range = ranged("RES", "Ω", 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)
    resistance_4w_range = ranged("FRES", "Ω", 100.0, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8)

    def make_safe(self) -> None:
        """Choose the highest range, so that nothing left connected overloads the input."""
        self.dc_voltage_range = 1000.0
