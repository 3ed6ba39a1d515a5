"""Fluke 1523 and 1524 reference thermometer readouts."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, word


class Fluke1524(Instrument):
    """Fluke 1523 (one channel) and 1524 (two channels) handheld readouts with their probes.

    The readout must tell °C, and its probes be characterised by their INFO-CON connectors.

    Bus: RS-232 over its adapter, 9600 8N1, end of line CR (write end=cr into the address).
    Reading: 1 s for a Pt probe; a thermocouple 0.3 s.
    Safe: nothing to do, it only measures.
    Document: none at hand; 1523/1524 Reference Manual, remote commands (FETC?, UNIT:TEMP),
        from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^FLUKE\b.*,\s*152[34]"
    timeout = 3.0

    temperature_1 = Reading("FETC? 1", unit="°C", doc="Probe on channel 1.")
    temperature_2 = Reading("FETC? 2", unit="°C", doc="Probe on channel 2; the 1524 has one.")
    temperature_unit = Reading("UNIT:TEMP?", kind=word("C", "F", "K"), doc="Unit that it tells.")

    def verify(self) -> None:
        """Refuse a readout that does not tell °C."""
        if self.temperature_unit != "C":
            raise self.refuse(
                msg("driver.other-unit", told=self.temperature_unit, wanted="°C"),
                hint=msg("driver.hint-other-unit", wanted="°C"),
            )
