"""Three-phase test source with an error calculator of 48 positions."""

from __future__ import annotations

from contextlib import ExitStack

from benchctl.driver import Action, Instrument, Modbus, Reading, Setting, coil, flag, holding, send
from benchctl.driver import input_register as held


def _error(n: int) -> Reading[float]:
    """Return the error at a position."""
    return Reading[float](held(98 + 2 * n, "f32"), unit="%", doc=f"Error at position {n}.")


class MeterTestSource(Instrument):
    """Source of U, I and phase for energy meters, and pulse errors of up to 48 of them.

    Each phase has its own set-points. `voltage`, `current` and `phase` set those of all phases that
    are wired (`wiring`: 1 or 3), the current only in the measuring element that `element` names (0:
    in all of them), and take the rest to 0. Wiring and element count for what is set after them.

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
    voltage = Setting(holding(24, "f32"), unit="V", low=0, high=300, safe=0, doc="U, all wired.")
    current = Setting(holding(26, "f32"), unit="A", low=0, high=120, safe=0, doc="I, by element.")
    phase = Setting(holding(28, "f32"), unit="°", low=-180, high=180, doc="I behind U, all.")
    wiring = Setting(holding(30), unit="1", choices=[1, 3], doc="Phases of the meters.")
    element = Setting(holding(31), unit="1", choices=[0, 1, 2, 3], doc="What carries I, 0: all.")
    power = Reading(held(0, "f32"), unit="W", doc="Active power, the built-in reference.")
    load_current = Reading(held(2, "f32"), unit="A", doc="Mean I of the elements that carry it.")
    error_1, error_2, error_3 = _error(1), _error(2), _error(3)
    error_4, error_5, error_6 = _error(4), _error(5), _error(6)
    error_7, error_8, error_9 = _error(7), _error(8), _error(9)
    error_10, error_11, error_12 = _error(10), _error(11), _error(12)
    error_13, error_14, error_15 = _error(13), _error(14), _error(15)
    error_16, error_17, error_18 = _error(16), _error(17), _error(18)
    error_19, error_20, error_21 = _error(19), _error(20), _error(21)
    error_22, error_23, error_24 = _error(22), _error(23), _error(24)
    error_25, error_26, error_27 = _error(25), _error(26), _error(27)
    error_28, error_29, error_30 = _error(28), _error(29), _error(30)
    error_31, error_32, error_33 = _error(31), _error(32), _error(33)
    error_34, error_35, error_36 = _error(34), _error(35), _error(36)
    error_37, error_38, error_39 = _error(37), _error(38), _error(39)
    error_40, error_41, error_42 = _error(40), _error(41), _error(42)
    error_43, error_44, error_45 = _error(43), _error(44), _error(45)
    error_46, error_47, error_48 = _error(46), _error(47), _error(48)

    start = Action(send(coil(1), True), doc="Begin to count; forget the errors.")

    def make_safe(self) -> None:
        """Switch the output off, then take currents and voltages away."""
        safe = [c for c in self.channels.values() if isinstance(c, Setting) and c.safe is not None]
        with ExitStack() as last_first:  # all are tried, whatever fails
            for channel in reversed(safe):
                last_first.callback(self.write, channel.name, channel.safe)
