"""Three-phase test source with an error calculator of 48 positions."""

from __future__ import annotations

from contextlib import ExitStack

from benchctl.driver import Action, Instrument, Modbus, Reading, Setting, coil, flag, holding, send
from benchctl.driver import input_register as held


class MeterTestSource(Instrument):
    """Source of U, I and phase for energy meters, and pulse errors of up to 48 of them.

    Generic, adapt the map to your source: it is ours, and our simulated instrument's. An error is
    told by `pulses` of a meter after `start`, NaN (which is no value) before and where none counts.

    Bus: Modbus TCP, or RTU 19200 8N1; options `unit` and `order` (ABCD).
    Reading: one exchange for all errors, 20 ms.
    Safe: output off, then currents and voltages to 0; all are tried even if one fails.
    Document: none: a map of our own; ranges as usual with benches of class 0.05: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Modbus(order="ABCD", identity=holding(1000), serial=holding(1001, "u32"))
    identity = "^4703$"

    on = Setting(coil(0), kind=flag, safe=False, doc="Whether the source is at the terminals.")
    voltage_1 = Setting(holding(0, "f32"), unit="V", low=0, high=300, safe=0, doc="U of L1.")
    voltage_2 = Setting(holding(2, "f32"), unit="V", low=0, high=300, safe=0, doc="U of L2.")
    voltage_3 = Setting(holding(4, "f32"), unit="V", low=0, high=300, safe=0, doc="U of L3.")
    current_1 = Setting(holding(6, "f32"), unit="A", low=0, high=120, safe=0, doc="I of L1.")
    current_2 = Setting(holding(8, "f32"), unit="A", low=0, high=120, safe=0, doc="I of L2.")
    current_3 = Setting(holding(10, "f32"), unit="A", low=0, high=120, safe=0, doc="I of L3.")
    phase_1 = Setting(holding(12, "f32"), unit="°", low=-180, high=180, doc="I behind U, L1.")
    phase_2 = Setting(holding(14, "f32"), unit="°", low=-180, high=180, doc="I behind U, L2.")
    phase_3 = Setting(holding(16, "f32"), unit="°", low=-180, high=180, doc="I behind U, L3.")
    frequency = Setting(holding(18, "f32"), unit="Hz", low=45, high=65, doc="Of all phases.")
    constant = Setting(holding(20, "f32"), unit="imp/kWh", low=1, high=1e6, doc="Of the meters.")
    pulses = Setting(holding(22), unit="imp", low=1, high=9999, doc="Pulses per reading.")
    power = Reading(held(0, "f32"), unit="W", doc="Active power, the built-in reference.")
    error_1 = Reading(held(100, "f32"), unit="%", doc="Error at position 1.")
    error_2 = Reading(held(102, "f32"), unit="%", doc="Error at position 2.")
    error_3 = Reading(held(104, "f32"), unit="%", doc="Error at position 3.")
    error_4 = Reading(held(106, "f32"), unit="%", doc="Error at position 4.")
    error_5 = Reading(held(108, "f32"), unit="%", doc="Error at position 5.")
    error_6 = Reading(held(110, "f32"), unit="%", doc="Error at position 6.")
    error_7 = Reading(held(112, "f32"), unit="%", doc="Error at position 7.")
    error_8 = Reading(held(114, "f32"), unit="%", doc="Error at position 8.")
    error_9 = Reading(held(116, "f32"), unit="%", doc="Error at position 9.")
    error_10 = Reading(held(118, "f32"), unit="%", doc="Error at position 10.")
    error_11 = Reading(held(120, "f32"), unit="%", doc="Error at position 11.")
    error_12 = Reading(held(122, "f32"), unit="%", doc="Error at position 12.")
    error_13 = Reading(held(124, "f32"), unit="%", doc="Error at position 13.")
    error_14 = Reading(held(126, "f32"), unit="%", doc="Error at position 14.")
    error_15 = Reading(held(128, "f32"), unit="%", doc="Error at position 15.")
    error_16 = Reading(held(130, "f32"), unit="%", doc="Error at position 16.")
    error_17 = Reading(held(132, "f32"), unit="%", doc="Error at position 17.")
    error_18 = Reading(held(134, "f32"), unit="%", doc="Error at position 18.")
    error_19 = Reading(held(136, "f32"), unit="%", doc="Error at position 19.")
    error_20 = Reading(held(138, "f32"), unit="%", doc="Error at position 20.")
    error_21 = Reading(held(140, "f32"), unit="%", doc="Error at position 21.")
    error_22 = Reading(held(142, "f32"), unit="%", doc="Error at position 22.")
    error_23 = Reading(held(144, "f32"), unit="%", doc="Error at position 23.")
    error_24 = Reading(held(146, "f32"), unit="%", doc="Error at position 24.")
    error_25 = Reading(held(148, "f32"), unit="%", doc="Error at position 25.")
    error_26 = Reading(held(150, "f32"), unit="%", doc="Error at position 26.")
    error_27 = Reading(held(152, "f32"), unit="%", doc="Error at position 27.")
    error_28 = Reading(held(154, "f32"), unit="%", doc="Error at position 28.")
    error_29 = Reading(held(156, "f32"), unit="%", doc="Error at position 29.")
    error_30 = Reading(held(158, "f32"), unit="%", doc="Error at position 30.")
    error_31 = Reading(held(160, "f32"), unit="%", doc="Error at position 31.")
    error_32 = Reading(held(162, "f32"), unit="%", doc="Error at position 32.")
    error_33 = Reading(held(164, "f32"), unit="%", doc="Error at position 33.")
    error_34 = Reading(held(166, "f32"), unit="%", doc="Error at position 34.")
    error_35 = Reading(held(168, "f32"), unit="%", doc="Error at position 35.")
    error_36 = Reading(held(170, "f32"), unit="%", doc="Error at position 36.")
    error_37 = Reading(held(172, "f32"), unit="%", doc="Error at position 37.")
    error_38 = Reading(held(174, "f32"), unit="%", doc="Error at position 38.")
    error_39 = Reading(held(176, "f32"), unit="%", doc="Error at position 39.")
    error_40 = Reading(held(178, "f32"), unit="%", doc="Error at position 40.")
    error_41 = Reading(held(180, "f32"), unit="%", doc="Error at position 41.")
    error_42 = Reading(held(182, "f32"), unit="%", doc="Error at position 42.")
    error_43 = Reading(held(184, "f32"), unit="%", doc="Error at position 43.")
    error_44 = Reading(held(186, "f32"), unit="%", doc="Error at position 44.")
    error_45 = Reading(held(188, "f32"), unit="%", doc="Error at position 45.")
    error_46 = Reading(held(190, "f32"), unit="%", doc="Error at position 46.")
    error_47 = Reading(held(192, "f32"), unit="%", doc="Error at position 47.")
    error_48 = Reading(held(194, "f32"), unit="%", doc="Error at position 48.")

    start = Action(send(coil(1), True), doc="Begin to count; forget the errors.")

    def make_safe(self) -> None:
        """Switch the output off, then take currents and voltages away."""
        safe = [c for c in self.channels.values() if isinstance(c, Setting) and c.safe is not None]
        with ExitStack() as last_first:  # all are tried, whatever fails
            for channel in reversed(safe):
                last_first.callback(self.write, channel.name, channel.safe)
