"""Sources whose voltage can be dangerous to touch: more only where the bench is built for it.

class Calibrator(TouchSafe):          # has the channels `voltage` and `operate`
    protocol = Scpi()
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from benchctl.core.messages import msg
from benchctl.driver.instrument import Instrument

TOUCH_SAFE = 33.0
"""Volts (rms) that are not dangerous to touch in dry places, IEC 61010-1 6.3."""


class TouchSafe(Instrument):
    """Base of such sources: refuses more than 33 V unless its address says high_voltage=yes.

    A voltage is refused when it is set, and the output when it is to be switched on with a voltage
    that somebody has set by hand. Nothing is sent then.
    """

    defaults: ClassVar[Mapping[str, str]] = {"high_voltage": "no"}
    voltage_channel: ClassVar[str] = "voltage"
    """Its setting in V."""
    further_voltages: ClassVar[frozenset[str]] = frozenset()
    """Other settings in V that bring out what `voltage_channel` reads."""
    output_channel: ClassVar[str] = "operate"
    """Its flag that switches the output on."""

    def write(self, name: str, value: Any) -> None:
        """Set a channel, unless that brings out a voltage which the bench does not allow.

        Raises:
            DeviceError: the address does not say high_voltage=yes; nothing was set.
        """
        if self.options["high_voltage"] != "yes":
            self._guard(name, value)
        super().write(name, value)

    def _guard(self, name: str, value: Any) -> None:
        volts = 0.0
        if name in {self.voltage_channel, *self.further_voltages} and isinstance(
            value, int | float
        ):
            volts = float(value)
        elif name == self.output_channel and value is True:
            volts = float(self.read(self.voltage_channel)[0])
        if abs(volts) > TOUCH_SAFE:
            raise self.refuse(
                msg("driver.high-voltage", value=volts, limit=TOUCH_SAFE),
                hint=msg("driver.hint-high-voltage"),
            )
