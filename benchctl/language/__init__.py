"""What every file shares: YAML with places, diagnostics, expressions, quantities, batches.

pydantic, yaml and openpyxl are imported where a file is read, not by importing this package.
"""

from benchctl.language.batch import Batch, BatchRow, Cell, read_batch
from benchctl.language.diagnostics import Diagnostic, Diagnostics, FieldError, FileError
from benchctl.language.document import Document, load_document, parse_document
from benchctl.language.expression_text import ExpressionError
from benchctl.language.expressions import Expression, parse_expression
from benchctl.language.files import read_bytes
from benchctl.language.functions import FUNCTIONS, Function
from benchctl.language.pieces import Piece
from benchctl.language.quantities import Quantity, QuantityError, parse_quantity, split_unit
from benchctl.language.render import render
from benchctl.language.reporting import check_names, report_error
from benchctl.language.schema import schema_of
from benchctl.language.shape import validate
from benchctl.language.source import Source, Span
from benchctl.language.table_rows import table_rows

__all__ = [
    "FUNCTIONS",
    "Batch",
    "BatchRow",
    "Cell",
    "Diagnostic",
    "Diagnostics",
    "Document",
    "Expression",
    "ExpressionError",
    "FieldError",
    "FileError",
    "Function",
    "Piece",
    "Quantity",
    "QuantityError",
    "Source",
    "Span",
    "check_names",
    "load_document",
    "parse_document",
    "parse_expression",
    "parse_quantity",
    "read_batch",
    "read_bytes",
    "render",
    "report_error",
    "schema_of",
    "split_unit",
    "table_rows",
    "validate",
]
