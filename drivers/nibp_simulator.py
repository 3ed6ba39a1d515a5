"""Simulator for non-invasive blood-pressure monitors."""

from __future__ import annotations

from benchctl.driver import Instrument, Modbus, Reading, Setting, holding, input_register, whole

VENT, STATIC, PULSES, LEAK = 0, 1, 2, 3


class NibpSimulator(Instrument):
    """Blood-pressure simulator: static pressure, pulses between two pressures, leak test.

    Generic: the register map is ours, and our simulated instrument's. The makers' (Fluke ProSim,
    Rigel, CUFFLINK) differ: copy this driver and adapt the map to the manual of yours. Order of
    long values by the option `order` (ABCD).

    Bus: Modbus RTU on RS-232 or RS-485, 9600 8N1, or Modbus TCP; options `unit` and `order`.
    Reading: one exchange for pressure and leak, 25 ms at 9600 baud.
    Safe: vented to the air, then the set-point 0 mmHg: nothing stays under pressure. Both are tried
        even if one fails.
    Document: none: a map of our own, "generic, adapt the map to your simulator"; ranges after
        ISO 81060-2 and JJG 692: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", identity=holding(1000), serial=holding(1001, "u32"))
    identity = "^4701$"

    mode = Setting(
        holding(0),
        kind=whole,
        choices=[VENT, STATIC, PULSES, LEAK],
        safe=VENT,
        doc="0 vented, 1 holds the set-point, 2 pulses, 3 leak test from the set-point.",
    )
    setpoint = Setting(
        holding(1, "f32"), unit="mmHg", low=0.0, high=400.0, safe=0.0, doc="Static pressure."
    )
    systolic = Setting(holding(3), unit="mmHg", low=20.0, high=300.0, doc="Of simulated pulses.")
    diastolic = Setting(holding(4), unit="mmHg", low=10.0, high=250.0, doc="Of simulated pulses.")
    pulse_rate = Setting(holding(5), unit="1/min", low=20.0, high=300.0, doc="Pulses per minute.")
    pressure = Reading(input_register(0, "f32"), unit="mmHg", doc="Pressure in the cuff line.")
    leak = Reading(input_register(2, "f32"), unit="mmHg/min", doc="Fall of pressure, last test.")

    def make_safe(self) -> None:
        """Vent, then take the set-point away."""
        try:
            self.mode = VENT
        finally:
            self.setpoint = 0.0
