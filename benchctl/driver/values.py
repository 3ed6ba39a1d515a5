"""What an instrument says, as a value: a number, a whole number, a flag.

A value is what `kind` makes of a raw answer (text, or a number from registers). Overload, NaN and
infinity are never values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchctl.core.errors import GarbageReplyError, NotANumberError
from benchctl.core.messages import msg

LARGEST = 9.8e37
"""SCPI answers 9.9E37 for infinity and 9.91E37 for not-a-number; anything above is no value."""

_OVER = re.compile(
    r"[+-]?(nan|inf(inity)?|over(load|flow|range)?|o\.?l\.?|-{3,}(\.-+)?|\*{3,})", re.I
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def number(text: str) -> float:
    """Return the number that `text` is.

    Raises:
        NotANumberError: overload, NaN or infinity, in figures or in words.
        GarbageReplyError: anything else that is no number.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return finite(float(text))
    if _OVER.fullmatch(text):
        raise NotANumberError(msg("driver.overload", value=text), wire=_wire(text))
    raise GarbageReplyError(msg("driver.no-number", text=text[:80]), wire=_wire(text))


def plain_numbers(reply: bytes, count: int) -> tuple[float, ...] | None:
    """Return the numbers of `a;b;c` where it is nothing else, None where it needs a closer look."""
    parts = reply.split(b";")
    if len(parts) != count or b"_" in reply:
        return None
    try:
        values = tuple(map(float, parts))
    except ValueError:
        return None
    for value in values:
        if not -LARGEST < value < LARGEST:
            return None
    return values


def finite(value: float) -> float:
    """Return `value`.

    Raises:
        NotANumberError: it is NaN, infinite or of the overload family.
    """
    if -LARGEST < value < LARGEST:
        return value
    raise NotANumberError(
        msg("driver.overload", value=f"{value:g}"), hint=msg("driver.hint-overload")
    )


def real(raw: Any) -> float:
    """Return a raw answer as a number; the kind of a channel that names none."""
    return number(raw) if isinstance(raw, str) else finite(float(raw))


def within(low: float, high: float) -> Callable[[Any], float]:
    """Return a kind: a number within `low`..`high`, outside which it is a broken wire, not a value.

    The function raises `NotANumberError` outside.
    """

    def number_within(raw: Any) -> float:
        value = real(raw)
        if low <= value <= high:
            return value
        raise NotANumberError(
            msg("driver.no-reading", value=f"{value:g}", low=low, high=high),
            hint=msg("driver.hint-no-reading"),
        )

    return number_within


def whole(raw: Any) -> int:
    """Return a raw answer as a whole number: a status word, a count.

    Raises:
        GarbageReplyError: it is not whole.
    """
    value = raw if isinstance(raw, int) else real(raw)
    if value != int(value):
        raise GarbageReplyError(msg("driver.no-whole-number", text=str(raw)[:80]))
    return int(value)


def flag(raw: Any) -> bool:
    """Return a raw answer as True or False: 1, 0, ON, OFF, a bit.

    Raises:
        GarbageReplyError: it is neither.
    """
    if isinstance(raw, str):
        word = raw.strip().upper()
        if word in ("ON", "OFF"):
            return word == "ON"
        raw = number(word)
    if raw not in (0, 1):
        raise GarbageReplyError(msg("driver.no-flag", text=str(raw)[:80]))
    return bool(raw)


_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\x7f-\x9f]")


def text(raw: Any) -> str:
    """Return a raw answer as text, without blanks and quotes around it.

    Within quotes a doubled one is one (IEEE 488.2, 8.7.8, string response data; from memory).

    Raises:
        GarbageReplyError: it holds control characters.
    """
    said = str(raw).strip()
    if _CONTROL.search(said):
        raise GarbageReplyError(msg("driver.no-text"), wire=_wire(said))
    if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'":
        return said[1:-1].replace(2 * said[0], said[0])
    return said


def shown_unit(unit: str) -> str:
    """Return a unit as it follows a number in a sentence: with a blank, nothing for pure ones."""
    return f" {unit}" if unit not in ("", "1") else ""


def _wire(reply: str) -> bytes:
    return reply.encode("latin-1", "replace")


def block(raw: Any) -> bytes:
    """Return the payload of a definite-length block; the kind of a channel that is one."""
    if not isinstance(raw, bytes | bytearray):
        raise GarbageReplyError(msg("driver.no-block", text=str(raw)[:80]))
    return bytes(raw)


class Word:
    """A kind: one of the words that an instrument says, whatever its case; `known` are ours."""

    def __init__(self, known: Sequence[str], spelt: Mapping[str, str]) -> None:
        self.known = tuple(known)
        self._by_reply = {w.upper(): w for w in known} | {k.upper(): w for k, w in spelt.items()}

    def __call__(self, raw: Any) -> str:
        """Return the word that an answer is.

        Raises:
            GarbageReplyError: it is none of them.
        """
        said = text(raw).strip("'").upper()
        if said not in self._by_reply:
            known = ", ".join(self.known)
            raise GarbageReplyError(msg("driver.no-word", text=said[:80], known=known))
        return self._by_reply[said]


def word(*known: str, spelt: Mapping[str, str] | None = None) -> Word:
    """Return a kind: one of the `known` words; `spelt` are other ways in which they are answered.

    The kind raises `GarbageReplyError` for any other word.
    """
    return Word(known, spelt or {})
