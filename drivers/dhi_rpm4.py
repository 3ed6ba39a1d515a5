"""DH Instruments / Fluke RPM4 reference pressure monitor."""

from __future__ import annotations

import re
from typing import Any

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Line, Reading, Setting, Told, ask, text

NUMBER = re.compile(r"([+-]?\d+(?:\.\d*)?) *(\S.*)")


class Rpm(Line):
    """`PRR?` is answered `R,2306.265 kPa a,0.011 kPa/s,97.000 kPa a`: ready, pressure, rate, air.

    Ready is R, NR (not ready), UL, OL (beyond a limit), OP (overpressure), ER (failure).
    """

    name = "RPM"
    who = "VER?"
    serial = "SN?"

    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return what stands in the answer, by name."""
        del unit
        if reply.startswith("ERR"):
            raise DeviceError(msg("driver.said", text=reply[:80]))
        match command.split()[0].rstrip("?"):
            case "PRR":
                ready, *fields = reply.split(",")
                return self._reading(ready.strip(), fields)
            case "UNIT":
                return {"mode": self._number(f"0 {reply}", "kPa")[1] or "g"}
            case "SS%":
                return {"limit": self._number(reply, "%")[0]}
        return reply

    def _reading(self, ready: str, fields: list[str]) -> dict[str, Told]:
        if ready not in ("R", "NR"):
            raise self._no_reading(ready)
        wanted = {"pressure": "kPa", "rate": "kPa/s", "air": "kPa"}
        said = zip(wanted.items(), fields, strict=False)  # without a barometer there is no air
        return {
            name: Told(self._number(field, unit)[0], ready == "R", ready)
            for (name, unit), field in said
        }

    def _no_reading(self, ready: str) -> InstrumentError:
        if ready in ("UL", "OL", "OP"):
            return NotANumberError(msg("driver.overload", value=ready))
        failed = DeviceError if ready == "ER" else GarbageReplyError
        return failed(msg("driver.no-reply-line", text=ready[:80]))

    def _number(self, said: str, unit: str) -> tuple[str, str]:
        """Return a number in `unit` and the letter of the pressure mode behind it."""
        found = NUMBER.fullmatch(said.strip())
        if found is None:
            raise GarbageReplyError(msg("driver.no-reply-line", text=said[:80]))
        shown = re.fullmatch(rf"{unit}(?: ?([agnd]))?", found[2])
        if shown is None:
            raise DeviceError(msg("driver.line-unit", told=found[2], wanted=unit))
        return found[1], shown[1] or ""


class DhiRpm4(Instrument):
    """DHI (Fluke) RPM4 with its active Q-RPT, a reference for pressure.

    It must show kPa. `pressure` asks until it is ready (its own stability limit), at most 120 s.

    Bus: RS-232 COM1, 2400 7E1 by default, CR LF, or GPIB.
    Reading: up to 1.2 s, until the next measurement is finished; one exchange for all channels.
    Safe: nothing to do, it only measures; mode and stability limit stay.
    Document: RPM4 manual (2007), p. 98 (PRR), 104 (SN, SR, SS%), 107 (UNIT); VER, the answer
        of UNIT and the bounds of SS% from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Rpm()
    identity = r"(?i)RPM4"
    timeout = 3.0

    pressure = Reading(ask("PRR?", "pressure", wait=120.0), unit="kPa", doc="Pressure, ready.")
    pressure_now = Reading(ask("PRR?", "pressure"), unit="kPa", doc="Pressure at once.")
    rate = Reading(ask("PRR?", "rate"), unit="kPa/s", doc="Rate of change of the pressure.")
    air = Reading(ask("PRR?", "air"), unit="kPa", doc="Built-in barometer, where there is one.")
    stability = Setting(
        ask("SS%?", "limit", write="SS% {value:.3f}"), unit="%", low=0.001, high=10, doc="Limit."
    )
    mode = Setting(
        ask("UNIT?", "mode", write="UNIT kPa{value}"),
        kind=text,
        choices=["a", "g"],
        doc="Absolute or gauge pressure.",
    )

    def make_safe(self) -> None:
        """Nothing to do: it only measures."""
