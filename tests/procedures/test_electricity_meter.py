"""Electricity meters: both editions through the file's own expressions, and runs on the bench.

Facts and ids are those of shared/vectors/flow-energy-mass.json (`elec-...`), where they are derived
from public bench code: LYTEST.WPF (JJG 596-2012) and ModelTest.MeterTest (the scheme of 2026).
"""

import math

import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.engine.audit import Evidence, recompute
from benchctl.engine.refusals import PlanRefusedError
from benchctl.language import Diagnostics, FileError
from benchctl.metrology.rounding_rules import RULES
from benchctl.procedure import load_procedure
from benchctl.records import Lab

SEED = 5


@pytest.fixture(scope="module")
def file():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "electricity-meter.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


@pytest.fixture(scope="module")
def resolved(file):
    """Give a unit's points by name, in numbers."""

    def resolve(**parameters):
        values, problems = file.parameters_from({})
        assert problems == []
        values |= parameters
        return {p.name: p for p in file.of(values).resolve(values, stage="initial").points}

    return resolve


# -- pulse comparison and rounding ----------------------------------------------------------------

PULSES = [
    ("elec-pulse-1", "1", 1e8, 1200, 10, (835000, 834950), (-0.1996, -0.1936), "-0.2"),
    ("elec-pulse-2", "2", 1e8, 1200, 10, (831900, 831950), (0.1723, 0.1663), "0.2"),
    ("elec-pulse-3", "0.5S", 1.8e7, 6400, 20, (56180, 56178), (0.1246, 0.1282), "0.15"),
]


@pytest.mark.parametrize("vector", PULSES, ids=lambda v: v[0])
def test_pulses_of_the_meter_against_those_of_the_reference(file, resolved, vector):
    _, accuracy_class, c0, cl, pulses, counts, errors, rounded = vector
    point = resolved(accuracy_class=accuracy_class, meter_constant=cl)["Ib-1.0"]
    found = [
        point.model({"meter_pulses": pulses, "reference_pulses": m, "reference_constant": c0})
        for m in counts
    ]
    assert found == pytest.approx(errors, abs=1e-4)
    rule = RULES[file.parts["error"].measurand.reporting.rounding]
    assert rule.round(sum(found) / 2, point.report_to) == rounded


ROUNDING = [
    ("1", 0.050, "0.0"),
    ("1", 0.150, "0.2"),
    ("1", 0.250, "0.2"),
    ("1", -0.049, "-0.0"),
    ("1", 1.049, "1.0"),
    ("1", 1.051, "1.1"),
    ("1", -1.05, "-1.0"),
    ("2", 0.1, "0.0"),
    ("2", 0.5, "0.4"),
    ("2", 2.09, "2.0"),
    ("0.5S", 0.025, "0.00"),
    ("0.5S", 0.075, "0.10"),
    ("0.5S", 0.526, "0.55"),
    ("0.2S", 0.01, "0.00"),
    ("0.2S", 0.03, "0.04"),
    ("0.2S", 0.211, "0.22"),
]


@pytest.mark.parametrize(("accuracy_class", "value", "rounded"), ROUNDING)
def test_errors_are_rounded_half_even_to_a_tenth_of_the_class_and_minus_zero_is_kept(
    file, resolved, accuracy_class, value, rounded
):
    point = resolved(accuracy_class=accuracy_class)["Ib-1.0"]
    part = file.parts["error"]
    assert RULES[part.measurand.reporting.rounding].round(value, point.report_to) == rounded
    assert part.decision.rounded


# -- limits ---------------------------------------------------------------------------------------

BY_2012 = [  # code:LY as the sheet has it: class, connection, point, limit
    ("2", "direct", "Ib-1.0", 2.0),
    ("2", "direct", "0.1Ib-1.0", 2.0),
    ("2", "direct", "0.05Ib-1.0", 2.5),
    ("2", "direct", "0.2Ib-0.5L", 2.0),
    ("2", "direct", "0.1Ib-0.5L", 2.5),
    ("1", "direct", "0.1Ib-1.0", 1.0),
    ("1", "direct", "0.05Ib-1.0", 1.5),
    ("1", "direct", "0.1Ib-0.8C", 1.5),
    ("1", "direct", "Ib-0.25L", 3.5),
    ("1", "direct", "Ib-0.5C", 2.5),
    ("1", "transformer", "0.05Ib-1.0", 1.0),
    ("1", "transformer", "0.02Ib-1.0", 1.5),
    ("1", "transformer", "0.1Ib-0.5L", 1.0),
    ("0.5S", "transformer", "0.05Ib-1.0", 0.5),
    ("0.5S", "transformer", "0.01Ib-1.0", 1.0),
    ("0.5S", "transformer", "0.1Ib-0.5L", 0.6),
    ("0.5S", "transformer", "0.02Ib-0.8C", 1.0),
    ("0.2S", "transformer", "Imax-1.0", 0.2),
    ("0.2S", "transformer", "0.01Ib-1.0", 0.4),
    ("0.2S", "transformer", "Ib-0.5L", 0.3),
    ("0.2S", "transformer", "0.02Ib-0.5L", 0.5),
    ("0.2S", "transformer", "Ib-0.25L", 0.5),
]


@pytest.mark.parametrize(("accuracy_class", "connection", "point", "mpe"), BY_2012)
def test_limits_of_2012_go_by_class_load_and_power_factor(
    resolved, accuracy_class, connection, point, mpe
):
    points = resolved(
        edition=2012, accuracy_class=accuracy_class, connection=connection, special="yes"
    )
    assert points[point].mpe == pytest.approx((-mpe, mpe))


ELEMENTS = [("2", 3.0, 3.0), ("1", 2.0, 2.0), ("0.5S", 0.6, 1.0), ("0.2S", 0.3, 0.4)]


@pytest.mark.parametrize(("accuracy_class", "at_1", "at_half"), ELEMENTS)
def test_one_element_alone_has_limits_of_its_own(resolved, accuracy_class, at_1, at_half):
    points = resolved(accuracy_class=accuracy_class, phases=3, Imax=6, Ib=1.5)
    assert points["L2-Ib-1.0"].mpe == pytest.approx((-at_1, at_1))
    assert points["L2-Ib-0.5L"].mpe == pytest.approx((-at_half, at_half))
    assert points["L2-Ib-1.0"].sets["source_element"] == 2
    assert "L2-Ib-1.0" not in resolved(accuracy_class=accuracy_class, phases=1)


BY_2026 = [  # code:MT, as in R 46
    ("A", "Itr-1.0", 2.0),
    ("A", "Imax-0.5L", 2.0),
    ("B", "Imin-1.0", 1.5),
    ("B", "Itr-1.0", 1.0),
    ("B", "10Itr-0.25L", 3.5),
    ("B", "10Itr-0.5C", 2.5),
    ("C", "Imin-1.0", 1.0),
    ("C", "Itr-0.8C", 0.6),
    ("D", "Imax-0.8C", 0.3),
    ("D", "Imin-1.0", 0.4),
    ("E", "Imax-1.0", 0.1),
    ("E", "Imin-1.0", 0.2),
    ("E", "10Itr-0.5L", 0.15),
]


@pytest.mark.parametrize(("accuracy_class", "point", "mpe"), BY_2026)
def test_limits_of_2026_go_by_class_load_and_power_factor(resolved, accuracy_class, point, mpe):
    points = resolved(edition=2026, accuracy_class=accuracy_class, special="yes")
    assert points[point].mpe == pytest.approx((-mpe, mpe))


def test_below_the_transitional_current_other_power_factors_have_wider_limits(file):
    """elec-mpe2026-E-0.5L-Imin..Itr: no point of ours, but a line of the table."""
    part = file.of({"edition": 2026}).parts["error"]
    env = {"point.factor": 0.5, "point.angle": 60.0, "point.current": 0.3, "low_below": 0.5}
    wider = {2: 2.5, 1: 1.5, 0.5: 1.0, 0.2: 0.5, 0.1: 0.25}
    for b, mpe in wider.items():
        line = next(
            limit
            for limit in part.limits
            if limit.when is None or limit.when({**env, "b": b, "limit_at_Imin": 0.0})
        )
        assert line.high({**env, "b": b}) == pytest.approx(mpe)


def test_each_class_has_its_points(resolved):
    def errors(**parameters):
        return [n for n, p in resolved(**parameters).items() if p.item == "error"]

    assert len(errors(accuracy_class="1")) == 15
    assert len(errors(accuracy_class="2")) == 10  # no leading currents
    assert "0.5Imax-1.0" not in errors(accuracy_class="1", Imax=10)  # less than four times Ib
    assert "Imin-1.0" not in errors(edition=2026, accuracy_class="A")
    assert len(errors(edition=2026, accuracy_class="B")) == 13


# -- creep and start ------------------------------------------------------------------------------


def test_the_time_without_load_follows_from_class_constant_and_currents(resolved):
    # elec-creep-2012-1, -2, elec-creep-2026-1, -2
    usual = resolved(accuracy_class="2", meter_constant=1200, Un=220, Imax=60)["no-load"]
    assert usual.limits_of_way["seconds"] / 60 == pytest.approx(30.303, abs=1e-3)
    assert usual.sets["source_voltage"] == pytest.approx(1.15 * 220)
    three = resolved(accuracy_class="1", meter_constant=6400, phases=3, Un=220, Ib=1.5, Imax=6)
    assert three["no-load"].limits_of_way["seconds"] / 60 == pytest.approx(23.674, abs=1e-3)
    of_a = resolved(edition=2026, accuracy_class="A", meter_constant=1000, Un=220, Ib=5)["no-load"]
    assert of_a.limits_of_way["seconds"] / 3600 == pytest.approx(0.661157, abs=1e-6)
    assert of_a.sets["source_voltage"] == pytest.approx(1.1 * 220)
    of_c = resolved(
        edition=2026,
        accuracy_class="C",
        connection="transformer",
        meter_constant=10000,
        phases=3,
        Un=57.7,
        Ib=1.5,
        Imax=6,
    )["no-load"]
    assert of_c.limits_of_way["seconds"] / 3600 == pytest.approx(3.501217, abs=1e-6)
    assert of_c.mpe == (-0.5, 1.5)  # no pulse or one
    assert of_c.limits_of_way["amount"] == 1


def test_the_time_to_start_is_1_2_times_the_nominal_one_in_2012(resolved):
    # elec-start-2012-1
    point = resolved(accuracy_class="2", Ib=5, meter_constant=1200, Un=220)["Ist"]
    assert point.nominal == pytest.approx(0.025)
    assert point.mpe[1] / 60 == pytest.approx(10.909, abs=2e-3)
    assert point.mpe[0] == 0


STARTS = [  # class, connection, in Ib by 2012; in Itr by 2026 (the sheet, 3a and 3b)
    (2012, "0.2S", "transformer", 0.001),
    (2012, "1", "direct", 0.004),
    (2012, "1", "transformer", 0.002),
    (2012, "2", "transformer", 0.003),
    (2026, "A", "direct", 0.05 * 0.1),
    (2026, "B", "transformer", 0.04 * 0.05),
    (2026, "C", "transformer", 0.02 * 0.05),
    (2026, "C", "direct", 0.04 * 0.1),
]


@pytest.mark.parametrize(("edition", "accuracy_class", "connection", "share"), STARTS)
def test_starting_currents(resolved, edition, accuracy_class, connection, share):
    point = resolved(edition=edition, accuracy_class=accuracy_class, connection=connection, Ib=5.0)[
        "Ist"
    ]
    assert point.nominal == pytest.approx(5.0 * share)


def test_where_sources_disagree_on_a_starting_current_the_lab_chooses(resolved):
    d = {"edition": 2026, "accuracy_class": "D", "connection": "transformer", "Ib": 5.0}
    assert resolved(**d)["Ist"].nominal == pytest.approx(0.02 * 0.25)
    assert resolved(**d, start_ratio_d=0.04)["Ist"].nominal == pytest.approx(0.04 * 0.25)


def test_by_2026_the_start_lies_within_the_limit_of_error_at_that_current(resolved):
    point = resolved(edition=2026, accuracy_class="B", meter_constant=1200, Un=220, Ib=5)["Ist"]
    nominal = 3.6e6 / (1200 * 220 * 0.02)  # 3.6e6 / (C U Ist) s
    assert point.mpe == pytest.approx((0.85 * nominal, 1.15 * nominal), abs=0.06)  # 1.5 % Imin/Ist


# -- runs -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return tmp_path_factory.mktemp("lab")


def batch(lab, name, count, **columns):
    path = lab / f"{name}.csv"
    rows = [",".join(["serial", "position", *columns])]
    rows += [
        ",".join([f"26{n:010d}", str(n), *(str(c) for c in columns.values())])
        for n in range(1, count + 1)
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def request(lab, **more):
    return RunRequest("electricity-meter", seed=SEED, lab=lab, simulate=True, **more)


@pytest.fixture(scope="module")
def three_phase(lab):
    """Twelve three-phase meters of class 1 at three times 220 V and up to 60 A."""
    asked = request(lab, batch=batch(lab, "three", 12, phases=3, meter_constant=400))
    return asked, run(asked)


def test_three_phase_meters_are_measured_balanced_and_element_by_element(three_phase):
    asked, report = three_phase
    assert report.outcome == "finished", report.document["reason"]
    true = {(r["serial"], r["item"], r["point"]): r["error"] for r in truth(asked)}
    seen = set()
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            key = (unit["serial"], point["item"], point["point"])
            if point["item"] in ("error of indication", "error", "unbalanced"):
                seen.add(point["item"])
                assert point["error"] == pytest.approx(true[key], abs=2 * point["U"])
    assert "unbalanced" in seen
    verdicts = [u["verdict"] for u in report.document["uuts"]]
    assert {"pass", "fail"} == set(verdicts)


def test_the_u_of_a_mean_of_runs_keeps_what_the_certificate_leaves_open(three_phase):
    _, report = three_phase
    made = set()
    for unit in report.document["uuts"]:
        for point in unit["points"]:
            parts = [r["budget"] for r in point["runs"] if r["valid"] and not r["problem"]]
            if len(parts) < 2 or not any(b["source"] == "certificate" for b in parts[0]):
                continue
            made.add(len(parts))
            by_source = [{b["source"]: abs(b["contribution"]) for b in p} for p in parts]
            assert all(b["common"] == "standard" for b in parts[0] if b["source"] == "certificate")
            if len(parts) == 4:  # two at first, two more near the limit: none was set aside
                standard = sum(p["certificate"] for p in by_source) / 4
                own = [p[s] / 4 for p in by_source for s in p if s != "certificate"]
                assert point["U"] == pytest.approx(2 * math.hypot(standard, *own), rel=1e-3)
    assert {2, 4} <= made


def test_the_2026_edition_is_named_by_the_record_and_has_its_own_points(lab):
    report = run(request(lab, sets={"edition": "2026", "accuracy_class": "B"}))
    assert report.outcome == "finished", report.document["reason"]
    assert "2026" in str(report.document["procedure"]["standard"])
    names = {p["point"] for p in report.document["uuts"][0]["points"]}
    assert {"Itr-1.0", "Imin-1.0", "10Itr-0.5L"} <= names
    starts = {u["serial"]: p for u in report.document["uuts"] for p in u["points"]}
    assert starts
    late = [
        u["verdict"]
        for u in report.document["uuts"]
        for p in u["points"]
        if p["point"] == "Ist" and p["verdict"] == "fail"
    ]
    assert len(late) == 1  # of twelve, one starts late


def test_near_the_limit_two_more_readings_are_taken_and_the_mean_of_four_counts(lab):
    report = run(request(lab, points=("Ib-1.0",), batch=batch(lab, "all", 24)))
    runs = {
        u["position"]: (p["error"], len(p["runs"]))
        for u in report.document["uuts"]
        for p in u["points"]
        if p["point"] == "Ib-1.0"
    }
    assert {n for n, (_, made) in runs.items() if made == 4} == {
        n for n, (error, _) in runs.items() if 0.8 <= abs(error) <= 1.2
    }
    assert runs[10][1] == 4  # borderline


FAULTY = """
from benchctl.simulation import find_bench

Usual = find_bench("energy_bench")


class FaultyBench(Usual):
    name = "energy_bench"
    bench_file = Usual.bench_file

    def __init__(self, clock, **more):
        super().__init__(clock, **more)
        for name, position in FAULTS:
            self.fault(name, position=position)
"""


@pytest.fixture
def with_faults(tmp_path):
    """Run some points on a bench with faults; give the points of all units."""

    def made(*points, faults):
        folder = tmp_path / "sim_instruments" / "energy_bench"
        folder.mkdir(parents=True)
        text = FAULTY.replace("FAULTS", repr(faults))
        (folder / "bench.py").write_text(text, encoding="utf-8")
        few = batch(tmp_path, "few", 8)
        report = run(request(tmp_path, points=points, batch=few))
        assert report.outcome == "finished", report.document["reason"]
        units = report.document["uuts"]
        return {(u["position"], p["point"]): p for u in units for p in u["points"]}

    return made


def test_readings_that_jump_are_made_again_and_none_of_them_is_hidden(with_faults):
    found = with_faults("Imax-1.0", faults=[("restless_meter", 2)])
    aside = [r for r in found[2, "Imax-1.0"]["runs"] if r.get("set_aside")]
    assert len(aside) >= 2
    assert all(r["set_aside"]["error"] is not None for r in aside)
    quiet = found[1, "Imax-1.0"]
    assert not [r for r in quiet["runs"] if r.get("set_aside")]
    assert quiet["verdict"] == "pass"


def test_a_meter_that_never_starts_fails_and_a_dead_one_holds_up_nobody(with_faults):
    found = with_faults("Ist", "Imax-1.0", faults=[("dead_meter", 5), ("stuck_meter", 7)])
    start = found[7, "Ist"]
    assert start["verdict"] == "fail"
    assert "had not happened" in str(start["runs"][0]["notes"])
    assert found[7, "Imax-1.0"]["verdict"] == "not_measured"
    assert found[5, "Ist"]["verdict"] == "not_measured"
    assert found[4, "Imax-1.0"]["verdict"] == "pass"


def test_meters_that_do_not_share_their_source_are_refused_with_their_rows(lab):
    path = batch(lab, "mixed", 3, Un=220)
    text = path.read_text().splitlines()
    text[2] = text[2].replace(",220", ",57.7")
    path.write_text("\n".join(text) + "\n")
    with pytest.raises(FileError) as refused:
        prepare(request(lab, batch=path))
    (found,) = refused.value.diagnostics
    assert "Un" in str(found.message.args)
    assert found.span.line == 3


def test_a_reference_of_class_0_2_is_refused_for_meters_of_class_0_5S(lab):
    bench = bundled("sim_instruments") / "energy_bench" / "bench.yaml"
    worse = lab / "worse.yaml"
    worse.write_text(bench.read_text(encoding="utf-8").replace("U: 0.02 %", "U: 0.2 %"))
    asked = RunRequest(
        "electricity-meter",
        seed=SEED,
        lab=lab,
        bench=worse,
        sets={"accuracy_class": "0.5S", "connection": "transformer", "Imax": "6"},
    )
    with pytest.raises(PlanRefusedError, match=r"0\.2"):
        prepare(asked)


def test_the_plan_tells_how_long_and_by_what(lab):
    plan = prepare(request(lab)).plan
    times = {v.points[0]: v.expected_s for v in plan.visits}
    assert times["no-load"] == pytest.approx(2272.7, abs=0.1)
    assert times["dose"] == pytest.approx(10 * 3.6e6 / (220 * 60), rel=1e-6)
    assert times["Ib-1.0"] == 10.0
    assert times["0.05Ib-1.0"] == pytest.approx(3.6e6 / (1200 * 220 * 0.25))
    (member,) = {m.U_reference for v in plan.visits for m in v.members if m.point == "Ib-1.0"}
    assert member == pytest.approx(0.02, rel=0.01)
    assert math.isclose(plan.visits[0].setpoint, 0.0)


def test_every_result_is_made_again_from_the_record_alone(three_phase):
    """The record has the tables of both editions, though a run follows one."""
    asked, report = three_phase
    with Lab.open(asked.lab) as lab:
        evidence = Evidence.read(lab, report.run)
        assert evidence.procedure.parts.keys() >= {"creep", "start", "error", "unbalanced"}
        again = recompute(evidence)
    assert again.results > 12 * 25
    assert [str(d.message) for d in again.differences] == []
