"""Exchange with other systems: work orders that come in, results that go out, both as files.

    found = read_orders(Path("orders.xlsx"), diagnostics)
    results = results_document(lab, runs)

What needs openpyxl or pydantic is imported when it is called.
"""

from benchctl.exchange.batches import BatchTable, batch_of
from benchctl.exchange.fields import FIELDS, Field, field_named
from benchctl.exchange.lines import OrderLine, line_from_json
from benchctl.exchange.mapping import ColumnMapping, mapping_named, shipped
from benchctl.exchange.reading import OrderFile, read_orders
from benchctl.exchange.taking import (
    OrderedUnit,
    compare_orders,
    new_orders,
    open_lines,
    ordered_units,
    take_orders,
)
from benchctl.exchange.values import standard_of

__all__ = [
    "FIELDS",
    "BatchTable",
    "ColumnMapping",
    "Field",
    "OrderFile",
    "OrderLine",
    "OrderedUnit",
    "batch_of",
    "compare_orders",
    "field_named",
    "line_from_json",
    "mapping_named",
    "new_orders",
    "open_lines",
    "ordered_units",
    "read_orders",
    "shipped",
    "standard_of",
    "take_orders",
]
