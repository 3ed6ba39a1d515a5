"""Fluke 1586A Super-DAQ: a scanner of resistance thermometers and thermocouples."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, listed, word


def temperature(channel: int) -> Reading[float]:
    """Return the temperature at one channel of a module."""
    return Reading(
        listed("ROUT:SCAN (@{list});:READ?", channel),
        unit="°C",
        doc=f"Temperature at channel {channel}, by the sensor that is set up there.",
    )


class Fluke1586A(Instrument):
    """Fluke 1586A with modules in slots 1 and 2, ten channels of each.

    What hangs on each channel (RTD, thermocouple, thermistor, with its coefficients) is set up at
    the instrument or by its setup file. Channels that are read together are one scan, in ascending
    order; a broken sensor is answered as 9.9E+37, which is an error that names the channel.

    Bus: LAN raw socket 3490, or USB as a virtual serial port.
    Reading: 1 s for each channel of the scan in its slow mode, 0.1 s in the fast one.
    Safe: nothing to do, it only measures.
    Document: 1586A Remote Programmers Guide (2013); ROUT:SCAN, READ?, UNIT:TEMP from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi()
    identity = r"^FLUKE,\s*1586A,"
    timeout = 30.0

    ch_101, ch_102, ch_103, ch_104, ch_105 = (temperature(101 + n) for n in range(5))
    ch_106, ch_107, ch_108, ch_109, ch_110 = (temperature(106 + n) for n in range(5))
    ch_201, ch_202, ch_203, ch_204, ch_205 = (temperature(201 + n) for n in range(5))
    ch_206, ch_207, ch_208, ch_209, ch_210 = (temperature(206 + n) for n in range(5))
    temperature_unit = Reading("UNIT:TEMP?", kind=word("C", "F", "K"), doc="Unit that it tells.")

    def verify(self) -> None:
        """Refuse a scanner that does not tell °C."""
        if self.temperature_unit != "C":
            raise self.refuse(
                msg("driver.other-unit", told=self.temperature_unit, wanted="°C"),
                hint=msg("driver.hint-other-unit", wanted="°C"),
            )
