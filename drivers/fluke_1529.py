"""Fluke / Hart 1529 Chub-E4 thermometer readout: four sensors."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, Setting, word


def temperature(channel: int) -> Reading[float]:
    """Return the most recent measurement of one channel."""
    return Reading(f"FETC? {channel}", unit="°C", doc=f"Latest temperature of channel {channel}.")


class Fluke1529(Instrument):
    """Fluke (Hart Scientific) 1529 with temperatures in °C and its long format off.

    It takes one command in a message only. What is read is the latest measurement: reading faster
    than `period` gives the same value again.

    Bus: RS-232 2400 to 9600 8N1, line feed on (otherwise write end=cr into the address), or GPIB.
    Reading: 50 ms at 9600 baud; it measures about once a second.
    Safe: nothing to do, it only measures.
    Document: 1529 Technical Guide 930501, p. 87 (FETC?), section 7.3 (no compound messages,
        TRIG:TIM, UNIT:TEMP); SYST:ERR? from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^(HART|FLUKE)\b.*,\s*1529"
    timeout = 2.0

    temperature_1 = temperature(1)
    temperature_2 = temperature(2)
    temperature_3 = temperature(3)
    temperature_4 = temperature(4)
    temperature_unit = Reading("UNIT:TEMP?", kind=word("C", "F", "K"), doc="Unit that it tells.")

    period = Setting("TRIG:TIM", unit="s", low=0.1, high=3600.0, doc="Time between measurements.")

    def verify(self) -> None:
        """Refuse a readout that does not tell °C."""
        if self.temperature_unit != "C":
            raise self.refuse(
                msg("driver.other-unit", told=self.temperature_unit, wanted="°C"),
                hint=msg("driver.hint-other-unit", wanted="°C"),
            )

    def make_safe(self) -> None:
        """Nothing to do: it only measures."""
