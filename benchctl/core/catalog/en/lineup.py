"""Sentences about which unit stands where in the line, in English."""

TEXTS: dict[str, str] = {
    "full": "the line is full: it has {positions} positions",
    "nothing-to-undo": "nothing was scanned yet",
    "twice": "{serial} is already at position {position}",
    "not-ordered": "{serial} is not in the order",
    "did-you-mean": "did you mean {serial}?",
    "is-at": "{serial} is at position {position}",
}
