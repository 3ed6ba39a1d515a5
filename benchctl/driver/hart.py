"""Hart Scientific's lines, spoken by Fluke's baths, dry-wells and thermometers.

class Bath(Instrument):
    protocol = Hart({"t": "t", "s": "set"})
    temperature = Reading("t", unit="°C")                  "t: 24.98 C"
    setpoint = Setting(ask("s", write="s={value:.2f}"))    is not answered, and is read back

Whether the device repeats what it hears (full duplex) or not does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.line import Line
from benchctl.driver.line_address import Ask, ask
from benchctl.driver.protocol import Told

SHOWN = {"C": "°C", "F": "°F", "K": "K", "O": "Ω"}
"""Units by the letter that stands for them."""
_ANSWER = re.compile(r"(\w+): *(-?[\d.]+|-[-.]+)(?: ([CFKOR]))?(?:, *(\w+))?")


class Hart(Line):
    """`t` is answered `t: 24.98 C`, a setting is not answered.

    Args:
        labels: By command, the word that begins its answer.
        who: Where the model is told; `*ver` is answered `ver.7341,1.10`.
        serial: Where the serial number is told; "" where it is not.
    """

    name: ClassVar[str] = "Hart"
    end: ClassVar[str] = "\r"
    reply_end: ClassVar[str] = "\n"
    acknowledged: ClassVar[bool] = False
    proven: ClassVar[bool] = True
    echo: ClassVar[bool] = True
    pause: ClassVar[float] = 0.05

    def __init__(
        self,
        labels: Mapping[str, str],
        *,
        who: str | Ask = ask("*ver", 0),  # noqa: B008 - frozen
        serial: str | Ask = "",
    ) -> None:
        self._labels = labels
        self.who = who  # type: ignore[misc]  # told by the instrument's kind, not by the protocol
        self.serial = serial  # type: ignore[misc]

    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the value in `unit`, or the fields of what it is."""
        if command.startswith("*"):
            return [field.strip() for field in reply.split(",")]
        found = _ANSWER.fullmatch(reply)
        if found is None or found[1] != self._labels[command]:
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        shown = SHOWN.get(found[3] or "", "")
        if shown and shown != unit:
            raise DeviceError(
                msg("driver.line-unit", told=found[3], wanted=unit),
                hint=msg("driver.hint-line-unit", wanted=unit),
            )
        return Told(found[2], None, found[4] or "")
