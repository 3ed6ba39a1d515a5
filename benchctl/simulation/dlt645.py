"""Electricity meters on one DL/T 645 line, as the standard's frames say; independent of our driver.

    request   FE.. 68 A0..A5 68 11 04 DI0..DI3 CS 16          (1997: 01 02 DI0 DI1)
    reply     FE.. 68 A0..A5 68 91 L DI0..DI3 data CS 16

Data bytes travel with 33H added. A meter answers its own address, an address whose high digits are
AA, and alone on the line AAAAAAAAAAAA; nobody answers 999999999999. What does not fit into one
frame is sent in parts: control bit 5, and what is left by control 12H (1997: 02H).

    Dlt645Meter("000000000161", {"00010000": bcd_register(lambda t: energy(t), 4, 2)})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchctl.core.clock import Clock
from benchctl.simulation import foreign
from benchctl.simulation.buses import CustomBus, Medium
from benchctl.simulation.meter_line import MeterLine
from benchctl.simulation.ports import Port
from benchctl.simulation.server import Wire

Register = Callable[[float], bytes]
LARGEST = 200
"""Bytes of data in a reply at most."""


def bcd_register(
    value: Callable[[float], float] | float, size: int, decimals: int, *, signed: bool = False
) -> Register:
    """Return a register of `size` BCD bytes that shows value(t), or always the same number."""

    def shown(t: float) -> bytes:
        number = value(t) if callable(value) else value
        digits = f"{round(abs(number) * 10**decimals) % 10 ** (2 * size):0{2 * size}d}"
        field = bytearray.fromhex(digits)
        if signed and number < 0:
            field[0] |= 0x80
        return bytes(reversed(field))

    return shown


def demand_register(
    value: Callable[[float], float] | float, size: int, decimals: int, stamp: str
) -> Register:
    """Return a demand with its instant: `stamp` is its digits YYMMDDhhmm."""
    number = bcd_register(value, size, decimals)
    return lambda t: number(t) + bytes.fromhex(stamp)[::-1]


def digits_register(digits: str) -> Register:
    """Return a register with fixed digits: a number, a date."""
    return lambda _: bytes.fromhex(digits)[::-1]


@dataclass(slots=True)
class Dlt645Meter:
    """One meter: its address, and its registers by data identification.

    `outputs` are the choices of the multi-function output that it was told (control 1DH), `most`
    how many bytes of data it puts into a frame.
    """

    address: str
    registers: Mapping[str, Register]
    edition: int = 2007
    most: int = LARGEST
    there: Callable[[float], bool] = lambda _: True
    outputs: list[int] = field(default_factory=list)

    @property
    def on_the_wire(self) -> bytes:
        """A0..A5: the last 12 digits of the address, low digits first."""
        digits = "".join(c for c in self.address if c in "0123456789")
        return bytes.fromhex(digits[-12:].zfill(12))[::-1]

    def hears(self, address: bytes) -> bool:
        """Return whether an address on the wire means this meter."""
        own = self.on_the_wire
        told = address.rstrip(b"\xaa")
        return own.startswith(told) or address == own

    def answer(self, control: int, data: bytes, t: float) -> tuple[int, bytes]:
        """Return control and data of the reply."""
        width = 4 if self.edition == 2007 else 2
        read, more, own = (0x11, 0x12, 0x13) if self.edition == 2007 else (0x01, 0x02, -1)
        if control == own and not data:
            return 0x93, self.on_the_wire
        if control == 0x1D and self.edition == 2007 and len(data) == 1 and data[0] < 3:
            self.outputs.append(data[0])
            return 0x9D, data
        identification = data[:width][::-1].hex().upper()
        whole = self._shown(identification, t)
        if control not in (read, more) or whole is None:
            return control | 0xC0, b"\x02" if control in (read, more) else b"\x01"
        part = (data[width] if self.edition == 2007 else 1) if control == more else 0
        piece = whole[part * self.most : (part + 1) * self.most]
        left = len(whole) > (part + 1) * self.most
        numbered = bytes([part]) if control == more and self.edition == 2007 else b""
        return control | 0x80 | 0x20 * left, data[:width] + piece + numbered

    def _shown(self, identification: str, t: float) -> bytes | None:
        """Return what a register, or a block of them (one byte FF), shows."""
        if identification in self.registers:
            return self.registers[identification](t)
        before, wild, after = identification.rpartition("FF")
        block = [
            register(t)
            for name, register in sorted(self.registers.items())
            if wild
            and len(name) == len(identification)
            and name.startswith(before)
            and name.endswith(after)
        ]
        return b"".join(block) if block else None


class Dlt645Server(MeterLine):
    """A line with any number of meters."""

    checksum_at = -2
    foreign = staticmethod(foreign.dlt645)

    def __init__(self, clock: Clock, port: Port, wire: Wire, meters: Sequence[Dlt645Meter]) -> None:
        super().__init__(clock, port, wire)
        self._meters = tuple(meters)

    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the sound frame that begins there ends."""
        if data[begin] != 0x68 or len(data) < begin + 12 or data[begin + 7] != 0x68:
            return None
        end = begin + 12 + data[begin + 9]
        if len(data) < end or data[end - 1] != 0x16:
            return None
        return end if sum(data[begin : end - 2]) % 256 == data[end - 2] else None

    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Return what each meter that is meant answers."""
        address, control = frame[1:7], frame[8]
        data = bytes((byte - 0x33) % 256 for byte in frame[10:-2])
        if control & 0x80 or address == b"\x99" * 6:
            return []
        meant = [meter for meter in self._meters if meter.hears(address) and meter.there(t)]
        return [_frame(meter, *meter.answer(control, data, t)) for meter in meant]


def _frame(meter: Dlt645Meter, control: int, data: bytes) -> bytes:
    content = bytes((byte + 0x33) % 256 for byte in data)
    body = b"\x68" + meter.on_the_wire + bytes([0x68, control, len(content)]) + content
    return b"\xfe" * 4 + body + bytes([sum(body) % 256, 0x16])


def dlt645_line(wire: Wire, meters: Sequence[Dlt645Meter], medium: Medium = "pty") -> CustomBus:
    """Return a bus with these meters."""
    return CustomBus(lambda clock, port: Dlt645Server(clock, port, wire, meters), medium)
