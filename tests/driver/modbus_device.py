"""A Modbus device for tests, written from the standard and not from our driver."""

from __future__ import annotations

import struct
from collections.abc import Iterable


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


class Device:
    """Words and bits by (table, number); `holes` are registers that it refuses to read."""

    def __init__(self, unit: int = 1) -> None:
        self.unit = unit
        self.words: dict[tuple[int, int], int] = {}
        self.bits: dict[tuple[int, int], bool] = {}
        self.holes: set[int] = set()
        self.requests: list[tuple[int, int, int]] = []
        self.refuses: int = 0

    def put(self, table: int, start: int, data: bytes) -> None:
        for i in range(0, len(data), 2):
            self.words[table, start + i // 2] = int.from_bytes(data[i : i + 2], "big")

    def reply(self, pdu: bytes) -> bytes:
        function = pdu[0]
        start, count = struct.unpack(">HH", pdu[1:5])
        self.requests.append((function, start, count))
        if self.refuses:
            return bytes([function | 0x80, self.refuses])
        if function in (1, 2):
            bits = [self.bits.get((function, start + i), False) for i in range(count)]
            data = bytearray((count + 7) // 8)
            for i, bit in enumerate(bits):
                data[i // 8] |= bit << i % 8
            return bytes([function, len(data), *data])
        if function in (3, 4):
            if self.holes & set(range(start, start + count)):
                return bytes([function | 0x80, 2])
            words = [self.words.get((function, start + i), 0) for i in range(count)]
            return bytes([function, 2 * count]) + struct.pack(f">{count}H", *words)
        return self._write(function, start, count, pdu)

    def _write(self, function: int, start: int, value: int, pdu: bytes) -> bytes:
        if function == 5:
            self.bits[1, start] = value == 0xFF00
        elif function == 6:
            self.words[3, start] = value
        elif function == 15:
            for i in range(value):
                self.bits[1, start + i] = bool(pdu[6 + i // 8] >> i % 8 & 1)
        elif function == 16:
            self.put(3, start, pdu[6:])
        else:
            return bytes([function | 0x80, 1])
        return pdu[:5]

    def rtu(self, frame: bytes) -> Iterable[object]:
        """Answer an RTU frame; keep silent for other units and bad checksums."""
        if frame[0] == self.unit and crc(frame[:-2]) == frame[-2:]:
            yield self.rtu_frame(self.reply(frame[1:-2]))

    def rtu_frame(self, pdu: bytes, unit: int | None = None) -> bytes:
        frame = bytes([self.unit if unit is None else unit]) + pdu
        return frame + crc(frame)

    def tcp(self, frame: bytes) -> Iterable[object]:
        """Answer a Modbus TCP frame."""
        yield self.tcp_frame(frame[:2], self.reply(frame[7:]), frame[6])

    def tcp_frame(self, tag: bytes, pdu: bytes, unit: int = 1) -> bytes:
        return tag + struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu
