"""A syntax tree of the few allowed nodes as nested closures over the values of its names."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.language.elementwise import choose, is_mask, refine
from benchctl.language.expression_text import ExpressionError
from benchctl.language.functions import Function, is_array
from benchctl.language.operators import COMPARISONS, OPERATORS
from benchctl.language.source import short

Env = Mapping[str, Any]
Closure = Callable[[Env], Any]
Join = Callable[[Any, Any], Any]

DEEPEST = 30
LARGEST_EXPONENT = 100


_CHAINED = (ast.Add, ast.Sub, ast.Mult, ast.Div)
# What arithmetic on any kind of number raises when there is no value.
_FAILURES = (ArithmeticError, TypeError, ValueError)


class Compiler:
    """Compiles one expression; with `join`, so that every part of it is evaluated."""

    def __init__(
        self,
        text: str,
        constants: Mapping[str, Any],
        functions: Mapping[str, Function],
        join: Join | None = None,
    ) -> None:
        self.text = text
        self.constants = {"true": True, "false": False, **constants}
        self.functions = functions
        self.join = join
        self.places: list[tuple[str, int, int]] = []

    def compile(self, node: ast.expr, depth: int = 1, *, texts: bool = False) -> Closure:
        """Return the node's closure; `texts` says whether its value may be a text.

        Raises:
            ExpressionError: the node, or one within, is not on the list.
        """
        if depth > DEEPEST:
            raise self._error(node, msg("language.expression-too-deep"))
        if isinstance(node, ast.Constant):
            return self._constant(node, texts)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._name(node, texts or depth == 1)
        if isinstance(node, ast.BinOp):
            return self._arithmetic(node, depth)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node, depth)
        if isinstance(node, ast.Compare):
            return self._comparison(node, depth)
        if isinstance(node, ast.BoolOp):
            return self._logic(node, depth)
        if isinstance(node, ast.IfExp):
            return self._choice(node, depth, texts)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        raise self._refusal(node)

    def _constant(self, node: ast.Constant, texts: bool) -> Closure:
        value = node.value
        if isinstance(value, str) and not texts:
            raise self._error(node, msg("language.text-not-number", text=short(repr(value))))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = self._number(node, value)
        return lambda _: value

    def _number(self, node: ast.expr, value: float) -> float:
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            raise self._error(node, msg("language.number-too-large", text=self._snippet(node)))
        return number

    def _name(self, node: ast.Name | ast.Attribute, texts: bool) -> Closure:
        name = self._dotted(node)
        if name in self.constants:
            value = self.constants[name]
            return lambda _: value
        self.places.append((name, *self._columns(node)))

        def look_up(env: Env) -> Any:
            try:
                value = env[name]
            except KeyError:
                raise self._error(node, msg("language.no-value-for", name=name)) from None
            if isinstance(value, str) and not texts:
                raise self._error(node, msg("language.text-not-number", text=short(repr(value))))
            return value

        return look_up

    def _dotted(self, node: ast.expr) -> str:
        """Return `point.flow` for the attribute `flow` of the name `point`."""
        parts: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            raise self._refusal(node)
        return ".".join([inner.id, *reversed(parts)])

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Closure:
        if type(node.op) not in OPERATORS:
            raise self._refusal(node)
        if isinstance(node.op, ast.Pow):
            self._check_exponent(node.right)
        # a sum of many terms is a deep tree, though nobody reads it as one
        chained = isinstance(node.op, _CHAINED) and isinstance(node.left, ast.BinOp)
        left = self.compile(node.left, depth if chained else depth + 1)
        right = self.compile(node.right, depth + 1)
        operate = OPERATORS[type(node.op)]

        def evaluate(env: Env) -> Any:
            a, b = left(env), right(env)
            try:
                return operate(a, b)
            except _FAILURES as error:
                raise self._failure(node, error) from error

        return evaluate

    def _check_exponent(self, node: ast.expr) -> None:
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        value = inner.value if isinstance(inner, ast.Constant) else None
        if isinstance(value, (int, float)) and abs(value) > LARGEST_EXPONENT:
            raise self._error(node, msg("language.exponent-too-large", limit=LARGEST_EXPONENT))

    def _unary(self, node: ast.UnaryOp, depth: int) -> Closure:
        operand = self.compile(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            if self.join:
                return operand
            return lambda env: self._not(operand(env), node.operand)
        if not isinstance(node.op, (ast.USub, ast.UAdd)):
            raise self._refusal(node)
        operate = operator.neg if isinstance(node.op, ast.USub) else operator.pos

        def evaluate(env: Env) -> Any:
            value = operand(env)
            try:
                return operate(value)
            except _FAILURES as error:
                raise self._failure(node, error) from error

        return evaluate

    def _comparison(self, node: ast.Compare, depth: int) -> Closure:
        if any(type(op) not in COMPARISONS for op in node.ops):
            raise self._refusal(node)
        operators = [COMPARISONS[type(op)] for op in node.ops]
        nodes = [node.left, *node.comparators]
        operands = [self.compile(n, depth + 1, texts=True) for n in nodes]

        def evaluate(env: Env) -> Any:
            left, result = operands[0](env), True
            for compare, operand in zip(operators, operands[1:], strict=True):
                right = operand(env)
                try:
                    found = compare(left, right)
                except _FAILURES as error:
                    raise self._failure(node, error) from error
                if len(operators) == 1 or self.join:
                    result = found
                elif is_mask(found) or is_mask(result):
                    result = found & result
                elif not self._truth(found, node):
                    return False
                left = right
            return result

        return evaluate

    def _logic(self, node: ast.BoolOp, depth: int) -> Closure:
        operands = [(self.compile(value, depth + 1), value) for value in node.values]
        if self.join:
            return lambda env: [operand(env) for operand, _ in operands][-1]
        decisive = isinstance(node.op, ast.Or)

        def evaluate(env: Env) -> Any:
            mask: Any = None
            for operand, value in operands:
                if mask is not None:
                    mask = refine(mask, ~mask if decisive else mask, operand, env)
                    continue
                found = operand(env)
                if is_mask(found):
                    mask = found
                elif self._truth(found, value) is decisive:
                    return decisive
            return mask if mask is not None else not decisive

        return evaluate

    def _choice(self, node: ast.IfExp, depth: int, texts: bool) -> Closure:
        test = self.compile(node.test, depth + 1)
        then = self.compile(node.body, depth + 1, texts=texts)
        otherwise = self.compile(node.orelse, depth + 1, texts=texts)
        join = self.join
        if join is None:

            def one(env: Env) -> Any:
                found = test(env)
                if is_mask(found):
                    return choose(found, then, otherwise, env)
                return (then if self._truth(found, node.test) else otherwise)(env)

            return one

        def both(env: Env) -> Any:
            test(env)
            return join(then(env), otherwise(env))

        return both

    def _call(self, node: ast.Call, depth: int) -> Closure:
        if not isinstance(node.func, (ast.Name, ast.Attribute)):
            raise self._refusal(node)
        name = self._dotted(node.func)
        function = self.functions.get(name)
        if function is None:
            likely = closest(name.rpartition(".")[2], self.functions)
            hint = msg("language.did-you-mean", word=likely) if likely else None
            raise self._error(node.func, msg("language.no-such-function", name=name), hint)
        count = len(node.args)
        if node.keywords or count < function.least or count > (function.most or count):
            raise self._error(node, msg("language.wrong-arguments", name=name, count=count))
        arguments = [self.compile(argument, depth + 1) for argument in node.args]
        call = (self.join and function.explore) or function.call

        def evaluate(env: Env) -> Any:
            values = [argument(env) for argument in arguments]
            try:
                return call(*values)
            except _FAILURES as error:
                raise self._failure(node, error) from error

        return evaluate

    def _not(self, value: Any, node: ast.expr) -> Any:
        return ~value if is_mask(value) else not self._truth(value, node)

    def _truth(self, value: Any, node: ast.expr) -> bool:
        """Return a condition's value, which must be one plain true or false."""
        if isinstance(value, bool):
            return value
        if is_array(value) and value.ndim == 0 and value.dtype.kind == "b":
            return bool(value)
        raise self._error(node, msg("language.not-a-condition", text=self._snippet(node)))

    def _failure(self, node: ast.expr, error: Exception) -> ExpressionError:
        """Return what an operation that has no value means."""
        if isinstance(error, ZeroDivisionError) or "divide by zero" in str(error):
            name = "division-by-zero"
        elif isinstance(error, OverflowError) or "overflow" in str(error):
            name = "result-too-large"
        elif isinstance(error, TypeError):
            name = "cannot-combine"
        else:
            name = "no-result"
        return self._error(node, msg(f"language.{name}", text=self._snippet(node)))

    def _refusal(self, node: ast.expr) -> ExpressionError:
        if isinstance(node, ast.Tuple) and node.elts:
            hint = msg("language.decimal-point", number="2.5")
            return self._error(node, msg("language.expression-comma"), hint)
        return self._error(node, msg("language.expression-not-allowed", what=self._snippet(node)))

    def _error(
        self, node: ast.expr, message: Message, hint: Message | None = None
    ) -> ExpressionError:
        return ExpressionError(message, *self._columns(node), hint=hint)

    def _columns(self, node: ast.expr) -> tuple[int, int]:
        """Return the columns of the node in the text, from 1, end exclusive."""
        return node.col_offset + 1, (node.end_col_offset or node.col_offset) + 1

    def _snippet(self, node: ast.expr) -> str:
        column, end = self._columns(node)
        return short(self.text[column - 1 : end - 1])
