"""How Modbus requests and replies travel: RTU with its CRC, TCP with its transaction id.

A `Request` is made once. `transact` sends it and returns the data of the reply that belongs to it:
exact length, right unit, right function, right checksum or id. Replies of other units and replies
to earlier questions are dropped until the deadline; an exception reply is a `ModbusError`.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass

from benchctl.core.errors import DeviceError, GarbageReplyError, NoReplyError
from benchctl.core.messages import Message, msg
from benchctl.driver.errors import BusyError
from benchctl.links import Link

BUSY = (5, 6, 11)
"""Exceptions that may pass: acknowledge, busy, target behind a gateway did not answer."""
NAMED = (1, 2, 3, 4, 5, 6, 8, 10, 11)
ILLEGAL_ADDRESS = 2
READS = (1, 2, 3, 4)
WRITES = (5, 6, 15, 16)
FAST_LINE = 0.00175
"""Silence between RTU frames above 19200 baud, in s; below it is 3.5 characters (Modbus over
serial line V1.02, 2.5.1.1)."""
SHOWN = 32


class ModbusError(DeviceError):
    """The instrument answered with an exception; `code` is its number."""

    def __init__(self, code: int, wire: bytes) -> None:
        name = f"driver.modbus-{code}" if code in NAMED else "driver.modbus-other"
        super().__init__(
            msg("driver.modbus-exception", code=code, meaning=msg(name)),
            wire=wire,
            hint=_exception_hint(code),
        )
        self.code = code


class ModbusBusyError(ModbusError, BusyError):
    """The exception may pass: a reading may be tried again."""


def _exception_hint(code: int) -> Message | None:
    return msg(f"driver.hint-modbus-{code}") if code in (2, 3, 10, 11) else None


def exception(code: int, wire: bytes) -> ModbusError:
    """Return the error for exception `code`."""
    return (ModbusBusyError if code in BUSY else ModbusError)(code, wire)


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose bytes were made once, and how its reply begins."""

    frame: bytes
    """What is sent; over TCP without the transaction id."""
    start: bytes
    """What the right reply must begin with: unit, function, and the number of bytes it tells."""
    head: bytes
    """All that is known of the right reply; over TCP without the transaction id."""
    size: int
    """Length of the whole right reply."""
    function: int


class Framing(ABC):
    """Sends requests to one unit over one link."""

    def __init__(self, link: Link, unit: int) -> None:
        self._link = link
        self.unit = unit

    @property
    def pause(self) -> float:
        """Seconds that the line rests before each request."""
        return 0.0

    @abstractmethod
    def request(self, pdu: bytes, reply: bytes, size: int) -> Request:
        """Return a request; its reply begins with `reply` and is `size` bytes long (PDU)."""

    @abstractmethod
    def transact(self, request: Request) -> bytes:
        """Send the request and return what follows the known beginning of its reply.

        Raises:
            NoReplyError: nothing came before the deadline.
            GarbageReplyError: what came is no reply, or is another unit's.
            ModbusError: the instrument answered with an exception.
        """

    def _rest(self, start: bytes, n: int) -> bytes:
        """Return a reply whose first bytes are there and `n` more to come."""
        try:
            return start + self._link.read_exactly(n)
        except NoReplyError as error:
            error.wire = start + error.wire
            raise

    def _garbage(self, name: str, wire: bytes) -> GarbageReplyError:
        """Return the error for bytes that are no reply, with all that still comes in."""
        wire += self._link.rest()
        return GarbageReplyError(
            msg(f"driver.{name}", unit=self.unit), wire=wire, hint=msg("driver.hint-garbage")
        )

    def _foreign(self, wire: bytes) -> None:
        self._link.note("late-reply", wire[:SHOWN].hex(" "))

    def _nobody(self, wire: bytes) -> GarbageReplyError:
        """Return the error where only replies came that are not ours."""
        return GarbageReplyError(
            msg("driver.foreign", unit=self.unit),
            wire=wire,
            hint=msg("driver.hint-foreign"),
        )


class Rtu(Framing):
    """Modbus RTU: unit, PDU, CRC; frames are kept apart by silence."""

    def __init__(self, link: Link, unit: int) -> None:
        super().__init__(link, unit)
        silence = 3.5 * link.char_time
        self._silence = FAST_LINE if 0 < silence < FAST_LINE else silence

    @property
    def pause(self) -> float:
        """Seconds of silence between frames, on a real line."""
        return self._silence if self._link.paced else 0.0

    def request(self, pdu: bytes, reply: bytes, size: int) -> Request:
        """Return a request with its CRC."""
        frame = bytes([self.unit]) + pdu
        head = bytes([self.unit]) + reply
        start = head[:3] if pdu[0] in READS else head[:2]
        return Request(frame + crc_bytes(frame), start, head, size + 3, pdu[0])

    def transact(self, request: Request) -> bytes:
        """Exchange: five bytes, the shortest reply there is, then exactly the rest."""
        link = self._link
        with link.bus:
            link.drain()
            link.quiet(self._silence)
            while link.drain():  # what came in that silence would be taken for the answer
                link.quiet(self._silence)
            link.write(request.frame)
            reply = link.read_exactly(5)
            if not reply.startswith(request.start):
                reply = self._ours(request, reply)
            reply = self._rest(reply, request.size - 5)
            if crc16(reply):
                raise self._garbage("bad-crc", reply)
            if not reply.startswith(request.head):
                raise self._garbage("other-echo", reply)
        return reply[len(request.head) : -2]

    def _ours(self, request: Request, start: bytes) -> bytes:
        """Return the first bytes of the right reply, which may follow foreign ones."""
        dropped = b""
        while not start.startswith(request.start):
            unit, function = start[0], start[1]
            if unit == self.unit and function == request.function | 0x80:
                if crc16(start):
                    raise self._garbage("bad-crc", start)
                raise exception(start[2], start)
            length = _rtu_length(start)
            if unit == self.unit or not length:
                raise self._garbage("no-frame", start)
            try:
                foreign = self._rest(start, length - 5)
                if crc16(foreign):
                    raise self._garbage("no-frame", foreign)
                self._foreign(foreign)
                dropped += foreign
                start = self._link.read_exactly(5)
            except NoReplyError as error:
                raise self._nobody(dropped or start) from error
        return start


def _rtu_length(start: bytes) -> int:
    """Return the length of a reply that begins so, 0 if it is none."""
    function = start[1]
    if function in READS:
        return 5 + start[2]
    if function in WRITES:
        return 8
    return 5 if function & 0x7F in READS + WRITES else 0


LATE_IDS = 1000
"""A reply to one of so many earlier requests is a late one of ours."""


class Tcp(Framing):
    """Modbus TCP: transaction id, 0, length, unit, PDU."""

    def __init__(self, link: Link, unit: int) -> None:
        super().__init__(link, unit)
        link.tagged = True
        self._id = 0
        self._asked = 0

    def request(self, pdu: bytes, reply: bytes, size: int) -> Request:
        """Return a request without its transaction id."""
        frame = struct.pack(">HHB", 0, len(pdu) + 1, self.unit) + pdu
        head = struct.pack(">HHB", 0, size + 1, self.unit) + reply
        start = head[:7] if pdu[0] in READS else head[:6]
        return Request(frame, start, head, size + 7, pdu[0])

    def transact(self, request: Request) -> bytes:
        """Exchange: nine bytes, the shortest reply there is, then exactly the rest."""
        link = self._link
        with link.bus:
            self._id = self._id + 1 & 0xFFFF
            self._asked += 1
            tag = self._id.to_bytes(2, "big")
            link.drain()
            link.write(tag + request.frame)
            reply = link.read_exactly(9)
            if not reply.startswith(tag + request.start):
                reply = self._ours(request, tag, reply)
            reply = self._rest(reply, request.size - 9)
            if not reply.startswith(request.head, 2):
                raise self._garbage("other-echo", reply)
        return reply[len(request.head) + 2 :]

    def _ours(self, request: Request, tag: bytes, start: bytes) -> bytes:
        """Return the first bytes of the right reply, which may follow foreign ones."""
        dropped, others = b"", False
        while not start.startswith(tag + request.start):
            got, protocol, length, unit, function, code = struct.unpack(">2sHHBBB", start)
            if protocol or not 3 <= length <= 254:
                raise self._garbage("no-frame", start)
            if got == tag and unit == self.unit:
                if function == request.function | 0x80 and length == 3:
                    raise exception(code, start)
                raise self._garbage("no-frame", start)
            try:
                foreign = self._rest(start, length - 3)
                self._foreign(foreign)
                dropped += foreign
                behind = self._id - int.from_bytes(got, "big") & 0xFFFF
                others |= unit != self.unit or behind >= min(self._asked, LATE_IDS)
                start = self._link.read_exactly(9)
            except NoReplyError as error:
                if dropped and not others:  # its own replies to earlier questions: it is slow
                    raise
                raise self._nobody(dropped or start) from error
        return start


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """Return the CRC-16/MODBUS of `data`; 0 if its own CRC, low byte first, stands at its end."""
    crc = 0xFFFF
    table = _CRC
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def crc_bytes(frame: bytes) -> bytes:
    """Return the CRC as it travels behind `frame`, low byte first."""
    return crc16(frame).to_bytes(2, "little")
