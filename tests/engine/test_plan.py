"""What a run will do, and what it refuses to begin: judged by the batch, not by the engine."""

import json
import math
import re
import shutil

import pytest

from benchctl.cli.app import command_line
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import RunMeasured
from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare, run
from benchctl.language import FileError

# serial number: Q3 in m³/h, R, class, scale interval in L
METERS = {
    "26110000000001": (1.6, 80, 2, 0.05),
    "26110000000002": (2.5, 100, 1, 0.02),
    "26110000000003": (2.5, 160, 2, 0.1),
    "26110000000004": (2.5, 100, 2, 0.05),
    "26110000000005": (4.0, 200, 1, 0.05),
    "26110000000006": (2.5, 250, 1, 0.05),
}
UNIT = tuple(METERS)[3]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    lines = ["serial,Q3,R,accuracy_class,scale_interval"]
    lines += [",".join(map(str, (serial, *meter))) for serial, meter in METERS.items()]
    path = tmp_path_factory.mktemp("batch") / "mixed.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def points_of(serial):
    """Return nominal flow, band, initial limit and least volume of each point (JJG 162-2019)."""
    q3, ratio, accuracy_class, interval = METERS[serial]
    q1 = q3 / ratio
    q2 = 1.6 * q1
    upper, lower = {1: (1.0, 3.0), 2: (2.0, 5.0)}[accuracy_class]
    least = {1: 400, 2: 200}[accuracy_class] * interval
    return {
        "Q3": (0.95 * q3, (0.9 * q3, q3), upper, max(100.0, least)),
        "Q2": (1.05 * q2, (q2, 1.1 * q2), upper, max(20.0, least)),
        "Q1": (1.05 * q1, (q1, 1.1 * q1), lower, max(10.0, least)),
    }


@pytest.fixture(scope="module")
def plan(batch):
    return prepare(RunRequest("water-meter", batch=batch)).plan


def test_every_unit_is_judged_once_on_each_of_its_own_points_and_on_no_other(plan):
    judged = [(m.serial, m.point) for v in plan.visits for m in v.members]
    assert sorted(judged) == sorted((s, p) for s in METERS for p in ("Q3", "Q2", "Q1"))
    for visit in plan.visits:
        for member in visit.members:
            nominal, keep, limit, least = points_of(member.serial)[member.point]
            assert member.nominal == pytest.approx(nominal)
            assert member.keep == pytest.approx(keep)
            assert member.mpe == pytest.approx((-limit, limit))
            assert member.amount == pytest.approx(least)


def test_a_set_point_lies_in_the_band_of_every_unit_that_it_serves(plan):
    for visit in plan.visits:
        assert visit.members
        for member in visit.members:
            low, high = points_of(member.serial)[member.point][1]
            assert low <= visit.setpoint <= high


def test_no_meter_in_the_line_sees_more_than_its_overload_flow(plan):
    loads = {load.id: load.serials for load in plan.loads}
    assert sorted(s for serials in loads.values() for s in serials) == sorted(METERS)
    assert len(loads) == 3  # Q4 of 1.6 bears no 2.25 m³/h, and that of 2.5 no 3.6 m³/h
    for visit in plan.visits:
        weakest = min(1.25 * METERS[serial][0] for serial in loads[visit.load])
        assert visit.setpoint <= weakest


def test_the_largest_test_volume_of_those_served_is_taken(plan):
    shared = [v for v in plan.visits if len({m.amount for m in v.members}) > 1]
    assert shared
    for visit in plan.visits:
        assert visit.amount == max(m.amount for m in visit.members)
        expected = visit.amount / visit.setpoint * 3.6
        assert visit.expected_s == pytest.approx(expected)


def test_only_the_wished_points_are_planned():
    request = RunRequest("water-meter", uuts=(UNIT,), points=("Q2",))
    plan = prepare(request).plan
    assert [v.points for v in plan.visits] == [("Q2",)]
    assert {p.point: p.skipped for p in plan.uuts[0].points} == {
        "Q3": True,
        "Q2": False,
        "Q1": True,
    }


def test_a_unit_with_points_left_out_is_not_measured_and_never_passes(tmp_path):
    report = run(RunRequest("water-meter", uuts=(UNIT,), points=("Q3",), lab=tmp_path, seed=1))
    (unit,) = report.document["uuts"]
    verdicts = {p["point"]: p["verdict"] for p in unit["points"] if p["point"]}
    assert verdicts == {"Q3": "pass", "Q2": "not_measured", "Q1": "not_measured"}
    assert (unit["verdict"], report.exit_code, report.outcome) == ("not_measured", 1, "finished")


def heard(kind, into):
    """Return a listener that keeps the events of one kind."""

    def listen(stored):
        if isinstance(stored.event, kind):
            into.append(stored.event)

    return listen


def test_every_result_stands_on_the_whole_test_volume_by_reference_and_by_indication(tmp_path):
    measured = []
    # of the bench's own meters of seed 1 one shows 10.3 % too little at Q1: 200 intervals are 10 L
    request = RunRequest("water-meter", points=("Q1",), lab=tmp_path, seed=1)
    run(request, listeners=[heard(RunMeasured, measured)])
    assert len({e.uut for e in measured}) == 12
    assert min(e.reference for e in measured) >= 10.0
    assert min(e.indication for e in measured) >= 10.0
    slowest = min(measured, key=lambda e: e.error)
    assert slowest.error < -10.0
    assert slowest.reference > 11.1


def test_a_person_reads_again_where_the_register_shows_less_than_the_test_volume(tmp_path):
    folder = tmp_path / "bench"
    shutil.copytree(bundled("sim_instruments") / "water_bench", folder)
    path = folder / "bench.yaml"
    text, count = re.subn(
        r"(meter_volume:) .*\n(?:    .*\n)*",
        "meter_volume: {each: manual.volume}\n",
        path.read_text("utf-8"),
    )
    assert count == 1
    path.write_text(text, encoding="utf-8")
    serials = tuple(f"2611000001{n:04d}" for n in range(1, 13))  # the bench's own of seed 1
    measured = []
    request = RunRequest("water-meter", path, uuts=serials, points=("Q1",), lab=tmp_path, seed=1)
    run(request, listeners=[heard(RunMeasured, measured)])
    assert min(e.indication for e in measured) >= 10.0
    retests = {e.uut: e for e in measured if e.retest}
    slowest = min(retests.values(), key=lambda e: e.error)
    assert slowest.error < -10.0
    assert 11.1 < slowest.reference < 12.0
    assert slowest.n == 3


def test_a_meter_that_stands_still_is_not_waited_for(lab):
    lab.write(at_start='self.fault("stuck_meter", True, position=1)')
    measured = []
    lab.run("quick", points=("Q3",), on_event=heard(RunMeasured, measured))
    stuck, moving = measured[:2]  # the first run; the unit that fails has a retest
    assert stuck.indication == 0.0
    assert stuck.error == pytest.approx(-100.0)
    assert moving.indication >= 100.0
    assert 100.0 <= stuck.reference < 110.0


# stages ----------------------------------------------------------------------------------------


def test_in_service_the_limits_double_and_a_third_is_enough_for_the_reference(batch):
    plan = prepare(RunRequest("water-meter", batch=batch, stage="in_service")).plan
    for visit in plan.visits:
        for member in visit.members:
            limit = points_of(member.serial)[member.point][2]
            assert member.mpe == pytest.approx((-2 * limit, 2 * limit))
            assert member.mpe_initial == pytest.approx(limit)
            assert member.ratio == pytest.approx(1 / 3)


@pytest.mark.parametrize("stage", ["initial", "after_repair"])
def test_initially_and_after_repair_a_fifth_is_wanted(stage):
    plan = prepare(RunRequest("water-meter", uuts=(UNIT,), stage=stage)).plan
    assert {m.ratio for v in plan.visits for m in v.members} == {0.2}


# the standard ----------------------------------------------------------------------------------


@pytest.fixture
def bench_with(tmp_path):
    """Write a copy of the simulated bench whose master has another uncertainty."""

    def write(U):
        folder = tmp_path / "bench"
        shutil.copytree(bundled("sim_instruments") / "water_bench", folder)
        path = folder / "bench.yaml"
        text = path.read_text(encoding="utf-8")
        assert "{U: 0.10 %, k: 2" in text
        path.write_text(text.replace("{U: 0.10 %, k: 2", f"{{U: {U} %, k: 2"), encoding="utf-8")
        return path

    return write


def test_the_uncertainty_of_the_reference_is_that_of_certificate_and_repeatability(plan):
    expected = 2 * math.hypot(0.10 / 2, 0.03)
    for visit in plan.visits:
        for member in visit.members:
            assert member.U_reference == pytest.approx(expected, rel=1e-3)


def test_an_inadequate_standard_is_refused_with_the_arithmetic_and_leaves_a_record(
    bench_with, tmp_path, capsys
):
    document = tmp_path / "result.json"
    argv = ["run", "water-meter", "--bench", str(bench_with(0.6)), "--uut", UNIT]
    code = command_line([*argv, "--lab", str(tmp_path / "lab"), "--json", str(document)])
    assert code == 3
    told = " ".join(capsys.readouterr().err.split())
    # U = 2 sqrt(0.3² + 0.03²) %, a fifth of ±2 % is allowed
    assert "U = 0.603 %, allowed 2 % × 0.2 = 0.4 %" in told
    assert UNIT in told
    result = json.loads(document.read_text(encoding="utf-8"))
    assert result["outcome"] == "refused"
    assert result["instruments"] == []
    assert "0.603 %" in json.dumps(result["reason"], ensure_ascii=False)
    capsys.readouterr()
    assert command_line(["records", "list", "--lab", str(tmp_path / "lab"), "--json"]) == 0
    (kept,) = json.loads(capsys.readouterr().out)
    assert (kept["run"], kept["outcome"]) == (result["run"], "refused")


@pytest.mark.parametrize(
    ("U", "stage", "accuracy_class", "good"),
    [
        (0.39, "initial", "2", True),  # 0.3946 of 0.4
        (0.40, "initial", "2", False),  # 0.4045
        (0.6, "in_service", "2", True),  # 0.603 of 0.667
        (0.6, "in_service", "1", False),  # of 0.333
        (0.19, "initial", "1", True),  # 0.1992 of 0.2
        (0.195, "initial", "1", False),  # 0.2040
    ],
)
def test_the_reference_may_take_its_share_of_the_initial_limit(
    bench_with, U, stage, accuracy_class, good
):
    sets = {"accuracy_class": accuracy_class}
    request = RunRequest("water-meter", bench_with(U), uuts=(UNIT,), sets=sets, stage=stage)
    if good:
        assert all(m.adequate for v in prepare(request).plan.visits for m in v.members)
    else:
        with pytest.raises(RefusedError):
            prepare(request)


def test_a_test_run_may_use_any_standard(bench_with):
    request = RunRequest("water-meter", bench_with(0.6), uuts=(UNIT,), service="test")
    members = [m for v in prepare(request).plan.visits for m in v.members]
    assert {m.point: m.adequate for m in members} == {"Q3": False, "Q2": False, "Q1": True}


# what the command line asks for -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--stage", "in-service"], "in_service"),
        (["--stage", "arbitration"], "in_service"),
        (["--points", "Q3,Q9"], "Q9"),
        (["--set", "Q5=1"], "Q5"),
        (["--set", "Q3=2.6"], "2.6"),
        (["--set", "accuracy_class=3"], "3"),
        (["--set", "scale_interval=1 kg"], "scale_interval"),
        (["--uut", "A", "--uut", "A"], "A"),
    ],
)
def test_what_the_procedure_does_not_know_is_a_usage_error_and_leaves_no_record(
    options, said, tmp_path, capsys
):
    argv = ["run", "water-meter", "--lab", str(tmp_path), "--uut", UNIT, *options]
    assert command_line(argv) == 2
    assert said in capsys.readouterr().err
    assert command_line(["records", "list", "--lab", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_flow_that_no_certificate_covers_is_refused(tmp_path):
    request = RunRequest("water-meter", uuts=(UNIT,), sets={"Q3": "10"})
    with pytest.raises(RefusedError, match="7 m³/h"):
        prepare(request)


def test_every_unit_and_point_that_is_refused_is_named_and_listed(tmp_path, capsys):
    path = tmp_path / "batch.csv"
    path.write_text("serial,Q3\nA1,10\nA2,2.5\nA3,16\n", encoding="utf-8")
    argv = ["run", "water-meter", "--batch", str(path), "--lab", str(tmp_path), "--json", "-"]
    assert command_line(argv) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "refused"
    assert document["reason"]["text"].count("point Q3: ") == 2
    assert [uut["serial"] for uut in document["uuts"]] == ["A1", "A2", "A3"]
    for uut, flow in zip(document["uuts"], ("9.5 m³/h", None, "15.2 m³/h"), strict=True):
        assert uut["verdict"] == "not_measured"
        assert [p["point"] for p in uut["points"] if p["point"]] == ["Q3", "Q2", "Q1"]
        assert {p["verdict"] for p in uut["points"]} == {"not_measured"}
        texts = {p["why"]["text"] for p in uut["points"]}
        assert len(texts) == 1
        if flow:
            assert all(flow in text and "Q3" in text for text in texts)


def test_a_batch_with_an_unknown_value_names_row_and_column(tmp_path):
    path = tmp_path / "batch.csv"
    path.write_text("serial,Q3\nA,2.5\nB,2.6\n", encoding="utf-8")
    with pytest.raises(FileError) as caught:
        prepare(RunRequest("water-meter", batch=path))
    (found,) = caught.value.diagnostics
    assert found.span.line == 3


def test_units_that_have_no_place_or_no_address_are_told_by_row_and_column(tmp_path, capsys):
    shutil.copytree(bundled("sim_instruments") / "water_bench", tmp_path, dirs_exist_ok=True)
    bench = tmp_path / "bench.yaml"
    text = bench.read_text(encoding="utf-8")
    bench.write_text(text.replace("address: position}", "address: serial}"), encoding="utf-8")
    path = tmp_path / "batch.csv"
    path.write_text("serial,position\nMETER-A,1\nX-7,13\nY-7,3\n", encoding="utf-8")
    argv = ["plan", "water-meter", "--bench", str(bench), "--batch", str(path)]
    assert command_line(argv) == 2
    said = capsys.readouterr().err
    for place in (f"{path}:2:1", f"{path}:3:5", f"{path}:4:1"):
        assert place in said
    assert command_line([*argv[:4], "--uut", "METER-A"]) == 2
    assert "METER-A" in capsys.readouterr().err


def test_simulated_meters_may_have_any_serial_number_and_what_else_is_said_of_them_is_shown(
    tmp_path, capsys
):
    path = tmp_path / "batch.csv"
    path.write_text("serial,送检单位,owner\nMETER-A,水务局,City\nMETER-B,,\n", encoding="utf-8")
    argv = ["water-meter", "--batch", str(path), "--points", "Q3"]
    assert command_line(["plan", *argv]) == 0
    shown = capsys.readouterr().out
    assert "送检单位: 水务局; owner: City" in shown
    lab = ["--lab", str(tmp_path / "lab")]
    assert command_line(["run", *argv, *lab]) == 1
    ran = capsys.readouterr().out
    assert command_line(["records", "show", *lab]) == 0
    for text in (ran, capsys.readouterr().out):
        lines = [line for line in text.splitlines() if "METER-A" in line and "City" in line]
        assert len(lines) == 1
        assert "水务局" in lines[0]


def test_an_unknown_stage_is_told_before_any_unit_is_looked_at():
    with pytest.raises(UsageError, match="initial, after_repair, in_service"):
        prepare(RunRequest("water-meter", stage="subsequent"))
