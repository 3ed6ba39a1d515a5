"""The wired M-Bus as the protocol of a driver: one readout for all channels.

    protocol = MBus()
    volume = Reading(mbus("volume"), unit="L")                       # converted, exactly
    volume_at_due_date = Reading(mbus("volume", storage=1), unit="L")
    peak_flow = Reading(mbus("volume_flow", function="maximum"), unit="m³/h")
    status = Reading("status", kind=whole)                           # of the head

Each readout begins with a reset (or the selection), so that the meter sends its first telegram and
fresh values; the frame count bit is changed for every further telegram.

Options in the address line: `address`: 0..250, 254 (the default: whoever is alone on the line), or
the secondary address: 8 digits (the identification) or 16 digits, F for any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from benchctl.core.errors import GarbageReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.framed import Shape, answer
from benchctl.driver.mbus_frames import (
    ACK,
    ANSWER,
    ANYONE,
    HIGHEST,
    LONG,
    SELECTED,
    SHORT,
    Frame,
    Head,
    decode,
    head_of,
    meant,
    request,
    reset,
    secondary_of,
    selection,
    size,
)
from benchctl.driver.mbus_records import Record, more_follows, picked, records_of
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.driver.quantities import in_unit
from benchctl.links import Link

MOST_TELEGRAMS = 32
"""Telegrams of one readout that are fetched at most."""
HEAD_FIELDS = ("status", "access")
_SHAPE = Shape("M-Bus", bytes([ACK, SHORT, LONG]), size)


@dataclass(frozen=True, slots=True)
class MBusValue:
    """Where a channel's value stands among a meter's records; made by `mbus`."""

    record: Record
    nth: int


@dataclass(frozen=True, slots=True)
class Readout:
    """All that a meter said."""

    head: Head
    records: tuple[Record, ...]


def mbus(
    quantity: str,
    *,
    storage: int = 0,
    tariff: int = 0,
    device: int = 0,
    function: str = "instantaneous",
    extra: str = "",
    nth: int = 0,
) -> MBusValue:
    """Return the address of a value: its quantity and what distinguishes it from others.

    Args:
        quantity: As `benchctl drivers decode mbus` prints it: volume, energy, power ...
        storage: 0 for now, 1 usually for the last due date.
        tariff: 0 for the sum.
        device: Subunit of the meter.
        function: instantaneous, maximum, minimum or error.
        extra: What changes the meaning ("per_input_pulse0"); "" for the plain value.
        nth: Which of several that are alike, from 0.
    """
    place = (storage, tariff, device, function, extra)
    return MBusValue(Record(quantity, None, Fraction(1), "", *place), nth)


class MBus(Protocol):
    """Reads a meter on a wired M-Bus; a channel's address is made by `mbus`."""

    name: ClassVar[str] = "M-Bus"
    options: ClassVar[frozenset[str]] = frozenset({"address"})

    def session(self, link: Link, options: Mapping[str, str]) -> MBusSession:
        """Return the conversation with one meter."""
        return MBusSession(link, options)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        if isinstance(channel, Setting | Action):
            return "this protocol only reads"
        good = isinstance(channel.address, MBusValue) or channel.address in HEAD_FIELDS
        return "" if good else f"{channel.address!r} is neither mbus(...) nor a field of the head"


class MBusSession(Session):
    """One meter on a line that may have many."""

    def __init__(self, link: Link, options: Mapping[str, str]) -> None:
        self._link = link
        given = options.get("address", str(ANYONE)).strip().upper()
        self._secondary = ""
        self._primary = SELECTED
        if given.isdecimal() and len(given) <= 3 and int(given) in (*range(HIGHEST + 1), ANYONE):
            self._primary = int(given)
        elif len(given) in (8, 16) and set(given) <= set("0123456789ABCDEF"):
            self._secondary = given.ljust(16, "F")
        else:
            raise UsageError(
                msg("meter.no-address", value=given), hint=msg("meter.hint-mbus-address")
            )
        self.address = given
        self.bus_address = "" if self._primary == ANYONE else given

    def readout(self) -> Readout:
        """Ask the meter for all its telegrams and return what they say.

        Raises:
            DeviceError: the meter answers with an error.
            GarbageReplyError: another meter answers, or a telegram is broken.
        """
        with self._link.bus:
            first = selection(self._secondary) if self._secondary else reset(self._primary)
            self._ask(first, lambda frame: frame if frame.control == ACK else None)
            head: Head | None = None
            records: list[Record] = []
            for n in range(MOST_TELEGRAMS):
                frame = self._ask(request(self._primary, n % 2 == 0), self._ours)
                now = head_of(frame)
                if head is not None and secondary_of(now) != secondary_of(head):
                    raise GarbageReplyError(msg("meter.foreign", address=self.address))
                head = head or now
                records += records_of(frame)
                if not more_follows(frame):
                    return Readout(head, tuple(records))
        raise GarbageReplyError(msg("meter.endless", most=MOST_TELEGRAMS))

    def _ask(self, sent: bytes, ours: Callable[[Frame], Frame | None]) -> Frame:
        return answer(
            self._link, sent, _SHAPE, lambda wire: ours(decode(wire)), address=self.address
        )

    def _ours(self, frame: Frame) -> Frame | None:
        """Return the frame if it is this meter's answer with data."""
        if frame.control & 0xCF != ANSWER or frame.ci is None:
            return None
        if self._primary not in (ANYONE, SELECTED) and frame.address != self._primary:
            return None
        if self._secondary and not meant(self._secondary, secondary_of(head_of(frame))):
            return None
        return frame

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads all channels in one readout."""
        wanted = list(channels)

        def read() -> tuple[Any, ...]:
            said = self.readout()
            return tuple([channel.kind(_value(said, channel)) for channel in wanted])

        return read

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Read the meter: every telegram begins with what it is."""
        del proof
        head = self.readout().head
        text = f"M-Bus meter {head.manufacturer} version {head.version} medium {head.medium:02X}"
        return Identity(" ".join(text.split()), head.number)


def _value(said: Readout, channel: Reading[Any]) -> Any:
    """Return a channel's value in its unit, or its text."""
    if not isinstance(channel.address, MBusValue):
        return getattr(said.head, channel.address)
    record = picked(said.records, channel.address.record, channel.address.nth)
    if record.number is None:
        return record.text
    if not channel.unit:
        return float(record.number * record.step)
    return in_unit(record.number * record.step, record.unit, channel.unit)
