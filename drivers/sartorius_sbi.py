"""Sartorius and Minebea Intec balances with SBI lines."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver import Action, BusyError, Instrument, Line, Reading, Told, ask

IN_A_KILOGRAM = {"kg": 1.0, "g": 1000.0, "mg": 1e6}
WEIGHT = re.compile(r"(?:[A-Z#]\S{0,5} +)?([+-]?) *(\d+(?:\.\d*)?)(?: +([a-zA-Z]{1,3}))?")
STATUS = re.compile(r"(?:Stat +)?(High|H|Low|L|OFF|OL|CAL\S*|Err? *\d+)", re.I)


class Sbi(Line):
    """`ESC P` is answered `G     +   100.00 kg `, or without the first six characters.

    There is no unit while the load is not at rest; option `unit` (kg, g or mg) says which it is
    then. Other commands are not answered.
    """

    name = "SBI"
    options = frozenset({"unit"})
    who = "\x1bx1_"
    serial = "\x1bx2_"
    acknowledged = False
    unit = ""

    def configured(self, options: Mapping[str, str]) -> Sbi:
        """Return this protocol for a balance that shows the option `unit`."""
        own = copy.copy(self)
        own.unit = options.get("unit", "")
        return own

    def parse(self, command: str, reply: str, unit: str) -> Told | str:
        """Return a weight in kg, or the text of an answer that is none."""
        del command
        if not unit:
            return reply.split()[-1]
        if status := STATUS.fullmatch(reply):
            raise self._no_weight(status[1].upper(), reply)
        weight = WEIGHT.fullmatch(reply.replace("[", "").replace("]", ""))
        if weight is None:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        told = weight[3] or self.unit
        if not told:
            raise BusyError(msg("driver.weight-busy"), hint=msg("driver.hint-weight-busy"))
        if told not in IN_A_KILOGRAM or (self.unit and told != self.unit):
            raise DeviceError(
                msg("driver.weight-unit", told=told), hint=msg("driver.hint-weight-unit")
            )
        stable = weight[3] is not None
        value = float(weight[1] + weight[2]) / IN_A_KILOGRAM[told]
        return Told(value, stable, "S" if stable else "D")

    def _no_weight(self, status: str, reply: str) -> InstrumentError:
        if status in ("H", "HIGH", "OL"):
            return NotANumberError(msg("driver.weight-over"))
        if status in ("L", "LOW"):
            return NotANumberError(msg("driver.weight-under"))
        if status.startswith("CAL"):
            return BusyError(msg("driver.weight-busy"), hint=msg("driver.hint-weight-busy"))
        return DeviceError(msg("driver.said", text=reply[:80]))


class SartoriusSbi(Instrument):
    """Any Sartorius balance with SBI (Cubis MSE, Entris, Secura, GC ...), for gravimetry.

    Set at the balance: SBI, print by request *without stability* (else it waits itself), and write
    its unit into the address: without `unit=g` a reading that is not at rest is refused.

    Bus: RS-232, USB or LAN; 1200 7O1 (old) or 9600 8O1 by default, CR LF; option `unit`.
    Reading: 30 ms at 9600 baud; `mass` asks until the balance shows a unit, at most 40 s.
    Safe: nothing to do, a balance moves nothing.
    Document: Cubis MSE operating instructions, p. 71; GC803S manual, p. 57 (formats); Master series
        manual, p. 79 (Stat, ERR); x1_ and x2_ and the words of overload from memory: check.
    Hardware: not yet seen on hardware.
    """

    protocol = Sbi()

    mass = Reading(ask("\x1bP", wait=40.0), unit="kg", doc="Net weight once it is stable.")
    mass_now = Reading("\x1bP", unit="kg", doc="Net weight at once, stable or not.")

    tare = Action("\x1bT", doc="Tare, as the key does.")
    zero = Action("\x1bV", doc="Set zero.")

    def make_safe(self) -> None:
        """Nothing to do: a balance moves nothing."""
