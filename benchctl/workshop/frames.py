"""Bytes as people write them down: `68 10 AA`, `0x68,0x10`, `6810aa`, `68:10:AA`."""

from __future__ import annotations

import re

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

_BETWEEN = re.compile(r"[\s,;:]+")
_PREFIX = re.compile(r"(?i)0x|\\x")


def frame_bytes(text: str) -> bytes:
    """Return the bytes that `text` writes down in hexadecimal.

    Raises:
        UsageError: it is something else, nothing, or half a byte; the place is told.
    """
    words = [_PREFIX.sub("", word) for word in _BETWEEN.split(text.strip()) if word]
    words = [f"0{word}" if len(word) == 1 and len(words) > 1 else word for word in words]
    digits = "".join(words)
    wrong = re.search(r"[^0-9A-Fa-f]", digits)
    if wrong:
        raise UsageError(
            msg("workshop.no-hex", text=digits[max(0, wrong.start() - 4) :][:12], char=wrong[0]),
            hint=msg("workshop.hint-no-hex"),
        )
    if not digits:
        raise UsageError(msg("workshop.empty-frame"), hint=msg("workshop.hint-no-hex"))
    if len(digits) % 2:
        raise UsageError(msg("workshop.half-byte", digits=len(digits)))
    return bytes.fromhex(digits)
