"""Formulas: what they may contain, on which numbers they work, where a mistake stands."""

import math
import time

import GTC
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import msg
from benchctl.language import (
    Diagnostics,
    ExpressionError,
    Function,
    Source,
    check_names,
    parse_document,
    parse_expression,
    report_error,
)


def value(text, **env):
    return parse_expression(text)({name.replace("__", "."): v for name, v in env.items()})


def refused(text):
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    return caught.value


def fails(text, **env):
    expression = parse_expression(text)
    with pytest.raises(ExpressionError) as caught:
        expression(env)
    return caught.value


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 ** 2 - 4 / 8", 18.5),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512.0),
        ("1/5", 0.2),
        ("(400 if 1 == 1 else 200) * max(0.05, 0.1)", 40.0),
        ("1 if 2 > 3 else 4 if 5 > 4 else 6", 4.0),
        ("1 < 2 < 3", True),
        ("1 < 2 > 3", False),
        ("not 1 < 2 or 3 != 3 and true", False),
        ("abs(-3) + sign(-2) + floor(2.7) + ceil(2.1)", 7.0),
        ("min(3, 1, 2) + max(3, 1, 2)", 4.0),
        ("round(2.5) + round(3.14159, 2)", 5.14),
        ("sqrt(16) + exp(0) + log(1) + log10(1000)", 8.0),
        ("sin(0) + cos(0) + tan(0) + atan(0) + asin(0) + acos(1)", 1.0),
        ("(１＋２)×３ − ８÷２", 5.0),
        ("1 +\n 2", 3.0),
        ("  1", 1.0),
        (".5e1 + 1.", 6.0),
    ],
)
def test_formulas_have_the_value_that_algebra_gives_them(text, expected):
    assert value(text) == pytest.approx(expected)


def test_names_may_be_dotted_and_chinese_and_are_looked_up_whole():
    expression = parse_expression("0.95 * Q3 if point.flow < 最小流量 else meter.a.b")
    assert expression.names == {"Q3", "point.flow", "最小流量", "meter.a.b"}
    assert expression({"Q3": 2.0, "point.flow": 1, "最小流量": 3}) == 1.9
    assert expression.text == "0.95 * Q3 if point.flow < 最小流量 else meter.a.b"


def test_a_dotted_name_never_reaches_an_attribute():
    assert fails("x.real", x=1.0).message.args["name"] == "x.real"
    assert parse_expression("x.__class__").names == {"x.__class__"}


def test_constants_are_no_names_and_functions_can_be_others():
    twice = {"twice": Function(lambda x: 2 * x)}
    expression = parse_expression("twice(pi) + r", constants={"pi": math.pi}, functions=twice)
    assert expression.names == {"r"}
    assert expression({"r": 1}) == pytest.approx(2 * math.pi + 1)
    with pytest.raises(ExpressionError):
        parse_expression("sqrt(2)", functions=twice)


def test_texts_can_be_compared_and_nothing_else():
    assert value("kind == 'wet'", kind="wet") is True
    assert value('1 if kind != "wet" else 2', kind="wet") == 2
    assert value("kind", kind="wet") == "wet"
    assert "'wet'" in str(fails("kind * n", kind="wet", n=10**9))
    assert "'a'" in str(refused("'a' * 1000000000"))
    assert "combined" in str(fails("kind < 1", kind="wet"))


def test_arrays_are_computed_at_once():
    x = np.array([1.0, 4.0, 9.0])
    assert value("sqrt(x) + 1", x=x).tolist() == [2, 3, 4]
    assert value("max(x, 2, y)", x=x, y=5.0).tolist() == [5, 5, 9]
    assert value("min(x, 2)", x=x).tolist() == [1, 2, 2]
    assert value("x > 2", x=x).tolist() == [False, True, True]
    assert value("round(x / 3, 1)", x=x).tolist() == [0.3, 1.3, 3.0]
    assert value("abs(-x) ** 2", x=x).tolist() == [1, 16, 81]


def test_each_element_of_an_array_goes_its_own_way():
    x = np.array([-4.0, 0.0, 9.0])
    assert value("sqrt(x) if x > 0 else -1", x=x).tolist() == [-1, -1, 3]
    assert value("1 if x > 0 else 2 if x < 0 else 3", x=x).tolist() == [2, 3, 1]
    assert value("1 if x > 5 else y", x=x, y=np.array([7.0, 8, 9])).tolist() == [7, 8, 1]
    assert value("1 if x > 5 else 2", x=np.ones(2)) == 2
    assert value("-1 < x < 10", x=x).tolist() == [False, True, True]
    assert value("not x < 0 and x < 9", x=x).tolist() == [False, True, False]
    assert value("x < 0 or 1 / x > 0.2 or x > 8", x=x[[0, 2]]).tolist() == [True, True]
    assert value("x != 0 and 1 / x < 0", x=x).tolist() == [True, False, False]
    assert value("y > 1 and x > 0", x=x, y=2.0).tolist() == [False, False, True]
    assert value("y > 1 and x > 0", x=x, y=0.0) is False


def test_a_complex_step_takes_the_branch_of_its_real_part():
    assert value("z * z if z >= 2 else 0", z=2 + 1e-20j).imag == pytest.approx(4e-20)
    steps = np.array([1.0, 3.0]) + 1e-20j
    assert value("z * z if z > 2 else 0 * z", z=steps).imag == pytest.approx([0, 6e-20])


def test_numpy_scalars_count_as_plain_numbers():
    assert value("1 if x > 2 and x < 9 else 0", x=np.float64(3)) == 1
    assert isinstance(value("round(x)", x=np.float64(2.5)), float)


def test_complex_numbers_are_computed_as_such():
    assert value("sqrt(z)", z=-1 + 0j) == 1j
    assert value("abs(z)", z=3 + 4j) == 5
    assert value("exp(z)", z=1j * math.pi) == pytest.approx(-1)


def test_uncertain_numbers_of_gtc_keep_their_uncertainty():
    m, r = GTC.ureal(100.2, 0.1), GTC.ureal(100.0, 0.05)
    error = value("100 * (m - r) / r", m=m, r=r)
    assert error.u == pytest.approx((100 * ((m - r) / r)).u)
    assert value("sqrt(m) + log(r)", m=m, r=r).u == pytest.approx((GTC.sqrt(m) + GTC.log(r)).u)
    assert value("1 if m > r else 0", m=m, r=r) == 1


class Recorder:
    """A number that writes down what is done with it."""

    def __init__(self):
        self.seen = []

    def _note(self, other):
        self.seen.append(other)
        return self

    __add__ = __radd__ = __mul__ = __rmul__ = __lt__ = _note

    def max(self, *others):
        return self._note(("max", *others))

    def sqrt(self):
        return self._note("sqrt")


def test_a_foreign_number_is_asked_for_its_own_functions():
    x = Recorder()
    assert value("sqrt(x) + max(1, x, 2)", x=x) is x
    assert x.seen == ["sqrt", ("max", 1.0, 2.0), x]


def test_exploring_sees_both_sides_of_every_condition():
    x = Recorder()
    expression = parse_expression("3 * x if x < 5 and x < 7 or not x < 8 else 4 * x")
    joined = []
    expression.explore({"x": x}, join=lambda a, b: joined.append((a, b)) or a)
    assert x.seen == [5.0, 7.0, 8.0, 3.0, 4.0]
    assert joined == [(x, x)]
    assert parse_expression("1 if a else 2").explore({"a": 5}) == 1


# -- what has no value -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "env", "id_", "columns"),
    [
        ("1 + a / b", {"a": 1, "b": 0}, "division-by-zero", (5, 10)),
        ("a / b", {"a": np.ones(2), "b": np.zeros(2)}, "division-by-zero", (1, 6)),
        ("0 ** -1", {}, "division-by-zero", (1, 8)),
        ("9**9**9", {}, "result-too-large", (1, 8)),
        ("(10**6)**(10**6)", {}, "result-too-large", (1, 17)),
        ("a ** a", {"a": 10**9}, "result-too-large", (1, 7)),
        ("a ** 2", {"a": 10**400}, "result-too-large", (1, 7)),
        ("a / 3", {"a": 10**400}, "result-too-large", (1, 6)),
        ("exp(1000)", {}, "result-too-large", (1, 10)),
        ("exp(a)", {"a": np.array([1000.0])}, "result-too-large", (1, 7)),
        ("2 * (-8) ** 0.5", {}, "no-result", (5, 16)),
        ("a ** 0.5", {"a": -8}, "no-result", (1, 9)),
        ("1 + sqrt(a)", {"a": -1.0}, "no-result", (5, 12)),
        ("sqrt(a)", {"a": np.array([1.0, -1.0])}, "no-result", (1, 8)),
        ("log(0)", {}, "no-result", (1, 7)),
        ("round(1, 0.5)", {}, "no-result", (1, 14)),
        ("1e200 * 1e200", {}, "not-finite", (1, 14)),
        ("a", {"a": math.nan}, "not-finite", (1, 2)),
        ("a + 1", {"a": None}, "cannot-combine", (1, 6)),
        ("-a", {"a": [1]}, "cannot-combine", (1, 3)),
        ("水 + b", {"水": 1}, "no-value-for", (5, 6)),
        ("1 if a else 2", {"a": 1}, "not-a-condition", (6, 7)),
        ("not a", {"a": 0}, "not-a-condition", (5, 6)),
        ("a > 1 and a", {"a": 2}, "not-a-condition", (11, 12)),
    ],
)
def test_what_has_no_value_is_told_with_its_place(text, env, id_, columns):
    error = fails(text, **env)
    assert error.message.id == f"language.{id_}"
    assert (error.column, error.end_column) == columns
    assert error.words("zh")
    assert error.exit_code == 2


def test_an_error_of_a_foreign_number_goes_through_as_it_is():
    class Picky:
        def __add__(self, other):
            raise BenchctlError(msg("language.file-empty"))

    with pytest.raises(BenchctlError, match="empty"):
        value("x + 1", x=Picky())


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("", (1, 1), "empty"),
        ("   ", (1, 4), "empty"),
        ("a ^ 2", (3, 4), "`**`"),
        ("a ≤ b", (3, 4), "`<=`"),
        ("x² + 1", (2, 3), "`**2`"),
        ("a = 1", (3, 4), "`==`"),
        ("a && b", (3, 4), "`and`"),
        ("5 %", (3, 4), "unit stands at the end"),
        ("±3", (1, 2), "beginning of a limit"),
        ("2,5 * a", (1, 8), "`2.5`"),
        ("a b", (3, 4), "operator is missing before `b`"),
        ("2 a", (3, 4), "operator is missing before `a`"),
        ("1if a else 2", (2, 4), "operator is missing"),
        ("0x10", (2, 5), "operator is missing"),
        ("1_000", (2, 6), "operator is missing"),
        ("2j", (2, 3), "operator is missing"),
        ("f'{x}'", (2, 7), "operator is missing"),
        ("007", (1, 4), "`7`"),
        ("(1 + 2", (1, 2), "as many"),
        ("1 if a", (1, 2), "`a if condition else b`"),
        ("1 +", (1, 2), "not an expression"),
        ("a.b()", (1, 4), "no function `a.b`"),
        ("(a)(1)", (2, 3), "no function `a`"),
        ("sqroot(2)", (1, 7), "`sqrt`"),
        ("max(1)", (1, 7), "1 argument"),
        ("max(*a)", (1, 8), "argument"),
        ("round(1, 2, 3)", (1, 15), "3 argument"),
        ("sqrt()", (1, 7), "0 argument"),
        ("a // b", (1, 7), "`a // b`"),
        ("1e999", (1, 6), "too large"),
        ("x ** 101", (6, 9), "at most 100"),
        ("x ** -1000", (6, 11), "at most 100"),
        ("lambda", (1, 7), "`lambda`"),
        ("a is b", (3, 5), "`is`"),
        ("a in b", (3, 5), "`in`"),
        ("None", (1, 5), "`None`"),
        ("x.class", (1, 8), "`class`"),
        ("[1]", (1, 2), "`[`"),
        ("a[0]", (2, 3), "`[`"),
        ("(1).real", (4, 5), "`.`"),
        ("'a'.upper()", (4, 5), "`.`"),
        ("a := 1", (3, 4), "`:`"),
        ("a; b", (2, 3), "`;`"),
        ("'a\\n'", (1, 2), "meaning"),
        ("ﬁ + 1", (1, 2), "unusual forms"),
        ("__import__('os')", (1, 11), "no function"),
        ("水流量 * 2 +* 3", (10, 11), "not an expression"),
        ("1" * 501, (1, 501), "500"),
    ],
)
def test_what_cannot_stand_there_is_told_with_its_columns_and_what_to_write(text, columns, said):
    error = refused(text)
    assert said in error.words()
    assert (error.column, error.end_column) == columns
    assert error.words("zh") != error.words()


def test_deep_nesting_is_refused_and_a_long_sum_is_not():
    assert "deep" in str(refused("(a+" * 40 + "1" + ")" * 40))
    assert "deep" in str(refused("-" * 499 + "1"))
    assert "deep" in str(refused("abs(" * 31 + "1" + ")" * 31))
    assert value("abs(" * 29 + "1" + ")" * 29) == 1
    assert value("+".join(["a"] * 250), a=1) == 250
    assert value("(" * 100 + "1" + ")" * 100) == 1


@pytest.mark.parametrize("text", ["(" * 250 + ")" * 250, "not " * 124 + "a", "a" + "**a" * 160])
def test_hostile_nesting_is_refused_at_once(text):
    started = time.process_time()
    refused(text)
    assert time.process_time() - started < 0.1


# -- in a file ---------------------------------------------------------------------------------

FILE = "{mpe: ±(3 if klass == 1 else Q9) %, 流量: '0.95 * Q33'}"


def test_an_unknown_name_is_told_at_its_characters_with_the_likely_one():
    diagnostics = Diagnostics()
    document = parse_document(Source("p.yaml", FILE), diagnostics)
    limit = parse_expression("(3 if klass == 1 else Q9)")
    flow = parse_expression(document.text(("流量",)))
    known = {"Q1", "Q3", "class_"}
    assert not check_names(limit, known, document, ("mpe",), diagnostics, offset=1)
    assert not check_names(flow, known, document, ("流量",), diagnostics)
    klass, q9, q33 = diagnostics.items
    assert document.source.line(1)[klass.span.column - 1 :].startswith("klass")
    assert document.source.line(1)[q9.span.column - 1 :].startswith("Q9)")
    assert document.source.line(1)[q33.span.column - 1 : q33.span.end_column - 1] == "Q33"
    assert str(q33.hint) == "did you mean `Q3`?"
    assert {item.code for item in diagnostics.items} == {"E301"}


def test_known_names_are_fine():
    diagnostics = Diagnostics()
    document = parse_document(Source("p.yaml", "a: Q3 + 1"), diagnostics)
    assert check_names(parse_expression("Q3 + 1"), ["Q3"], document, ("a",), diagnostics)
    assert not diagnostics.items


def test_a_wrong_expression_is_told_at_its_characters():
    diagnostics = Diagnostics()
    document = parse_document(Source("p.yaml", "a: {b: Q3 ^ 2}"), diagnostics)
    report_error(refused("Q3 ^ 2"), document, ("a", "b"), diagnostics)
    (item,) = diagnostics.items
    assert (item.code, item.span.column, item.span.end_column) == ("E203", 11, 12)


# -- any text ----------------------------------------------------------------------------------

PIECES = ["a", "b.c", "1", "2.5", "1e9", " ", "(", ")", "+", "-", "*", "/", "**", "<", "==", ","]
PIECES += [
    "if",
    "else",
    "and",
    "or",
    "not",
    "max",
    "sqrt(",
    "'t'",
    "水",
    "．",
    "%",
    "=",
    "\n",
    "Ｑ",
]
ENVIRONMENT = {"a": 2, "b.c": -0.5, "水": 10**6, "Q": "text", "max": 1.0}


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_value_or_an_expression_error_within_the_text(text):
    error = None
    try:
        expression = parse_expression(text)
        expression.explore(ENVIRONMENT)
        expression(ENVIRONMENT)
    except ExpressionError as refusal:
        error = refusal
    if error:
        assert 1 <= error.column <= error.end_column <= len(text) + 1
        assert error.words("zh")


NUMBERS = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_arithmetic_is_that_of_floats(a, b, c):
    found = value("(a + b) * c - a / b ** 2", a=a, b=b, c=c)
    assert found == (a + b) * c - a / b**2
