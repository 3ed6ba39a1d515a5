"""What the lines of a file must be together: no unit twice, one client, dates in their order."""

from __future__ import annotations

from benchctl.core.messages import Message, msg
from benchctl.exchange.fields import FIELDS
from benchctl.exchange.rows import Row, Rows
from benchctl.language import Diagnostics

_SHARED = tuple(name for name, field in FIELDS.items() if field.shared)


def check_lines(rows: Rows, diagnostics: Diagnostics) -> None:
    """Report what is wrong between cells and between lines; number lines that have no number."""
    checks = _Checks(rows, diagnostics)
    for row in rows.rows:
        checks.dates(row)
        checks.service(row)
    checks.units()
    checks.shared()
    checks.numbers()


class _Checks:
    def __init__(self, rows: Rows, diagnostics: Diagnostics) -> None:
        self.rows = rows
        self.diagnostics = diagnostics

    def dates(self, row: Row) -> None:
        received, due = row.values.get("received_date"), row.values.get("due_date")
        if received and due and due < received:
            message = msg(
                "exchange.due-early", header=row.header("due_date"), due=due, received=received
            )
            self.error(row, "due_date", message)

    def service(self, row: Row) -> None:
        service, mandatory = row.values.get("service_type"), row.values.get("mandatory")
        if mandatory == "yes" and service not in (None, "verification"):
            self.error(
                row,
                "service_type",
                msg("exchange.mandatory-verification", header=row.header("service_type")),
            )
        if row.values.get("verification_kind") and service not in (None, "verification"):
            header = row.header("verification_kind")
            self.error(row, "verification_kind", msg("exchange.kind-alone", header=header))
        method = row.values.get("procedure_id", "")
        if service == "verification" and method.startswith("JJF"):
            header = row.header("procedure_id")
            self.error(
                row, "procedure_id", msg("exchange.jjf-verification", header=header, method=method)
            )

    def units(self) -> None:
        """Report a serial number that comes twice in an order."""
        seen: dict[tuple[str, str], Row] = {}
        for row in self.rows.rows:
            order, serial = row.values.get("order_no"), row.values.get("serial_no")
            if not order or not serial:
                continue
            first = seen.setdefault((order, serial), row)
            if first is row:
                continue
            makers = {first.values.get("maker"), row.values.get("maker")} - {None}
            name = "exchange.serial-of-two" if len(makers) > 1 else "exchange.unit-twice"
            header = row.header("serial_no")
            message = msg(name, header=header, serial=serial, order=order)
            self.error(row, "serial_no", message, first)

    def shared(self) -> None:
        """Report a line of an order that names another client than the lines before."""
        first: dict[tuple[str, str], Row] = {}
        for row in self.rows.rows:
            order = row.values.get("order_no")
            for name in _SHARED if order else ():
                value = row.values.get(name)
                if not value:
                    continue
                assert order is not None
                other = first.setdefault((order, name), row)
                if other.values[name] != value:
                    message = msg(
                        "exchange.order-differs",
                        header=row.header(name),
                        order=order,
                        one=other.values[name],
                        other=value,
                    )
                    self.error(row, name, message, other)

    def numbers(self) -> None:
        """Report line numbers that come twice in an order, or are missing where others are not."""
        taken: dict[str, dict[str, Row]] = {}
        for row in self.rows.rows:
            order, line = row.values.get("order_no"), row.values.get("line_no")
            if not order or not line:
                continue
            first = taken.setdefault(order, {}).setdefault(line, row)
            if first is not row:
                header = row.header("line_no")
                message = msg("exchange.line-twice", header=header, line=line, order=order)
                self.error(row, "line_no", message, first)
        for row in self.rows.rows:
            cell = row.cell("line_no")
            blank = cell is not None and not cell.text and not cell.problem
            if blank and "line_no" not in row.values:
                header = row.header("line_no")
                missing = msg("exchange.cell-missing", header=header, field="line_no")
                self.error(row, "line_no", missing)

    def error(self, row: Row, name: str, message: Message, first: Row | None = None) -> None:
        also = None if first is None else (first.span(name), msg("language.first-used-here"))
        code = "E403" if name == "serial_no" else "E405"
        self.diagnostics.error(code, message, self.rows.source, row.span(name), also=also)
