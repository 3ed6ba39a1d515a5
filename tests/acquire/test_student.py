"""Student's t of our own, against scipy's."""

import pytest
from scipy.special import stdtrit

from benchctl.acquire.student import quantile


@pytest.mark.parametrize("p", [0.5, 0.6, 0.9, 0.95, 0.975, 0.97725, 0.9973, 0.9999, 0.05, 0.001])
def test_it_is_students_t(p):
    for dof in [*range(1, 60), 99, 100, 499, 1000]:
        assert quantile(dof, p) == pytest.approx(float(stdtrit(dof, p)), rel=1e-11, abs=1e-14), dof


@pytest.mark.parametrize(("dof", "p"), [(0, 0.9), (-1, 0.9), (3, 0.0), (3, 1.0), (3, float("nan"))])
def test_what_has_no_quantile_is_refused(dof, p):
    with pytest.raises(ValueError, match="no quantile"):
        quantile(dof, p)
