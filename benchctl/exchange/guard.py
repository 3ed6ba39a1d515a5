"""Cells that a spreadsheet would run: refused where they come in, made harmless where they go out.

    is_formula("=HYPERLINK(...)")       # True
    is_formula("-0.12")                 # False: a number, and so is "+86 571 8888"
    harmless("=1+1")                    # "'=1+1"

What starts a formula is what OWASP lists under "CSV injection": = + - @, a tab, a carriage return,
and the full-width forms of the first four, which East Asian spreadsheets take for them.
"""

from __future__ import annotations

import re

_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PHONE = re.compile(r"\+[0-9][0-9 ().-]{5,24}")
_DASHES = re.compile(r"-+|－+")


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may take a cell's text for a formula or a command."""
    if text[:1] not in _STARTS:
        return False
    return not (_NUMBER.fullmatch(text) or _PHONE.fullmatch(text) or _DASHES.fullmatch(text))


def harmless(text: str) -> str:
    """Return a cell's text as it may stand in a CSV file: an apostrophe before what would run."""
    return f"'{text}" if is_formula(text) else text
