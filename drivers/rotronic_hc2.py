"""Rotronic HygroClip 2 probes and HF transmitters with RO-ASCII."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, Told, ask, integer, within

FIELDS = 19
UNITS = {1: "%RH", 5: "°C"}
"""Where humidity and temperature stand in the answer; each has its unit behind it."""


class RoAscii(Line):
    """`{F00RDD}` is answered `{F00rdd 001; 42.47;%rh;000;+; 23.31;°C;000;-;...;000;R`.

    The last character is the sum of all before it, modulo 64, plus 32; °C is Latin-1. Option
    `address`: 0 to 63 on a line that several share.
    """

    name = "RO-ASCII"
    options = frozenset({"address"})
    end = "\r"
    who = ask("RDD", 17)
    serial = ask("RDD", 16)
    address = "00"

    def configured(self, options: Mapping[str, str]) -> RoAscii:
        """Return this protocol for the probe at the option `address`."""
        own = copy.copy(self)
        own.address = f"{integer(options, 'address', 0, 63, 0):02d}"
        return own

    def addressed(self, command: str) -> str:
        """Return the command as a frame."""
        return f"{{F{self.address}{command}}}"

    def checked(self, reply: bytes) -> bytes:
        """Return the answer without its checksum."""
        body, told = reply[:-2], reply[-2:-1]
        computed = bytes([sum(body) % 64 + 32])
        if told != computed:
            raise GarbageReplyError(
                msg("driver.line-checksum", told=told.decode("latin-1"), computed=computed.decode())
            )
        return body

    def parse(self, command: str, reply: str, unit: str) -> list[Any]:
        """Return the fields; humidity and temperature with their trend as status."""
        del unit
        head, *fields = reply.split(";")
        if head[:7] != f"{{F{self.address}{command.lower()}" or len(fields) < FIELDS - 1:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        said: list[Any] = [head, *(field.strip() for field in fields)]
        for at, wanted in UNITS.items():
            if said[at + 1].lower() != wanted.lower():
                hint = msg("driver.hint-line-unit", wanted=wanted)
                raise DeviceError(
                    msg("driver.line-unit", told=said[at + 1], wanted=wanted), hint=hint
                )
            said[at] = Told(said[at], None, said[at + 3])
        return said


class RotronicHc2(Instrument):
    """Rotronic HygroClip 2 (HC2, HC2A), HF5 and HP32, for air temperature and relative humidity.

    Bus: UART or RS-485, 19200 8N1; option `address` (0).
    Reading: 60 ms at 19200 baud, both channels in one; a new value every second.
    Safe: nothing to do, it only measures.
    Document: Campbell HC2S3 manual, app. C (fields); checksum after HygroFlex manual
        IN-E-HyFlex-V4, p. 54, and two answers of real probes; device type F from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = RoAscii()

    humidity = Reading(
        ask("RDD", 1), unit="%", kind=within(0.0, 100.0), resolution=0.01, doc="Relative humidity."
    )
    temperature = Reading(
        ask("RDD", 5),
        unit="°C",
        kind=within(-100.0, 200.0),
        resolution=0.01,
        doc="Air temperature.",
    )
