"""The word that was probably meant, for "did you mean" in messages.

closest("resorce", ["resource", "driver"])  ->  "resource"
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_WORD = 60


def closest(word: str, candidates: Iterable[str], *, alike: float = 0.6) -> str | None:
    """Return the candidate most like `word`, or None where none is alike enough.

    `alike` is the least ratio of matching characters, 0 to 1.
    """
    import difflib  # only a person's mistake needs it

    if not word or len(word) > LONGEST_WORD:
        return None
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(_fold(candidate), candidate)
    found = difflib.get_close_matches(_fold(word), folded, 1, alike)
    return folded[found[0]] if found else None


def folded(word: str) -> str:
    """Return a word without what people vary: case, blanks, hyphens, underscores, full width."""
    import unicodedata

    plain = unicodedata.normalize("NFKC", word).casefold()
    return "".join(c for c in plain if c not in "_-\u2010\u2011\u2013" and not c.isspace())


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
