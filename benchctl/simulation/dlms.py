"""A DLMS/COSEM meter over HDLC or the wrapper, by hand; independent of our driver and libraries.

It makes associations (without security for the public client, with a password for others), answers
GET, tells why where it does not, splits what is long into blocks and HDLC segments, and is strict
about addresses and sequence numbers.

    meter = DlmsMeter({(3, "1.0.1.8.0.255", 2): lambda t: cosem_unsigned(round(1000 * energy(t))),
                       (3, "1.0.1.8.0.255", 3): lambda t: cosem_scaler(0, 30)}, password="12345678")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchctl.core.clock import Clock
from benchctl.simulation import foreign
from benchctl.simulation.buses import CustomBus, Medium
from benchctl.simulation.meter_line import MeterLine
from benchctl.simulation.ports import Port
from benchctl.simulation.server import Wire

Objects = Mapping[tuple[int, str, int], Callable[[float], bytes]]
PUBLIC = 16
_AARE = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000101D04000007"
_REJECTED = "611FA109060760857405080101A203020101A305A10302010DBE0604040E010601"
_OPERATION_NOT_POSSIBLE = b"\xd8\x01\x01"
DENIED, UNDEFINED = 3, 4


def cosem_unsigned(value: int) -> bytes:
    """Return a double-long-unsigned."""
    return b"\x06" + value.to_bytes(4, "big")


def cosem_signed64(value: int) -> bytes:
    """Return a long64."""
    return b"\x14" + value.to_bytes(8, "big", signed=True)


def cosem_octets(value: bytes) -> bytes:
    """Return an octet string."""
    return bytes([9]) + _length(len(value)) + value


def cosem_text(value: str) -> bytes:
    """Return a visible string."""
    return bytes([10]) + _length(len(value)) + value.encode("ascii")


def cosem_scaler(scaler: int, unit: int) -> bytes:
    """Return scaler and unit of a register."""
    return b"\x02\x02\x0f" + scaler.to_bytes(1, "big", signed=True) + bytes([0x16, unit])


def _length(size: int) -> bytes:
    return bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")


@dataclass(slots=True)
class DlmsMeter:
    """One meter: its attributes, encoded; `public` are the codes that the public client may read.

    `block`: bytes of data in one answer, more are sent in blocks.
    """

    objects: Objects
    password: str = ""
    public: Sequence[str] = ()
    block: int = 400

    def associate(self, request: bytes, client: int) -> bytes | None:
        """Return the answer to an AARQ; None where it does not agree."""
        if client == PUBLIC or not self.password:
            return bytes.fromhex(_AARE)
        secret = self.password.encode("ascii")
        told = b"\xac" + bytes([len(secret) + 2, 0x80, len(secret)]) + secret
        return bytes.fromhex(_AARE) if told in request else None

    def get(self, request: bytes, client: int, t: float) -> bytes | int:
        """Return the data of an attribute, or the number of the reason why not."""
        interface, code = int.from_bytes(request[3:5], "big"), ".".join(map(str, request[5:11]))
        found = self.objects.get((interface, code, request[11]))
        if found is None:
            return UNDEFINED
        if client == PUBLIC and code not in self.public:
            return DENIED
        return found(t)


class Association:
    """What a meter and one client have agreed on."""

    def __init__(self, meter: DlmsMeter, client: int) -> None:
        self._meter = meter
        self._client = client
        self._open = False
        self._left = b""
        self._block = 0

    def answer(self, message: bytes, t: float) -> bytes:
        """Return the answer to a message."""
        if message[:1] == b"\x60":
            agreed = self._meter.associate(message, self._client)
            self._open = agreed is not None
            return agreed or bytes.fromhex(_REJECTED)
        if not self._open or message[:1] != b"\xc0" or len(message) < 3:
            return _OPERATION_NOT_POSSIBLE
        invoke = message[2:3]
        if message[1] == 2:
            return self._next(invoke, int.from_bytes(message[3:7], "big"))
        data = self._meter.get(message, self._client, t)
        if isinstance(data, int):
            return b"\xc4\x01" + invoke + b"\x01" + bytes([data])
        if len(data) <= self._meter.block:
            return b"\xc4\x01" + invoke + b"\x00" + data
        self._left, self._block = data, 0
        return self._next(invoke, 0)

    def _next(self, invoke: bytes, acknowledged: int) -> bytes:
        if acknowledged != self._block or not self._left:
            return b"\xc4\x01" + invoke + b"\x01\x13"  # block number invalid
        piece, self._left = self._left[: self._meter.block], self._left[self._meter.block :]
        self._block += 1
        head = bytes([not self._left]) + self._block.to_bytes(4, "big") + b"\x00"
        return b"\xc4\x02" + invoke + head + _length(len(piece)) + piece


class HdlcServer(MeterLine):
    """A meter on a serial line: HDLC, window size 1, `information` bytes in a frame at most."""

    checksum_at = -2
    foreign = staticmethod(foreign.hdlc)

    def __init__(
        self,
        clock: Clock,
        port: Port,
        wire: Wire,
        meter: DlmsMeter,
        address: bytes,
        information: int,
    ) -> None:
        super().__init__(clock, port, wire)
        self._meter = meter
        self._address = address
        self._information = information
        self._client = b""
        self._association: Association | None = None
        self._sent = self._received = 0
        self._left = b""

    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the sound frame that begins with a flag there ends."""
        if data[begin] != 0x7E or len(data) < begin + 3 or data[begin + 1] & 0xF0 != 0xA0:
            return None
        end = begin + 2 + ((data[begin + 1] & 7) << 8 | data[begin + 2])
        if len(data) < end or data[end - 1] != 0x7E:
            return None
        check = int.from_bytes(data[end - 3 : end - 1], "little")
        return end if fcs(data[begin + 1 : end - 3]) == check else None

    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Answer a frame that is sent to this meter."""
        size = len(self._address)
        client, control = frame[3 + size : 4 + size], frame[4 + size]
        if frame[3 : 3 + size] != self._address:
            return []
        if control == 0x93:
            self._client = client
            self._association = Association(self._meter, client[0] >> 1)
            self._sent = self._received = 0
            limit = self._information.to_bytes(1, "big")
            told = b"\x05\x01" + limit + b"\x06\x01" + limit
            told += b"\x07\x04\x00\x00\x00\x01\x08\x04\x00\x00\x00\x01"
            return [self._made(0x73, b"\x81\x80" + bytes([len(told)]) + told)]
        if self._association is None or client != self._client:
            return [self._made(0x1F, to=client)]
        if control == 0x53:
            self._association = None
            return [self._made(0x73)]
        return self._numbered(control, frame[7 + size : -3], t)

    def _numbered(self, control: int, information: bytes, t: float) -> Sequence[bytes]:
        """Answer an information frame, or give the next segment where it is asked for."""
        if control >> 5 != self._sent:
            return []
        if control & 0x0F == 0x01:
            return [self._segment()] if self._left else []
        if control & 1 or control >> 1 & 7 != self._received or information[:3] != b"\xe6\xe6\x00":
            return []
        self._received = (self._received + 1) % 8
        assert self._association is not None
        self._left = b"\xe6\xe7\x00" + self._association.answer(information[3:], t)
        return [self._segment()]

    def _segment(self) -> bytes:
        limit = self._information
        piece, self._left = self._left[:limit], self._left[limit:]
        control = self._received << 5 | 0x10 | self._sent << 1
        self._sent = (self._sent + 1) % 8
        return self._made(control, piece, segmented=bool(self._left))

    def _made(
        self, control: int, information: bytes = b"", *, segmented: bool = False, to: bytes = b""
    ) -> bytes:
        size = 2 + 1 + len(self._address) + 1 + 2
        size += len(information) + 2 if information else 0
        head = bytes([0xA0 | 8 * segmented | size >> 8, size % 256])
        body = head + (to or self._client) + self._address + bytes([control])
        if information:
            body += fcs(body).to_bytes(2, "little") + information
        return b"\x7e" + body + fcs(body).to_bytes(2, "little") + b"\x7e"


class WrapperServer(MeterLine):
    """A meter on a network."""

    checksum_at = 0  # there is none: the version in the header
    foreign = staticmethod(foreign.wrapper)

    def __init__(self, clock: Clock, port: Port, wire: Wire, meter: DlmsMeter, server: int) -> None:
        super().__init__(clock, port, wire)
        self._meter = meter
        self._server = server
        self._associations: dict[int, Association] = {}

    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the message that begins there ends."""
        if data[begin : begin + 2] != b"\x00\x01" or len(data) < begin + 8:
            return None
        end = begin + 8 + int.from_bytes(data[begin + 6 : begin + 8], "big")
        return end if len(data) >= end else None

    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Answer a message that is sent to this port."""
        client, server = int.from_bytes(frame[2:4], "big"), int.from_bytes(frame[4:6], "big")
        if server != self._server:
            return []
        known = self._associations.setdefault(client, Association(self._meter, client))
        answer = known.answer(frame[8:], t)
        ports = server.to_bytes(2, "big") + client.to_bytes(2, "big")
        return [b"\x00\x01" + ports + len(answer).to_bytes(2, "big") + answer]


def fcs(data: bytes) -> int:
    """Return the check sequence of HDLC, bit by bit as the standard draws it."""
    register = 0xFFFF
    for byte in data:
        for bit in range(8):
            low = (register ^ byte >> bit) & 1
            register = register >> 1 ^ (0x8408 if low else 0)
    return register ^ 0xFFFF


def hdlc_line(
    wire: Wire,
    meter: DlmsMeter,
    *,
    address: bytes = b"\x03",
    information: int = 128,
    medium: Medium = "pty",
) -> CustomBus:
    """Return a serial line with this meter; `address` as its bytes travel, 03 is server 1."""
    return CustomBus(
        lambda clock, port: HdlcServer(clock, port, wire, meter, address, information), medium
    )


def wrapper_line(wire: Wire, meter: DlmsMeter, server: int = 1) -> CustomBus:
    """Return a TCP port with this meter."""
    return CustomBus(lambda clock, port: WrapperServer(clock, port, wire, meter, server), "tcp")
