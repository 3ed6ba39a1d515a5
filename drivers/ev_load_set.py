"""Load and reference meter for charging stations."""

from __future__ import annotations

from benchctl.driver import (
    Action,
    Instrument,
    Modbus,
    Reading,
    Setting,
    coil,
    flag,
    holding,
    input_register,
    send,
    whole,
)


class EvLoadSet(Instrument):
    """DC and AC load with a reference energy meter, standing in for a vehicle at a charger.

    Generic: the register map is ours, and our simulated instrument's; adapt the map to your set.
    The contactor follows `on`; the plug's protocol (GB/T 27930, ISO 15118) is the set's own matter.

    Bus: Modbus TCP, or RTU 19200 8N1; options `unit` and `order` (ABCD).
    Reading: one exchange for all measured values, 20 ms.
    Safe: current 0 A, then the load off: the contactor opens without current. Both are tried even
        if one fails, for an open contactor is safer than none.
    Document: none: a map of our own, "generic, adapt the map to your set"; ranges after
        GB/T 20234.3 (1000 V, 250 A) and 63 A AC: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", identity=holding(1000), serial=holding(1001, "u32"))
    identity = "^4702$"

    on = Setting(coil(0), kind=flag, safe=False, doc="Whether the load takes current.")
    kind = Setting(holding(0), kind=whole, choices=[0, 1], doc="0 DC, 1 AC; while it is off.")
    current_setpoint = Setting(
        holding(1, "f32"), unit="A", low=0.0, high=250.0, safe=0.0, doc="Current that it takes."
    )
    voltage_limit = Setting(
        holding(3, "f32"), unit="V", low=50.0, high=1000.0, doc="Above it, the load goes off."
    )
    voltage = Reading(input_register(0, "f32"), unit="V", doc="At the plug.")
    current = Reading(input_register(2, "f32"), unit="A", doc="Through the plug.")
    power = Reading(input_register(4, "f32"), unit="kW", doc="Active power.")
    energy = Reading(input_register(6, "f64"), unit="kWh", doc="Energy since the last reset.")
    duration = Reading(input_register(10, "u32"), unit="s", doc="Time since the last reset.")
    alarm = Reading(input_register(12), kind=whole, doc="Alarm word; 0 is none.")

    reset_energy = Action(send(coil(1), True), doc="Set energy and time to zero.")

    def make_safe(self) -> None:
        """Take the current away, then switch the load off."""
        try:
            self.current_setpoint = 0.0
        finally:
            self.on = False
