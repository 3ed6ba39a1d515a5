"""A channel's value out of the data of a reply, made once for a loop that takes it often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchctl.core.errors import InstrumentError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.channels import Reading
from benchctl.driver.registers import Bit, Register, fetcher
from benchctl.driver.values import LARGEST, real

Value = Callable[[bytes], Any]
"""Takes a channel's value out of the data of a reply."""


def value_of(channel: Reading[Any], place: Register | Bit, first: int) -> Value:
    """Return a function that takes a channel's value out of a block that begins at `first`."""
    kind, at = channel.kind, place.start - first
    if isinstance(place, Bit):
        fetch: Value = lambda data: bool(data[at >> 3] >> (at & 7) & 1)  # noqa: E731
    else:
        fetch = fetcher(place, 2 * at)
    if kind is real and isinstance(place, Register) and place.kind in ("f32", "f64"):

        def number(data: bytes) -> float:
            value: float = fetch(data)
            if -LARGEST < value < LARGEST:
                return value
            raise NotANumberError(
                msg("driver.overload", value=f"{value:g}"),
                channel=channel.name,
                wire=data,
                hint=msg("driver.hint-overload"),
            )

        return number

    def made(data: bytes) -> Any:
        try:
            return kind(fetch(data))
        except InstrumentError as error:
            error.channel, error.wire = channel.name, data
            raise

    return made
