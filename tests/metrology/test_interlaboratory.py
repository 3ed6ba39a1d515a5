"""Scores of comparisons between laboratories."""

import pytest

from benchctl.metrology import Participant, score_all


def test_against_a_reference_laboratory_en_is_by_both_uncertainties():
    found = score_all(
        [
            Participant("R", 10.0, 0.03),
            Participant("A", 10.045, 0.04),
            Participant("B", 10.06, 0.04),
        ],
        reference="R",
    )
    a, b = found.scored
    assert (a.participant.name, a.en.value, a.en.grade) == ("A", pytest.approx(0.9), "acceptable")
    assert (b.en.value, b.en.grade) == (pytest.approx(1.2), "action")
    assert b.zeta.value == pytest.approx(0.06 / 0.025)
    assert found.u_assigned == pytest.approx(0.015)


def test_the_consensus_is_the_robust_mean_and_an_outlier_hardly_moves_it():
    values = [10.0, 10.1, 9.9, 10.05, 9.95, 14.0]
    found = score_all([Participant(str(n), v) for n, v in enumerate(values)])
    assert found.assigned == pytest.approx(10.03, abs=0.05)
    assert found.u_assigned == pytest.approx(1.25 * found.s / 6**0.5)
    assert found.z_name == "z'"  # six participants: 1.25 / sqrt(6) > 0.3
    assert [r.z.grade for r in found.scored] == ["acceptable"] * 5 + ["action"]
    assert found.scored[0].en is None


def test_with_a_given_value_and_s_z_is_the_plain_score():
    found = score_all([Participant("A", 10.5), Participant("B", 9.7)], assigned=10.0, s=0.2)
    assert found.z_name == "z"
    assert [r.z.value for r in found.scored] == pytest.approx([2.5, -1.5])
    assert [r.z.grade for r in found.scored] == ["warning", "acceptable"]
