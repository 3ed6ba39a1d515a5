"""Vaisala HMT330 transmitter of humidity and temperature."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Vaisala, ask


class VaisalaHmt330(Instrument):
    """Vaisala HMT330 series (HMT331 to HMT338), for the conditions in the room or in a chamber.

    On connection its output format is set: values with units and a checksum (CS4). It must be set
    to metric units. Option `address` for one in POLL mode on a shared RS-485 line.

    Bus: RS-232, 4800 7E1 by default, or RS-485.
    Reading: 0.15 s at 4800 baud; one message for all channels.
    Safe: nothing to do, it only measures; the output format stays.
    Document: HMT330 user's guide M210566EN-K, p. 102 (FORM, CS4, units); SEND, OPEN, CLOSE and ?
        as PTB330 user's guide p. 83 and 101; TDF and the width of units from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Vaisala(
        {"humidity": ("3.2 RH", "%RH"), "temperature": ("3.2 T", "'C"), "dew": ("3.2 TDF", "'C")}
    )
    identity = r"^HMT33\d"

    humidity = Reading(ask("send", "humidity"), unit="%", resolution=0.01, doc="Relative humidity.")
    temperature = Reading(
        ask("send", "temperature"), unit="°C", resolution=0.01, doc="Air temperature."
    )
    dew_point = Reading(
        ask("send", "dew"), unit="°C", resolution=0.01, doc="Dew point, below 0 °C frost point."
    )
