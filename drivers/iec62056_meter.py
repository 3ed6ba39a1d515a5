"""Meter with an optical interface after IEC 62056-21 mode C: the unit under test."""

from __future__ import annotations

from benchctl.driver import Iec62056, Instrument, Reading, text


class Iec62056Meter(Instrument):
    """Electricity meters that are read with an optical head; also heat and gas meters.

    It is woken at 300 baud and read at the rate that it offers, by a data readout or register by
    register. A meter in its test mode tells more decimals.

    Options: `address` (of the meter, where several hear), `mode` (readout, or program), `password`
    (of the programming mode), `baud_max` (the highest rate to go to), `wait` (seconds that a
    readout may take, usual 30).

    Bus: optical head or RS-485, 300 7E1 at first: write ?baud=300&bits=7&parity=E.
    Reading: one readout for all channels, 3 s to 10 s; in program mode 2 s and 0.3 s per channel.
    Safe: nothing to do, it only measures.
    Document: IEC 62056-21:2002; codes after IEC 62056-61, from memory: check against the readout.
    Hardware: not yet seen on hardware.
    """

    protocol = Iec62056()
    timeout = 3.0

    energy = Reading("1.8.0", unit="kWh", doc="Active energy, import.")
    energy_t1 = Reading("1.8.1", unit="kWh", doc="Active energy, import, tariff 1.")
    energy_t2 = Reading("1.8.2", unit="kWh", doc="Active energy, import, tariff 2.")
    energy_export = Reading("2.8.0", unit="kWh", doc="Active energy, export.")
    reactive_energy = Reading("3.8.0", unit="kvar·h", doc="Reactive energy, import.")
    demand = Reading("1.6.0", unit="kW", doc="Largest demand.")
    demand_time = Reading("1.6.0#1", kind=text, doc="When it occurred, as the meter writes it.")
    voltage_l1 = Reading("32.7.0", unit="V", doc="Voltage L1.")
    current_l1 = Reading("31.7.0", unit="A", doc="Current L1.")
    fault = Reading("F.F", kind=text, doc="Fault word.")
