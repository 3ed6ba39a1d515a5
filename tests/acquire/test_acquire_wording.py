"""The sentences of acquire, metrology and judgement: both languages, the same fields."""

import ast
import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

import benchctl
from benchctl.acquire.wording import quantity

ROOMS = ("acquire", "metrology", "judgement")
PACKAGE = Path(benchctl.__file__).parent


def texts(language, room):
    return import_module(f"benchctl.core.catalog.{language}.{room}").TEXTS


def fields(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same_things_with_the_same_fields(room):
    english, chinese = texts("en", room), texts("zh", room)
    assert list(english) == list(chinese)
    assert {k: fields(v) for k, v in english.items()} == {k: fields(v) for k, v in chinese.items()}
    assert all(re.search(r"[\u4e00-\u9fff；]|^ ?\{ratio\}", v) for v in chinese.values())


def test_every_sentence_that_the_rooms_use_exists():
    used = set()
    for room in ("acquire", "metrology"):
        for path in (PACKAGE / room).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    used.add(node.value)
    known = {f"{room}.{name}" for room in ("acquire", "metrology") for name in texts("en", room)}
    said = {u for u in used if re.fullmatch(r"(acquire|metrology)\.[a-z-]+", u)}
    assert said == known
    assert {"inside", "outside", "not-measured", "retest-incomplete"} <= set(
        texts("en", "judgement")
    )


@pytest.mark.parametrize(
    ("value", "unit", "digits", "expected"),
    [
        (2.375, "m³/h", 4, "2.375 m³/h"),
        (101325.0, "Pa", 4, "101325 Pa"),
        (0.000123456, "", 4, "0.0001235"),
        (0.0, "L", 4, "0.000 L"),
        (99999.95, "", 9, "99999.9500"),
        (float("inf"), "L", 4, "inf L"),
    ],
)
def test_quantities_are_written_without_exponents(value, unit, digits, expected):
    assert quantity(value, unit, digits) == expected
