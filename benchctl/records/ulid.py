"""Run ids: ULIDs, 26 characters that sort by time (https://github.com/ulid/spec)."""

from __future__ import annotations

import os
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""


def ulid(at: datetime) -> str:
    """Return a new id: 48 bits of milliseconds since 1970 and 80 random bits."""
    milliseconds = int(at.timestamp() * 1000) & (1 << 48) - 1
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
