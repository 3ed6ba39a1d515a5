"""Standing totals: two readings of a register at rest, and the flow of the mean litre."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.acquire import mean_by_volume, standing_total
from benchctl.core.errors import NotMeasuredError


def total(before, after, **more):
    given = {"reference": 100.0, "resolution": 0.05, "window": (5.0, 155.0), "flow": 0.66}
    return standing_total(before, after, **(given | more))


def test_two_readings_at_rest_make_a_triangle_over_the_interval():
    found = total(1020.35, 1120.60)
    assert found.indication == 100.25
    assert found.u_gate == pytest.approx(0.05 / math.sqrt(6))
    assert (found.distribution, found.method, found.n) == ("triangular", "standing", 2)
    assert (found.t_start, found.t_stop, found.u_timing) == (5.0, 155.0, 0.0)


@given(st.floats(0.0, 0.05), st.integers(1, 5000))
def test_the_triangle_holds_whatever_the_register_stood_at(start, steps):
    passed = steps * 0.0173
    before, after = (math.floor(v / 0.05) * 0.05 for v in (start, start + passed))
    found = total(before, after, reference=passed)
    assert abs(found.indication - passed) <= math.sqrt(6) * found.u_gate + 1e-9


def test_a_register_that_stands_still_is_measured_and_noted():
    found = total(77.0, 77.0)
    assert found.indication == 0.0
    assert [note.id for note in found.notes] == ["acquire.register-stuck"]


def test_a_register_that_went_back_is_not_measured():
    with pytest.raises(NotMeasuredError) as error:
        total(99999.95, 0.05)
    assert error.value.message.id == "acquire.register-backwards"


@pytest.mark.parametrize("reference", [0.0, -0.3])
def test_without_water_there_is_no_error(reference):
    with pytest.raises(NotMeasuredError) as error:
        total(1.0, 1.0, reference=reference)
    assert error.value.message.id == "acquire.no-flow"


def test_little_passes_while_the_flow_rises_and_falls_and_counts_little():
    t = np.linspace(0.0, 100.0, 2001)
    flow = 2.4 * np.clip(np.minimum(t, 100.0 - t) / 5.0, 0.0, 1.0)
    by_time = float(flow.mean())
    by_volume = mean_by_volume(t, flow)
    # ramps of 5 s at both ends: 2.4 (90 + 2*5/3) / (90 + 2*5/2)
    assert by_volume == pytest.approx(2.4 * (90 + 10 / 3) / 95, rel=1e-4)
    assert by_time < by_volume < 2.4


def test_rest_before_and_after_does_not_move_the_mean():
    t = np.array([0.0, 10.0, 10.001, 90.0, 90.001, 200.0])
    flow = np.array([0.0, 0.0, 1.5, 1.5, 0.0, 0.0])
    assert mean_by_volume(t, flow) == pytest.approx(1.5, rel=1e-4)


def test_a_line_that_never_flowed_has_no_mean_flow():
    with pytest.raises(NotMeasuredError):
        mean_by_volume(np.array([0.0, 1.0]), np.zeros(2))
