"""Fluke 8846A multimeter."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Scpi, Setting


class Fluke8846A(Instrument):
    """Fluke 8845A and 8846A multimeters, in their own command set (not the Fluke 45's).

    Each reading selects its function first. Over RS-232 and LAN the meter obeys only after
    SYST:REM, which is sent when it is connected and again after an interruption.

    Bus: LAN raw socket 3490, RS-232 (9600 8N1 by default), GPIB.
    Reading: 0.4 s at 10 PLC, 4 s at 100 PLC (50 Hz).
    Safe: the highest range for DC voltage; the meter only measures.
    Document: 8845A/8846A Programmers Manual 2441436; range of 400 mA and capacitance not used here.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(remote="SYST:REM")
    identity = r"^FLUKE,\s*884[56]A,"
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

    def make_safe(self) -> None:
        """Choose the highest range, so that nothing left connected overloads the input."""
        self.dc_voltage_range = 1000.0
