"""What `benchctl stats` says about a column of numbers."""

import json
import math

import numpy as np
import pytest

from benchctl.acquire import describe
from benchctl.acquire.outliers import outliers

# NIST/SEMATECH e-Handbook 1.3.5.17.3: Rosner's data, three outliers by GESD with r = 10
ROSNER = [
    -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58,
    1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15,
    2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21,
    3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01,
]  # fmt: skip

# NIST/SEMATECH e-Handbook 1.3.5.17.1: Tietjen and Moore, mass spectrometer
URANIUM = [199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57]

# NIST StRD univariate, Lew: first 40 of 200
LEW = [
    -213, -564, -35, -15, 141, 115, -420, -360, 203, -338, -431, 194, -220, -513, 154, -125,
    -559, 92, -21, -579, -52, 99, -543, -175, 162, -457, -346, 204, -300, -474, 164, -107, -572,
    -8, 83, -541, -224, 180, -420, -374,
]  # fmt: skip


def test_the_document_has_what_the_contract_says():
    found = describe([1.0, 2.0, 1.5, 1.2, 1.8])
    assert list(found) == [
        "n", "mean", "s", "u", "n_eff", "lag1", "drift", "outliers", "settled",
    ]  # fmt: skip
    assert set(found["drift"]) == {"slope", "u"}
    assert found["n"] == 5
    assert found["mean"] == 1.5
    assert isinstance(found["settled"], bool)
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_numbers_are_those_of_the_definition():
    x = np.asarray(LEW, dtype=float)
    found = describe(x)
    y = x - x.mean()
    assert found["mean"] == pytest.approx(x.mean(), rel=1e-13)
    assert found["s"] == pytest.approx(x.std(ddof=1), rel=1e-13)
    assert found["lag1"] == pytest.approx(np.dot(y[1:], y[:-1]) / np.dot(y, y), abs=1e-12)
    assert found["u"] == pytest.approx(found["s"] / math.sqrt(found["n_eff"]), rel=1e-13)
    assert found["settled"] is True


def test_gesd_finds_rosners_three_outliers_behind_each_other():
    found = describe(ROSNER)
    assert [ROSNER[i] for i in found["outliers"]] == [5.34, 5.42, 6.01]


def test_one_outlier_of_eight_is_grubbs():
    """GRUBBS-8: G = 2.4688 against the two-sided 2.1266."""
    assert describe(URANIUM)["outliers"] == [7]
    assert describe(URANIUM[::-1])["outliers"] == [0]
    assert describe(URANIUM[:-1])["outliers"] == []


def test_clean_data_is_suspected_in_about_5_percent():
    rng = np.random.default_rng(1)
    false = sum(bool(outliers(rng.normal(size=30))) for _ in range(1000))
    assert 25 <= false <= 80


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0], [3.0] * 10])
def test_nothing_can_be_an_outlier_of_too_little_or_of_itself(x):
    assert describe(x)["outliers"] == []


def test_an_outlier_among_readings_that_are_all_alike_is_found():
    assert describe([5.0] * 20 + [6.0])["outliers"] == [20]


def test_a_drift_and_an_approach_are_not_settled():
    rng = np.random.default_rng(2)
    t = np.arange(60.0)
    assert describe(0.05 * rng.normal(size=60))["settled"] is True
    assert describe(0.01 * t + 0.05 * rng.normal(size=60))["settled"] is False
    assert describe(20 * np.exp(-t / 12) + 0.05 * rng.normal(size=60))["settled"] is False
    assert describe(2.0 * t)["settled"] is False
    assert describe([7.0] * 10)["settled"] is True


def test_white_noise_is_called_settled_almost_always():
    rng = np.random.default_rng(3)
    assert sum(describe(rng.normal(size=40))["settled"] for _ in range(300)) >= 290


def test_times_scale_the_drift():
    x = [1.0, 1.1, 1.3, 1.2, 1.5]
    by_reading = describe(x)["drift"]
    by_second = describe(x, times=[0.0, 0.5, 1.0, 1.5, 2.0])["drift"]
    assert by_second["slope"] == pytest.approx(2 * by_reading["slope"])
    assert by_second["u"] == pytest.approx(2 * by_reading["u"])


def test_what_one_reading_cannot_tell_is_null():
    found = describe([4.5])
    assert found == {
        "n": 1,
        "mean": 4.5,
        "s": None,
        "u": None,
        "n_eff": 1.0,
        "lag1": None,
        "drift": {"slope": None, "u": None},
        "outliers": [],
        "settled": False,
    }


@pytest.mark.parametrize("x", [[], [1.0, math.nan], [1.0, math.inf]])
def test_no_readings_and_no_numbers_are_refused(x):
    with pytest.raises(ValueError, match=r"no readings|not finite"):
        describe(x)
