"""The text of an expression, checked character by character, as Python's syntax tree.

Checking first means that the parser only sees numbers, names, texts and a few signs, and that a
person gets a hint in place of "invalid syntax": `^` is `**` here, `≤` is `<=`.
"""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.language.quantities import PLAIN_FORMS, number_hint
from benchctl.language.source import short

LONGEST = 500

_FORMS = str.maketrans(
    PLAIN_FORMS | {"×": "*", "÷": "/", "·": "*", "\t": " ", "\r": " ", "\n": " "}
)
_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)"
    r"|(?P<text>'[^'\\]*'|\"[^\"\\]*\")"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/<>(),])"
    r"|(?P<blank> +)"
)
_KEYWORDS = {"if", "else", "and", "or", "not"}
_LEADING_ZERO = re.compile("0[0-9]+")
_VALUES = {"number", "name", "text"}
# A sign that is no sign of ours -> what to write.
_HINTS = {
    "^": "**",
    "²": "**2",
    "³": "**3",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "=": "==",
    "&": "and",
    "|": "or",
    "!": "not",
    "?": "a if condition else b",
    "√": "sqrt(x)",
    "[": "(",
    "{": "(",
}


class ExpressionError(BenchctlError):
    """An expression is wrong, or has no value.

    `column` and `end_column` say where in its text, from 1, end exclusive.
    """

    exit_code = 2

    def __init__(
        self, message: Message, column: int, end_column: int, *, hint: Message | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.column = column
        self.end_column = end_column


def read_tree(text: str) -> ast.expr:
    """Return the syntax tree; its columns are those of `text`.

    Raises:
        ExpressionError: the text is empty, too long, or has something that cannot stand there.
    """
    if len(text) > LONGEST:
        raise ExpressionError(msg("language.expression-too-long", limit=LONGEST), 1, LONGEST + 1)
    plain = text.translate(_FORMS).rstrip()
    if not plain.strip():
        raise ExpressionError(msg("language.expression-empty"), 1, len(text) + 1)
    _check_tokens(plain)
    stripped = plain.lstrip()
    lead = len(plain) - len(stripped)
    try:
        tree = ast.parse(stripped, mode="eval").body
    except SyntaxError as error:
        column = min(max(1, error.offset or 1) + lead, len(plain))
        message = msg("language.expression-syntax", text=short(text))
        raise ExpressionError(message, column, column + 1, hint=_open_hint(plain)) from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionError(msg("language.expression-too-deep"), 1, len(text) + 1) from None
    _count_characters(tree, stripped.encode(), lead)
    return tree


def _count_characters(tree: ast.expr, parsed: bytes, lead: int) -> None:
    """Let the columns count characters of the whole text; Python counts bytes of what it parsed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            end = node.end_col_offset or node.col_offset
            node.col_offset = lead + len(parsed[: node.col_offset].decode())
            node.end_col_offset = lead + len(parsed[:end].decode())


def _check_tokens(plain: str) -> None:
    at, before, blank = 0, "", False
    while at < len(plain):
        token = _TOKEN.match(plain, at)
        if not token:
            raise _unexpected(plain, at)
        kind, at = str(token.lastgroup), token.end()
        if kind == "blank":
            blank = True
            continue
        if kind == "name" and token[0] in _KEYWORDS:
            kind = "keyword"
        elif kind == "name":
            _check_name(token)
        glued = before == "number" and kind == "keyword" and not blank
        if glued or (before in _VALUES and kind in _VALUES):
            message = msg("language.expression-sign-missing", what=short(token[0]))
            raise ExpressionError(message, token.start() + 1, token.end() + 1)
        if kind == "number" and _LEADING_ZERO.fullmatch(token[0]):
            message = msg("language.expression-syntax", text=short(token[0]))
            hint = msg("language.write-instead", text=token[0].lstrip("0") or "0")
            raise ExpressionError(message, token.start() + 1, token.end() + 1, hint=hint)
        before, blank = kind, False


def _check_name(token: re.Match[str]) -> None:
    name = token[0]
    columns = (token.start() + 1, token.end() + 1)
    for place, character in enumerate(name, token.start()):
        if character in _HINTS:  # ² is as good as a letter to Python
            raise _unexpected(token.string, place)
    if unicodedata.normalize("NFKC", name) != name:
        raise ExpressionError(msg("language.odd-letters", name=short(name)), *columns)
    for part in name.split("."):
        if keyword.iskeyword(part) and name not in ("True", "False"):
            raise ExpressionError(msg("language.expression-not-allowed", what=part), *columns)


def _unexpected(plain: str, at: int) -> ExpressionError:
    character = plain[at]
    if character == "%":
        hint: Message | None = msg("language.percent-outside")
    elif character == "±":
        hint = msg("language.plus-minus-outside")
    elif character in _HINTS:
        hint = msg("language.write-instead", text=_HINTS[character])
    else:
        hint = None
    message = msg("language.expression-character", character=character)
    return ExpressionError(message, at + 1, at + 2, hint=hint)


def _open_hint(plain: str) -> Message | None:
    """Return what most often is wrong where the signs are right and the order is not."""
    if plain.count("(") != plain.count(")"):
        return msg("language.brackets-unbalanced")
    if " if " in plain and " else " not in plain:
        return msg("language.if-needs-else")
    return number_hint(plain)
