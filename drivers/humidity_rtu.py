"""XY-MD02 sensor of air temperature and relative humidity."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, input_register, within


class HumidityRtu(Instrument):
    """XY-MD02 and its relatives (SHT20 behind RS-485), for the conditions in the room.

    Bus: Modbus RTU, usually 9600 8N1; option `unit`. Function 04, registers 1 and 2.
    Reading: one exchange for both channels, 18 ms at 9600 baud.
    Safe: nothing to do, it only measures.
    Document: vendor sheet of the XY-MD02, from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus()

    temperature = Reading(
        input_register(1, "i16", scale=0.1),
        unit="°C",
        kind=within(-40.0, 125.0),
        resolution=0.1,
        doc="Air temperature.",
    )
    humidity = Reading(
        input_register(2, "i16", scale=0.1),
        unit="%",
        kind=within(0.0, 100.0),
        resolution=0.1,
        doc="Relative humidity.",
    )
