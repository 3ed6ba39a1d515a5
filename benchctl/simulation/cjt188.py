"""Water meters on one CJ/T 188-2004 line, as the standard's frames say; independent of our driver.

    request   FE.. 68 T A0..A6 01 03 DI DI SER CS 16
    reply     FE.. 68 T A0..A6 81 16 DI DI SER volume(4) unit settled(4) unit time(7) ST ST CS 16

All numbers are BCD, the least significant byte first; a volume has two decimals. Both orders of the
data identifier 901F are answered in the order in which it was asked. A meter answers its own
address and, alone on the line, the wildcard AAAAAAAAAAAAAA.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchctl.core.clock import Clock
from benchctl.simulation import foreign
from benchctl.simulation.ports import Port
from benchctl.simulation.server import LineServer, Wire

START, END = 0x68, 0x16
COLD_WATER, ANY_TYPE = 0x10, 0xAA
LITRE = 0x29
ANY_ADDRESS = b"\xaa" * 7
CAPACITY = 999_999.99 + 0.01
"""A register in L runs over here."""
_READ_DATA, _READ_ADDRESS, _ERROR = 0x01, 0x03, 0x40
_VOLUME = {bytes.fromhex("901F"), bytes.fromhex("1F90")}
_ADDRESS = {bytes.fromhex("810A"), bytes.fromhex("0A81")}
_HEAD = 11


@dataclass(frozen=True, slots=True)
class Cjt188Meter:
    """One meter: its address of up to 14 digits, and what it is at bench time t.

    `volume(t)` is the register in L, `there(t)` whether the meter is on the line and answers,
    `status(t)` its status word ST (bits 0-1 the valve, bit 2 low battery).
    """

    address: str
    volume: Callable[[float], float]
    there: Callable[[float], bool] = lambda _: True
    status: Callable[[float], int] = lambda _: 0

    @property
    def on_the_wire(self) -> bytes:
        """A0..A6: the last 14 digits of the address as BCD, least significant byte first.

        Empty for an address without any digit: such a meter cannot be asked.
        """
        digits = "".join(c for c in self.address if c.isascii() and c.isdigit())
        return bytes.fromhex(digits[-14:].zfill(14))[::-1] if digits else b""


def frame(kind: int, address: bytes, control: int, data: bytes) -> bytes:
    """Return the frame from its start byte to its end byte."""
    body = bytes([START, kind]) + address + bytes([control, len(data)]) + data
    return body + bytes([sum(body) & 0xFF, END])


def bcd(value: int, size: int) -> bytes:
    """Return a whole number as BCD of `size` bytes, least significant byte first."""
    return bytes.fromhex(str(value % 10 ** (2 * size)).zfill(2 * size))[::-1]


class Cjt188Server(LineServer):
    """A line with any number of meters; two that answer at once spoil each other's reply."""

    checksum_at = -2
    foreign = staticmethod(foreign.cjt188)

    def __init__(self, clock: Clock, port: Port, wire: Wire, meters: Sequence[Cjt188Meter]) -> None:
        super().__init__(clock, port, wire)
        self._meters = tuple((meter, meter.on_the_wire) for meter in meters)

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the first frame with what stands before it; forget what can be none."""
        if (place := _first_frame(buffer)) is not None:
            request = bytes(buffer[: place[1]])
            del buffer[: place[1]]
            return request
        if START not in buffer:
            buffer.clear()
        return None

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Return what the meters answer together."""
        place = _first_frame(request)
        assert place is not None
        body = request[slice(*place)]
        replies = [
            reply
            for meter, own in self._meters
            if own and (reply := _answer(meter, own, body, t)) is not None and meter.there(t)
        ]
        if not replies:
            return None
        return b"\xfe\xfe" + _collided(replies)


def _first_frame(data: bytes | bytearray) -> tuple[int, int] | None:
    """Return where the first sound frame begins and ends."""
    begin = -1
    while (begin := data.find(START, begin + 1)) >= 0 and len(data) >= begin + _HEAD:
        end = begin + _HEAD + data[begin + _HEAD - 1] + 2
        if len(data) < end or data[end - 1] != END:
            continue
        if sum(data[begin : end - 2]) & 0xFF == data[end - 2]:
            return begin, end
    return None


def _collided(replies: Sequence[bytes]) -> bytes:
    """Return what is heard when several talk at once on an idle-high line: the AND of the bits."""
    heard = bytearray(replies[0])
    for reply in replies[1:]:
        for i, byte in enumerate(reply[: len(heard)]):
            heard[i] &= byte
    return bytes(heard)


def _answer(meter: Cjt188Meter, own: bytes, body: bytes, t: float) -> bytes | None:
    """Return one meter's reply, None if it is not meant."""
    kind, address, control = body[1], body[2:9], body[9]
    data = body[_HEAD:-2]
    if kind not in (COLD_WATER, ANY_TYPE) or address not in (own, ANY_ADDRESS) or len(data) < 3:
        return None
    identifier, serial = data[:2], data[2:3]
    if control == _READ_DATA and identifier in _VOLUME:
        litres = bcd(round(meter.volume(t) * 100.0), 4) + bytes([LITRE])
        clock = bcd(0, 7)
        status = meter.status(t).to_bytes(2, "little")
        content = litres + bcd(0, 4) + bytes([LITRE]) + clock + status
        return frame(COLD_WATER, own, control | 0x80, identifier + serial + content)
    if control == _READ_ADDRESS and identifier in _ADDRESS:
        return frame(COLD_WATER, own, control | 0x80, identifier + serial)
    return frame(COLD_WATER, own, control | 0x80 | _ERROR, serial + b"\x01\x00")
