"""What a certificate is worth at a value: U, corrections, drift; and where it holds no more."""

import math
from datetime import timedelta

import pytest
from asset_samples import MASTER, NOW, entered, good, spoilt

from benchctl.bench.assets import changes
from benchctl.bench.laws import Law, law_from_json
from benchctl.bench.standards import (
    as_json,
    corrected,
    drift_half_width,
    out_of_range,
    standard_uncertainty,
)
from benchctl.core.errors import RefusedError
from benchctl.core.units import unit

L, FLOW, C, K, KG = unit("L"), unit("m³/h"), unit("°C"), unit("K"), unit("kg")
THERMOMETER = """\
asset: PT-7
model: Fluke 5626
serial: "3311"
certificate: {number: T-1, issuer: NIM, issued: 2026-06-10, due: 2027-06-09}
channels:
  temperature:
    U: {equation: 0.004 + 1e-4 * abs(value), unit: K}
    k: 2.5
    dof: 12
    range: -20 .. 100 °C
    correction: {polynomial: [0.010, -2e-4], unit: K}
"""


def channel(text, name):
    return good(text).channels[name]


@pytest.mark.parametrize(
    ("law", "at", "is_"),
    [
        (Law.constant(0.3), 5.0, 0.3),
        (Law.table((0.0, 10.0, 20.0), (1.0, 2.0, -2.0)), 10.0, 2.0),
        (Law.table((0.0, 10.0, 20.0), (1.0, 2.0, -2.0)), 12.5, 1.0),
        (Law.table((0.0, 10.0), (1.0, 2.0)), -5.0, 1.0),
        (Law.table((0.0, 10.0), (1.0, 2.0)), 15.0, 2.0),
        (Law.polynomial((1.0, -2.0, 0.5)), 4.0, 1.0),
        (Law.equation("0.1 + sqrt(value)"), 9.0, 3.1),
    ],
)
def test_a_law_gives_its_figure_and_comes_back_from_the_record_as_it_was(law, at, is_):
    assert law.at(at) == pytest.approx(is_)
    assert law_from_json(law.as_json()).at(at) == law.at(at)


def test_U_of_a_table_is_interpolated_and_brought_to_one_k():
    text = spoilt("U: 0.15 %}", "U: 0.225 %, k: 3}")
    certified = channel(text, "volume_total")
    u, dof = standard_uncertainty(certified, 100.0, L, [(0.505, FLOW)])
    # half way between 0.15 % and 0.10 %, of 100 L, k = 2
    assert (u, dof) == (pytest.approx(0.125 / 2), math.inf)


def test_a_volume_is_corrected_at_its_flow_in_whatever_unit_the_flow_is():
    certified = channel(MASTER, "volume_total")
    expected = 100.0 * (1 - 0.0030)
    assert corrected(certified, 100.0, L, [(1.0, FLOW)]) == pytest.approx(expected)
    assert corrected(certified, 100.0, L, [(1000.0, unit("L/h"))]) == pytest.approx(expected)
    with pytest.raises(ValueError, match=r".*"):
        corrected(certified, 100.0, L, [(20.0, C)])


def test_without_the_flow_the_largest_U_counts():
    u, _ = standard_uncertainty(channel(MASTER, "volume_total"), 100.0, L)
    assert u == pytest.approx(0.15 / 2)


def test_a_thermometer_is_corrected_by_its_own_reading_in_its_own_unit():
    certified = channel(THERMOMETER, "temperature")
    assert corrected(certified, 50.0, C) == pytest.approx(50.0 + 0.010 - 0.010)
    assert corrected(certified, 293.15, K) == pytest.approx(293.15 + 0.010 - 2e-4 * 20.0)
    u, dof = standard_uncertainty(certified, 50.0, C)
    assert (u, dof) == (pytest.approx(0.009 / 2.5), 12.0)


@pytest.mark.parametrize(
    ("value", "of", "holds"),
    [(100.0, C, True), (100.01, C, False), (252.0, K, False), (253.2, K, True), (1.0, KG, True)],
)
def test_beyond_its_range_a_certificate_says_nothing(value, of, holds):
    standard = good(THERMOMETER).standard()
    problem = out_of_range(standard, "temperature", value, of)
    assert (problem is None) == holds
    if problem is not None:
        assert "-20" in str(problem)
        assert "100 °C" in str(problem)


def test_a_stated_drift_counts_until_the_certificate_is_due():
    text = spoilt("U: 0.20 %,", "U: 0.20 %, drift: 0.05 % per year,")
    certified = channel(text, "volume_flow")
    assert certified.drift.half_width == pytest.approx(0.05 * 364 / 365.25)
    assert drift_half_width(certified, 2.0, FLOW) == pytest.approx(2.0 * 0.05 / 100 * 364 / 365.25)


OLDER = MASTER
for _old, _new in (
    ("NIM-2026-0147", "NIM-2025-0099"),
    ("2026-06-10", "2025-06-10"),
    ("2027-06-09", "2026-07-09"),
    ("error: 0.30 %", "error: 0.18 %"),
    ("at: 0.01 m³/h, error: 0.10 %", "at: 5 L/h, error: 0.15 %"),
):
    OLDER = spoilt(_old, _new, OLDER)


def test_the_drift_is_the_largest_change_between_two_certificates_where_both_hold(lab):
    asset = entered(lab, OLDER, MASTER).known("MM-014").asset()
    new, old = good(MASTER).channels["volume_total"], good(OLDER).channels["volume_total"]
    by_place = {round(c.at, 6): c.by for c in changes(new, old)}
    assert by_place[1.0] == pytest.approx(-0.12)
    assert by_place[7.0] == pytest.approx(0.0)
    # at 0.01 m³/h the old one is read 5 L/h along its first line
    was = -(0.15 + (0.01 - 0.005) / (1 - 0.005) * (0.18 - 0.15))
    assert by_place[0.01] == pytest.approx(-0.10 - was)
    drift = asset.channels["volume_total"].drift
    assert drift.source == "history"
    assert drift.per_year == pytest.approx(0.12 / (365 / 365.25))
    assert drift.half_width == pytest.approx(drift.per_year * 364 / 365.25)
    assert asset.channels["volume_flow"].drift is None


def test_the_present_certificate_is_the_one_issued_last_and_history_keeps_all(lab):
    register = entered(lab, MASTER)
    register.add(good(OLDER), at=NOW + timedelta(days=30), by="Li Wei", superseded=True)
    known = register.known("MM-014")
    assert known.current.certificate == "NIM-2026-0147"
    assert [e.certificate for e in known.certificates] == ["NIM-2025-0099", "NIM-2026-0147"]
    assert known.asset().channels["volume_total"].drift is not None


def test_a_certificate_entered_anew_replaces_its_words_and_both_are_kept(lab):
    register = entered(lab, MASTER)
    mended = good(spoilt("0.30 %", "0.33 %"))
    register.add(mended, at=NOW, by="Li Wei", because="misread by a digit")
    known = register.known("MM-014")
    assert len(known.entries) == 2
    assert len(known.certificates) == 1
    assert known.asset().channels["volume_total"].correction.law.at(1.0) == pytest.approx(-0.33)


def test_what_is_withdrawn_says_why_until_it_is_back(lab):
    register = entered(lab, MASTER)
    register.withdraw("MM-014", at=NOW, by="Li Wei", because="dropped")
    assert register.standard("MM-014").withdrawn == "dropped"
    with pytest.raises(RefusedError):
        register.withdraw("MM-014", at=NOW, by="Li Wei", because="again")
    register.put_back("MM-014", at=NOW, by="Li Wei", because="checked")
    assert register.standard("MM-014").withdrawn == ""


def test_the_record_keeps_all_that_was_applied():
    said = as_json(good(MASTER).standard(), "volume_total")
    assert said["source"] == "register"
    assert said["range"] == {"low": 0.01, "high": 7.0, "unit": "m³/h"}
    assert law_from_json(said["corrections"]).at(1.0) == -0.30
    assert law_from_json(said["U_law"]).at(7.0) == 0.08
    assert (said["corrections"]["unit"], said["corrections"]["relative"]) == ("%", True)


def test_an_entry_that_was_changed_shows(lab):
    entered(lab, OLDER, MASTER)
    from benchctl.records.standards import AssetStore

    store = AssetStore(lab.store)
    assert store.damaged() == []
    import sqlite3

    with sqlite3.connect(lab.path) as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("UPDATE assets SET due = '2030-01-01'")
        database.execute("DROP TRIGGER assets_no_update")
        database.execute("UPDATE assets SET due = '2030-01-01' WHERE number = 1")
    database.close()
    assert [e.certificate for e in store.damaged()] == ["NIM-2025-0099"]
