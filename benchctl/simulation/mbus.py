"""Meters on one wired M-Bus, as EN 13757-2 and -3 say; independent of our driver and of libraries.

A meter acknowledges a reset, answers REQ_UD2 with its telegrams one after the other as the frame
count bit toggles, and repeats the last one where the bit stays. It is met under its primary
address, under 254, or, once it was selected by its secondary address, under 253.

    MBusMeter("12345678", "ACW", telegrams=(lambda t: mbus_integer(0x13, volume_in_litres(t)),))
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchctl.core.clock import Clock
from benchctl.simulation import foreign
from benchctl.simulation.buses import CustomBus, Medium
from benchctl.simulation.meter_line import MeterLine
from benchctl.simulation.ports import Port
from benchctl.simulation.server import Wire

Telegram = Callable[[float], bytes]


def mbus_integer(
    vif: int, value: float, *, size: int = 4, storage: int = 0, function: int = 0
) -> bytes:
    """Return a record with a whole number of 1, 2, 3, 4, 6 or 8 bytes."""
    code = {1: 1, 2: 2, 3: 3, 4: 4, 6: 6, 8: 7}[size]
    dif = code | function << 4 | (storage & 1) << 6
    extended = bytes([dif | 0x80, storage >> 1]) if storage > 1 else bytes([dif])
    return extended + _vif(vif) + round(value).to_bytes(size, "little", signed=True)


def mbus_decimal(vif: int, value: float, *, size: int = 4) -> bytes:
    """Return a record with a number of 2 * size BCD digits; a negative one begins with F."""
    digits = f"{abs(round(value)) % 10 ** (2 * size):0{2 * size}d}"
    digits = "F" + digits[1:] if value < 0 else digits
    return bytes([8 + size]) + _vif(vif) + bytes.fromhex(digits)[::-1]


def mbus_real(vif: int, value: float) -> bytes:
    """Return a record with a 32-bit float."""
    return b"\x05" + _vif(vif) + struct.pack("<f", value)


def _vif(vif: int) -> bytes:
    return vif.to_bytes(2, "big") if vif > 0xFF else bytes([vif])


@dataclass(slots=True)
class MBusMeter:
    """One meter: identification of 8 digits, three letters of its maker, its telegrams' records."""

    number: str
    maker: str
    telegrams: Sequence[Telegram]
    primary: int = 1
    version: int = 1
    medium: int = 7
    status: int = 0
    fixed: bytes = b""
    """A fixed structure instead: unit codes and counters, 10 bytes."""
    there: Callable[[float], bool] = lambda _: True
    _at: int = field(default=-1, init=False)
    _bit: int | None = field(default=None, init=False)
    _selected: bool = field(default=False, init=False)
    _access: int = field(default=0, init=False)

    @property
    def secondary(self) -> bytes:
        """Identification, maker, version, medium as they travel."""
        a, b, c = (ord(letter) - 64 for letter in self.maker)
        maker = (a << 10 | b << 5 | c).to_bytes(2, "little")
        return bytes.fromhex(self.number)[::-1] + maker + bytes([self.version, self.medium])

    def hears(self, address: int) -> bool:
        """Return whether an address means this meter."""
        return address in (self.primary, 254) or (address == 253 and self._selected)

    def reset(self) -> None:
        """Begin with the first telegram again."""
        self._at, self._bit = -1, None

    def select(self, pattern: bytes) -> bool:
        """Be selected if the pattern means this meter, else no longer."""
        told, own = pattern[3::-1].hex(), self.secondary[3::-1].hex()
        alike = all(p in ("f", o) for p, o in zip(told, own, strict=True))
        maker = pattern[4:6] in (b"\xff\xff", self.secondary[4:6])
        rest = all(p in (0xFF, o) for p, o in zip(pattern[6:], self.secondary[6:], strict=True))
        self._selected = alike and maker and rest
        if self._selected:
            self.reset()
        return self._selected

    def tell(self, bit: int, t: float) -> bytes:
        """Return the telegram that a frame count bit asks for, from its CI on."""
        if bit != self._bit:
            self._at = (self._at + 1) % max(1, len(self.telegrams))
            self._bit = bit
            self._access = (self._access + 1) % 256
        if self.fixed:
            number = self.secondary[:4]
            return b"\x73" + number + bytes([self._access, self.status]) + self.fixed
        head = self.secondary + bytes([self._access, self.status, 0, 0])
        more = b"\x1f" if self._at < len(self.telegrams) - 1 else b""
        return b"\x72" + head + self.telegrams[self._at](t) + more


class MBusServer(MeterLine):
    """A line with any number of meters."""

    checksum_at = -2
    foreign = staticmethod(foreign.mbus)

    def __init__(self, clock: Clock, port: Port, wire: Wire, meters: Sequence[MBusMeter]) -> None:
        super().__init__(clock, port, wire)
        self._meters = tuple(meters)

    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the sound frame that begins there ends."""
        rest = data[begin:]
        if rest[0] == 0x10 and len(rest) >= 5:
            good = rest[4] == 0x16 and sum(rest[1:3]) % 256 == rest[3]
            return begin + 5 if good else None
        if rest[0] != 0x68 or len(rest) < 6 or rest[1] != rest[2] or rest[3] != 0x68:
            return None
        end = 6 + rest[1]
        good = len(rest) >= end and rest[end - 1] == 0x16
        return begin + end if good and sum(rest[4 : end - 2]) % 256 == rest[end - 2] else None

    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Return what each meter that is meant answers."""
        here = [meter for meter in self._meters if meter.there(t)]
        if frame[0] == 0x68:
            control, address, ci = frame[4:7]
            if (control & 0xDF, address, ci, len(frame)) != (0x53, 253, 0x52, 17):
                return []
            return [b"\xe5" for meter in here if meter.select(frame[7:15])]
        control, address = frame[1:3]
        meant = [meter for meter in here if meter.hears(address)]
        if control == 0x40:
            for meter in meant:
                meter.reset()
            return [b"\xe5" for _ in meant]
        if control not in (0x5B, 0x7B):
            return []
        return [_long(meter.primary, meter.tell(control & 0x20, t)) for meter in meant]


def _long(address: int, content: bytes) -> bytes:
    body = bytes([0x08, address]) + content
    size = len(body)
    return bytes([0x68, size, size, 0x68]) + body + bytes([sum(body) % 256, 0x16])


def mbus_line(wire: Wire, meters: Sequence[MBusMeter], medium: Medium = "pty") -> CustomBus:
    """Return a bus with these meters."""
    return CustomBus(lambda clock, port: MBusServer(clock, port, wire, meters), medium)
