"""All vectors of uncertainty.json, each within its own tolerance.

`vectors/uncertainty.json` is a copy of the shared vectors of that name, every entry with its source
and how that was read; nothing in it was changed.
"""

import json
import math
from decimal import Decimal
from pathlib import Path

import pytest
from vector_answers import ANSWERS, gas_sensitivities

VECTORS = json.loads((Path(__file__).parent / "vectors" / "uncertainty.json").read_text("utf-8"))
BY_ID = {v["id"]: v for v in VECTORS["vectors"]}


def test_every_vector_has_an_answer():
    assert len(BY_ID) == VECTORS["count"]
    assert set(ANSWERS) == set(BY_ID)


@pytest.mark.parametrize("id_", BY_ID)
def test_the_vector_comes_out(id_):
    vector = BY_ID[id_]
    found = ANSWERS[id_](vector["inputs"])
    expected, tolerance = vector["expected"], vector["tolerance"]
    keys = list(found) if "all" in tolerance else [k for k in tolerance if k in expected]
    assert keys
    for key in keys:
        same(found[key], expected[key], tolerance.get(key, tolerance.get("all")), f"{id_}.{key}")


def same(found, expected, tolerance, where):
    """Compare leaf by leaf: absolutely, relatively, or as decimal strings."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            same(found[key], value, tolerance, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for i, value in enumerate(expected):
            same(found[i], value, tolerance, f"{where}[{i}]")
    elif isinstance(tolerance, str):
        if isinstance(expected, str) and "decimal" in tolerance:
            assert Decimal(found) == Decimal(expected), where
        else:
            assert found == expected, where
    elif isinstance(expected, str | bool):
        assert found == expected, where
    else:
        bound = max(tolerance.get("abs", 0.0), tolerance.get("rel", 0.0) * abs(expected))
        assert math.isfinite(found), where
        assert abs(found - expected) <= bound, f"{where}: {found} for {expected} ± {bound}"


def test_the_sensitivities_of_the_gas_meter_are_exact():
    vector = BY_ID["GAS-6"]
    found = gas_sensitivities(vector["inputs"])
    for name, expected in vector["expected"]["sensitivities"].items():
        assert found[name] == pytest.approx(expected, rel=1e-13)
