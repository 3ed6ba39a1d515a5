"""Anton Paar DMA 4500 M density meter."""

from __future__ import annotations

import re
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Action, BusyError, Instrument, Line, Reading, Setting, ask, flag

SAID = {
    "start": "measurement started",
    "abort": "measurement aborted",
    "set": "accepted",
}
"""What confirms a command, by its first word."""
RESULT = re.compile(r"(-?\d+\.\d+);(-?\d+\.\d+);(-?\d+\.\d+);(\d+|NaN)")
FINISHED = {"measurement finished": True, "measurement not finished": False}


class Dma(Line):
    """`getrawdata` is answered `0.998203;20.00;20.00;17`: density, temperatures, sample number.

    It may be asked again, while `getdata` is answered once per measurement.
    """

    name = "DMA"
    end = "\r"
    pause = 1.0

    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the fields of a result, or whether a command was accepted."""
        del unit
        if command == "getrawdata":
            result = RESULT.fullmatch(reply)
            if result is None:
                raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
            return result.groups()
        if command == "finished":
            if reply not in FINISHED:
                raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
            return FINISHED[reply]
        if reply == SAID[command.split()[0]]:
            return reply
        busy = reply in ("measurement already started", "not allowed during measurement")
        raise (BusyError if busy else DeviceError)(msg("driver.said", text=reply[:80]))


class AntonPaarDma4500(Instrument):
    """Anton Paar DMA 4500 M and 5000 M, for the density of the water of a gravimetric line.

    Fill the cell, `start`, wait until `finished`, then read `density` and `temperature`. The result
    is the oscillator's: whether it is valid (bubbles, viscosity) the display says.

    Bus: RS-232, 9600 8N1, CR.
    Reading: 40 ms for all channels; the meter wants one command per second at most.
    Safe: nothing to do: a measurement ends by itself, and the cell stays at its temperature, which
        a change would only make to be waited for again.
    Document: ISIS, user's notes and simulator of a DMA4500M (commands, answers, one command per
        second); no manual of the maker was read: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Dma()

    density = Reading(ask("getrawdata", 0), unit="g/cm³", resolution=1e-6, doc="Density.")
    temperature = Reading(ask("getrawdata", 1), unit="°C", resolution=0.01, doc="Cell temperature.")
    setpoint = Setting(
        ask("getrawdata", 2, write="set temperature {value:.2f}"),
        unit="°C",
        low=0.0,
        high=100.0,
        resolution=0.01,
        doc="Temperature at which it measures; not during a measurement.",
    )
    sample_number = Reading(ask("getrawdata", 3), unit="1", doc="Number of the sample.")
    finished = Reading("finished", kind=flag, doc="Whether the measurement has ended.")

    start = Action("start", doc="Begin a measurement.")
    abort = Action("abort", doc="Break a measurement off.")

    def make_safe(self) -> None:
        """Nothing to do: it measures, and stays at its temperature."""
