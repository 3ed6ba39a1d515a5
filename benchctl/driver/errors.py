"""Errors of the driver kit, and how an error comes to name its instrument and channel."""

from __future__ import annotations

from collections.abc import Iterable

from benchctl.core.errors import BenchctlError, DeviceError, InstrumentError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest

SHOWN = 48
"""Bytes of a wire that a message shows."""


class DriverError(BenchctlError):
    """A driver is declared wrongly; raised when its class is made."""

    exit_code = 2


class SettingRefused(InstrumentError):  # noqa: N818 - the name that drivers know it by
    """A value lies outside what the channel allows; nothing was sent."""


class BusyError(DeviceError):
    """The instrument answered that it is busy; a reading may be tried again."""


def placed(error: InstrumentError, instrument: str, channel: str) -> InstrumentError:
    """Return `error`, telling which instrument and channel, with the bytes that were seen.

    An error that tells already is left as it is.
    """
    if error.instrument:
        return error
    error.instrument = instrument
    error.channel = error.channel or channel
    where = ".".join(filter(None, (instrument, error.channel)))
    shown = error.wire[:SHOWN].hex(" ") + (" …" if len(error.wire) > SHOWN else "")
    name = "at-with-wire" if error.wire else "at"
    error.message = msg(f"driver.{name}", where=where, what=error.message, wire=shown)
    return error


def suggestion(word: str, known: Iterable[str]) -> Message:
    """Return "did you mean ...", or what there is to choose from."""
    known = sorted(known)
    near = closest(word, known)
    if near:
        return msg("driver.did-you-mean", word=near)
    return msg("driver.known", names=", ".join(known))
