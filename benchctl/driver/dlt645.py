"""DL/T 645 as the protocol of a driver: one exchange for each data identification.

    protocol = Dlt645(2007)
    energy = Reading("00010000", unit="kWh", resolution=0.01)
    voltage_l2 = Reading("0201FF00[1]", unit="V")          # an element of a block: read together
    demand_at = Reading("01010000.time", kind=text)        # when the demand occurred
    clock_output = Action("1D00")                          # control and data; it confirms

A block that does not fit into one frame is fetched part by part (control 12H, 1997: 02H).

Options in the address line: `address` (12 digits or the serial number; A is any digit; without one
the meter is alone on the line and is asked for its address), `wake` (FE bytes before a request).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.dlt645_frames import (
    ANYONE,
    DI_SIZE,
    ERROR,
    MORE,
    READ_ADDRESS,
    REPLY,
    START,
    WAKE,
    Frame,
    addressed,
    decode,
    dlt645_address,
    encode,
    identification,
    read_on_request,
    read_request,
    refusal,
    size,
    value,
)
from benchctl.driver.dlt645_items import item_of
from benchctl.driver.framed import Shape, answer
from benchctl.driver.protocol import Identity, Protocol, Session, integer
from benchctl.driver.values import finite
from benchctl.links import Link

MOST_PARTS = 32
"""Parts of a block that are fetched at most."""
METER_NUMBER = {2007: "04000402", 1997: "C032"}
_SHAPE = Shape("DL/T 645", bytes([START]), size)
_ADDRESS = re.compile(r"(?P<di>[0-9A-F]{4}|[0-9A-F]{8})(\[(?P<at>\d+)\])?(?P<time>\.time)?")
_ACTION = re.compile(r"([0-9A-F]{2})+")


class Dlt645(Protocol):
    """Reads an electricity meter after DL/T 645; `edition` is 2007 or 1997."""

    name: ClassVar[str] = "DL/T 645"
    options: ClassVar[frozenset[str]] = frozenset({"address", "wake"})

    def __init__(self, edition: int = 2007) -> None:
        self.edition = edition

    def session(self, link: Link, options: Mapping[str, str]) -> Dlt645Session:
        """Return the conversation with one meter."""
        return Dlt645Session(self.edition, link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting):
            return "this protocol only reads"
        if isinstance(channel, Action):
            good = isinstance(channel.address, str) and _ACTION.fullmatch(channel.address)
            return "" if good else f"{channel.address!r} is no control byte with its data"
        found = _ADDRESS.fullmatch(str(channel.address))
        if found is None or len(found["di"]) != 2 * DI_SIZE[self.edition]:
            return f"{channel.address!r} is no data identification of {self.edition}"
        item = item_of(found["di"], self.edition)
        if item is None:
            return f"how {found['di']} is written is not known"
        if found["time"]:
            return "" if item.stamp else f"{found['di']} has no time"
        wrong = item.decimals is not None and item.unit != (channel.unit or "1")
        return f"{found['di']} is sent in {item.unit}, not {channel.unit}" if wrong else ""


class Dlt645Session(Session):
    """One meter on a line that may have many."""

    def __init__(self, edition: int, link: Link, options: Mapping[str, str]) -> None:
        self._edition = edition
        self._link = link
        self._wake = bytes([WAKE]) * integer(options, "wake", 0, 16, 4)
        given = options.get("address", ANYONE)
        try:
            self._pattern = dlt645_address(given)
        except ValueError:
            raise UsageError(
                msg("meter.no-address", value=given), hint=msg("meter.hint-no-address", digits=12)
            ) from None
        self.address = self._pattern
        self.bus_address = "" if self._pattern == ANYONE else self._pattern

    def _exchange(self, request: bytes, control: int, di: str) -> Frame:
        """Send a request and return this meter's reply with that control and identification.

        Replies of other meters and late ones to other questions are dropped.
        """

        def judge(wire: bytes) -> Frame | None:
            frame = decode(wire)
            if not addressed(self.address, frame.address):
                return None
            if frame.control == control | REPLY | ERROR:
                error = refusal(frame, self._edition)
                error.wire = wire
                raise error
            if frame.control & ~MORE != control | REPLY:
                return None
            return frame if identification(frame, self._edition) == di or not di else None

        return answer(self._link, self._wake + request, _SHAPE, judge, address=self.address)

    def fetch(self, di: str) -> bytes:
        """Return all data of an identification, in as many frames as the meter needs.

        Raises:
            DeviceError: the meter refuses it; the message says why.
            GarbageReplyError: a part is out of order, or the block does not end.
        """
        edition, skip = self._edition, DI_SIZE[self._edition]
        request = read_request(self.address, di, edition)
        with self._link.bus:
            frame = self._exchange(request, decode(request).control, di)
            data = frame.data[skip:]
            for part in range(1, MOST_PARTS):
                if not frame.control & MORE:
                    return data
                request = read_on_request(self.address, di, edition, part)
                frame = self._exchange(request, decode(request).control, di)
                more = frame.data[skip:]
                if edition == 2007:
                    if more[-1:] != bytes([part]):
                        raise GarbageReplyError(msg("meter.part", part=part), wire=frame.data)
                    more = more[:-1]
                data += more
        raise GarbageReplyError(msg("meter.endless", most=MOST_PARTS), wire=data)

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels, one exchange per data identification."""
        plan = [(c, _element(c.address, self._edition)) for c in channels]
        asked = list(dict.fromkeys(str(c.address)[: 2 * DI_SIZE[self._edition]] for c in channels))

        def read() -> tuple[Any, ...]:
            with self._link.bus:
                data = {di: self.fetch(di) for di in asked}
            return tuple([channel.kind(pick(data)) for channel, pick in plan])

        return read

    def act(self, action: Action) -> None:
        """Send a control byte with its data, once; the meter confirms it."""
        command = bytes.fromhex(action.address)
        self._exchange(encode(Frame(self.address, command[0], command[1:])), command[0], "")

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask for the address where it is not known, and for the meter's number if it tells it."""
        del proof
        edition = self._edition
        self.address = self._pattern
        number = METER_NUMBER[edition]
        if "A" in self._pattern and edition == 2007:
            frame = self._exchange(encode(Frame(self._pattern, READ_ADDRESS)), READ_ADDRESS, "")
            told = frame.data[::-1].hex().upper()
            if told != frame.address or not addressed(self._pattern, told):
                raise GarbageReplyError(
                    msg("meter.other-address", told=told, address=frame.address), wire=frame.data
                )
            self.address = told
        try:
            serial = self.fetch(number)[::-1].hex()
        except DeviceError:
            serial = ""
        return Identity(f"DL/T 645-{edition} meter {self.address}", serial)


def _element(address: str, edition: int) -> Callable[[Mapping[str, bytes]], Any]:
    """Return a function that picks a channel's value out of the data by identification."""
    found = _ADDRESS.fullmatch(address)
    assert found is not None  # a channel with another address was refused when it was declared
    di, item = found["di"], item_of(found["di"], edition)
    assert item is not None
    length, at = item.length, int(found["at"] or 0)
    whole, time = found["at"] is None, bool(found["time"])

    def pick(data: Mapping[str, bytes]) -> Any:
        field = data[di] if whole else data[di][at * length : (at + 1) * length]
        told = value(field, item)
        if time:
            return told.time
        return told.value if isinstance(told.value, str) else finite(told.value)

    return pick
