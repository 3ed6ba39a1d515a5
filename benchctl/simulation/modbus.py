"""Modbus servers whose registers are functions of time: TCP, RTU on a line, RTU over TCP.

Frames and requests are decoded and encoded by pymodbus, so that the codec of our own client meets
an independent one.

    ModbusServer(clock, PtyPort("master"), Wire(38400), {1: unit})

A unit that is not there is silent on a line and answered by the gateway's exception 11 on Modbus
TCP. Unknown functions and counts out of bounds are answered by the exceptions of the Modbus
specification; a broadcast is obeyed and not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from benchctl.core.clock import Clock
from benchctl.simulation import foreign
from benchctl.simulation.ports import Port
from benchctl.simulation.registers import ILLEGAL_VALUE, ModbusUnit
from benchctl.simulation.server import LineServer, Wire

if TYPE_CHECKING:
    from pymodbus.pdu import ModbusPDU

ILLEGAL_FUNCTION, NO_RESPONSE = 1, 11
REMEMBERED = 256
"""Different requests whose decoding is remembered: a client asks the same again and again."""
_MOST = {1: 2000, 2: 2000, 3: 125, 4: 125, 15: 1968, 16: 123}


class ModbusServer(LineServer):
    """A bus with one or more units; `rtu` framing, or Modbus TCP's with `rtu=False`."""

    def __init__(
        self,
        clock: Clock,
        port: Port,
        wire: Wire,
        units: Mapping[int, ModbusUnit],
        *,
        rtu: bool = True,
    ) -> None:
        from pymodbus.framer import FramerRTU, FramerSocket
        from pymodbus.pdu import DecodePDU

        super().__init__(clock, port, wire)
        self._units = dict(units)
        self._rtu = rtu
        self.checksum_at = -1 if rtu else 3  # TCP has none here: the protocol identifier instead
        self.foreign = foreign.modbus_rtu if rtu else foreign.modbus_tcp
        self._decoder = DecodePDU(is_server=True)
        self._framer = (FramerRTU if rtu else FramerSocket)(self._decoder)
        self._unframed = lru_cache(REMEMBERED)(self._framer.decode)
        self._decoded = lru_cache(REMEMBERED)(self._decode)

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the first whole frame; on RTU a frame of an unknown function ends with silence."""
        data = bytes(buffer)
        if not self._rtu and len(data) >= 6 and (data[2:4] != b"\0\0" or data[4:6] > b"\1\4"):
            buffer.clear()
            return None
        used, _, _, pdu = self._unframed(data)
        if not used and not (self._rtu and _whole(data)):
            return None
        frame = data[:used] if used else data
        del buffer[: len(frame)]
        return frame if pdu or not used else None

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Return the reply of the unit that is meant."""
        _, unit, tid, pdu = self._unframed(request)
        if not pdu:
            unit, tid, pdu = request[0], 0, request[1:-2]
        if unit == 0 and self._rtu:
            for device in self._units.values():
                self._answer(device, pdu, t)
            return None
        device_here = self._units.get(unit)
        if device_here is not None:
            reply = self._answer(device_here, pdu, t)
        elif self._rtu:
            return None
        else:
            reply = bytes([pdu[0] | 0x80, NO_RESPONSE])
        return self._framer.encode(reply, unit, tid)

    def _answer(self, unit: ModbusUnit, pdu: bytes, t: float) -> bytes:
        request = self._decoded(pdu)
        if isinstance(request, int):
            return bytes([pdu[0] | 0x80, request])
        response = unit.answer(t, request)
        return bytes([response.function_code]) + response.encode()

    def _decode(self, pdu: bytes) -> ModbusPDU | int:
        """Return the request, or the code of the exception that is the answer to it."""
        if (code := _refusal(pdu)) is not None:
            return code
        return self._decoder.decode(pdu) or ILLEGAL_VALUE


def _whole(data: bytes) -> bool:
    """Return whether these bytes end with the CRC of what stands before it."""
    from pymodbus.framer import FramerRTU

    return len(data) >= 4 and FramerRTU.compute_CRC(data[:-2]) == int.from_bytes(data[-2:], "big")


def _refusal(pdu: bytes) -> int | None:
    """Return the exception for what pymodbus would let through or only log."""
    function = pdu[0]
    if function not in (1, 2, 3, 4, 5, 6, 15, 16):
        return ILLEGAL_FUNCTION
    if len(pdu) < 5:
        return ILLEGAL_VALUE
    number = int.from_bytes(pdu[3:5], "big")
    if function in _MOST and not 1 <= number <= _MOST[function]:
        return ILLEGAL_VALUE
    if function == 5 and number not in (0x0000, 0xFF00):
        return ILLEGAL_VALUE
    if function in (15, 16):
        size = (number + 7) // 8 if function == 15 else 2 * number
        if len(pdu) < 6 or pdu[5] != size or len(pdu) != 6 + size:
            return ILLEGAL_VALUE
    return None
