"""Electricity meter with a DL/T 645-1997 interface: the unit under test."""

from __future__ import annotations

from benchctl.driver import Dlt645, Instrument, Reading


class Dlt6451997Meter(Instrument):
    """Meters after the older edition, with data identifications of two bytes.

    Options: `address` (12 digits or the serial number; without one the meter must be alone on the
    line), `wake` (FE bytes before a request, usual 4).

    Bus: RS-485, usually 1200 8E1; many on one line.
    Reading: one exchange per channel, 0.3 s at 1200 baud.
    Safe: nothing to do, it only measures.
    Document: DL/T 645-1997; the voltage as published in a maker's manual (see tests/driver), the
        other identifications from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Dlt645(1997)
    timeout = 1.5

    energy = Reading("9010", unit="kWh", resolution=0.01, doc="Forward active energy.")
    energy_reverse = Reading("9020", unit="kWh", resolution=0.01, doc="Reverse active energy.")
    energy_t1 = Reading("901F[1]", unit="kWh", resolution=0.01, doc="Forward, tariff 1.")
    energy_t2 = Reading("901F[2]", unit="kWh", resolution=0.01, doc="Forward, tariff 2.")
    reactive_energy = Reading("9110", unit="kvar·h", resolution=0.01, doc="Forward, reactive.")
    voltage_l1 = Reading("B611", unit="V", resolution=1.0, doc="Voltage L1.")
    voltage_l2 = Reading("B612", unit="V", resolution=1.0, doc="Voltage L2.")
    voltage_l3 = Reading("B613", unit="V", resolution=1.0, doc="Voltage L3.")
    current_l1 = Reading("B621", unit="A", resolution=0.01, doc="Current L1.")
    current_l2 = Reading("B622", unit="A", resolution=0.01, doc="Current L2.")
    current_l3 = Reading("B623", unit="A", resolution=0.01, doc="Current L3.")
    power = Reading("B630", unit="kW", resolution=1e-4, doc="Active power, all phases.")
    power_factor = Reading("B650", unit="1", resolution=1e-3, doc="Power factor.")
    demand = Reading("A010", unit="kW", resolution=1e-4, doc="Largest forward demand.")
    constant = Reading("C030", unit="imp/kWh", doc="Active constant.")
