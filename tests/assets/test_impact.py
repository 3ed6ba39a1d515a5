"""A standard was found out: what stood on it, and what becomes of it with the new certificate."""

import json

import pytest
from asset_samples import BALANCE, MASTER, dated, good, spoilt
from test_standards_in_runs import Bench, point

from benchctl.bench import Certified
from benchctl.bench.certificate import Correction, Terms
from benchctl.bench.laws import Law
from benchctl.bench.standards import as_json, certified_from_json, corrected, uncorrected
from benchctl.cli.app import command_line
from benchctl.core.units import unit


def with_error(share, number="NIM-2026-0200"):
    """The master's file with one error of the certificate at every flow."""
    text = spoilt("NIM-2026-0147", number, dated(MASTER, issued=1))
    for stated in ("0.10 %", "0.30 %", "-0.04 %"):
        text = spoilt(f"error: {stated}", f"error: {share} %", text)
    return text


@pytest.fixture
def bench(tmp_path, capsys):
    return Bench(tmp_path, capsys).enter(dated(MASTER), dated(BALANCE))


def impact(bench, text=None, *more):
    argv = ["assets", "impact", "MM-014", "--json", *more]
    if text is not None:
        file = bench.folder / "new.yaml"
        file.write_text(text, encoding="utf-8")
        argv += ["--certificate", str(file)]
    code, told, err = bench.call(*argv)
    assert err == ""
    return code, json.loads(told)


def test_impact_tells_runs_units_and_points_and_which_results_the_standard_enters(bench):
    assert impact(bench)[1]["points"] == 0
    _, document, _ = bench.run()
    code, found = impact(bench)
    assert (code, found["runs"], found["uuts"], found["direct"]) == (0, 1, 1, found["points"])
    (one,) = found["affected"]
    assert (one["run"], one["uut"], one["point"]) == (document["run"], "W-1", "Q3")
    assert set(one["roles"]) == {"reference_flow", "reference_volume"}
    assert impact(bench, None, "--since", "2099-01-01")[1]["points"] == 0


def test_the_error_with_the_new_certificate_is_what_the_run_would_have_given_with_it(bench):
    _, document, _ = bench.run()
    new = with_error(0.5)
    code, found = impact(bench, new)
    (one,) = found["affected"]
    assert one["error"] == point(document)["error"]
    bench.enter(new)
    truth = point(bench.run("--service", "test")[1])  # such a drift is too much for a verification
    assert one["new_error"] == pytest.approx(truth["error"], abs=0.01 * 0.5)
    assert abs(truth["error"] - one["error"]) > 0.2
    assert one["new_verdict"] == truth["verdict"] == one["verdict"]
    assert (code, found["changed"]) == (0, 0)


def test_a_verdict_that_changes_is_named_with_its_reason_and_the_exit_code_says_so(bench):
    _, document, _ = bench.run()
    error = point(document)["error"]
    code, found = impact(bench, with_error(2.6))
    (one,) = found["affected"]
    assert one["new_error"] == pytest.approx(error + 2.4, abs=0.1)
    assert (one["verdict"], one["new_verdict"], one["changes"]) == ("pass", "fail", True)
    assert (code, found["changed"], found["failed_now"]) == (1, 1, 1)
    assert one["why"]["id"] == "outside"
    file = str(bench.folder / "new.yaml")
    code, told, _ = bench.call("assets", "impact", "MM-014", "--certificate", file)
    assert code == 1
    assert "FAIL <-" in told


def test_where_the_new_certificate_does_not_hold_nobody_can_tell(bench):
    bench.run()
    narrow = spoilt("at: 7 m³/h", "at: 2 m³/h", with_error(0.1))
    code, found = impact(bench, narrow)
    (one,) = found["affected"]
    assert code == 1
    assert one["new_verdict"] is None
    assert "lies outside the certificate of MM-014 (0.01 … 2 m³/h)" in one["problem"]


def test_the_file_of_another_asset_is_refused(bench, capsys):
    file = bench.folder / "asset-1.yaml"
    argv = ["assets", "impact", "MM-014", "--certificate", str(file), "--lab", str(bench.lab)]
    assert command_line(argv) == 2
    assert "BAL-021" in capsys.readouterr().err


@pytest.mark.parametrize("value", [-20.0, 0.0, 37.3, 100.0])
def test_a_correction_that_was_applied_can_be_taken_back(value):
    C = unit("°C")
    law = Law.polynomial((0.3, -0.02, 1e-4))
    certified = Certified(
        0.1, 2.0, C, False, -20.0, 100.0, C, correction=Correction(law, Terms(C, False))
    )
    assert uncorrected(certified, corrected(certified, value, C), C) == pytest.approx(
        value, abs=1e-9
    )


def test_what_a_record_says_of_a_standard_is_understood_again():
    drifting = spoilt("U: 0.20 %,", "U: 0.20 %, dof: 30, drift: 0.05 % per year,")
    standard = good(drifting).standard()
    for channel, certified in standard.channels.items():
        kept = json.loads(json.dumps(as_json(standard, channel)))
        assert certified_from_json(kept) == certified
