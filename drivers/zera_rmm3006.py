"""ZERA RMM3006: three-phase reference meter."""

from __future__ import annotations

from benchctl.driver import Action, Instrument, Reading, Setting, Zera, zera_range

VOLTAGES = (480.0, 240.0, 120.0, 60.0)
CURRENTS = (200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005)


class ZeraRmm3006(Instrument):
    """Reads all values in one exchange; its ranges are set by hand or chosen by itself.

    The wire has no checksum: a digit that is changed on the way is not noticed. Keep the cable
    short, and compare with the display when the bench is set up.

    Bus: RS-232, 9600 8N1 (from memory: check).
    Reading: one exchange for all measured values, 0.6 s; its status is a second one.
    Safe: the highest ranges, which nothing on the bench overloads.
    Document: commands ME, ST, UB, IB, AM and the order of voltages and currents from public bench
        code; the names of the values from memory: check against a reply to ME.
    Hardware: not yet seen on hardware.
    """

    protocol = Zera()
    timeout = 3.0

    voltage_l1 = Reading("ME.U1", unit="V", doc="Voltage L1.")
    voltage_l2 = Reading("ME.U2", unit="V", doc="Voltage L2.")
    voltage_l3 = Reading("ME.U3", unit="V", doc="Voltage L3.")
    current_l1 = Reading("ME.I1", unit="A", doc="Current L1.")
    current_l2 = Reading("ME.I2", unit="A", doc="Current L2.")
    current_l3 = Reading("ME.I3", unit="A", doc="Current L3.")
    power_l1 = Reading("ME.P1", unit="W", doc="Active power L1.")
    power_l2 = Reading("ME.P2", unit="W", doc="Active power L2.")
    power_l3 = Reading("ME.P3", unit="W", doc="Active power L3.")
    power = Reading("ME.P", unit="W", doc="Active power, all phases.")
    reactive_power = Reading("ME.Q", unit="var", doc="Reactive power, all phases.")
    apparent_power = Reading("ME.S", unit="VA", doc="Apparent power, all phases.")
    frequency = Reading("ME.F", unit="Hz", doc="Frequency.")
    voltage_range = Setting(
        zera_range("ST.UB", "UB", VOLTAGES), unit="V", choices=VOLTAGES, safe=480.0, doc="Range."
    )
    current_range = Setting(
        zera_range("ST.IB", "IB", CURRENTS), unit="A", choices=CURRENTS, safe=200.0, doc="Range."
    )

    automatic_ranges = Action("AMAAA", doc="Let it choose its ranges.")
    fixed_ranges = Action("AMMMM", doc="Let it keep the ranges that are set.")

    def make_safe(self) -> None:
        """Go to the highest ranges and keep them."""
        self.act("fixed_ranges")
        self.write("voltage_range", 480.0)
        self.write("current_range", 200.0)
