"""Characters that a terminal's encoding has: GBK lacks `³`, ASCII lacks `°` and every Chinese one.

Charset("gbk").fit("2.375 m³/h")        # '2.375 m3/h'
"""

from __future__ import annotations

from functools import lru_cache

_ALIKE: dict[str, tuple[str, ...]] = {
    "³": ("3",),
    "²": ("2",),
    "¹": ("1",),
    "\u2212": ("-",),
    "–": ("-",),
    "—": ("-",),
    "±": ("+-",),
    "×": ("x",),
    "·": (".",),
    "…": ("...",),
    "°": ("deg ",),
    "℃": ("deg C",),
    "\u00b5": ("\u03bc", "u"),
    "\u03bc": ("\u00b5", "u"),
    "\u03a9": ("\u2126", "Ohm"),
    "\u2126": ("\u03a9", "Ohm"),
    "≤": ("<=",),
    "≥": (">=",),
    "✓": ("√", "ok"),
    "✗": ("×", "x"),
    "‰": ("per mille",),
    "\u2018": ("'",),
    "\u2019": ("'",),
    "\u201c": ('"',),
    "\u201d": ('"',),
    "\u00a0": (" ",),
    "\u202f": (" ",),
}
"""What stands for a character that an encoding lacks, the best first."""


class Charset:
    """What one encoding can show."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding or "utf-8"

    def has(self, text: str) -> bool:
        """Return whether every character can be shown."""
        return _has(text, self.encoding)

    def fit(self, text: str) -> str:
        """Return `text` in characters that can be shown; what nothing stands for becomes `?`."""
        return text if text.isascii() else _fit(text, self.encoding)


def _has(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=2048)
def _fit(text: str, encoding: str) -> str:
    if _has(text, encoding):
        return text
    return "".join(_shown(c, encoding) for c in text)


def _shown(character: str, encoding: str) -> str:
    choices = (character, *_ALIKE.get(character, ()))
    return next((c for c in choices if _has(c, encoding)), "?")
