r"""A Vaisala transmitter of the 300 series, after its manual; independent of our driver.

    barometer = VaisalaTransmitter("PTB330 / 1.01", "A1234567", {"P": (1013.25, "hPa")})
    TextBus(Wire(4800, bits=10), barometer, end=b"\r", reply_end=b"")

It knows FORM with its numbers, texts, units, checksums, SEND, R, S, OPEN, CLOSE, ECHO and ?. With
`address` it is in POLL mode on a line that others share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchctl.simulation.feeding import Fed, Source

_ITEM = re.compile(r'"([^"]*)"|(\d)\.(\d)|(#RN|\\RN|#R|\\R|#N|\\N|#T|\\T)|(U\d?)|(\w+)', re.I)
_ENDS = {"R": "\r", "N": "\n", "T": "\t", "RN": "\r\n"}


class VaisalaTransmitter:
    """One transmitter.

    Args:
        version: Model and software version, as it tells them.
        serial: Serial number.
        quantities: Values and units by the name that FORM knows them by; None for no value.
        stable: Whether PSTAB is OK.
        address: Address in POLL mode; None where it is in STOP mode and alone.
    """

    def __init__(
        self,
        version: str,
        serial: str,
        quantities: Mapping[str, tuple[float | None, str]],
        *,
        stable: bool = True,
        address: int | None = None,
    ) -> None:
        self.quantities = Fed(quantities)
        self.stable = stable
        self.echo = True
        self.running = False
        self._version, self._serial = version, serial
        self._address = address
        self._open = address is None
        first = next(iter(quantities))
        self.form = f'"{first}=" {first} " " U #R #N'

    @property
    def t(self) -> float:
        """Bench time of the last exchange."""
        return self.quantities.t

    @t.setter
    def t(self, value: float) -> None:
        self.quantities.t = value

    def feed(self, channel: str, source: Source) -> None:
        """Let a quantity, by the name that FORM knows it by, be what a plant tells, in its unit.

        Raises:
            KeyError: there is no such quantity.
        """
        unit = self.quantities[channel][1]
        self.quantities.feed(channel, lambda t: (source(t), unit))

    def answer(self, line: str, _t: float) -> str | None:
        """Return what the transmitter says, all its ends of line and its prompt included."""
        word, _, rest = line.strip().partition(" ")
        word = word.lower()
        if not self._open:
            return self._polled(word, rest.strip())
        if self.running and word != "s":
            return None
        said = self._said(word, rest.strip())
        echo = f"{line}\r\n" if self.echo and not self.running else ""
        self.running = word == "r"
        return echo + said + (">" if self._open else "")

    def _polled(self, word: str, rest: str) -> str | None:
        if rest != str(self._address):
            return None
        if word == "send":
            return self.message()
        if word == "open":
            self._open = True
            name = self._version.split()[0]
            return f"{name}: {self._address} line opened for operator commands\r\n>"
        return None

    def _said(self, word: str, rest: str) -> str:
        match word:
            case "" | "s":
                return ""
            case "send" | "r":
                return self.message()
            case "form":
                self.form = rest or self.form
                return "OK\r\n"
            case "echo":
                self.echo = rest.lower() != "off"
                return f"Echo           : {'ON' if self.echo else 'OFF'}\r\n"
            case "close" if self._address is not None:
                self._open = False
                return "line closed\r\n"
            case "?" | "??":
                return (
                    f"{self._version}\r\nSerial number  : {self._serial}\r\n"
                    f"Output format  : {self.form}\r\nStart mode     : STOP\r\n"
                )
        return "Unknown command.\r\n"

    def message(self) -> str:
        """Return one message in the format that is set."""
        out, width, decimals, unit = "", 0, 1, ""
        for text, digits, places, end, shown, name in _ITEM.findall(self.form):
            if digits:
                width, decimals = int(digits) + int(places) + 1, int(places)
            elif end:
                out += _ENDS[end[1:].upper()]
            elif shown:
                out += f"{unit:<{shown[1:]}}" if shown[1:] else unit
            elif name:
                said, unit = self._item(name.upper(), out, width, decimals, unit)
                out += said
            else:
                out += text
        return out

    def _item(self, name: str, sent: str, width: int, places: int, unit: str) -> tuple[str, str]:
        """Return what an item of the format puts out, and the unit that holds from there on."""
        if name == "PSTAB":
            return ("OK" if self.stable else "  "), unit
        if name == "CS2":
            return f"{sum(sent.encode('latin-1')) % 256:02X}", unit
        if name == "CS4":
            return f"{sum(sent.encode('latin-1')) % 65536:04X}", unit
        value, unit = self.quantities[name]
        return ("*" * width if value is None else f"{value:{width}.{places}f}"), unit
