"""Yokogawa GS200 DC voltage and current source."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.driver import Instrument, Pick, Scpi, Setting, flag, parsed


def level(function: str) -> Pick:
    """Return what finds the level in "VOLT;+1.0E+00", 0 while the other function is sourced."""

    def pick(values: Sequence[str]) -> str:
        sourced, value = values[0].split(";")
        if sourced not in ("VOLT", "CURR"):
            raise ValueError(sourced)
        return value if sourced == function else "0"

    return pick


class YokogawaGs200(Instrument):
    """Yokogawa GS200 DC source.

    `voltage` and `current` choose the function, and the range by themselves; the source refuses to
    change the function while its output is on, and says so. The other one reads 0.

    Bus: USB-TMC, GPIB, or LAN (VXI-11, raw socket 7655 as a Telnet-like service).
    Reading: 10 ms.
    Safe: output off, then 0 V; both are tried even if one fails. 0 V first would be a step too.
    Document: GS200 User's Manual IM GS210-01EN, chapter 17 (SOUR:FUNC, LEV, PROT, OUTP);
        LEV:AUTO from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors=":SYST:ERR?")
    identity = r"^YOKOGAWA,GS2[01]\d,"

    voltage = Setting(
        (parsed(":SOUR:FUNC?;:SOUR:LEV?", level("VOLT")), ":SOUR:FUNC VOLT;:SOUR:LEV:AUTO {value}"),
        unit="V",
        low=-32.0,
        high=32.0,
        doc="Voltage that is set; 32 V at most in its range of 30 V.",
    )
    current = Setting(
        (parsed(":SOUR:FUNC?;:SOUR:LEV?", level("CURR")), ":SOUR:FUNC CURR;:SOUR:LEV:AUTO {value}"),
        unit="A",
        low=-0.2,
        high=0.2,
        doc="Current that is set.",
    )
    voltage_limit = Setting(
        ":SOUR:PROT:VOLT", unit="V", low=1.0, high=30.0, doc="Limit while it sources current."
    )
    current_limit = Setting(
        ":SOUR:PROT:CURR", unit="A", low=0.001, high=0.2, doc="Limit while it sources voltage."
    )
    output = Setting(":OUTP", kind=flag, safe=False, doc="Whether its output is on.")

    def make_safe(self) -> None:
        """Switch the output off, then set 0 V."""
        try:
            self.output = False
        finally:
            self.voltage = 0.0
