"""Balances and weighing terminals that speak MT-SICS."""

from __future__ import annotations

import re
from typing import ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver import Action, BusyError, Instrument, Line, Reading, Told, number

IN_A_KILOGRAM = {"kg": 1.0, "g": 1000.0}
ANSWERED_AS = {"SI": "S", "@": "I4"}
"""Whose answers begin with another word than the command."""


class MtSics(Line):
    """`SI` is answered `S S     12.345 kg`: S stable or D dynamic, then ten characters of weight.

    Instead of the weight there may be `S I` (not now), `S +` and `S -` (over- and underload); any
    command may be answered ES (unknown), ET (garbled) or EL (cannot be carried out).
    """

    name = "MT-SICS"
    hush = "@"  # ends SIR and what still waits for stability; zero and tare stay as they are
    who = "I2"
    serial = "I4"
    patience: ClassVar = {"S": 40.0, "T": 40.0, "Z": 40.0}  # the balance waits for stability

    def parse(self, command: str, reply: str, unit: str) -> Told | str:
        """Return a weight in kg, or the text of an answer that is none."""
        word, status, *rest = [*reply.split(maxsplit=2), ""]
        if word != ANSWERED_AS.get(command, command) or not status:
            raise self._error(command, reply)
        if status in ("I", "L", "+", "-"):
            raise self._refusal(command, status, reply)
        if not unit:
            return rest[0].strip().strip('"')
        weight = re.fullmatch(r"(\S+)\s+(\S+)\s*", rest[0])
        if weight is None or status not in ("S", "D") or (command, status) == ("S", "D"):
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if weight[1] == "Error":
            raise DeviceError(msg("driver.said", text=reply[:80]))
        if weight[2] not in IN_A_KILOGRAM:
            raise GarbageReplyError(
                msg("driver.weight-unit", told=weight[2]), hint=msg("driver.hint-weight-unit")
            )
        return Told(number(weight[1]) / IN_A_KILOGRAM[weight[2]], status == "S", status)

    def _error(self, command: str, reply: str) -> InstrumentError:
        match reply:
            case "ES":
                return DeviceError(msg("driver.weight-unknown", command=command))
            case "ET":
                return GarbageReplyError(msg("driver.weight-garbled"))
            case "EL":
                return DeviceError(msg("driver.weight-refused", command=command, reply=reply))
        return GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))

    def _refusal(self, command: str, status: str, reply: str) -> InstrumentError:
        if status == "I":
            return BusyError(msg("driver.weight-busy"), hint=msg("driver.hint-weight-busy"))
        if status == "L":
            return DeviceError(msg("driver.weight-refused", command=command, reply=reply))
        if command not in ("S", "SI"):
            return DeviceError(msg("driver.weight-range", command=command))
        return NotANumberError(
            msg("driver.weight-over" if status == "+" else "driver.weight-under")
        )


class MettlerMtSics(Instrument):
    """Any Mettler-Toledo balance or terminal with MT-SICS level 1 (MS, XPR, ICS, KCC ...).

    Bus: RS-232, 9600 8N1 CR LF by default of the maker, or the same lines over TCP.
    Reading: `mass_now` 20 ms at 9600 baud, stable or not (`sample` tells); `mass` waits in the
        balance until it is stable, at most 40 s beyond the timeout.
    Safe: nothing to do, a balance moves nothing.
    Document: MT-SICS reference manual 11780711 and operating instructions that quote it.
    Hardware: not yet seen on hardware.
    """

    protocol = MtSics()

    mass = Reading("S", unit="kg", doc="Net weight once it is stable; the balance waits.")
    mass_now = Reading("SI", unit="kg", doc="Net weight at once, stable or not.")

    tare = Action("T", doc="Tare once the reading is stable.")
    zero = Action("Z", doc="Set zero once the reading is stable.")

    def make_safe(self) -> None:
        """Nothing to do: a balance moves nothing."""
