"""Eastron SDM630 three-phase energy meter."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, holding, input_register


class EastronSdm630(Instrument):
    """Eastron SDM630 (SDM72, SDM120 and SDM230 have the registers of phase 1), as a check meter.

    Bus: Modbus RTU on RS-485, 9600 8N1 or 8E1; option `unit`.
    Reading: three exchanges for all channels, 0.2 s at 9600 baud.
    Safe: nothing to do, it only measures.
    Document: SDM630Modbus MID V2 protocol, p. 25 and 28 (addresses, 80 registers); the addresses
        again in the table of sdm_modbus; serial number at FC00h from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", serial=holding(0xFC00, "u32"))

    voltage_1 = Reading(input_register(0x00, "f32"), unit="V", doc="Voltage of L1 to N.")
    voltage_2 = Reading(input_register(0x02, "f32"), unit="V", doc="Voltage of L2 to N.")
    voltage_3 = Reading(input_register(0x04, "f32"), unit="V", doc="Voltage of L3 to N.")
    current_1 = Reading(input_register(0x06, "f32"), unit="A", doc="Current of L1.")
    current_2 = Reading(input_register(0x08, "f32"), unit="A", doc="Current of L2.")
    current_3 = Reading(input_register(0x0A, "f32"), unit="A", doc="Current of L3.")
    power_1 = Reading(input_register(0x0C, "f32"), unit="W", doc="Active power of L1.")
    power_2 = Reading(input_register(0x0E, "f32"), unit="W", doc="Active power of L2.")
    power_3 = Reading(input_register(0x10, "f32"), unit="W", doc="Active power of L3.")
    power = Reading(input_register(0x34, "f32"), unit="W", doc="Active power of the system.")
    reactive_power = Reading(input_register(0x3C, "f32"), unit="var", doc="Of the system.")
    power_factor = Reading(input_register(0x3E, "f32"), unit="1", doc="Of the system.")
    frequency = Reading(input_register(0x46, "f32"), unit="Hz", doc="Frequency of the voltage.")
    energy_import = Reading(input_register(0x48, "f32"), unit="kWh", doc="Imported active energy.")
    energy_export = Reading(input_register(0x4A, "f32"), unit="kWh", doc="Exported active energy.")
    energy_total = Reading(input_register(0x156, "f32"), unit="kWh", doc="Total active energy.")
