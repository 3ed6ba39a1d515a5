"""A curve between a role and a channel: read both ways, never beyond its ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.bench.curves import CurveError, load_curve
from benchctl.core.errors import RefusedError


@pytest.fixture
def curve(tmp_path):
    def load(text, encoding="utf-8"):
        path = tmp_path / "curve.csv"
        path.write_bytes(text.encode(encoding))
        return load_curve(path)

    return load


def test_between_two_points_the_curve_is_straight(curve):
    found = curve("m³/h,%\n0,0\n1,20\n3,100\n")
    assert (found.role_unit.symbol, found.channel_unit.symbol) == ("m³/h", "%")
    assert found.to_channel(0.5) == pytest.approx(10.0)
    assert found.to_channel(2.0) == pytest.approx(60.0)
    assert found.to_channel(0) == 0.0
    assert found.to_channel(3) == 100.0


def test_a_falling_curve_is_read_both_ways(curve):
    found = curve("MPa,mA\n0,20\n1,4\n")
    assert found.to_channel(0.25) == pytest.approx(16.0)
    assert found.to_role(8.0) == pytest.approx(0.75)


@pytest.mark.parametrize("value", [-0.001, 3.001, float("nan"), float("inf")])
def test_beyond_its_ends_a_curve_says_nothing_but_its_range(curve, value):
    with pytest.raises(RefusedError) as caught:
        curve("m³/h,%\n0,0\n3,100\n").to_channel(value)
    assert caught.value.message.args["low"] == "0"
    assert caught.value.message.args["high"] == "3 m³/h"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m³/h,%\n",
        "m³/h,%\n1,2\n",
        "m³/h\n1\n2\n",
        "m³/hh,%\n0,0\n1,1\n",
        "m³/h,%\n0,0\n1,one\n",
        "m³/h,%\n0,0\n1,1,1\n",
        "m³/h,%\n0,0\n1,1\n1,2\n",
        "m³/h,%\n0,0\n2,2\n1,3\n",
        "m³/h,%\n0,0\n1,3\n2,2\n",
        "m³/h,%\n0,0\nnan,1\n",
    ],
)
def test_what_is_no_curve_is_refused_with_the_file(curve, text):
    with pytest.raises(CurveError, match=r"curve\.csv"):
        curve(text)


def test_a_curve_may_come_from_a_spreadsheet(curve):
    assert curve("m³/h,%\r\n0,0\r\n1,20\r\n", "utf-8-sig").to_channel(1) == 20.0


@given(st.lists(st.floats(0.001, 1000), min_size=2, max_size=20), st.floats(0, 1))
def test_what_a_curve_says_forwards_it_says_backwards(tmp_path_factory, steps, share):
    path = tmp_path_factory.getbasetemp() / "there-and-back.csv"
    rows, x, y = [], 0.0, 0.0
    for n, step in enumerate(steps):
        x, y = x + step, y + steps[-1 - n]
        rows.append(f"{x!r},{y!r}")
    path.write_text("m³/h,%\n" + "\n".join(rows) + "\n", encoding="utf-8")
    found = load_curve(path)
    value = found.role[0] + share * (found.role[-1] - found.role[0])
    assert found.to_role(found.to_channel(value)) == pytest.approx(value, rel=1e-6, abs=1e-6)
