"""Reference standards with protocols of their own: Radian RD, ZERA RMM, GFUVE GF333B.

Written from what public bench code says of the wire; independent of our drivers.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence

from benchctl.core.clock import Clock
from benchctl.simulation.buses import CustomBus, Medium
from benchctl.simulation.meter_line import MeterLine
from benchctl.simulation.ports import Port
from benchctl.simulation.server import LineServer, Wire


def tms_float(value: float) -> bytes:
    """Return a number as a TMS320C3x single: exponent, sign, fraction."""
    if value == 0.0:
        return b"\x80\x00\x00\x00"
    mantissa, exponent = math.frexp(value)  # 0.5 <= |mantissa| < 1
    mantissa, exponent = mantissa * 2, exponent - 1
    if mantissa < 0 and mantissa == -1.0:
        mantissa, exponent = -2.0, exponent - 1
    fraction = mantissa - 1 if mantissa > 0 else mantissa + 2
    bits = round(fraction * (1 << 23)) & 0x7FFFFF | (1 << 23 if mantissa < 0 else 0)
    return struct.pack(">b", exponent) + bits.to_bytes(3, "big")


class RadianServer(MeterLine):
    """A Radian RD: answers the request for its nine instantaneous values."""

    def __init__(
        self,
        clock: Clock,
        port: Port,
        wire: Wire,
        values: Callable[[float], Sequence[float]],
        ieee: bool,
    ) -> None:
        super().__init__(clock, port, wire)
        self._values = values
        self._ieee = ieee

    def end_of(self, data: bytes, begin: int) -> int | None:
        """Return where the sound packet that begins there ends."""
        if data[begin] != 0xA6 or len(data) < begin + 6:
            return None
        end = begin + 6 + int.from_bytes(data[begin + 2 : begin + 4], "big")
        told = int.from_bytes(data[end - 2 : end], "big")
        return end if len(data) >= end and sum(data[begin : end - 2]) % 65536 == told else None

    def replies(self, frame: bytes, t: float) -> Sequence[bytes]:
        """Answer type 0D with nine floats, anything else by an acknowledgement."""
        if frame[1] != 0x0D:
            return [_summed(bytes([0xA3, frame[1]]))]
        number = (lambda v: struct.pack(">f", v)) if self._ieee else tms_float
        content = b"".join(number(value) for value in self._values(t))
        return [_summed(b"\xac\x0d" + len(content).to_bytes(2, "big") + content)]


def _summed(body: bytes) -> bytes:
    return body + (sum(body) % 65536).to_bytes(2, "big")


class ZeraMeter:
    """A ZERA RMM: measured values, ranges that are set by number, automatic ranges.

    `ranges` are a status name (also the command that sets it) and its texts by number.
    """

    def __init__(
        self,
        values: Callable[[float], Mapping[str, str]],
        ranges: Mapping[str, Sequence[str]],
        mode: str = "  4Wa",
    ) -> None:
        self._values = values
        self._ranges = ranges
        self._mode = mode
        self.chosen = dict.fromkeys(ranges, 0)
        """Number of the range that is set, by status name."""
        self.automatic = True

    def answer(self, line: str, t: float) -> str | None:
        """Return all lines of a reply but the end of the last."""
        command, argument = line[:2], line[2:]
        if line == "ME":
            told = [f"{name};{value}" for name, value in self._values(t).items()]
            return "\r".join([*told, "MEACK"])
        if line == "ST":
            told = [f"{name};{self._ranges[name][n]:>3}" for name, n in self.chosen.items()]
            return "\r".join([*told, f"M;{self._mode}", "STACK"])
        if command in self._ranges and argument.isdecimal():
            if int(argument) >= len(self._ranges[command]):
                return f"{command}NAK"
            self.chosen[command], self.automatic = int(argument), False
            return f"{command}ACK"
        if line in ("AMAAA", "AMMMM"):
            self.automatic = line == "AMAAA"
            return "AMACK"
        return f"{command}ACK" if line in ("RQ", "NR") else f"{command}NAK"


class GfuveServer(LineServer):
    """A GFUVE GF333B: answers $$00000068!! with all its values."""

    checksum_at = -3

    def __init__(self, clock: Clock, port: Port, wire: Wire, data: Callable[[float], str]) -> None:
        super().__init__(clock, port, wire)
        self._data = data

    def take(self, buffer: bytearray) -> bytes | None:
        """Return what ends with !!."""
        at = buffer.find(b"!!")
        if at < 0:
            if len(buffer) > 256:
                buffer.clear()
            return None
        taken = bytes(buffer[: at + 2])
        del buffer[: at + 2]
        return taken

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Answer the one request that is known; a wrong checksum is not answered."""
        frame = request[request.rfind(b"$$") :]
        if frame[:4] != b"$$00" or frame[-4:-2] != b"%02X" % (sum(frame[:-4]) % 256):
            return None
        data = self._data(t)
        body = f"##00{len(data):04X}{data}".encode("ascii")
        return body + b"%02X!!" % (sum(body) % 256)


def gfuve_data(
    measured: Sequence[float],
    status: Sequence[int],
    energies: Sequence[float],
    time: int,
    constant: float,
    turns: int,
    error: float,
    meter_constant: float,
) -> str:
    """Return the characters of a GF333B's data: 28 floats, three words, what was counted."""
    floats = [struct.pack(">f", v).hex().upper() for v in measured]
    words = [f"{word:04X}" for word in status]
    counted = [struct.pack(">f", v).hex().upper() for v in energies]
    rest = [f"{time:08X}", _float(constant), f"{turns:04X}", _float(error), _float(meter_constant)]
    return "".join([*floats, *words, *counted, *rest])


def _float(value: float) -> str:
    return struct.pack(">f", value).hex().upper()


def radian_line(
    wire: Wire,
    values: Callable[[float], Sequence[float]],
    *,
    ieee: bool = False,
    medium: Medium = "pty",
) -> CustomBus:
    """Return a bus with one Radian RD that shows these nine values."""
    return CustomBus(lambda clock, port: RadianServer(clock, port, wire, values, ieee), medium)


def gfuve_line(wire: Wire, data: Callable[[float], str], medium: Medium = "pty") -> CustomBus:
    """Return a bus with one GF333B."""
    return CustomBus(lambda clock, port: GfuveServer(clock, port, wire, data), medium)
