"""Mensor / WIKA CPC6050 pressure controller."""

from __future__ import annotations

from benchctl.core.messages import msg
from benchctl.driver import Instrument, Reading, Scpi, Setting, settled, word

MODES = word("STANDBY", "MEASURE", "CONTROL", "VENT")
STABLE = word("YES", "NO")
UNITS = word("kPa", "psi", "bar", "mbar", "MPa", spelt={"22": "kPa", "1": "psi", "14": "bar"})


class MensorCpc6050(Instrument):
    """Mensor CPC6050, CPC4000 and CPC6000 in the Mensor command set.

    An answer begins with a blank, or with E while errors are queued: then the queue is read empty
    and the errors are told, and the answer is not used. It must show kPa. Option `channel` (A
    or B): which one is read; set-point and mode are the active channel's, which must be the same.

    Bus: LAN raw socket 6000, GPIB, or RS-232 57600 8N1.
    Reading: 0.1 s.
    Safe: vent. Standby and measure shut the valves and leave the pressure in the meter under test.
    Document: CPC6050 Operating Instructions, p. 73 (answers) and 74 (A?, AS?); Setpt, Mode, Chan?,
        Units? and Error? from memory and from programs of others: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Scpi(errors="Error?", flagged="E", who="ID?", tree=False)
    identity = r"(?i)^(MENSOR|WIKA)[^,]*,\s*CPC"
    defaults = {"channel": "A"}  # noqa: RUF012 - declared as ClassVar in the base
    timeout = 2.0

    pressure = Reading(
        settled("{channel}?", by="{channel}S?", stable=lambda said: STABLE(said) == "YES"),
        unit="kPa",
        doc="Pressure at the outlet.",
    )
    setpoint = Setting(
        "Setpt",
        unit="kPa",
        low=-100.0,
        high=21000.0,
        doc="Pressure to be held in mode CONTROL; the fitted module allows less, and says so.",
    )
    mode = Setting("Mode", kind=MODES, safe="VENT", doc="What it does.")
    pressure_unit = Reading("Units?", kind=UNITS, doc="Unit that it shows.")
    active_channel = Reading("Chan?", kind=word("A", "B"), doc="Channel that is controlled.")

    def verify(self) -> None:
        """Refuse a controller that does not show kPa, or controls another channel."""
        unit, channel = self.read("pressure_unit", "active_channel")
        if unit != "kPa":
            raise self.refuse(
                msg("driver.other-unit", told=unit, wanted="kPa"),
                hint=msg("driver.hint-other-unit", wanted="kPa"),
            )
        if channel != self.options["channel"]:
            raise self.refuse(
                msg("driver.other-channel", told=channel, wanted=self.options["channel"])
            )

    def make_safe(self) -> None:
        """Let the pressure out."""
        self.mode = "VENT"
