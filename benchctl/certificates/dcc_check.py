"""Finds in a DCC what XML Schema and Schematron let through.

Lists that are not equally long, numbers that are none, units that the D-SI does not know, dates
out of order, languages that are not declared, a conclusion that its own points contradict.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from benchctl.certificates.dcc_reading import Dcc, Quantity
from benchctl.certificates.dsi import WRITTEN
from benchctl.core.messages import Message, msg

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")


def check_dcc(dcc: Dcc) -> list[Message]:
    """Return what is wrong with a DCC; nothing where all is well."""
    found = [*_dates(dcc), *_languages(dcc), *_conclusion(dcc)]
    for quantity in dcc.quantities:
        found += [*_numbers(quantity), *_lengths(quantity), *_units(quantity), *_spread(quantity)]
    return found


def _dates(dcc: Dcc) -> Iterator[Message]:
    known = [d[:10] for d in (dcc.received, dcc.begin, dcc.end, dcc.issued) if d]
    if known != sorted(known):
        yield msg("certificates.dcc-dates", dates=" > ".join(known))


def _languages(dcc: Dcc) -> Iterator[Message]:
    for language in (*dcc.mandatory, *dcc.texts):
        if language not in dcc.languages:
            yield msg("certificates.dcc-language", language=language)


def _conclusion(dcc: Dcc) -> Iterator[Message]:
    stated = {c for q in dcc.quantities for c in q.conformity}
    if "pass" in dcc.conformity and stated & {"fail", "noPass"}:
        yield msg("certificates.dcc-conclusion")


def _name(quantity: Quantity) -> str:
    return quantity.names[0] if quantity.names else quantity.ref or "?"


def _numbers(quantity: Quantity) -> Iterator[Message]:
    for text in (*quantity.values, *quantity.U, *quantity.k, *quantity.probability):
        if not NUMBER.fullmatch(text) or not math.isfinite(float(text)):
            yield msg(
                "certificates.dcc-number", name=_name(quantity), line=quantity.line, text=text
            )
    if not quantity.values:
        yield msg("certificates.dcc-number", name=_name(quantity), line=quantity.line, text="")


def _lengths(quantity: Quantity) -> Iterator[Message]:
    wanted = len(quantity.values)
    for what in ("units", "U", "k", "probability", "conformity"):
        found = len(getattr(quantity, what))
        if found not in (0, 1, wanted):  # one stands for all
            yield msg(
                "certificates.dcc-length",
                name=_name(quantity),
                line=quantity.line,
                what=what,
                found=found,
                wanted=wanted,
            )


def _units(quantity: Quantity) -> Iterator[Message]:
    for text in dict.fromkeys(quantity.units or ("",)):
        if not WRITTEN.fullmatch(text):
            yield msg("certificates.dcc-unit", name=_name(quantity), line=quantity.line, text=text)


def _spread(quantity: Quantity) -> Iterator[Message]:
    for text in quantity.U:
        if NUMBER.fullmatch(text) and float(text) < 0:
            yield msg(
                "certificates.dcc-number", name=_name(quantity), line=quantity.line, text=text
            )
