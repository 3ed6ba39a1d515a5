"""Electricity meter with a DL/T 645-2007 interface: the unit under test."""

from __future__ import annotations

from benchctl.driver import Action, Dlt645, Instrument, Reading, text


class Dlt645Meter(Instrument):
    """Single- and three-phase meters after DL/T 645-2007; what a meter has not, it refuses by name.

    Options: `address` (12 digits or the serial number; A is any digit; without one the meter that
    is alone on the line is asked for its address), `wake` (FE bytes before a request, usual 4).

    Bus: RS-485, usually 2400 8E1 (600 to 19200), or an optical head at 1200 8E1; many on one line.
    Reading: one exchange per channel, 0.2 s at 2400 baud; the tariffs come together in one.
    Safe: nothing to do; its multi-function output stays as it was told.
    Document: DL/T 645-2007; energy, voltage, power, frequency, demand and address as published
        with captures (see tests/driver), the other identifications and control 1DH from memory:
        check.
    Hardware: not yet seen on hardware.
    """

    protocol = Dlt645(2007)
    timeout = 1.5

    energy = Reading("00010000", unit="kWh", resolution=0.01, doc="Forward active energy.")
    energy_reverse = Reading("00020000", unit="kWh", resolution=0.01, doc="Reverse active energy.")
    energy_t1 = Reading("0001FF00[1]", unit="kWh", resolution=0.01, doc="Forward, tariff 1.")
    energy_t2 = Reading("0001FF00[2]", unit="kWh", resolution=0.01, doc="Forward, tariff 2.")
    energy_t3 = Reading("0001FF00[3]", unit="kWh", resolution=0.01, doc="Forward, tariff 3.")
    energy_t4 = Reading("0001FF00[4]", unit="kWh", resolution=0.01, doc="Forward, tariff 4.")
    reactive_energy = Reading("00030000", unit="kvar·h", resolution=0.01, doc="Reactive energy 1.")
    voltage_l1 = Reading("02010100", unit="V", resolution=0.1, doc="Voltage L1.")
    voltage_l2 = Reading("02010200", unit="V", resolution=0.1, doc="Voltage L2.")
    voltage_l3 = Reading("02010300", unit="V", resolution=0.1, doc="Voltage L3.")
    current_l1 = Reading("02020100", unit="A", resolution=0.001, doc="Current L1.")
    current_l2 = Reading("02020200", unit="A", resolution=0.001, doc="Current L2.")
    current_l3 = Reading("02020300", unit="A", resolution=0.001, doc="Current L3.")
    power = Reading("02030000", unit="kW", resolution=1e-4, doc="Active power, all phases.")
    reactive_power = Reading("02040000", unit="kvar", resolution=1e-4, doc="Reactive power.")
    power_factor = Reading("02060000", unit="1", resolution=1e-3, doc="Power factor.")
    frequency = Reading("02800002", unit="Hz", resolution=0.01, doc="Frequency.")
    demand = Reading("01010000", unit="kW", resolution=1e-4, doc="Largest forward demand.")
    demand_time = Reading("01010000.time", kind=text, doc="When it occurred.")
    constant = Reading("04000409", unit="imp/kWh", doc="Active constant.")
    date = Reading("04000101", kind=text, doc="Date, YYMMDD and day of the week.")
    time = Reading("04000102", kind=text, doc="Time of day, hhmmss.")

    output_clock = Action("1D00", doc="Let the multi-function output give the clock's seconds.")
    output_demand = Action("1D01", doc="Let it give the demand period.")
    output_tariff = Action("1D02", doc="Let it give the change of tariff.")

    def make_safe(self) -> None:
        """Leave the meter as it is: nothing that it can be told here is a danger."""
