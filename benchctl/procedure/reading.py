"""Reads one document: its parts, its sentences, its expressions, and where each mistake stands.

`Reader` belongs to one document and one collection of diagnostics; whatever cannot be read comes
back as None, so that the reading goes on and all mistakes are reported together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, create_model

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import LANGUAGES, Message, msg
from benchctl.core.suggest import closest
from benchctl.core.units import (
    Unit,
    UnitError,
    difference_factor,
    misfit,
    same_dimension,
    unit,
)
from benchctl.language import (
    Diagnostics,
    Document,
    Expression,
    ExpressionError,
    Function,
    Span,
    parse_expression,
    parse_quantity,
    validate,
)
from benchctl.procedure.declared import Texts
from benchctl.procedure.dimensions import UNKNOWN, Dim
from benchctl.procedure.functions import FUNCTIONS
from benchctl.procedure.grammar import GrammarError, Part
from benchctl.procedure.scope import Scope
from benchctl.procedure.unit_check import dimension_of, fits

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]

MOST_ENTRIES = 200
"""No mapping or list of a procedure is longer."""
MOST_SUGGESTIONS = 50
"""In one file; a hostile one could have thousands of unknown names."""
MOST_LISTED = 12


class Reader:
    """Reads the values of one document."""

    def __init__(self, document: Document, diagnostics: Diagnostics) -> None:
        self.document = document
        self.diagnostics = diagnostics
        self.data: dict[str, Any] = document.data if isinstance(document.data, dict) else {}
        self._suggestions = MOST_SUGGESTIONS

    # mistakes

    @property
    def failed(self) -> bool:
        """Whether an error was reported in this document."""
        return any(
            d.severity == "error" and d.source in self.document.sources
            for d in self.diagnostics.items
        )

    def wrong(
        self,
        code: str,
        message: Message,
        path: Path,
        *,
        hint: Message | None = None,
        key: bool = False,
        within: tuple[int, int] | None = None,
        also: tuple[Path, Message] | None = None,
        warning: bool = False,
    ) -> None:
        """Report a mistake at a value (or its `key`), or within the characters of its text."""
        span = self.document.key_span(path) if key else self.span(path, within)
        report = self.diagnostics.warning if warning else self.diagnostics.error
        report(
            code,
            message,
            self.document.source_of(path),
            span,
            hint=hint,
            also=(self.document.key_span(also[0]), also[1]) if also else None,
        )

    def has(self, path: Path) -> bool:
        """Return whether what a path leads to stands in the file."""
        return len(path) < 2 or len(self.document.nearest(path)) > 1

    def span(self, path: Path, within: tuple[int, int] | None = None) -> Span:
        """Return the place of a value, or of the characters `start` to `end` of its text."""
        if within is None:
            return self.document.span(path)
        start, end = within
        return self.document.span_within(path, start + 1, max(end, start + 1) + 1)

    def unknown_name(
        self,
        name: str,
        known: Iterable[str],
        message: Message,
        path: Path,
        *,
        key: bool = False,
        within: tuple[int, int] | None = None,
    ) -> None:
        """Report a name that is not among those that are known, with the one probably meant."""
        known = list(known)
        near = closest(name, known) if self._suggestions > 0 else None
        self._suggestions -= 1
        hint = one_of(known)
        if near:
            hint = msg("procedure.did-you-mean", name=near)
        self.wrong("E301", message, path, hint=hint, key=key, within=within)

    # shapes

    def part(self, model: type[M], path: Path, value: object) -> M | None:
        """Return a value of the document as the model that it must fit, or None."""
        return validate(model, self.document, self.diagnostics, data=value, at=path)

    def keys(self, model: type[BaseModel], path: Path, value: object) -> bool:
        """Report keys that a model does not know or misses, whatever stands in them."""
        return self.part(_keys_only(model), path, value) is not None

    def formulas(self, path: Path) -> dict[str, str]:
        """Return the texts of a mapping to expressions; what is no text is reported."""
        texts = {}
        for key in self.mapping(path):
            if self.document.is_scalar((*path, key)):
                texts[key] = self.document.text((*path, key))
            else:
                self.wrong("E104", msg("procedure.want-expression"), (*path, key))
        return texts

    def mapping(self, path: Path) -> dict[str, Any]:
        """Return the mapping at a path; empty, and reported, where something else stands there."""
        value: Any = self.data
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong("E104", msg("procedure.want-mapping"), path)
            return {}
        if len(value) > MOST_ENTRIES:
            self.wrong("E004", msg("procedure.too-many", limit=MOST_ENTRIES), path)
            return {}
        return value

    def sequence(self, path: Path) -> list[Any]:
        """Return the list at a path; empty, and reported, where something else stands there."""
        value: Any = self.data
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong("E104", msg("procedure.want-list"), path)
            return []
        if len(value) > MOST_ENTRIES:
            self.wrong("E004", msg("procedure.too-many", limit=MOST_ENTRIES), path)
            return []
        return value

    def text(self, path: Path) -> str | None:
        """Return a scalar as it is written; None where there is none, which its model reports."""
        return self.document.text(path) if self.document.is_scalar(path) else None

    def texts(self, given: Mapping[str, str] | None, path: Path) -> Texts:
        """Return a sentence in all languages."""
        if not given:
            return {}
        if "" in given:
            return dict.fromkeys(LANGUAGES, given[""])
        for language in given:
            if language not in LANGUAGES:
                message = msg("procedure.unknown-language", language=language)
                self.unknown_name(language, LANGUAGES, message, (*path, language), key=True)
        fallback = given.get("en") or next(iter(given.values()))
        return {language: given.get(language, fallback) for language in LANGUAGES}

    # values

    def unit(self, text: str, path: Path) -> Unit | None:
        """Return the unit that a text spells."""
        try:
            return unit(text)
        except UnitError as error:
            self.wrong("E201", error.message, path, hint=error.hint)
            return None

    def sentence(self, parse: Callable[[str], T], text: str | None, path: Path) -> T | None:
        """Return what a parser of `grammar` makes of a text; of none, nothing."""
        if text is None:
            return None
        try:
            return parse(text)
        except GrammarError as error:
            self.wrong(
                "E206", error.message, path, hint=error.hint, within=(error.start, error.end)
            )
        except BenchctlError as error:
            self.wrong("E202", error.message, path, hint=error.hint)
        return None

    def formula(
        self,
        part: Part | str,
        path: Path,
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> Expression | None:
        """Return an expression without looking at its names."""
        part = Part(part, 0) if isinstance(part, str) else part
        try:
            return parse_expression(part.text, functions=functions)
        except ExpressionError as error:
            start, end = part.start + error.column - 1, part.start + error.end_column - 1
            self.wrong("E203", error.message, path, hint=error.hint, within=(start, end))
            return None

    def dimension(self, part: Part | str, expression: Expression, path: Path, scope: Scope) -> Dim:
        """Return what is known of an expression's value; unknown where a mistake was reported."""
        offset = part.start if isinstance(part, Part) else 0
        good = True
        for place in expression.places:
            if place.name not in scope.names:
                good = False
                within = (offset + place.column - 1, offset + place.end_column - 1)
                self._unknown_in(place.name, path, scope, within)
        try:
            dim = dimension_of(expression, scope.names)
        except ExpressionError as error:
            within = (offset + error.column - 1, offset + error.end_column - 1)
            self.wrong("E204", error.message, path, hint=error.hint, within=within)
            return UNKNOWN
        return dim if good else UNKNOWN

    def _unknown_in(self, name: str, path: Path, scope: Scope, within: tuple[int, int]) -> None:
        if name in scope.elsewhere:
            self.wrong("E302", scope.elsewhere[name], path, within=within)
        else:
            message = msg("procedure.unknown-name", name=name)
            self.unknown_name(name, scope.names, message, path, within=within)

    def expression(
        self,
        part: Part | str,
        path: Path,
        scope: Scope,
        *,
        to: Unit | None = None,
        condition: bool = False,
        functions: Mapping[str, Function] = FUNCTIONS,
    ) -> Expression | None:
        """Return an expression whose names and units are in order.

        Args:
            part: The text, or the piece of a text, that is the expression.
            path: Where it stands.
            scope: The names that it may use.
            to: The unit of the place where its value goes.
            condition: Whether it must be true or false.
            functions: What it may call.
        """
        part = Part(part, 0) if isinstance(part, str) else part
        expression = self.formula(part, path, functions)
        if expression is None:
            return None
        dim = self.dimension(part, expression, path, scope)
        within = (part.start, part.start + len(part.text))
        if condition:
            if dim.kind not in {"truth", "unknown"}:
                self.wrong("E204", msg("procedure.no-condition"), path, within=within)
        elif dim.kind in {"truth", "text"}:
            self.wrong("E204", msg("procedure.no-number"), path, within=within)
        elif to is not None:
            self.fitting(dim, to, path, within)
        return expression

    def quantity_or_expression(
        self, text: str, path: Path, scope: Scope, to: Unit
    ) -> Expression | None:
        """Return `0.05 MPa`, or an expression, as an expression in the unit `to`."""
        try:
            quantity = parse_quantity(text)
        except BenchctlError:
            return self.expression(text, path, scope, to=to)
        if not same_dimension(quantity.unit, to):
            error = misfit(quantity.unit, to)
            self.wrong("E204", error.message, path, hint=error.hint)
            return None
        return parse_expression(repr(quantity.value * difference_factor(quantity.unit, to)))

    def fitting(
        self, dim: Dim, to: Unit, path: Path, within: tuple[int, int] | None = None
    ) -> bool:
        """Report a value that does not fit the unit of the place where it goes."""
        if dim.kind in {"unknown", "number"} or fits(dim, to):
            return True
        if dim.dimension and dim.sizes and dim.dimension == tuple(to.dimension):
            factor = f"{dim.sizes[0] / to.factor:g}"
            message = msg("procedure.unit-other", unit=dim.symbol, to=to.symbol, factor=factor)
        else:
            message = msg("procedure.unit-misfit", unit=dim.symbol or "?", to=to.symbol)
        self.wrong("E204", message, path, within=within)
        return False


def one_of(known: Sequence[str]) -> Message | None:
    """Return the message that lists what there is, shortened."""
    if not known:
        return None
    more = ", …" if len(known) > MOST_LISTED else ""
    return msg("procedure.one-of", names=", ".join(known[:MOST_LISTED]) + more)


@lru_cache(maxsize=16)
def _keys_only(model: type[BaseModel]) -> type[BaseModel]:
    """Return a model with the same keys, whatever stands in them."""
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        key = info.alias or name
        fields[key] = (Any, ...) if info.is_required() else (Any, None)
    return create_model(model.__name__, __config__=ConfigDict(extra="forbid"), **fields)
