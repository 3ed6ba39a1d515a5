"""Pressure transmitter."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, holding


class PressureRtu(Instrument):
    """Pressure transmitters that give float32 in MPa from holding register 0.

    Bus: Modbus RTU, usually 9600 8N1; options `unit` and `order` (ABCD), which makers differ in.
    Reading: one exchange, 18 ms at 9600 baud.
    Safe: nothing to do, it only measures.
    Document: usual layout of such transmitters, from memory: check the transmitter's own sheet.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD")

    pressure = Reading(holding(0, "f32"), unit="MPa", doc="Gauge or absolute pressure.")
