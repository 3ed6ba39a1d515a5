"""Endress+Hauser Proline Promass and Promag flow meters."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, holding, whole


class EndressProline(Instrument):
    """E+H Proline Promass and Promag 100, 300 and 500 with Modbus, the reference of a water line.

    The transmitter gives values in its system units, and does not say which: set it to kg/h, m³/h,
    kg/m³, °C and L before use. As delivered it sends floats in the order 1-0-3-2 (CDAB); where it
    is configured otherwise, write `order=` into the address and check a value that you know.

    Bus: Modbus RTU on RS-485, 19200 8E1 by default, or Modbus TCP; options `unit` and `order`.
    Reading: one exchange for the flows, one for the totals, 40 ms each.
    Safe: nothing to do, the meter only measures.
    Document: Promass E 300 Modbus operating instructions, p. 70 to 74 (order, scan list, register
        6859); registers 2007, 2009, 2013, 2017 and 2610 from memory: check, and that the numbers
        of the manual begin with 1.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="CDAB")

    mass_flow = Reading(holding(2006, "f32"), unit="kg/h", doc="Mass flow rate.")
    volume_flow = Reading(holding(2008, "f32"), unit="m³/h", doc="Volume flow rate.")
    density = Reading(holding(2012, "f32"), unit="kg/m³", doc="Density; Promass only.")
    temperature = Reading(holding(2016, "f32"), unit="°C", doc="Temperature; Promass only.")
    volume_total = Reading(holding(2609, "f32"), unit="L", doc="Totaliser 1.")
    diagnostic = Reading(holding(6858), kind=whole, doc="Number of the diagnosis; 0 is none.")
