"""Addresses of instruments, as people write them in a bench file.

    modbus+tcp://192.168.1.20?unit=1                     serial:///dev/ttyUSB1?baud=9600&parity=E
    modbus+rtu:///dev/ttyUSB0?baud=19200&parity=E&unit=3  serial+tcp://192.168.1.30:4001
    modbus+rtu+tcp://192.168.1.30:4001?unit=3            TCPIP::192.168.1.21::5025::SOCKET
    visa:TCPIP0::counter::inst0::INSTR                   manual:

What stands behind the question mark and is no setting of the line itself (unit, order, address,
timeout ...) is an option: it is handed to the instrument's protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest

SCHEMES = ("modbus+tcp", "modbus+rtu", "modbus+rtu+tcp", "serial", "serial+tcp", "visa", "manual")
SERIAL = ("modbus+rtu", "serial")
DEFAULT_PORT = {"modbus+tcp": 502}
SIMULATED = "sim."
_LINE_KEYS = ("baud", "bits", "parity", "stop", "flow")
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+]*)://(?P<location>[^?]*)(?:\?(?P<query>.*))?")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^:\[\]/?#\s]+)(?::(\d+))?")


class AddressError(UsageError):
    """An address cannot be understood; nothing was opened."""


@dataclass(frozen=True, slots=True)
class Line:
    """Settings of a serial line; `flow` is none, rtscts or xonxoff."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: float = 1
    flow: str = "none"

    @property
    def char_time(self) -> float:
        """Seconds that one character takes on the wire."""
        return (1 + self.bits + (self.parity != "N") + self.stop) / self.baud

    def __str__(self) -> str:
        return f"{self.baud} {self.bits}{self.parity}{self.stop:g}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: `location` is a device path, host[:port] or VISA resource name."""

    text: str
    scheme: str
    location: str
    options: Mapping[str, str] = field(default_factory=dict)
    line: Line | None = None

    @property
    def simulated(self) -> bool:
        """Whether the location is a name that a simulated bench replaces."""
        return self.location.startswith(SIMULATED)

    @property
    def timeout(self) -> float | None:
        """Seconds of real time an answer may take, where the address says so."""
        return float(self.options["timeout"]) if "timeout" in self.options else None


def parse_address(text: str) -> Address:
    """Return the address that `text` spells.

    Raises:
        AddressError: unknown scheme, bad host, port, line setting or option; with a hint.
    """
    if "://" not in text and "::" in text and not text.startswith("visa:"):
        text_of_visa = text
    elif text.startswith("visa:"):
        text_of_visa = text.removeprefix("visa:").removeprefix("//")
    elif text.startswith("manual:"):
        return _plain(text, "manual", text.removeprefix("manual:"))
    else:
        return _url(text)
    if not text_of_visa.partition("?")[0].strip():
        raise _error("no-location", text, hint=msg("links.hint-visa"))
    return _plain(text, "visa", text_of_visa)


def _plain(text: str, scheme: str, rest: str) -> Address:
    location, _, query = rest.partition("?")
    return Address(text, scheme, location.strip(), _options(text, query))


def _url(text: str) -> Address:
    found = _URL.fullmatch(text.strip())
    scheme = found["scheme"].lower() if found else text.partition(":")[0]
    if found is None or scheme not in SCHEMES:
        near = closest(scheme, SCHEMES)
        hint = msg("links.did-you-mean", word=near) if near else msg("links.hint-schemes")
        raise _error("bad-scheme", text, hint=hint)
    location = unquote(found["location"]).strip()
    if not location:
        raise _error("no-location", text, hint=msg("links.hint-schemes"))
    options = _options(text, found["query"] or "")
    if scheme in SERIAL:
        line = _line(text, {k: options.pop(k) for k in _LINE_KEYS if k in options})
        return Address(text, scheme, location, options, line)
    wrong = [k for k in _LINE_KEYS if k in options]
    if wrong:
        raise _error("no-serial-line", text, key=wrong[0])
    if not location.startswith(SIMULATED):
        endpoint(text, location, DEFAULT_PORT.get(scheme))
    return Address(text, scheme, location, options)


def endpoint(text: str, location: str, default: int | None = None) -> tuple[str, int]:
    """Return host and port of `location`.

    Raises:
        AddressError: no host, no port where none is usual, a port above 65535.
    """
    found = _HOST.fullmatch(location)
    if found is None:
        raise _error("bad-host", text, location=location)
    port = int(found[2]) if found[2] else default
    if port is None:
        raise _error("no-port", text, hint=msg("links.hint-port", location=location))
    if not 0 < port < 65536:
        raise _error("bad-port", text, port=port)
    return found[1].strip("[]"), port


def _options(text: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        key, equals, value = part.partition("=")
        if not equals or not key or not value:
            raise _error("bad-option", text, option=part)
        if key in options:
            raise _error("option-twice", text, option=key)
        options[key] = unquote(value)
    _number(text, options, "timeout", 0.001, 3600.0)
    return options


def _number(text: str, values: Mapping[str, str], key: str, low: float, high: float) -> float:
    given = values.get(key, str(low))
    try:
        number = float(given)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise _error("bad-number", text, key=key, value=given, low=f"{low:g}", high=f"{high:g}")
    return number


def _line(text: str, given: Mapping[str, str]) -> Line:
    usual = Line()
    values = {key: str(getattr(usual, key)) for key in _LINE_KEYS} | dict(given)
    parity = values["parity"].upper()[:1]
    if parity not in tuple("NEOMS"):
        raise _error("bad-choice", text, key="parity", value=values["parity"], choices="N, E, O")
    if values["flow"] not in ("none", "rtscts", "xonxoff"):
        raise _error(
            "bad-choice", text, key="flow", value=values["flow"], choices="none, rtscts, xonxoff"
        )
    stop = _number(text, values, "stop", 1, 2)
    if stop not in (1, 1.5, 2):
        raise _error("bad-choice", text, key="stop", value=values["stop"], choices="1, 1.5, 2")
    baud = _number(text, values, "baud", 50, 4_000_000)
    bits = _number(text, values, "bits", 5, 8)
    if baud != int(baud) or bits != int(bits):
        raise _error("not-whole", text, value=f"{baud:g}, {bits:g}")
    return Line(int(baud), int(bits), parity, stop, values["flow"])


def _error(name: str, text: str, *, hint: Message | None = None, **args: object) -> AddressError:
    return AddressError(msg(f"links.{name}", address=text, **args), hint=hint)
