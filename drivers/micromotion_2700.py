"""Micro Motion 2700 transmitter on a Coriolis sensor: mass, volume, density, temperature."""

from __future__ import annotations

from benchctl.driver import Action, Instrument, Modbus, Reading, coil, holding, send, tells, whole


class MicroMotion2700(Instrument):
    """Micro Motion 2700 and 5700 transmitters of Coriolis meters, the reference of a water line.

    The transmitter gives values in the units it is configured to, and does not say which: set it to
    kg/h, kg/m³, °C, m³/h, kg and L before use. A float32 total steps by 0.008 L above 65 536 L;
    reset the totals before they grow so large. `connect` compares the configured byte order with
    the option `order` (ABCD, CDAB, BADC, DCBA) where the transmitter tells it.

    Bus: Modbus RTU on RS-485, usually 38400 8N1 or 9600 8O1, or through a gateway; option `unit`.
    Reading: one exchange for all six values, 20 ms at 38400 baud.
    Safe: nothing to do, the meter only measures; a stopped or reset total stays so.
    Document: byte order codes read in MMI-20025166 (2019), p. 172; registers 247 to 262, 521,
        serial number 48 and coils 2 and 3 after 20001741 Rev. B (2004), from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(
        order="ABCD",
        proof=tells(holding(520), "ABCD", "CDAB", "BADC", "DCBA"),
        serial=holding(47, "u32", "ABCD"),
    )

    mass_flow = Reading(holding(246, "f32"), unit="kg/h", doc="Mass flow rate.")
    density = Reading(holding(248, "f32"), unit="kg/m³", doc="Density of the water.")
    temperature = Reading(holding(250, "f32"), unit="°C", doc="Temperature of the tubes.")
    volume_flow = Reading(holding(252, "f32"), unit="m³/h", doc="Volume flow rate.")
    mass_total = Reading(holding(258, "f32"), unit="kg", doc="Mass since the last reset.")
    volume_total = Reading(holding(260, "f32"), unit="L", doc="Volume since the last reset.")
    byte_order = Reading(holding(520), kind=whole, doc="Code of the order of float32 bytes.")

    start_totals = Action(send(coil(1), True), doc="Let the totals count.")
    stop_totals = Action(send(coil(1), False), doc="Stop the totals where they are.")
    reset_totals = Action(send(coil(2), True), doc="Set the totals to zero.")

    def make_safe(self) -> None:
        """Nothing to do: the meter only measures."""
