"""Radian Research RD-20, RD-21, RD-30, RD-31 or RD-33: reference standard of energy and power."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Radian, Reading


class RadianRd(Instrument):
    """Reads the instantaneous values; energies are compared by its pulse output.

    Option: `floats`: TI (the usual, RD-2x) or IEEE; models and firmware differ. At connect the
    apparent power must be voltage times current: with the other format it is not.

    Bus: RS-232, 57600 8N1 (from memory: check).
    Reading: one packet for all channels, 0.1 s.
    Safe: nothing to do, it only measures.
    Document: Radian 944011.B "Customer Access Commands"; request, packet and the places of voltage
        and current from public bench code, the order of the other values from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Radian()
    timeout = 1.0

    voltage = Reading("voltage", unit="V", doc="Voltage, r.m.s.")
    current = Reading("current", unit="A", doc="Current, r.m.s.")
    power = Reading("active_power", unit="W", doc="Active power.")
    apparent_power = Reading("apparent_power", unit="VA", doc="Apparent power.")
    reactive_power = Reading("reactive_power", unit="var", doc="Reactive power.")
    frequency = Reading("frequency", unit="Hz", doc="Frequency.")
    phase_angle = Reading("phase_angle", unit="°", doc="Phase angle of current to voltage.")
    power_factor = Reading("power_factor", unit="1", doc="Power factor.")

    def verify(self) -> None:
        """Refuse a standard whose apparent power is not voltage times current."""
        volts, amperes, told = self.read("voltage", "current", "apparent_power")
        tiny = any(0 < abs(value) < 1e-20 for value in (volts, amperes, told))
        if tiny or abs(volts * amperes - told) > 0.02 * abs(told) + 1e-3:
            raise self.refuse(
                msg("meter.not-apparent", computed=f"{volts * amperes:g}", told=f"{told:g}"),
                hint=msg("meter.hint-not-apparent"),
            )
