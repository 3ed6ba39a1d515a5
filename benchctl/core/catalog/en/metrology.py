"""Wordings of metrology."""

TEXTS: dict[str, str] = {
    "no-rule": "there is no decision rule '{rule}'; known: {known}",
    "no-value": "the model has no value for these readings: {reason}",
}
