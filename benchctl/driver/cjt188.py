"""CJ/T 188-2004 as the protocol of a driver: a meter's volume and status, one exchange for all.

Options in the address line: `address` (the meter's 14 digits, or its serial number), `di` (the two
bytes 901F or 1F90 of the data identification, as they travel; makers differ), `type` (10 cold
water, hexadecimal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.cjt188_frames import (
    ERROR_REPLY,
    READ_REPLY,
    START,
    MeterData,
    cjt188_address,
    decode,
    meter_data,
    read_request,
    size,
)
from benchctl.driver.framed import Shape, answer
from benchctl.driver.protocol import Identity, Protocol, Session, choice
from benchctl.links import Link

FIELDS = ("volume", "settled", "step", "clock", "status")
_SHAPE = Shape("CJ/T 188", bytes([START]), size)


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

        def judge(wire: bytes) -> MeterData | None:
            frame = decode(wire)
            if frame.address != self.address:
                return None
            if frame.control == ERROR_REPLY:
                raise DeviceError(msg("driver.cjt-error", status=frame.data.hex(" ")), wire=wire)
            if frame.control != READ_REPLY:
                raise GarbageReplyError(msg("meter.no-frame", protocol="CJ/T 188"))
            return meter_data(frame)

        return answer(self._link, self._request, _SHAPE, judge, address=self.address)

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
