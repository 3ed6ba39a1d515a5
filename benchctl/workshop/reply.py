"""What a driver makes of bytes that somebody wrote down, for `benchctl drivers decode DRIVER`.

    reply_to(driver, bytes.fromhex("53 20 ..."))  ->  {"mass": {"value": 0.1, "unit": "kg", ...}}

A line such as `S S     100.00 g` does not say what it answers. It is therefore put before every
channel of the driver, through the driver's own conversation; the channels that take it are told.
"""

from __future__ import annotations

from typing import Any

from benchctl.core.errors import GarbageReplyError, InstrumentError, NoReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.driver import Instrument, Modbus, Reading
from benchctl.drivers import Shelf
from benchctl.workshop.replay import Replay
from benchctl.workshop.values import is_number

_AT = {True: "modbus+rtu:///dev/null?baud=9600", False: "serial:///dev/null?baud=9600"}


ASKED_EVERY = 10.0
"""Seconds of bench time per question: who waits for a stable answer gets none but this one."""


class Canned(Replay):
    """A link on which everything that is sent is answered with the same bytes."""

    def __init__(self, at: str, answer: bytes) -> None:
        super().__init__(at)
        self._answer = answer
        self.whole = True
        """Whether the last answer was taken to its end."""

    def write(self, data: bytes) -> None:
        """Take anything, and have the answer ready."""
        del data
        self._buffer = self._answer
        self.bus.sleep(ASKED_EVERY)

    def _took(self, n: int) -> bytes:
        taken = super()._took(n)
        self.whole = not self._buffer
        return taken

    def _silent(self) -> NoReplyError:
        wire = self._took(len(self._buffer))
        return NoReplyError(msg("workshop.reply-breaks-off"), wire=wire)


def driver_for(name: str, shelf: Shelf) -> type[Instrument] | None:
    """Return the driver of that name, or the only one whose protocol is called so, if any.

    Raises:
        UsageError: several drivers speak it, each in its own way.
        DriverError: its file cannot be loaded.
    """
    infos = shelf.list()
    if any(info.name == name for info in infos):
        return shelf.find(name)
    sound = [info.name for info in infos if not info.error]
    speak = [one for one in sound if _plain(shelf.find(one).protocol.name) == _plain(name)]
    if len(speak) > 1:
        raise UsageError(msg("workshop.several-speak", protocol=name, drivers=", ".join(speak)))
    return shelf.find(speak[0]) if speak else None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def reply_to(driver: type[Instrument], data: bytes) -> dict[str, Any]:
    """Return, by channel, what the driver takes a reply for.

    Raises:
        UsageError: a person reads this instrument, or it cannot be addressed without options.
        InstrumentError: no channel takes it; why the first one does not.
    """
    if driver.asks:
        raise UsageError(msg("workshop.no-wire", driver=driver.__name__))
    link = Canned(_AT[isinstance(driver.protocol, Modbus)], data)
    instrument = driver(link, {}, name=driver.__name__)
    told: dict[str, Any] = {}
    refused: InstrumentError | None = None
    for name, channel in driver.channels.items():
        try:
            told[name] = _taken(instrument, link, name, channel)
        except InstrumentError as error:
            refused = refused or error
    if not told:
        raise refused or GarbageReplyError(msg("workshop.reply-breaks-off"), wire=data)
    return told


def _taken(instrument: Instrument, link: Canned, name: str, channel: Reading[Any]) -> Any:
    found: dict[str, Any]
    try:
        sample = instrument.sample(name) if is_number(channel) else None
    except InstrumentError:  # its stability may be asked for apart
        sample = None
    if sample is None:
        found = {"value": instrument.read(name)[0], "unit": channel.unit}
    else:
        found = {"value": sample.value, "unit": sample.unit}
        told = {"stable": sample.stable, "status": sample.status}
        found |= {what: said for what, said in told.items() if said not in (None, "")}
    if not link.whole:
        raise GarbageReplyError(msg("workshop.reply-too-long"), wire=link.rest())
    return found
