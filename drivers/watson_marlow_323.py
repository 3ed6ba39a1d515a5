"""Watson-Marlow 323 peristaltic pump."""

from __future__ import annotations

import re

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, Setting, ask, flag, text

STATUS = re.compile(r"(\S+) (\d+(?:\.\d+)?) (CW|CCW) ([01]) !")


class WatsonMarlow(Line):
    """`1RS` is answered `323Du 110 CW 1 !`; all else is repeated only (echo), and read back."""

    name = "Watson-Marlow"
    end = "\r"
    reply_end = "!"
    who = ask("1RS", 0)
    acknowledged = False
    proven = True
    echo = True
    pause = 0.02

    def parse(self, command: str, reply: str, unit: str) -> list[str]:
        """Return model, speed, direction, and whether it runs."""
        del command, unit
        found = STATUS.fullmatch(reply)
        if found is None:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        return list(found.groups())


class WatsonMarlow323(Instrument):
    """Watson-Marlow 323Du, for small flows and filling of gauges. Pump number 1.

    A running pump follows a new speed or direction at once: stop it before it is reversed.

    Bus: RS-232, 9600 8N2, echo on; no flow control.
    Reading: one exchange for all channels, 30 ms; at least 10 ms between two commands.
    Safe: stopped; the tube stays closed by the rollers.
    Document: Watson-Marlow 323E/S/U/Du manual, p. 27; lowest speed (3 rpm) and where the echo
        ends from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = WatsonMarlow()
    identity = r"^323"

    run = Setting(
        ask("1RS", 3, words={True: "1GO", False: "1ST"}),
        kind=flag,
        safe=False,
        doc="Whether the rotor turns.",
    )
    speed = Setting(
        ask("1RS", 1, write="1SP{value:.0f}"),
        unit="1/min",
        low=3.0,
        high=400.0,
        resolution=1.0,
        doc="Speed of the rotor.",
    )
    direction = Setting(
        ask("1RS", 2, words={"CW": "1RR", "CCW": "1RL"}),
        kind=text,
        choices=["CW", "CCW"],
        doc="Direction of the rotor, clockwise or not.",
    )
    model = Reading(ask("1RS", 0), kind=text, doc="Model of the pump.")

    def make_safe(self) -> None:
        """Stop the rotor."""
        self.run = False
