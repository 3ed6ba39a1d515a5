r"""Vaisala transmitters of the 300 series: SEND, FORM, prompt and echo, POLL mode on RS-485.

    class Barometer(Instrument):
        protocol = Vaisala({"pressure": ("4.2 P", "hPa")}, stable="PSTAB")
        pressure = Reading(ask("send", "pressure"), unit="hPa")

On connection the output format is set (FORM), with the unit of every value and a checksum at the
end, so that neither a changed format nor a disturbed line can pass for a value:

    >form "M;" 4.2 P " " U5 ";" PSTAB ";" CS4 #r #n
    OK
    >send
    M;1013.25 hPa  ;OK;04B4

Option `address`: the transmitter is in POLL mode on a line that several share; it is opened for
FORM and closed again. Without it, it is alone and in STOP mode (RUN mode is ended).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.line import Line
from benchctl.driver.line_address import ask
from benchctl.driver.protocol import Told, integer

START = "M;"
"""Begins a message: a blank that began it would be lost, and be missed by the checksum."""
CONFIRMED = {"form": "OK", "open": "line opened", "close": "line closed"}
"""What the answer to a command must hold."""
_MODEL = re.compile(r"^\s*([A-Z]{3}\d{3}\w*\s*/\s*[\d.]+)", re.M)
_SERIAL = re.compile(r"^\s*Serial number\s*:\s*(\S+)", re.M | re.I)


class Vaisala(Line):
    """Values in a format that is set on connection.

    Args:
        quantities: By name: format and quantity as FORM has them, and the unit it shows.
        stable: The FORM item that says OK when the reading is stable; "" where there is none.
    """

    name: ClassVar[str] = "Vaisala"
    options: ClassVar[frozenset[str]] = frozenset({"address"})
    end: ClassVar[str] = "\r"
    echo: ClassVar[bool] = True
    prompt: ClassVar[str] = ">"
    hush: ClassVar[str] = "s"
    who = ask("?", "model")
    serial = ask("?", "serial")

    def __init__(self, quantities: Mapping[str, tuple[str, str]], *, stable: str = "") -> None:
        self._units = {name: unit for name, (_, unit) in quantities.items()}
        self._stable = bool(stable)
        items = [f'{item} " " U5 ";"' for item, _ in quantities.values()]
        state = [f'{stable} ";"'] if stable else []
        self._form = " ".join([f'form "{START}"', *items, *state, "CS4 #r #n"])

    def configured(self, options: Mapping[str, str]) -> Self:
        """Return this protocol for the transmitter at the option `address` of a shared line."""
        if "address" not in options:
            return self
        own = copy.copy(self)
        own.address = str(integer(options, "address", 0, 255, 0))
        return own

    def addressed(self, command: str) -> str:
        """Return a command with the address, where it takes one."""
        return f"{command} {self.address}".strip() if command in ("send", "open") else command

    def answers(self, command: str) -> bool:
        """Return whether a command is answered: all but the end of RUN mode."""
        return command != self.hush

    def until(self, command: str) -> str:
        """Return the end of a reply: the prompt, or of a line from one that is not opened."""
        closed = bool(self.address) and command in ("send", "close")
        return "\r\n" if closed else self.prompt

    def opening(self) -> Sequence[str]:
        """Return the commands that set the format."""
        return ("open", self._form) if self.address else (self._form,)

    def closing(self) -> Sequence[str]:
        """Return the command that sends a transmitter in POLL mode back to it."""
        return ("close",) if self.address else ()

    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the values of a message by name, or what the transmitter says it is."""
        del unit  # each is compared with the one that its quantity shows
        if command == "send":
            return self._values(reply)
        if command == "?":
            model, serial = _MODEL.search(reply), _SERIAL.search(reply)
            if model is None or serial is None:
                raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
            return {"model": model[1], "serial": serial[1]}
        if CONFIRMED[command.split()[0]] not in reply:
            raise DeviceError(msg("driver.said", text=reply[:80]))
        return reply

    def _values(self, reply: str) -> dict[str, Told]:
        message, _, told = reply.rpartition(";")
        computed = f"{sum(f'{message};'.encode('latin-1')) & 0xFFFF:04X}"
        if told != computed:
            raise GarbageReplyError(msg("driver.line-checksum", told=told, computed=computed))
        start, *fields = message.split(";")
        state = fields.pop() if self._stable and fields else ""
        if f"{start};" != START or len(fields) != len(self._units):
            raise GarbageReplyError(msg("driver.no-reply-line", text=reply[:80]))
        stable = state.strip() == "OK" if self._stable else None
        values = {}
        for (name, wanted), field in zip(self._units.items(), fields, strict=True):
            number, _, shown = field.strip().partition(" ")
            if shown.strip() != wanted:
                raise DeviceError(
                    msg("driver.line-unit", told=shown.strip(), wanted=wanted),
                    hint=msg("driver.hint-line-unit", wanted=wanted),
                )
            values[name] = Told(number, stable, state.strip())
        return values
