"""Siemens SITRANS F M MAG 6000 electromagnetic flow meter."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, holding


class SiemensMag6000(Instrument):
    """Siemens MAG 6000 with its Modbus module, the reference of a water line.

    Flow and totals are always in m³/s and m³, whatever the display shows. The totals are double
    precision: they keep their steps however large they grow.

    Bus: Modbus RTU on RS-485, 9600 8E1 by default; options `unit` and `order` (ABCD).
    Reading: two exchanges, 60 ms at 9600 baud; it has new values twice per second.
    Safe: nothing to do, the meter only measures.
    Document: SITRANS F Modbus RTU module SFIDK.PS.023.D2.02, p. 14 (3002 to 3018) and 15 (602);
        the order of long values from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", identity=holding(602))
    identity = "^24$"

    volume_flow = Reading(holding(3002, "f32"), unit="m³/s", doc="Volume flow rate.")
    volume_total = Reading(holding(3014, "f64"), unit="m³", doc="Totaliser 1.")
    volume_total_2 = Reading(holding(3018, "f64"), unit="m³", doc="Totaliser 2, or the batch.")
