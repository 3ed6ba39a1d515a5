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

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
BOUNDS = {"U": (0.0, math.inf), "k": (1.0, math.inf), "probability": (0.0, 1.0)}
"""Least and greatest value of what belongs to an uncertainty."""


def check_dcc(dcc: Dcc) -> list[Message]:
    """Return what is wrong with a DCC; nothing where all is well."""
    found = [*_dates(dcc), *_languages(dcc), *_conclusion(dcc)]
    for quantity in dcc.quantities:
        found += [*_numbers(quantity), *_lengths(quantity), *_units(quantity), *_bounds(quantity)]
    return [*found, *_columns(dcc)]


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


def _bounds(quantity: Quantity) -> Iterator[Message]:
    for what, (low, high) in BOUNDS.items():
        for text in getattr(quantity, what):
            if NUMBER.fullmatch(text) and not low <= float(text) <= high:
                yield msg(
                    "certificates.dcc-number", name=_name(quantity), line=quantity.line, text=text
                )


def _columns(dcc: Dcc) -> Iterator[Message]:
    """The quantities of a `dcc:list` are the columns of a table: each as long as the others."""
    tables: dict[int, list[Quantity]] = {}
    for quantity in dcc.quantities:
        if quantity.table and len(quantity.values) > 1:  # one stands for all
            tables.setdefault(quantity.table, []).append(quantity)
    for columns in tables.values():
        rows = max(len(q.values) for q in columns)
        for quantity in columns:
            if len(quantity.values) != rows:
                yield msg(
                    "certificates.dcc-columns",
                    name=_name(quantity),
                    line=quantity.line,
                    found=len(quantity.values),
                    wanted=rows,
                )
