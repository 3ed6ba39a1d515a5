"""Two-channel Pt100 module."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, input_register, within

PT100 = within(-200.0, 850.0)
"""The range of IEC 60751; modules answer something outside it when a sensor is broken."""


class Pt100Rtu(Instrument):
    """Pt100 modules that give two temperatures in 0.1 °C as signed words, input registers 0 and 1.

    Bus: Modbus RTU, usually 9600 8N1; option `unit`.
    Reading: one exchange for both channels, 18 ms at 9600 baud.
    Safe: nothing to do, it only measures.
    Document: usual layout of such modules, from memory: check the module's own sheet.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus()

    temperature_1 = Reading(
        input_register(0, "i16", scale=0.1),
        unit="°C",
        kind=PT100,
        resolution=0.1,
        doc="Temperature of sensor 1.",
    )
    temperature_2 = Reading(
        input_register(1, "i16", scale=0.1),
        unit="°C",
        kind=PT100,
        resolution=0.1,
        doc="Temperature of sensor 2.",
    )
