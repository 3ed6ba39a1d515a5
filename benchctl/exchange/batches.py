"""Lines of an order as a batch: the table that `run` and `central order add` take.

    table = batch_of(lines, {"accuracy_class": ("准确度等级", "class")})
    table.csv()                                 # "serial,accuracy_class,order_no,..."

A field stands under its own name, which certificates and exports know. Where a procedure has a
parameter of that name, only the accuracy class gives it (`2 级` as `2`); another field stands under
its Chinese name, so that the measuring range of a catalogue is never taken for a limit.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchctl.core.suggest import folded
from benchctl.exchange.fields import FIELDS, Field
from benchctl.exchange.lines import OrderLine
from benchctl.language import Batch, Diagnostics
from benchctl.language.batch import SERIAL, parse_batch

_GRADE = re.compile(r"(?:class\s*)?([0-9]+(?:\.[0-9]+)?|[A-Z]{1,2})\s*(?:级|class)?", re.IGNORECASE)
_GRADED = "accuracy"


@dataclass(frozen=True, slots=True)
class BatchTable:
    """A batch before it is written; `known` are headers that are no parameters."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    known: frozenset[str]

    def csv(self) -> str:
        """Return it as CSV."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.headers)
        writer.writerows(self.rows)
        return text.getvalue()

    def batch(self, name: str, diagnostics: Diagnostics) -> Batch | None:
        """Return it as a batch that was read; its mistakes are told under `name`."""
        data = self.csv().encode()
        return parse_batch(data, name, diagnostics, wrong_too=True, known=self.known)


def batch_of(
    lines: Sequence[OrderLine], parameters: Mapping[str, Sequence[str]] | None = None
) -> BatchTable:
    """Return the batch of the lines, in their order.

    Args:
        lines: units of one order or of several.
        parameters: the parameters of the procedure, each with other headers that mean it.
    """
    names = {folded(n): p for p, also in (parameters or {}).items() for n in (p, *also)}
    used = [f for name, f in FIELDS.items() if any(name in line.fields for line in lines)]
    columns: dict[str, str] = {}
    known = set()
    for field in used:
        if field.name == "serial_no":
            continue
        header = _header(field, names)
        columns[header] = field.name
        if header not in names.values() and field.name != _GRADED:
            known.add(header)
    extra = dict.fromkeys(header for line in lines for header in line.extra)
    others = [header for header in extra if header not in columns]
    rows = tuple(
        (
            line.serial,
            *(_text(line, name, header in names.values()) for header, name in columns.items()),
            *(line.extra.get(header, "") for header in others),
        )
        for line in lines
    )
    return BatchTable((SERIAL, *columns, *others), rows, frozenset(known))


def _header(field: Field, names: Mapping[str, str]) -> str:
    if field.name == _GRADED:
        meant = [names[folded(h)] for h in field.headers if folded(h) in names]
        return meant[0] if meant else field.name
    free = (h for h in (field.name, field.zh) if folded(h) not in names)
    return next(free, f"order {field.name}")


def _text(line: OrderLine, name: str, as_parameter: bool) -> str:
    text = line.fields.get(name, "")
    found = _GRADE.fullmatch(text) if as_parameter else None
    return found[1] if found else text
