"""An equipment register of MSL (the XML of msl-equipment), as drafts of assets.

Taken over: what an equipment is, where, whether it is in use, and its latest reports whose
corrected value is an equation of one variable, with their standard uncertainty (so k = 1). What
else a report holds (tables, Callendar-Van Dusen coefficients, files) is named, not guessed. Several
reports of one equipment make one certificate: dated like the newest, due when the first of them is.

Format: the published schema https://measurement.govt.nz/equipment-register, as its examples show.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.parsers import expat

from benchctl.bench.assets.drafts import Draft, Given
from benchctl.bench.certificate_reading import YEAR
from benchctl.core.messages import Message, msg
from benchctl.language import Diagnostics, Source, Span
from benchctl.language.files import read_bytes

LARGEST = 20_000_000
"""Bytes of a file."""
DEEPEST = 40
_UNITS = {"C": "°C", "degC": "°C", "%rh": "pp", "%": "pp"}
"""Spellings of units that the table of units has otherwise; their % is that of the quantity."""


@dataclass(slots=True)
class Node:
    """An XML element with its line."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Node]:
        """Give the children of a tag."""
        return (child for child in self.children if child.tag == tag)

    def get(self, tag: str) -> Given | None:
        """Return the text of the child of a tag, None where it has none."""
        child = next(self.all(tag), None)
        text = "" if child is None else child.text.strip()
        return Given(text, Span.at(child.line, 1)) if child is not None and text else None


def read_msl(path: Path, diagnostics: Diagnostics) -> tuple[list[Draft], Source] | None:
    """Return the equipment of a register as drafts; None where it is none."""
    data = read_bytes(path, LARGEST, diagnostics)
    if data is None:
        return None
    source = Source(str(path), data.decode("utf-8", "replace"))
    try:
        root = _parsed(data)
    except (expat.ExpatError, _RefusedError, LookupError, ValueError) as error:
        line = getattr(error, "lineno", 1)
        wrong = msg("assets.no-xml", why=str(error)[:120])
        diagnostics.error("E001", wrong, source, Span.at(line, 1))
        return None
    if root is None or root.tag != "register":
        diagnostics.error("E101", msg("assets.no-register"), source, Span.at(1, 1))
        return None
    return [_draft(equipment) for equipment in root.all("equipment")], source


class _RefusedError(Exception):
    """The file does what a register need not."""


def _parsed(data: bytes) -> Node | None:
    """Return the tree; declared entities and absurd depth are refused."""
    parser = expat.ParserCreate(namespace_separator="}")
    open_: list[Node] = []
    roots: list[Node] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(open_) > DEEPEST:
            raise _RefusedError("too deep")
        node = Node(tag.rpartition("}")[2], parser.CurrentLineNumber, dict(attributes))
        (open_[-1].children if open_ else roots).append(node)
        open_.append(node)

    def end(_tag: str) -> None:
        open_.pop()

    def text(data: str) -> None:
        if open_:
            open_[-1].text += data

    def entity(*_: Any) -> None:
        raise _RefusedError("entities are not read")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, entity
    parser.Parse(data, True)
    return roots[0] if roots else None


def _draft(equipment: Node) -> Draft:
    span = Span.at(equipment.line, 1)
    data: dict[str, Any] = {}
    maker, model = equipment.get("manufacturer"), equipment.get("model")
    named = {
        "asset": equipment.get("id"),
        "title": equipment.get("description"),
        "serial": equipment.get("serial"),
        "location": equipment.get("location"),
    }
    data |= {key: given for key, given in named.items() if given is not None}
    if model is not None:
        whole = f"{maker.value} {model.value}" if maker is not None else model.value
        data["model"] = Given(whole, model.span)
    status = equipment.get("status")
    active = status is None or status.value == "Active"
    draft = Draft(data, span, status="" if active or status is None else str(status.value))
    _take_reports(draft, equipment)
    if "certificate" not in data:
        data["kind"] = Given("instrument", span)
    return draft


@dataclass(frozen=True, slots=True)
class _Report:
    """The latest report of a component: what it states, and when."""

    node: Node
    channel: str
    issued: date
    due: date


def _take_reports(draft: Draft, equipment: Node) -> None:
    """Take the latest reports, as far as they can be taken."""
    taken: list[_Report] = []
    channels: dict[str, Any] = {}
    for measurand in (m for c in equipment.all("calibrations") for m in c.all("measurand")):
        years = measurand.attributes.get("calibrationInterval", "")
        for component in measurand.all("component"):
            report = _latest(measurand, component, years)
            if report is None:
                continue
            stated = _stated(report.node)
            if isinstance(stated, Message):
                number = report.node.attributes.get("id", "")
                draft.notes.append(msg("assets.not-taken", number=number, why=stated))
                continue
            channels[report.channel] = stated
            taken.append(report)
    if not taken:
        return
    numbers = dict.fromkeys(r.node.attributes.get("id", "") for r in taken)
    issuer = next((g for r in taken if (g := r.node.get("issuingLaboratory")) is not None), None)
    span = Span.at(taken[0].node.line, 1)
    draft.data["certificate"] = {
        "number": Given("; ".join(numbers), span),
        "issued": Given(max(r.issued for r in taken).isoformat(), span),
        "due": Given(min(r.due for r in taken).isoformat(), span),
    } | ({} if issuer is None else {"issuer": issuer})
    draft.data["channels"] = channels


def _latest(measurand: Node, component: Node, years: str) -> _Report | None:
    """Return the report of a component that was issued last."""
    name = "_".join(
        (component.attributes.get("name") or measurand.attributes.get("quantity", "value")).split()
    )
    found = []
    for report in component.all("report"):
        issued, stop = report.get("reportIssueDate"), report.get("measurementStopDate")
        try:
            day = date.fromisoformat(issued.value if issued else "")
            measured = date.fromisoformat(stop.value) if stop else day
            due = measured + timedelta(days=float(years) * YEAR)
        except (ValueError, OverflowError):
            continue
        found.append(_Report(report, name.lower(), day, due))
    return max(found, key=lambda r: r.issued, default=None)


def _stated(report: Node) -> dict[str, Any] | Message:
    """Return what a report states for a channel, or why it cannot be taken."""
    equation = next(report.all("equation"), None)
    if equation is None:
        kinds = ", ".join(c.tag for c in report.children if c.tag in _OTHERS)
        return msg("assets.only-equations", kinds=kinds or "-")
    value = next(equation.all("value"), None)
    uncertainty = next(equation.all("uncertainty"), None)
    variables = [] if value is None else value.attributes.get("variables", "").split()
    if value is None or uncertainty is None or len(variables) != 1:
        return msg("assets.one-variable", count=len(variables))
    span = Span.at(equation.line, 1)
    unit = equation.get("unit")
    symbol = _UNITS.get(unit.value, unit.value) if unit is not None else ""
    try:
        corrected = _rewritten(value.text, variables[0])
        u = _rewritten(uncertainty.text, variables[0])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return msg("assets.no-equation", why=str(error)[:80])
    stated: dict[str, Any] = {
        "U": {"equation": Given(u, span), "unit": Given(symbol, span)},
        "k": Given(1, span),
        "correction": {
            "equation": Given(f"({corrected}) - value", span),
            "unit": Given(symbol, span),
        },
    }
    ends = next((r for rs in equation.all("ranges") for r in rs.all("range")), None)
    low, high = (None, None) if ends is None else (ends.get("minimum"), ends.get("maximum"))
    if low is not None and high is not None:
        of = "%" if symbol == "pp" else symbol
        stated["range"] = Given(f"{low.value} .. {high.value} {of}", span)
    return stated


_OTHERS = ("table", "cvdCoefficients", "file", "serialised", "digitalReport")


class _Rewriting(ast.NodeTransformer):
    """The variable is called `value`, and `pow(a, b)` is a ** b."""

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("value") if node.id == self.variable else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "pow" and len(node.args) == 2:
            return ast.BinOp(node.args[0], ast.Pow(), node.args[1])
        return node


def _rewritten(text: str, variable: str) -> str:
    """Return an equation of theirs as one of ours; it is read as text, nothing of it is run."""
    if len(text) > 500:
        raise ValueError("too long")
    tree = ast.parse(text.strip(), mode="eval")
    return ast.unparse(_Rewriting(variable).visit(tree))
