"""Fluke / Hart 7341 calibration bath."""

from __future__ import annotations

from benchctl.driver import Hart, Instrument, Reading, Setting, ask


class Fluke7341(Instrument):
    """Fluke (Hart Scientific) 7341 bath, -45 °C to 150 °C; its relatives 7321, 7381 and 6330.

    The bath must show °C. Duplex may be full or half. A bath of another range has its own limits;
    a set-point that it does not take is told.

    Bus: RS-232, 2400 8N1 by default, or 9600.
    Reading: 0.1 s at 2400 baud.
    Safe: set-point 25 °C. It cannot be switched off over the line: so it is left to come to the
        temperature of the room, at which the heater has nothing to do. The cut-out stays as set.
    Document: Fluke 7037 manual, p. 47, and 7381 manual, p. 45 (commands and answers); *ver from
        memory and from programs of others: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Hart({"t": "t", "s": "set", "po": "po", "c": "cu"})
    identity = r"7341|7321|7381|6330"

    temperature = Reading("t", unit="°C", resolution=0.01, doc="Bath temperature.")
    setpoint = Setting(
        ask("s", write="s={value:.2f}"),
        unit="°C",
        low=-45.0,
        high=150.0,
        safe=25.0,
        resolution=0.01,
        doc="Set-point.",
    )
    heater = Reading("po", unit="%", resolution=1.0, doc="Power of the heater.")
    cutout = Reading("c", unit="°C", resolution=1.0, doc="Temperature of the cut-out.")

    def make_safe(self) -> None:
        """Let the bath come to room temperature."""
        self.setpoint = 25.0
