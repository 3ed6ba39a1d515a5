"""Electricity meter with DLMS/COSEM, over HDLC or a network: the unit under test."""

from __future__ import annotations

from benchctl.driver import Dlms, Instrument, Reading, dlms, text


class DlmsMeter(Instrument):
    """Meters with logical names; every value comes with its own scaler and unit.

    Options: `framing` (hdlc, or wrapper on a network), `client` (16 is the public client, which
    usually may read clock and name only; 1 manages), `server` (logical address, usual 1),
    `physical` and `address_size` (HDLC), `password` (low level security).

    Bus: RS-485 or optical head 9600 8N1 (HDLC), or TCP port 4059 (wrapper).
    Reading: one exchange per channel, twice that for the first of each, 0.1 s at 9600 baud.
    Safe: nothing to do, it only measures.
    Document: IEC 62056-5-3, -6-1, -6-2, -46, -47; frames captured with Gurux's meter (see
        tests/driver); codes of the objects from memory: check against the meter's object list.
    Hardware: not yet seen on hardware.
    """

    protocol = Dlms()
    timeout = 2.0

    energy = Reading(dlms("1.0.1.8.0.255"), unit="kWh", doc="Active energy, import.")
    energy_export = Reading(dlms("1.0.2.8.0.255"), unit="kWh", doc="Active energy, export.")
    reactive_energy = Reading(dlms("1.0.3.8.0.255"), unit="kvar·h", doc="Reactive energy, import.")
    power = Reading(dlms("1.0.1.7.0.255"), unit="kW", doc="Active power, import.")
    voltage_l1 = Reading(dlms("1.0.32.7.0.255"), unit="V", doc="Voltage L1.")
    voltage_l2 = Reading(dlms("1.0.52.7.0.255"), unit="V", doc="Voltage L2.")
    voltage_l3 = Reading(dlms("1.0.72.7.0.255"), unit="V", doc="Voltage L3.")
    current_l1 = Reading(dlms("1.0.31.7.0.255"), unit="A", doc="Current L1.")
    current_l2 = Reading(dlms("1.0.51.7.0.255"), unit="A", doc="Current L2.")
    current_l3 = Reading(dlms("1.0.71.7.0.255"), unit="A", doc="Current L3.")
    power_factor = Reading(dlms("1.0.13.7.0.255"), unit="1", doc="Power factor.")
    frequency = Reading(dlms("1.0.14.7.0.255"), unit="Hz", doc="Frequency.")
    clock = Reading(dlms("0.0.1.0.0.255", interface=8), kind=text, doc="Date and time.")
