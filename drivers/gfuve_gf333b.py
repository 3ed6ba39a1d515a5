"""GFUVE GF333B, GF333B-M: three-phase reference meter."""

from __future__ import annotations

from benchctl.driver import Gfuve, Instrument, Reading, whole


class GfuveGf333b(Instrument):
    """Reads all values in one exchange.

    Bus: RS-232; its rate is not told by the sources, write what the display shows.
    Reading: one exchange for all channels, 0.6 s (GF333B-M).
    Safe: nothing to do, it only measures.
    Document: request, checksum and the order of the values from public bench code; that replies
        carry the same checksum as commands is concluded: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Gfuve()
    timeout = 2.0

    voltage_l1 = Reading("voltage_l1", unit="V", doc="Voltage L1.")
    voltage_l2 = Reading("voltage_l2", unit="V", doc="Voltage L2.")
    voltage_l3 = Reading("voltage_l3", unit="V", doc="Voltage L3.")
    voltage_l12 = Reading("voltage_l12", unit="V", doc="Voltage between L1 and L2.")
    current_l1 = Reading("current_l1", unit="A", doc="Current L1.")
    current_l2 = Reading("current_l2", unit="A", doc="Current L2.")
    current_l3 = Reading("current_l3", unit="A", doc="Current L3.")
    phase_angle_l1 = Reading("phase_angle_l1", unit="°", doc="Current to voltage, L1.")
    phase_angle_l2 = Reading("phase_angle_l2", unit="°", doc="Current to voltage, L2.")
    phase_angle_l3 = Reading("phase_angle_l3", unit="°", doc="Current to voltage, L3.")
    power_l1 = Reading("active_power_l1", unit="W", doc="Active power L1.")
    power_l2 = Reading("active_power_l2", unit="W", doc="Active power L2.")
    power_l3 = Reading("active_power_l3", unit="W", doc="Active power L3.")
    power = Reading("active_power", unit="W", doc="Active power, all phases.")
    reactive_power = Reading("reactive_power", unit="var", doc="Reactive power, all phases.")
    frequency = Reading("frequency", unit="Hz", doc="Frequency.")
    energy = Reading("active_energy", unit="kWh", doc="Active energy counted.")
    error = Reading("error", unit="%", doc="Error of the meter whose pulses it counts.")
    status = Reading("status", kind=whole, doc="Status word; bit 1: the pulse input is on.")
