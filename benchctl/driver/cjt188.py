"""CJ/T 188-2004 as the protocol of a driver: a meter's volume and status, one exchange for all.

Options in the address line: `address` (the meter's 14 digits, or its serial number), `di` (the two
bytes 901F or 1F90 of the data identification, as they travel; makers differ), `type` (10 cold
water, hexadecimal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, NoReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.cjt188_frames import (
    ERROR_REPLY,
    READ_REPLY,
    START,
    Frame,
    MeterData,
    cjt188_address,
    decode,
    meter_data,
    read_request,
)
from benchctl.driver.protocol import Identity, Protocol, Session, choice
from benchctl.links import Link

FIELDS = ("volume", "settled", "step", "clock", "status")
NOISE = 32
"""Bytes before the start of a frame that are taken for preamble or noise."""


class CjT188(Protocol):
    """Reads metering data 901F; a channel's address is the name of a field of `MeterData`."""

    name: ClassVar[str] = "CJ/T 188-2004"
    options: ClassVar[frozenset[str]] = frozenset({"address", "di", "type"})

    def session(self, link: Link, options: Mapping[str, str]) -> CjT188Session:
        """Return the conversation with one meter."""
        return CjT188Session(link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        good = channel.address in FIELDS
        return "" if good else f"{channel.address!r} is none of {', '.join(FIELDS)}"


class CjT188Session(Session):
    """One meter on a line that may have many."""

    def __init__(self, link: Link, options: Mapping[str, str]) -> None:
        self._link = link
        given = options.get("address", "")
        try:
            self.address = self.bus_address = cjt188_address(given)
        except ValueError:
            raise UsageError(
                msg("driver.cjt-no-address", value=given), hint=msg("driver.hint-cjt-no-address")
            ) from None
        di = bytes.fromhex(choice(options, "di", ("901F", "1F90"), "901F"))
        kinds = [f"{kind:02X}" for kind in range(0x10, 0x50)]
        self._type = int(choice(options, "type", kinds, "10"), 16)
        self._request = read_request(self.address, di, self._type)

    def exchange(self) -> MeterData:
        """Ask the meter and return what it says."""
        link = self._link
        with link.bus:
            link.drain()
            link.write(self._request)
            frame, wire = self._reply()
        if frame.control == ERROR_REPLY:
            raise DeviceError(msg("driver.cjt-error", status=frame.data.hex(" ")), wire=wire)
        if frame.control != READ_REPLY:
            raise GarbageReplyError(msg("driver.cjt-no-frame"), wire=wire)
        try:
            return meter_data(frame)
        except GarbageReplyError as error:
            error.wire = wire
            raise

    def _reply(self) -> tuple[Frame, bytes]:
        """Return this meter's frame; frames of other meters are dropped until the deadline."""
        dropped = b""
        while True:
            try:
                wire = self._frame()
            except NoReplyError as error:
                if not dropped:
                    raise
                raise GarbageReplyError(
                    msg("driver.cjt-foreign", address=self.address),
                    wire=dropped,
                    hint=msg("driver.hint-foreign"),
                ) from error
            try:
                frame = decode(wire)
            except GarbageReplyError as error:
                error.wire += self._link.rest()
                raise
            if frame.address == self.address:
                return frame, wire
            self._link.note("late-reply", wire.hex(" "))
            dropped += wire

    def _frame(self) -> bytes:
        """Return the bytes of the next frame, without preamble: exactly as many as it tells."""
        link = self._link
        seen = b""
        while (byte := link.read_exactly(1)) != bytes([START]):
            seen += byte
            if len(seen) > NOISE:
                raise GarbageReplyError(msg("driver.cjt-no-frame"), wire=seen + link.rest())
        head = byte + link.read_exactly(10)
        return head + link.read_exactly(head[10] + 2)

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads all channels in one exchange."""
        wanted = [(c.kind, c.address) for c in channels]

        def read() -> tuple[Any, ...]:
            data = self.exchange()
            return tuple([kind(getattr(data, field)) for kind, field in wanted])

        return read

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read the meter: that it answers under its address is all that it tells."""
        del proof
        data = self.exchange()
        return Identity(f"CJ/T 188 meter {self.address}, {data.unit}")
