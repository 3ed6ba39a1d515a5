r"""An electricity meter with an optical interface, IEC 62056-21 mode C; independent of our driver.

    /?!\r\n                 at 300 baud     ->  /XXXZ ident\r\n
    ACK 0 Z 0 \r\n          then at baud Z  ->  STX lines ! \r\n ETX BCC
    ACK 0 Z 1 \r\n          then at baud Z  ->  SOH P0 STX (operand) ETX BCC, P1, R1, B0

On a terminal it looks at the rate that the client has set: who does not switch with it hears other
characters, as on a real line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from benchctl.core.clock import Clock, Deadline, pause
from benchctl.simulation.buses import CustomBus, Medium
from benchctl.simulation.ports import Port
from benchctl.simulation.server import LineServer, Wire

RATES = {"0": 300, "1": 600, "2": 1200, "3": 2400, "4": 4800, "5": 9600, "6": 19200}
REACTION = 0.2
"""Seconds of real time in which a client must have gone to the new rate."""
LONGEST = 256


@dataclass(frozen=True, slots=True)
class Iec62056Meter:
    """One meter: `registers(t)` are its lines, code to text ("1.8.0": "000123.456*kWh").

    `password` must be given (command P1) before a register is read in the programming mode; "" for
    none. `rate` is the character of the rate it offers.
    """

    maker: str
    ident: str
    registers: Callable[[float], Mapping[str, str]]
    address: str = ""
    password: str = ""
    rate: str = "5"


class Iec62056Server(LineServer):
    """One meter behind its optical head."""

    checksum_at = -1
    own_thread = True
    """It answers when its client has gone to the new rate."""

    def __init__(self, clock: Clock, port: Port, wire: Wire, meter: Iec62056Meter) -> None:
        super().__init__(clock, port, wire)
        self._meter = meter
        self._slow = wire
        self._rate = RATES["0"]
        self._offered = self._programming = self._trusted = False

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the next message: a line, or a command with its check character."""
        starts = [at for at in map(buffer.find, (b"/", b"\x06", b"\x01")) if at >= 0]
        if not starts or len(buffer) > LONGEST:
            buffer.clear()
            return None
        begin = min(starts)
        if buffer[begin] == 1:
            at = buffer.find(b"\x03", begin)
            end = at + 2 if 0 <= at < len(buffer) - 1 else -1
        else:
            at = buffer.find(b"\r\n", begin)
            end = at + 2 if at >= 0 else -1
        if end < 0:
            return None
        message = bytes(buffer[begin:end])
        del buffer[:end]
        return message

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Answer one message, at the rate that is agreed on."""
        if request.startswith(b"/?"):
            return self._called(request)
        if request[:1] == b"\x06" and self._offered and len(request) == 6:
            return self._heard(self._opened(request, t))
        if request[:1] == b"\x01" and self._programming:
            return self._heard(self._commanded(request, t))
        return None

    def _called(self, request: bytes) -> bytes | None:
        self._go(RATES["0"])
        self._programming = self._trusted = False
        told = request[2:-3].decode("latin-1")
        if self._port.baud not in (0, RATES["0"]) or told not in ("", self._meter.address):
            return None
        self._offered = True
        return f"/{self._meter.maker}{self._meter.rate}{self._meter.ident}\r\n".encode("ascii")

    def _opened(self, request: bytes, t: float) -> bytes | None:
        self._offered = False
        rate, mode = chr(request[2]), chr(request[3])
        if rate not in (self._meter.rate, "0"):
            return None
        self._go(RATES[rate])
        if mode == "1":
            self._programming = True
            return _block(b"\x01", "P0\x02(00000000)")
        lines = [f"{code}({text})\r\n" for code, text in self._meter.registers(t).items()]
        return _block(b"\x02", "".join(lines) + "!\r\n")

    def _commanded(self, request: bytes, t: float) -> bytes | None:
        if reduce(lambda a, b: a ^ b, request[1:]) != 0:
            return b"\x15"
        command, _, data = request[1:-2].decode("latin-1").partition("\x02")
        if command == "B0":
            self._programming = False
            return None
        if command == "P1":
            self._trusted = data == f"({self._meter.password})"
            return b"\x06" if self._trusted else b"\x15"
        code = data.removesuffix("()")
        registers = self._meter.registers(t)
        if command != "R1" or code not in registers or (self._meter.password and not self._trusted):
            return _block(b"\x02", "(ER01)")
        return _block(b"\x02", f"{code}({registers[code]})")

    def _go(self, rate: int) -> None:
        """Go to a rate; the wire's time is that of the rate from now on."""
        self._rate = rate
        self._wire = replace(self._slow, baud=rate) if self._slow.baud else self._slow

    def _heard(self, reply: bytes | None) -> bytes | None:
        """Return what a client hears that may not have switched to the rate."""
        over = Deadline(REACTION)
        while reply is not None and self._port.baud not in (0, self._rate):
            if over.over:
                return bytes(byte ^ 0x5A for byte in reply)
            pause(0.001)
        return reply


def _block(start: bytes, content: str) -> bytes:
    body = content.encode("ascii") + b"\x03"
    return start + body + bytes([reduce(lambda a, b: a ^ b, body)])


def iec62056_line(wire: Wire, meter: Iec62056Meter, medium: Medium = "pty") -> CustomBus:
    """Return a bus with this meter."""
    return CustomBus(lambda clock, port: Iec62056Server(clock, port, wire, meter), medium)
