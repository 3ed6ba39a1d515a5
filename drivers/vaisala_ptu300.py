"""Vaisala PTU300 transmitter of pressure, humidity and temperature."""

from __future__ import annotations

from benchctl.driver import Instrument, Reading, Vaisala, ask


class VaisalaPtu300(Instrument):
    """Vaisala PTU300 series (PTU301 to PTU307), for the air in a balance room or at a gas line.

    On connection its output format is set: values with units and a checksum (CS4). It must be set
    to hPa and metric units. Option `address` for one in POLL mode on a shared RS-485 line.

    Bus: RS-232, 4800 7E1 by default, or RS-485.
    Reading: 0.2 s at 4800 baud; one message for all channels.
    Safe: nothing to do, it only measures; the output format stays.
    Document: FORM, SEND, OPEN, CLOSE and ? as PTB330 user's guide p. 71 to 101 and HMT330 user's
        guide M210566EN-K p. 102; that PTU300 takes the same from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Vaisala(
        {
            "pressure": ("4.2 P", "hPa"),
            "temperature": ("3.2 T", "'C"),
            "humidity": ("3.2 RH", "%RH"),
        }
    )
    identity = r"^PTU30\d"

    pressure = Reading(ask("send", "pressure"), unit="hPa", resolution=0.01, doc="Air pressure.")
    temperature = Reading(
        ask("send", "temperature"), unit="°C", resolution=0.01, doc="Air temperature."
    )
    humidity = Reading(ask("send", "humidity"), unit="%", resolution=0.01, doc="Relative humidity.")
