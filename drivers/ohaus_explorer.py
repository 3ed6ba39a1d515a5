"""OHAUS balances with the commands IP and SP."""

from __future__ import annotations

import re
from typing import ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver import Action, BusyError, Instrument, Line, Reading, Told, number

IN_A_KILOGRAM = {"kg": 1.0, "g": 1000.0, "mg": 1e6}
WEIGHT = re.compile(r"(-? *\d+(?:\.\d*)?) +([A-Za-z]+)(?: *(\?))?(?: +(?:N|NET|G|GROSS|T))?")
OVER, UNDER = "Err 8.3", "Err 8.4"


class Ohaus(Line):
    """`IP` is answered with eleven characters of weight, the unit, and `?` while not stable.

    `ES` answers what is not known, and `SP` if the load does not come to rest within 40 s.
    """

    name = "OHAUS"
    hush = "0P"
    who = "PV"
    serial = "PSN"
    patience: ClassVar = {"SP": 45.0}  # the balance waits for stability

    def parse(self, command: str, reply: str, unit: str) -> Told | str:
        """Return a weight in kg, or the text of an answer that is none."""
        if reply == "ES" or reply.startswith("Err"):
            raise self._error(command, reply)
        if not unit:
            if command in (self.who, self.serial):
                return reply
            if reply != "OK!":
                raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
            return reply
        weight = WEIGHT.fullmatch(reply)
        if weight is None or (command == "SP" and weight[3]):
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        if weight[2] not in IN_A_KILOGRAM:
            raise DeviceError(
                msg("driver.weight-unit", told=weight[2]), hint=msg("driver.hint-weight-unit")
            )
        value = number(weight[1].replace(" ", "")) / IN_A_KILOGRAM[weight[2]]
        return Told(value, weight[3] is None, weight[3] or "")

    def _error(self, command: str, reply: str) -> InstrumentError:
        if reply == "ES" and command == "SP":
            return BusyError(msg("driver.weight-busy"), hint=msg("driver.hint-weight-busy"))
        if reply in (OVER, UNDER):
            name = "weight-over" if reply == OVER else "weight-under"
            return NotANumberError(msg(f"driver.{name}"))
        return DeviceError(msg("driver.weight-refused", command=command, reply=reply))


class OhausExplorer(Instrument):
    """OHAUS Explorer, Adventurer, Discovery, Navigator and Defender, for gravimetry.

    The balance must show kg, g or mg, and answer commands with OK! (1RL, as delivered); automatic
    printing is switched off on connection.

    Bus: RS-232, 9600 8N1 by default (2400 7N2 on old ones), CR LF.
    Reading: `mass_now` 30 ms at 9600 baud; `mass` waits in the balance, at most 40 s.
    Safe: nothing to do, a balance moves nothing.
    Document: OHAUS RS232 interface manual, p. EN-3 (formats); Explorer service manual, p. 73
        (ES after 40 s); Discovery service manual, p. 4-8 (commands); OK! and Err 8.x from
        memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Ohaus()

    mass = Reading("SP", unit="kg", doc="Weight once it is stable; the balance waits.")
    mass_now = Reading("IP", unit="kg", doc="Weight at once, stable or not.")

    tare = Action("T", doc="Tare, as the key does.")
    zero = Action("Z", doc="Set zero, as the key does.")

    def make_safe(self) -> None:
        """Nothing to do: a balance moves nothing."""
