"""Vaisala PTB330 barometer."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Vaisala, ask


class VaisalaPtb330(Instrument):
    """Vaisala PTB330 digital barometer, for the air pressure in the room or as a reference.

    On connection its output format is set: values with units, its own word on stability (PSTAB)
    and a checksum (CS4). It must show hPa: a message in another unit is refused. Option `address`
    for one in POLL mode on a shared RS-485 line.

    Bus: RS-232, 4800 7E1 by default, or RS-485.
    Reading: 0.1 s at 4800 baud; one message for all channels. `pressure` asks again until the
        barometer tells stability, at most 60 s.
    Safe: nothing to do, it only measures; the output format stays.
    Document: PTB330 user's guide, p. 71 (FORM, CS4, PSTAB), 83 (?, ECHO), 101 (OPEN,
        CLOSE, SEND); P3H, and that CS4 counts from the first byte, from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Vaisala(
        {"pressure": ("4.2 P", "hPa"), "tendency": ("4.2 P3H", "hPa")}, stable="PSTAB"
    )
    identity = r"^PTB330"

    pressure = Reading(
        ask("send", "pressure", wait=60.0), unit="hPa", resolution=0.01, doc="Pressure, stable."
    )
    pressure_now = Reading(
        ask("send", "pressure"), unit="hPa", resolution=0.01, doc="Pressure at once."
    )
    tendency = Reading(
        ask("send", "tendency"), unit="hPa", resolution=0.01, doc="Change over three hours."
    )
