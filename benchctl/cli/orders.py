"""What a person may type while a run goes on: `pause`, `leak 5`, `operator Li Wei` ...

    order_in("leak 5")               # Order("leak", position=5)
    order_in("漏水5")                 # the same

The words of both languages are understood, whatever the language of the screen.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from benchctl.core.errors import UsageError
from benchctl.core.messages import LANGUAGES, Message, catalog, msg
from benchctl.core.suggest import closest

KINDS = ("pause", "pause-now", "leak", "drop", "operator", "stop", "help")
"""What can be ordered; `desk.order-<kind>` is its word in each language."""
ALSO = {
    "pause-now": ("暂停 立即",),
    "leak": ("渗漏",),
    "drop": ("取下",),
    "operator": ("操作人员",),
    "help": ("?",),
}
"""Further words that are understood."""
WITH_POSITION = ("leak", "drop")
_GLUED = re.compile(r"^([^\W\d_]+)(\d+)$")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered: `kind` is one of KINDS, `text` a reason or a name."""

    kind: str
    position: int = 0
    text: str = ""


def order_in(line: str) -> Order:
    """Return what a line orders.

    Raises:
        UsageError: it is none, or says too little or too much.
    """
    words = unicodedata.normalize("NFKC", line).removeprefix("/").split()
    if words and (glued := _GLUED.match(words[0])):
        words[:1] = [glued[1], glued[2]]
    kind, rest = _kind(words, line)
    if kind in WITH_POSITION:
        return _with_position(kind, rest)
    if kind == "operator":
        name = " ".join(rest)
        if not name or len(name) > _LONGEST_NAME:
            raise UsageError(msg("desk.needs-name", order=_shown(kind)))
        return Order(kind, text=name)
    if rest:
        raise UsageError(msg("desk.too-much", order=_shown(kind), text=" ".join(rest)))
    return Order(kind)


def is_order(line: str) -> bool:
    """Return whether a line could be meant as an order."""
    try:
        order_in(line)
    except UsageError:
        return False
    return True


def _with_position(kind: str, rest: list[str]) -> Order:
    if not rest or not re.fullmatch("[0-9]{1,4}", rest[0]) or int(rest[0]) == 0:
        raise UsageError(msg("desk.needs-position", order=_shown(kind)))
    reason = " ".join(rest[1:])
    if kind == "leak" and reason:
        raise UsageError(msg("desk.too-much", order=_shown(kind), text=reason))
    return Order(kind, int(rest[0]), reason)


def _kind(words: list[str], line: str) -> tuple[str, list[str]]:
    """Return what is ordered, and the words behind it; the longest that fits counts.

    Raises:
        UsageError: nothing fits.
    """
    known = {spelling: kind for kind in KINDS for spelling in _spellings(kind)}
    for count in (2, 1):
        kind = known.get(" ".join(words[:count]).casefold())
        if kind is not None:
            return kind, words[count:]
    first = " ".join(words[:1]).casefold()
    near = closest(first, known, alike=0.6)
    hint = msg("desk.did-you-mean", order=_shown(known[near])) if near else msg("desk.help-hint")
    raise UsageError(msg("desk.no-order", text=line.strip()[:40]), hint=hint)


def _spellings(kind: str) -> list[str]:
    """Return the words for an order in every language, in small letters."""
    texts = [catalog(language, "desk")[f"order-{kind}"] for language in LANGUAGES]
    return [text.casefold() for text in (*texts, *ALSO.get(kind, ()))]


def _shown(kind: str) -> Message:
    return msg(f"desk.order-{kind}")
