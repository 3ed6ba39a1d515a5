"""What a record says for itself: traced to raw bytes, recomputed, judged by another rule."""

import hashlib
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from energy_lab import EnergyLab
from lab_folder import SERIALS, LabFolder
from mass_lab import MassLab
from reading_lab import ReadingLab

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import words
from benchctl.engine.audit import NUMBERS, Evidence, overview, recompute, rejudge, trace, units_of
from benchctl.engine.audit.oracle import opinion
from benchctl.language import Source, parse_expression
from benchctl.metrology import Input, decide, normal
from benchctl.metrology.functions import BUDGET_FUNCTIONS as BUDGET
from benchctl.records import Lab, reliance


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A lab with one finished run of three units, and the run's document."""
    folder = LabFolder(tmp_path_factory.mktemp("audit"))
    folder.write()
    report = folder.run("quick", units=3)
    assert report.outcome == "finished"
    with Lab.open(folder.path) as lab:
        yield lab, report.document


@pytest.fixture(scope="module")
def evidence(finished):
    lab, document = finished
    return Evidence.read(lab, document["run"])


def point_of(document, serial, point):
    unit = next(u for u in document["uuts"] if u["serial"] == serial)
    return next(p for p in unit["points"] if p["point"] == point)


def test_every_number_of_a_point_is_told_with_how_it_is_made(evidence, finished):
    found = trace(evidence, SERIALS[0], "Q2")
    printed = point_of(finished[1], SERIALS[0], "Q2")
    assert {n["name"] for n in found["numbers"]} == set(NUMBERS)
    for number in found["numbers"]:
        assert number["value"] == printed[number["name"]], number["name"]
        assert number["how"]["id"].startswith("audit.of-")
    assert found["formula"]["model"] == (
        "100 * (meter_volume - reference_volume) / reference_volume"
    )
    assert found["procedure"]["sha256"] == finished[1]["procedure"]["sha256"]


def test_an_input_leads_to_instrument_serial_number_certificate_and_bytes(evidence, finished):
    lab, document = finished
    (run,) = trace(evidence, SERIALS[1], "Q3")["runs"]
    inputs = {i["name"]: i for i in run["inputs"]}
    reference, meter = inputs["reference_volume"], inputs["meter_volume"]
    (source,) = reference["sources"]
    assert (source["instrument"], source["channel"]) == ("master", "volume_total")
    assert source["serial"] == reference["standard"]["serial"] == "14077123"
    assert reference["standard"]["certificate"] == "SIM-0147"
    assert meter["sources"][0]["instrument"] == SERIALS[1]
    assert meter["raw"][0]["series"].endswith(f"/meter/{SERIALS[1]}")
    for block in (*reference["raw"], *meter["raw"]):
        with lab.store.reading() as reader:
            data = reader.blob(document["run"], block["record"]["seq"])
        assert hashlib.sha256(data).hexdigest() == block["sha256"]
        assert len(data) == 8 * (len(block["channels"]) + 3) * block["rows"]
    assert any(s["channel"] == "speed" or s["instrument"] == "pump" for s in run["settings"])
    assert all(s["t"] <= run["window"][1] for s in run["settings"])


def test_the_raw_bytes_of_a_trace_give_the_reference_again(evidence, finished):
    lab, document = finished
    (run,) = trace(evidence, SERIALS[0], "Q1")["runs"]
    blocks = next(i for i in run["inputs"] if i["name"] == "reference_volume")["raw"]
    parts = []
    for block in blocks:
        with lab.store.reading() as reader:
            data = reader.blob(document["run"], block["record"]["seq"])
        parts.append(np.frombuffer(data).reshape(len(block["channels"]) + 3, block["rows"]))
    before, after, total = np.concatenate(parts, axis=1)[:3]
    at = np.interp(run["window"], (before + after) / 2, total)
    assert at[1] - at[0] == pytest.approx(
        next(n["value"] for n in run["numbers"] if n["name"] == "reference"), rel=1e-5
    )


def test_what_is_not_in_the_record_is_refused_with_what_is(evidence):
    with pytest.raises(UsageError, match="no unit"):
        trace(evidence, "26", "Q1")
    with pytest.raises(UsageError, match="no judged point Q9") as error:
        trace(evidence, SERIALS[0], "Q9")
    assert "Q1" in str(error.value.hint)
    with pytest.raises(UsageError, match="`errors`"):
        trace(evidence, SERIALS[0], "Q1", "errors")


def test_one_number_may_be_asked_for(evidence):
    found = trace(evidence, SERIALS[0], "Q1", "p_conform")
    assert [n["name"] for n in found["numbers"]] == ["p_conform"]


def test_a_run_as_a_whole_names_standards_instruments_and_all_raw_blocks(evidence, finished):
    found = overview(evidence)
    assert {s["serial"] for s in found["standards"]} == {"14077123"}
    assert set(SERIALS[:3]) <= {i["instrument"] for i in found["instruments"]}
    assert len(found["points"]) == 9
    assert json.dumps(found)


def test_the_runs_that_relied_on_a_standard_are_found_by_name_serial_number_and_certificate(
    finished,
):
    lab, document = finished
    for word in ("MM-014", "14077123", "SIM-0147"):
        (found,) = reliance(lab, standard=word)
        assert found.run == document["run"]
        assert set(found.roles) >= {"reference_volume"}
        assert found.units == 3
        assert found.not_passed == sum(u["verdict"] != "pass" for u in document["uuts"])
    assert reliance(lab, standard="MM-01") == []
    assert reliance(lab, standard="reference_volume") == []


def test_the_runs_in_which_an_instrument_was_read_are_found(finished):
    lab, document = finished
    assert [r.run for r in reliance(lab, instrument="14077123")] == [document["run"]]
    (found,) = reliance(lab, instrument=SERIALS[0])
    assert found.what["driver"] == "cjt188_meter"
    assert reliance(lab, instrument="cjt188_meter") == []


# judged again


def rows(found):
    return {(r.uut, r.point): r for r in found}


def test_the_rule_of_the_run_itself_changes_nothing(evidence, finished):
    found = rejudge(evidence, rule="simple-acceptance")
    assert len(found) == 9
    for r in found:
        printed = point_of(finished[1], r.uut, r.point)
        assert not r.changed
        assert (r.after, r.value) == (printed["verdict"], printed["error"])
        assert r.accept == tuple(printed["accept"])
        assert (r.p_conform, r.tur) == (printed["p_conform"], printed["tur"])
        assert r.why.as_json() == {k: printed["why"][k] for k in ("id", "args")}
    assert [u.before for u in units_of(evidence, found)] == [
        u.after for u in units_of(evidence, found)
    ]


def test_another_rule_says_what_it_would_have_said_and_nothing_is_written(evidence, finished):
    lab, document = finished
    before = len(list(lab.events(document["run"])))
    found = rejudge(evidence, rule="ilac-g8-non-binary:r=3")
    for r in found:
        decision = decide(r.value, r.mpe, rule="ilac-g8-non-binary:r=3", U=r.U)
        assert (r.statement, r.after) == (decision.statement, decision.judgement.verdict)
        assert r.specific_risk == pytest.approx(decision.specific_risk)
    assert {r.rule for r in found} == {"ilac-g8-non-binary/1:r=3"}
    assert len(list(lab.events(document["run"]))) == before


def test_a_ratio_that_is_given_makes_u_count(evidence):
    for r in rejudge(evidence, rule="simple-acceptance:ratio=1/50"):
        assert r.statement == "uncertainty_too_large"
        assert r.after == "indeterminate"


def test_another_edition_brings_its_own_limits(evidence, finished):
    text = evidence.source.text.replace("±(1 if accuracy_class == 1 else 2) %", "±0.3 %")
    found = rejudge(evidence, edition=Source("newer.yaml", text))
    assert {r.mpe for r in found if r.point == "Q3"} == {(-0.3, 0.3)}
    for r in found:
        first = point_of(finished[1], r.uut, r.point)["runs"][0]["error"]
        if r.point == "Q3" and len(point_of(finished[1], r.uut, r.point)["runs"]) == 1:
            assert r.after == ("pass" if abs(first) <= 0.3 else "fail")
    assert any(r.changed for r in found)
    units = units_of(evidence, found)
    worse = {r.uut for r in found if r.after == "fail"}
    assert {u.serial for u in units if u.after == "fail"} == worse


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{point: Q2, flow: 1.05 * Q2, keep: [Q2, 1.1 * Q2]}",
         "{point: Q2, flow: 2 * Q2, keep: [1.9 * Q2, 2.1 * Q2]}", "engine.left-band"),
        ("Q2: 20,", "Q2: 200,", "audit.too-little"),
        ("point: Q2, flow", "point: Qt, flow", "audit.no-such-point"),
    ],
)  # fmt: skip
def test_what_another_edition_wants_measured_otherwise_is_not_measured(evidence, old, new, problem):
    text = evidence.source.text
    assert text.count(old) == 1
    text = text.replace(old, new)
    if "Qt" in new:
        text = text.replace("Q2: 20,", "Qt: 20,")
    found = rows(rejudge(evidence, edition=Source("newer.yaml", text)))
    row = found[SERIALS[0], "Q2"]
    assert (row.after, row.value) == ("not_measured", None)
    assert row.why.args["problem"].id == problem
    assert found[SERIALS[0], "Q3"].after in ("pass", "fail")
    if "Qt" in new:
        assert found[SERIALS[0], "Qt"].why.args["problem"].id == "audit.not-made"


def test_a_rule_that_does_not_exist_is_refused(evidence):
    with pytest.raises(UsageError, match="guess"):
        rejudge(evidence, rule="guess")


# recomputed


def test_every_number_of_a_finished_run_is_what_its_readings_give(evidence):
    found = recompute(evidence)
    assert found.differences == []
    assert found.oracle.startswith("GTC")
    assert (found.own, found.unread, found.old) == (0, {}, 0)
    results = sum(e.valid for _, e in evidence.kept.measured)
    for what in ("indication", "reference", "gate", "error", "u", "k", "U"):
        assert found.compared[what] == results == found.results, what
    for what in ("verdict", "accept", "p_conform", "reported", "reported_U"):
        assert found.compared[what] == 9, what


def spoilt(finished, place, **changes):
    """The evidence of the run with one result, or one judgement, forged."""
    lab, document = finished
    forged = Evidence.read(lab, document["run"])
    if place == "measured":
        stored, event = forged.kept.measured[4]
        forged.kept.measured[4] = (stored, replace(event, **changes))
    else:
        key = next(iter(forged.kept.judged))
        stored, event = forged.kept.judged[key]
        forged.kept.judged[key] = (stored, replace(event, **changes))
    return recompute(forged).differences


@pytest.mark.parametrize(
    ("name", "factor", "what"),
    [
        ("error", 1 + 1e-7, {"error"}),
        ("u", 1 + 1e-7, {"u"}),
        ("U", 1 - 1e-7, {"U"}),
        ("k", 1.01, {"k"}),
    ],
)
def test_a_forged_result_is_found(finished, evidence, name, factor, what):
    _, event = evidence.kept.measured[4]
    found = spoilt(finished, "measured", **{name: getattr(event, name) * factor})
    assert what <= {d.what for d in found}
    assert {(d.uut, d.point) for d in found} == {(event.uut, event.point)}
    assert str(getattr(event, name) * factor) in words(
        next(d.message for d in found if d.what == name)
    )


def test_inputs_that_were_not_read_are_found_though_the_error_fits_them(finished, evidence):
    _, event = evidence.kept.measured[4]
    inputs = {k: v * 1.001 for k, v in event.inputs.items()}
    found = {d.what for d in spoilt(finished, "measured", inputs=inputs)}
    assert {"input meter_volume", "input reference_volume"} <= found
    gate = event.gate | {k: event.gate[k] * 1.001 for k in ("indication", "reference")}
    found = {d.what for d in spoilt(finished, "measured", inputs=inputs, gate=gate)}
    assert {"indication", "reference"} <= found


def test_a_budget_that_was_made_smaller_is_found(finished, evidence):
    _, event = evidence.kept.measured[4]
    budget = [line | {"u": line["u"] / 2} for line in event.budget]
    found = {d.what for d in spoilt(finished, "measured", budget=tuple(budget))}
    assert {"u", "U", "gate"} <= found


@pytest.mark.parametrize(
    "changes",
    [
        {"verdict": "fail"},
        {"accept": (-2.1, 2.1)},
        {"p_conform": 0.5},
        {"reported": "0.0"},
        {"reported_U": "0.02"},
        {"rule": "jcgm-106/1"},
        {"error": 0.0},
    ],
)
def test_a_forged_judgement_is_found(finished, changes):
    found = {d.what for d in spoilt(finished, "judged", **changes)}
    (name,) = changes
    assert {"error": "value"}.get(name, name) in found


def test_raw_readings_that_were_changed_are_not_recomputed_from(finished, evidence):
    lab, document = finished
    forged = Evidence.read(lab, document["run"])
    n, (stored, block) = next(
        (n, b) for n, b in enumerate(forged.kept.blocks) if b[1].series.endswith("/reference")
    )
    forged.kept.blocks[n] = (stored, replace(block, sha256="0" * 64))
    with pytest.raises(RecordError, match="readings"):
        recompute(forged)


@pytest.mark.parametrize("method", ["gravimetric", "trials"])
def test_weighed_runs_and_those_of_monte_carlo_are_recomputed_too(tmp_path, method):
    folder = LabFolder(tmp_path)
    folder.write()
    sets = {}
    if method == "gravimetric":
        sets = {"method": "gravimetric"}
    else:
        path = folder.path / "procedures" / "quick.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("uncertainty: gum", "uncertainty: monte-carlo"), "utf-8")
    report = folder.run("quick", units=2, sets=sets, points=("Q3", "Q2"))
    assert report.error is None
    with Lab.open(folder.path) as lab:
        found = recompute(Evidence.read(lab, report.run))
    assert found.differences == []
    assert found.results >= 4
    if method == "gravimetric":
        assert found.compared["tank_mass"] == found.compared["mean inlet_temperature"] >= 4
    else:
        assert found.own == found.results  # trials have no other oracle than their seed


def test_a_formula_that_gtc_cannot_evaluate_is_left_to_our_own_code_and_said_so():
    inputs = [Input("a", 2.0, (normal("u", 0.1),)), Input("b", 1.0, (normal("u", 0.2, 4.0),))]
    found = opinion(parse_expression("a * b"), inputs, "1")
    assert found.by.startswith("GTC")
    assert found.u == pytest.approx(math.hypot(0.1, 0.4))
    own = opinion(parse_expression("table(a, 0, 0, 1, 10, 5, 20)", functions=BUDGET), inputs, "1")
    assert (own.by, own.value, own.u) == ("benchctl", 12.5, pytest.approx(0.25))


@pytest.mark.parametrize("way", [ReadingLab, MassLab, EnergyLab])
def test_every_way_to_measure_is_traced_recomputed_and_judged_again(tmp_path, way):
    lab = way(tmp_path)
    lab.write()
    report = lab.run()
    assert report.error is None
    with Lab.open(report.record.parent) as records:
        evidence = Evidence.read(records, report.run)
        found = recompute(evidence)
        assert found.differences == []
        assert found.results == sum(e.valid for _, e in evidence.kept.measured) > 0
        assert found.compared["U"] == found.results
        assert not any(r.changed for r in rejudge(evidence))
        for serial, point, _ in evidence.kept.judged:
            *_, run = trace(evidence, serial, point)["runs"]
            read = [i for i in run["inputs"] if not i["constant"]]
            assert read
            assert all(i["sources"] for i in read)
            assert all(i["raw"] for i in read)


def test_a_screening_without_values_is_neither_recomputed_nor_judged_again(tmp_path):
    lab = ReadingLab(tmp_path)
    wald = "{sequential: 0.1 %, sigma: 0.05 %, risks: [2 %, 2 %], at_most: 60}"
    lab.write(wald, services="services: [test]")
    report = lab.run(service="test")
    assert report.error is None
    with Lab.open(report.record.parent) as records:
        evidence = Evidence.read(records, report.run)
        found = recompute(evidence)
        again = rejudge(evidence, rule="jcgm-106")
    assert found.differences == []
    assert found.results == 0
    assert found.compared["screened"] == len(evidence.kept.judged) > 0
    assert {r.why.args["problem"].id for r in again} == {"audit.value-free"}
    assert {e.p_conform for _, e in evidence.kept.judged.values()} == {None}
