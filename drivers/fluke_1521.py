"""Fluke / Hart 1521 and 1522 handheld thermometer readouts."""

from __future__ import annotations

from benchctl.driver import Action, Hart, Instrument, Reading, ask


class Fluke1521(Instrument):
    """Fluke (Hart Scientific) 1521 and 1522 with a Pt probe, a small reference thermometer.

    The readout must show °C; one that shows F, K or ohms is refused.

    Bus: RS-232, fixed at 2400 8N1, or IR.
    Reading: 0.1 s at 2400 baud; a new value every second.
    Safe: nothing to do, it only measures.
    Document: Fluke 1521 user's guide, rev. 571203, p. 41 (commands and answers); *idn? and its
        fields from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Hart(
        {"fetch?": "t", "min": "min", "max": "max"}, who=ask("*idn?", 1), serial=ask("*idn?", 2)
    )
    identity = r"^152[12]"

    temperature = Reading("fetch?", unit="°C", resolution=0.001, doc="Temperature of the probe.")
    minimum = Reading("min", unit="°C", resolution=0.001, doc="Lowest since the last clear.")
    maximum = Reading("max", unit="°C", resolution=0.001, doc="Highest since the last clear.")

    clear = Action("clear", doc="Forget lowest and highest.")

    def make_safe(self) -> None:
        """Nothing to do: it only measures."""
