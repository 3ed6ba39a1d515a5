"""Tells whether bytes are a value in DER: every length definite and as short as can be (X.690)."""

from __future__ import annotations

CONSTRUCTED, LONG_TAG, LONG_LENGTH = 0x20, 0x1F, 0x80
DEEPEST = 40
"""Values within values; a timestamp in a signature has half of that."""


def der_value(data: bytes) -> bytes | None:
    """Return the DER value that `data` begins with, None where it is none."""
    end = _end(data, 0, len(data), 0)
    return None if end is None else data[:end]


def _end(data: bytes, start: int, limit: int, depth: int) -> int | None:
    """Return where the value at `start` ends, None where it is not in DER."""
    if depth > DEEPEST or start + 2 > limit or data[start] & LONG_TAG == LONG_TAG:
        return None
    at, length = start + 2, data[start + 1]
    if length & LONG_LENGTH:
        count = length & 0x7F
        length = int.from_bytes(data[at : at + count], "big")
        at += count
        shortest = (length.bit_length() + 7) // 8
        if not count or count != shortest or length < LONG_LENGTH:
            return None
    end = at + length
    if end > limit:
        return None
    if data[start] & CONSTRUCTED:
        while at < end:
            inner = _end(data, at, end, depth + 1)
            if inner is None:
                return None
            at = inner
    return end
