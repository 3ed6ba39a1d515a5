"""Camera that reads the dials of up to eight pressure gauges."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, input_register


class DialCamera8(Instrument):
    """A camera before a manifold whose software reads up to eight dials, in kPa.

    It is told scale and division of the dials, and gives readings to a fifth of a division, as a
    person would write them down. A dial that it does not recognise is NaN, which is no reading.

    Bus: Modbus TCP; option `unit`. Function 04, float32 from register 0 on.
    Reading: 5 ms for all dials that are asked for; a new picture twice a second.
    Safe: nothing to do, it only looks.
    Document: register map as this driver's own; have the camera's software publish it so.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD")

    dial_1 = Reading(input_register(0, "f32"), unit="kPa", doc="Dial at position 1.")
    dial_2 = Reading(input_register(2, "f32"), unit="kPa", doc="Dial at position 2.")
    dial_3 = Reading(input_register(4, "f32"), unit="kPa", doc="Dial at position 3.")
    dial_4 = Reading(input_register(6, "f32"), unit="kPa", doc="Dial at position 4.")
    dial_5 = Reading(input_register(8, "f32"), unit="kPa", doc="Dial at position 5.")
    dial_6 = Reading(input_register(10, "f32"), unit="kPa", doc="Dial at position 6.")
    dial_7 = Reading(input_register(12, "f32"), unit="kPa", doc="Dial at position 7.")
    dial_8 = Reading(input_register(14, "f32"), unit="kPa", doc="Dial at position 8.")
