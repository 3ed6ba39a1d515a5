"""Gas meters: published and computed results through the code that a run uses, and runs.

Facts and ids are those of shared/vectors/flow-energy-mass.json (type gas_meter); statuses there:
the weighted mean and the rule of one sign are quoted from memory. Nozzles: critical flow of an
ideal gas, qm = A* p0 / sqrt(R T0).
"""

import math
from dataclasses import replace

import pytest

from benchctl.core.places import bundled
from benchctl.core.verdicts import Verdict
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.language import Diagnostics
from benchctl.metrology import Input, judge_runs, propagate
from benchctl.procedure import load_procedure
from benchctl.procedure.across_values import across_env

SEED = 2
ZERO = 273.15


@pytest.fixture(scope="module")
def gas():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "gas-meter.yaml", diagnostics)
    assert not diagnostics.failed
    return procedure


def resolved(gas, stage="initial", **parameters):
    values, problems = gas.parameters_from({})
    assert problems == []
    return gas.resolve(values | parameters, stage=stage)


def point(gas, name, stage="initial", **parameters):
    return next(p for p in resolved(gas, stage, **parameters).points if p.name == name)


def error_of(gas, at, **values):
    """Return the error in % at a point, of the inputs in the units of the procedure."""
    inputs = [Input(name, value) for name, value in values.items()]
    return propagate(at.model, inputs, unit=gas.measurand.unit).value


def compared(gas, *, Vm, Vs, pm, ps, Tm, Ts, at="qmax", **parameters):
    return error_of(
        gas,
        point(gas, at, **parameters),
        meter_volume=Vm,
        reference_volume=Vs,
        meter_pressure=pm / 1000,
        reference_pressure=ps / 1000,
        meter_temperature=Tm + ZERO,
        reference_temperature=Ts + ZERO,
    )


TP_2 = {"Vm": 120.0, "Vs": 118.9, "pm": 100250, "ps": 100900, "Tm": 21.0, "Ts": 20.5}
TP_3 = {"Vm": 12.0, "Vs": 12.3, "pm": 101325, "ps": 101825, "Tm": 19.7, "Ts": 20.0}
TP_4 = {"Vm": 12.0, "Vs": 12.4, "pm": 101325, "ps": 101825, "Tm": 19.2, "Ts": 20.0}
VECTORS = [
    (TP_2, "qmax", 0.1045, 1.5, Verdict.PASS),
    (TP_3, "qmin", -2.8186, 3.0, Verdict.PASS),
    (TP_4, "qmin", -3.4375, 3.0, Verdict.FAIL),
]


@pytest.mark.parametrize(("given", "at", "error", "mpe", "verdict"), VECTORS)
def test_gas_tp_pressure_and_temperature_are_absolute_in_the_model(
    gas, given, at, error, mpe, verdict
):
    found = compared(gas, at=at, **given)
    assert found == pytest.approx(error, abs=6e-5)
    limits = point(gas, at).mpe
    assert limits == (-mpe, mpe)
    assert judge_runs([found], limits, rule=gas.decision.rule).judgement.verdict is verdict


def test_gas_bell_1_mean_of_six_runs_by_overpressures_above_the_room(gas):
    runs = [100.5, 100.6, 100.65, 100.7, 100.45, 100.75]
    given = {"Vm": 100.0, "Vs": sum(runs) / 6, "pm": 101980, "ps": 102000, "Tm": 20, "Ts": 20}
    assert compared(gas, **given) == pytest.approx(-0.6241, abs=6e-5)


def test_the_correction_is_skipped_only_when_both_conditions_hold(gas):
    left = {"correction": "where needed"}
    uncorrected = 100 * (120.0 / 118.9 - 1)
    both = TP_2 | {"pm": 100750, "Tm": 20.9}  # 0.4 K and 0.15 %
    assert compared(gas, **both, **left) == pytest.approx(uncorrected)
    corrected = 100 * (120.0 / 118.9 * 100750 / 100900 * 293.65 / 294.05 - 1)
    assert compared(gas, **both) == pytest.approx(corrected)  # always, where nothing is said
    for beyond in (
        {"Tm": 21.1},  # 0.6 K, the pressure agrees
        {"pm": 100600},  # 0.30 %, the temperature agrees
        {"Tm": 19.9},
        {"pm": 101200},
    ):
        found = compared(gas, **(both | beyond), **left)
        assert found == pytest.approx(compared(gas, **(both | beyond)))
        assert abs(found - uncorrected) > 0.03
    assert compared(gas, **(both | {"Tm": 20.99}), **left) == pytest.approx(uncorrected)


def test_limits_by_class_flow_and_stage(gas):
    for accuracy_class, stage, expected in (
        (1.5, "initial", (1.5, 1.5, 3)),
        (1.0, "initial", (1, 1, 2)),
        (1.5, "in_service", (3, 3, 6)),
    ):
        points = resolved(gas, stage, accuracy_class=accuracy_class).points
        assert [p.mpe[1] for p in points] == list(expected)
        assert [p.mpe[0] for p in points] == [-x for x in expected]


@pytest.mark.parametrize(("qmax", "qmin"), [(2.5, 0.016), (4, 0.025), (6, 0.04)])
def test_points_are_the_largest_a_fifth_of_it_and_the_smallest_flow(gas, qmax, qmin):
    flows = [p.values["point.flow"] for p in resolved(gas, qmax=qmax).points]
    assert flows == pytest.approx([qmax, 0.2 * qmax, qmin])


def over(gas, name, shares, errors):
    """Return the value of an item over points, and whether it passes."""
    of = resolved(gas)
    item = next(i for i in gas.items if i.name == name)
    one = of.points[0]
    points = [
        replace(one, name=f"p{n}", values={**one.values, "share": s, "point.flow": 6 * s})
        for n, s in enumerate(shares)
    ]
    results = {"error": errors, "U": [0.1] * len(errors)}
    value = None
    if item.value is not None:
        value = float(item.value(across_env(item.value, of.env, points, results, "initial")))
    names = across_env(item.passes, of.env, points, results, "initial")
    return value, bool(item.passes({**names, "value": value}))


def test_gas_wme_2_the_weight_falls_again_above_seven_tenths_of_the_largest_flow(gas):
    value, passes = over(gas, "weighted_mean", [0.1, 0.2, 0.4, 0.7, 1.0], [1.2, 1.0, 0.9, 0.7, 0.3])
    assert value == pytest.approx(0.7167, abs=6e-5)
    assert not passes


def test_gas_samesign_1_one_beyond_a_per_cent_fails_though_all_are_inside(gas):
    shares = [0.1, 0.4, 1.0]
    assert not over(gas, "same_sign", shares, [1.2, 0.9, 0.4])[1]
    assert over(gas, "same_sign", shares, [1.0, 0.9, 0.4])[1]
    assert over(gas, "same_sign", shares, [1.2, 0.9, -0.1])[1]
    assert not over(gas, "same_sign", shares, [-1.2, -0.9, -0.1])[1]


def test_a_nozzle_passes_what_critical_flow_says_at_the_pressure_of_each_meter(gas):
    nozzle = gas.of({"method": "nozzle"})
    at = next(p for p in nozzle.resolve(nozzle.parameters_from({})[0], stage="initial").points)
    area, p0, t0, pm, tm, seconds = 5.74546, 98.4, 293.8, 100.1, 293.4, 71.7
    vapour = 0.55 * 0.6112 * math.exp(17.62 * (t0 - 273.15) / (t0 - 30.03))
    sound = math.sqrt(287.05 * (1 + 0.378 * vapour / p0) * t0)
    passed = 1000 * area * 1e-6 * sound * seconds * p0 / pm * tm / t0
    error = error_of(
        nozzle,
        at,
        meter_volume=1.01 * passed,
        reference_time=seconds,
        nozzle_pressure=p0,
        nozzle_temperature=t0,
        meter_pressure=pm,
        meter_temperature=tm,
        ambient_humidity=55.0,
        **{f"nozzle_{n}": area if n == 9 else 1.0 for n in range(1, 10)},
    )
    assert error == pytest.approx(1.0, abs=1e-6)


def units(folder, rows):
    batch = folder / "batch.csv"
    lines = [f"M-{n},{n},{kind}" for n, kind in enumerate(rows, 1)]
    batch.write_text("\n".join(["serial,position,kind", *lines]) + "\n", encoding="utf-8")
    return batch


def found(report):
    return {
        (u["serial"], p["point"] or p["item"]): p
        for u in report.document["uuts"]
        for p in u["points"]
    }


@pytest.fixture(scope="module")
def leaked(tmp_path_factory):
    """Six meters of which the fourth leaks, at the largest flow and a fifth of it."""
    lab = tmp_path_factory.mktemp("lab")
    kinds = ["good", "high", "good", "leaking", "good", "slow"]
    request = RunRequest(
        "gas-meter",
        seed=SEED,
        lab=lab,
        simulate=True,
        batch=units(lab, kinds),
        points=("qmax", "q20"),
    )
    return request, run(request)


def test_a_meter_that_leaks_is_found_first_and_spoils_nobody(leaked):
    request, report = leaked
    assert report.outcome == "finished"
    rows = found(report)
    assert rows["M-4", "tightness"]["verdict"] == "fail"
    assert [rows["M-4", p]["verdict"] for p in ("qmax", "q20")] == ["not_measured"] * 2
    true = {(t["serial"], t["point"]): t["error"] for t in truth(request) if t["point"]}
    for n in (1, 2, 3, 5, 6):
        assert rows[f"M-{n}", "tightness"]["verdict"] == "pass"
        for p in ("qmax", "q20"):
            at = rows[f"M-{n}", p]
            assert abs(at["error"] - true[f"M-{n}", p]) < at["U"]
    assert rows["M-2", "q20"]["verdict"] == rows["M-6", "qmax"]["verdict"] == "fail"
    (leak,) = [i for i in report.document["incidents"] if i["kind"] == "leak"]
    assert leak["uut"] == "M-4"


def test_without_the_tightness_test_those_behind_the_leak_would_be_wrong(tmp_path):
    """The plant really draws air in at a leak: otherwise the test above would show nothing."""
    from benchctl.core.clock import VirtualClock
    from benchctl.simulation import find_bench, uuts_from_rows

    rows = [{"serial": f"M-{n}", "position": str(n), "kind": "good"} for n in (1, 2, 3)]
    bench = find_bench("gas_bench", lab=tmp_path)(
        VirtualClock(), seed=SEED, uuts=uuts_from_rows(rows)
    )
    world = bench.world
    for name, value in (
        ("valves.k1", True),
        ("valves.k2", True),
        ("blower.run", True),
        ("blower.speed", 75.0),
    ):
        world.put(0.0, name, value)
    world.put(0.0, "fault.leak@2", 1.0)

    def shown(n):
        """Return the error in % by the readings of the bench between two instants."""
        passed = [world.value("passed", t, n) for t in (20.0, 80.0)]
        volume = [world.value("volume", t) for t in (20.0, 80.0)]
        expansion = world.value("expansion", 50.0, n)
        return 100 * ((passed[1] - passed[0]) / (volume[1] - volume[0]) / expansion - 1)

    off = [shown(n) - bench.truth(f"M-{n + 1}", "error", "error", {"flow": 6.0}) for n in range(3)]
    assert off[0] == pytest.approx(0.0, abs=0.02)
    assert off[1:] == pytest.approx([3.0, 3.0], abs=0.1)


def test_nozzles_and_master_come_to_the_same_verdicts(tmp_path):
    batch = units(tmp_path, ["good", "high", "slow"])
    reports = {}
    for method in ("master", "nozzle"):
        request = RunRequest(
            "gas-meter",
            seed=SEED,
            lab=tmp_path / method,
            simulate=True,
            batch=batch,
            points=("qmax", "q20"),
            sets={"method": method},
        )
        true = {(t["serial"], t["point"]): t["error"] for t in truth(request) if t["point"]}
        reports[method] = found(run(request))
        for (serial, p), at in reports[method].items():
            if p in ("qmax", "q20"):
                assert abs(at["error"] - true[serial, p]) < at["U"]
                assert at["U"] < 0.5
    master, nozzle = (
        {k: p["verdict"] for k, p in reports[m].items()} for m in ("master", "nozzle")
    )
    assert master == nozzle
    assert set(master.values()) >= {"pass", "fail"}


def test_the_plan_refuses_a_class_for_which_the_master_is_not_good_enough(tmp_path):
    from benchctl.core.errors import BenchctlError

    text = (bundled("sim_instruments") / "gas_bench" / "bench.yaml").read_text(encoding="utf-8")
    bench = tmp_path / "bench.yaml"
    bench.write_text(text.replace("U: 0.25 %", "U: 0.6 %"), encoding="utf-8")
    request = RunRequest("gas-meter", seed=SEED, lab=tmp_path, bench=bench)
    with pytest.raises(BenchctlError) as refused:
        prepare(request)
    assert "0.5 %" in refused.value.words()
    assert "0.6" in refused.value.words()
