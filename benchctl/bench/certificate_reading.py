"""Reads what a certificate states, in a bench file or in the register; mistakes at their places."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from benchctl.bench.certificate import Certified, Condition, Correction, Drift, Terms
from benchctl.bench.certificate_model import LawPart, StandardChannelPart
from benchctl.bench.figures import Ends, Figure, Figures, Pen, Place
from benchctl.bench.laws import Law
from benchctl.core.clock import utc_now
from benchctl.core.messages import msg
from benchctl.core.units import Unit, converter, same_dimension, unit
from benchctl.language import QuantityError, parse_quantity

YEAR = 365.25
"""Days."""
_AGO = re.compile(r"(\d{1,5})\s*d\s+ago|in\s+(\d{1,5})\s*d")
_PER_YEAR = re.compile(r"(.*?)\s*(?:per year|/\s*(?:a|year)|每年)")


_Rows = tuple[tuple[Sequence[float], Unit], bool]
"""The places of a table with their unit, and whether it has corrections."""


class Certificates(Figures):
    """Reads certificates; in a `register` more is asked of them than beside a bench."""

    def __init__(self, pen: Pen, *, simulated: bool = False, register: bool = False) -> None:
        super().__init__(pen)
        self.simulated = simulated
        self.register = register

    def day(self, text: str, place: Place) -> date | None:
        """Return a date; in a simulated bench also one that is relative to today."""
        relative = _AGO.fullmatch(text.strip())
        if relative is not None and self.simulated:
            ago, ahead = relative.groups()
            return utc_now().date() + timedelta(days=int(ahead or 0) - int(ago or 0))
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            hint = msg("bench.relative-date") if relative is not None else None
            self.wrong("E106", msg("bench.no-date", text=text[:40]), place, hint)
            return None

    def conditions(self, given: Mapping[str, str], place: Place) -> dict[str, Condition]:
        """Return between which values of roles the certificate holds."""
        found = {}
        for role, text in given.items():
            ends = self.range(text, (*place, role))
            if ends is not None:
                found[role] = Condition(*ends)
        return found

    def certified(
        self, part: StandardChannelPart, place: Place, issued: date | None, due: date | None
    ) -> Certified:
        """Return what is stated for a channel; what is wrong with it is noted."""
        self.noted = False
        ends = None if part.range is None else self.range(part.range, (*place, "range"))
        rows = self._table(part, place) if part.table is not None else None
        if part.table is not None and rows is None:
            return Certified(0.0, part.k, unit("%"), relative=True)
        at = None if rows is None else rows[0]
        if rows is not None and at is not None and ends is not None:
            ends = self._beyond_table(ends, at, place)
        if ends is None and at is not None and not self.noted:
            ends = (at[0][0], at[0][-1], at[1])
        if ends is None and part.range is None and (self.register or _enters(part)):
            self.wrong("E101", msg("bench.range-missing"), place)
        U, terms, U_law, explicit = self._expanded(part, place, ends, rows)  # noqa: N806
        correction = self._correction(part, place, ends, rows)
        drift = self._drift(part, place, issued, due)
        low, high, of = ends if ends is not None else (None, None, None)
        dof = math.inf if part.dof is None else part.dof
        return Certified(
            *(U, part.k, terms.unit, terms.relative, low, high, of),
            explicit=explicit,
            U_law=U_law,
            dof=dof,
            correction=correction,
            drift=drift,
        )

    # U ----------------------------------------------------------------------------------------

    def _expanded(
        self,
        part: StandardChannelPart,
        place: Place,
        ends: Ends | None,
        rows: _Rows | None,
    ) -> tuple[float, Terms, Law | None, bool]:
        nothing = (0.0, Terms(unit("%"), True), None, False)
        in_rows = rows is not None and any(row.U is not None for row in part.table or ())
        if isinstance(part.U, LawPart):
            law, terms = self.law(part.U, (*place, "U"))
            if law is None or terms is None or ends is None:
                return nothing
            values = self.over(law, ends, (*place, "U", _key(part.U)))
            if values and min(values) <= 0:
                low = msg("bench.U-not-positive", low=f"{min(values):g}")
                self.wrong("E105", low, (*place, "U", _key(part.U)))
            return max(values, default=0.0), terms, law, True
        whole = None
        if part.U is not None:
            whole = self.figure(part.U, (*place, "U"), positive=True)
        if not in_rows:
            if part.U is None:
                self.wrong("E101", msg("bench.U-missing"), place)
            return nothing if whole is None else (whole[0], whole[1], None, whole[2])
        assert rows is not None
        return self._U_of_rows(part, place, whole, rows)

    def _U_of_rows(  # noqa: N802 - U is what it is called
        self, part: StandardChannelPart, place: Place, whole: Figure | None, rows: _Rows
    ) -> tuple[float, Terms, Law | None, bool]:
        """Return the U of a table's lines, each brought to the k of the channel."""
        values: list[float] = []
        first: Figure | None = whole
        for n, row in enumerate(part.table or ()):
            here: Place = (*place, "table", n, "U")
            if row.U is None:
                if whole is None:
                    self.wrong("E101", msg("bench.U-missing-at", at=row.at), here)
                    continue
                values.append(whole[0])
                continue
            figure = self.figure(row.U, here, positive=True, like=first)
            if figure is None:
                continue
            first = first or figure
            values.append(figure[0] * part.k / (part.k if row.k is None else row.k))
        if first is None or self.noted:
            return 0.0, Terms(unit("%"), True), None, False
        return max(values), first[1], Law.table(rows[0][0], values), first[2]

    # corrections --------------------------------------------------------------------------------

    def _correction(
        self,
        part: StandardChannelPart,
        place: Place,
        ends: Ends | None,
        rows: _Rows | None,
    ) -> Correction | None:
        in_rows = rows is not None and rows[1]
        if part.correction is not None and in_rows:
            self.wrong("E106", msg("bench.correction-twice"), (*place, "correction"))
            return None
        if isinstance(part.correction, LawPart):
            law, terms = self.law(part.correction, (*place, "correction"))
            if law is None or terms is None:
                return None
            if ends is not None:
                self.over(law, ends, (*place, "correction", _key(part.correction)))
            return Correction(law, terms)
        if part.correction is not None:
            figure = self.figure(part.correction, (*place, "correction"))
            return None if figure is None else Correction(Law.constant(figure[0]), figure[1])
        if not in_rows or rows is None:
            return None
        return self._correction_of_rows(part, place, rows)

    def _correction_of_rows(
        self, part: StandardChannelPart, place: Place, rows: _Rows
    ) -> Correction | None:
        values: list[float] = []
        first: Figure | None = None
        for n, row in enumerate(part.table or ()):
            key = "correction" if row.correction is not None else "error"
            text = row.correction if row.correction is not None else row.error
            if text is None:
                gap = msg("bench.correction-gap", at=row.at)
                self.wrong("E101", gap, (*place, "table", n))
                continue
            figure = self.figure(text, (*place, "table", n, key), like=first)
            if figure is not None:
                first = first or figure
                values.append(figure[0] if key == "correction" else -figure[0])
        if first is None or self.noted:
            return None
        return Correction(Law.table(rows[0][0], values), first[1])

    def _table(self, part: StandardChannelPart, place: Place) -> _Rows | None:
        """Return the places of the table with their unit, and whether it has corrections."""
        table = part.table or []
        if len(table) < 2:
            self.wrong("E105", msg("bench.table-short"), (*place, "table"))
            return None
        places: list[float] = []
        of: Unit | None = None
        for n, row in enumerate(table):
            here: Place = (*place, "table", n)
            if row.correction is not None and row.error is not None:
                self.wrong("E106", msg("bench.correction-and-error"), (*here, "error"))
            try:
                at = parse_quantity(row.at, like=of, bare=False)
            except QuantityError as error:
                self.wrong("E202", error.message, (*here, "at"), error.hint)
                continue
            of = of or at.unit
            places.append(at.to(of))
        for n, (before, after) in enumerate(pairwise(places), 1):
            if after == before:
                twice = msg("bench.table-twice", at=table[n].at)
                self.wrong("E106", twice, (*place, "table", n, "at"))
            elif after < before:
                falls = msg("bench.table-falls", at=table[n].at, before=table[n - 1].at)
                self.wrong("E106", falls, (*place, "table", n, "at"))
        corrects = any(r.correction is not None or r.error is not None for r in table)
        return None if self.noted or of is None else ((places, of), corrects)

    def _beyond_table(
        self, ends: Ends, at: tuple[Sequence[float], Unit], place: Place
    ) -> Ends | None:
        """Return a stated range in the table's unit; it must not reach beyond the table."""
        low, high, of = ends
        places, table_unit = at
        if not same_dimension(of, table_unit):
            wrong = msg("bench.range-other", range=of.symbol, table=table_unit.symbol)
            self.wrong("E204", wrong, (*place, "range"))
            return None
        factor, offset = converter(of, table_unit)
        low, high = low * factor + offset, high * factor + offset
        if low < places[0] - 1e-9 * abs(places[0]) or high > places[-1] + 1e-9 * abs(places[-1]):
            beyond = msg(
                "bench.range-beyond-table",
                low=f"{places[0]:g}",
                high=f"{places[-1]:g} {table_unit.symbol}",
            )
            self.wrong("E105", beyond, (*place, "range"))
        return low, high, table_unit

    # drift ----------------------------------------------------------------------------------------

    def _drift(
        self, part: StandardChannelPart, place: Place, issued: date | None, due: date | None
    ) -> Drift | None:
        if part.drift is None:
            return None
        here: Place = (*place, "drift")
        match = _PER_YEAR.fullmatch(part.drift.strip())
        if match is None:
            self.wrong("E106", msg("bench.no-drift", text=part.drift[:40]), here)
            return None
        figure = self.figure(match[1], here, positive=True)
        if figure is None:
            return None
        if issued is None:
            self.wrong("E101", msg("bench.drift-since"), here)
            return None
        years = 0.0 if due is None else (due - issued).days / YEAR
        return Drift(figure[0] * years, figure[0], figure[1], "stated")


def _key(part: LawPart) -> str:
    return "equation" if part.equation is not None else "polynomial"


def _enters(part: StandardChannelPart) -> bool:
    """Return whether something depends on the value, so that a range must be known."""
    return isinstance(part.U, LawPart) or isinstance(part.correction, LawPart)
