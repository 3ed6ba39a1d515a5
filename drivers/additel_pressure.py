"""Additel and ConST digital pressure gauges with serial lines."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, choice, integer

ENDS = {"NUL": "\0", "CR": "\r", "LF": "\n"}
READING = re.compile(r"([+-]?\d+(?:\.\d*)?):(\w+)(?::.*)?")


class Additel(Line):
    """`255:R:MRMD:` is answered `255:F:MRMD:100.023:kPa`, or `255:E:MRMD:1018`.

    Options: `address` (255, which every gauge obeys) and `end` (nul, cr or lf): how its answers
    end.
    """

    name = "Additel"
    options = frozenset({"address", "end"})
    end = "\r"
    address = "255"
    _until = "\0"

    def configured(self, options: Mapping[str, str]) -> Additel:
        """Return this protocol for the gauge at the option `address`."""
        own = copy.copy(self)
        own.address = f"{integer(options, 'address', 1, 255, 255):03d}"
        own._until = ENDS[choice(options, "end", list(ENDS), "NUL")]
        return own

    def addressed(self, command: str) -> str:
        """Return the command as it is sent to one gauge."""
        return f"{self.address}:{command}:"

    def until(self, command: str) -> str:
        """Return the end of an answer."""
        del command
        return self._until

    def parse(self, command: str, reply: str, unit: str) -> str:
        """Return the value, which must be in `unit`."""
        address, _, said = reply.rstrip("\0").strip().partition(":")
        wanted = command.split(":")[1]
        ours = self.address == "255" or (address.isdigit() and int(address) == int(self.address))
        if ours and said.startswith(f"E:{wanted}:"):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        found = READING.fullmatch(said.removeprefix(f"F:{wanted}:"))
        if not ours or not said.startswith(f"F:{wanted}:") or found is None:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if found[2].lower() != unit.lower():
            raise DeviceError(
                msg("driver.line-unit", told=found[2], wanted=unit),
                hint=msg("driver.hint-line-unit", wanted=unit),
            )
        return found[1]


class AdditelPressure(Instrument):
    """Additel ADT681 (ConST 211) digital pressure gauge, a reference for dial gauges.

    The gauge must show kPa; another unit is refused.

    Bus: RS-232, 9600 8N1; options `address` and `end`.
    Reading: 60 ms at 9600 baud; three new values per second.
    Safe: nothing to do, it only measures.
    Document: ADT681 manual, app. I, p. 38 and 39 (frames, addresses, ends, errors); that MRMD is
        answered with value and unit from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Additel()

    pressure = Reading("R:MRMD", unit="kPa", doc="Pressure.")
