"""Whole runs from rest to rest: what is moved when, what voids a point, what the record says."""

import re
import shutil

import numpy as np
import pytest
from lab_folder import SERIALS, is_safe

from benchctl.core.errors import UsageError
from benchctl.core.events import (
    RawBlock,
    RunMeasured,
    SettingWritten,
    Settled,
    UndoRegistered,
)
from benchctl.core.places import bundled
from benchctl.engine import RunRequest, prepare, run
from benchctl.language import FileError

WEIGHED = {"method": "gravimetric"}
POINT = ("Q3",)


def told(events):
    return lambda stored: events.append(stored.event)


def written(events, channel):
    """Return (index in the record, value) of everything that was written to a channel."""
    return [
        (n, e.value)
        for n, e in enumerate(events)
        if isinstance(e, SettingWritten) and f"{e.instrument}.{e.channel}" == channel
    ]


def tank(lab):
    return lab.left["tank"]


@pytest.fixture
def weighed(lab):
    """Events and document of a run of one point."""
    events = []
    lab.write()
    report = lab.run("quick", sets=WEIGHED, points=POINT, on_event=told(events))
    assert report.outcome == "finished"
    return events, report.document


def test_the_diverter_moves_only_while_nothing_flows(weighed, lab):
    events, _ = weighed
    outlet = written(events, "valves.k2")
    for n, _ in written(events, "valves.k6"):
        assert [open_ for m, open_ in outlet if m < n][-1] is False
    assert [on for _, on in written(events, "valves.k6")][-3:][0] is True
    assert is_safe(lab.left)
    assert (tank(lab)["diverted"], tank(lab)["draining"], tank(lab)["spilt"]) == (False, False, 0.0)
    assert tank(lab)["mass"] > 100.0


def test_every_way_back_is_in_the_record_before_anything_is_moved(weighed):
    events, _ = weighed
    known = set()
    for event in events:
        if isinstance(event, UndoRegistered):
            known.add((event.instrument, event.channel))
        if isinstance(event, SettingWritten) and event.value not in (False, 0, 0.0):
            assert (event.instrument, event.channel) in known


def test_balance_and_meters_are_read_at_rest_before_and_after(weighed):
    events, document = weighed
    mass, _, register = (
        [b for b in events if isinstance(b, RawBlock) and b.series.endswith(name)]
        for name in ("/tank_mass", "/tank_mass_now", f"/{SERIALS[0]}")
    )
    assert sum(b.rows for b in mass) == 2
    assert sum(b.rows for b in register) == 2
    rests = [e for e in events if isinstance(e, Settled) and e.role == "tank_mass_now"]
    assert [e.settled for e in rests] == [True, True]
    (found,) = [e for e in events if isinstance(e, RunMeasured) and e.uut == SERIALS[0]]
    columns = np.frombuffer(mass[0].blob).reshape(4, -1)
    assert found.conditions["tank_mass"] == pytest.approx(columns[2, -1] - columns[2, 0])
    assert found.n == 2
    assert {"line_pressure", "outlet_temperature", "ambient_pressure"} <= found.conditions.keys()
    assert document["uuts"][0]["parameters"]["method"] == "gravimetric"


def test_the_budget_names_what_the_weighing_rests_on(weighed):
    events, _ = weighed
    found = next(e for e in events if isinstance(e, RunMeasured))
    lines = {(b["input"], b["source"]): b for b in found.budget}
    assert lines["meter_volume", "resolution"]["distribution"] == "triangular"
    assert lines["tank_mass", "resolution"]["u"] == pytest.approx(0.001 / 6**0.5)
    assert lines["tank_mass", "resolution"]["distribution"] == "triangular"
    assert lines["dip_pipe_factor", "certificate"]["u"] == pytest.approx(0.0001)
    inputs = {name for name, _ in lines}
    assert {"evaporation", "inlet_temperature", "line_pressure", "ambient_pressure"} <= inputs
    assert "uut.position" not in inputs
    assert found.U_reference < 0.05


def test_the_volume_is_that_at_the_meters_own_place(weighed):
    events, _ = weighed
    first, second = (e for e in events if isinstance(e, RunMeasured))
    # the second of twelve places lies a twelfth of the way from inlet to outlet further
    kelvin = first.conditions["outlet_temperature"] - first.conditions["inlet_temperature"]
    relative = second.reference / first.reference - 1
    assert relative == pytest.approx(2.1e-4 * kelvin / 12, rel=0.1, abs=1e-9)


def test_the_tank_is_drained_where_it_could_not_hold_what_comes(lab):
    events = []
    lab.write()
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    bench.write_text(bench.read_text().replace("tank_capacity: 140 kg", "tank_capacity: 115 kg"))
    points = ("Q3", "Q2")  # 100 L and 20 L
    report = lab.run("quick", sets=WEIGHED, points=points, units=1, on_event=told(events))
    assert report.outcome == "finished"
    drained = written(events, "valves.k7")
    assert [value for _, value in drained][:2] == [True, False]
    flowing = [n for n, value in written(events, "valves.k6") if value]
    assert flowing[0] < drained[0][0] < drained[1][0] < flowing[1]
    assert 20.0 < tank(lab)["mass"] < 23.0
    assert tank(lab)["spilt"] == 0.0


# what voids a point -----------------------------------------------------------------------------


def voided(lab, **more):
    report = lab.run("quick", sets=WEIGHED, points=POINT, units=1, **more)
    (point,) = [p for p in report.document["uuts"][0]["points"] if p["point"] == "Q3"]
    assert (report.exit_code, point["verdict"]) == (1, "not_measured")
    assert is_safe(lab.left)
    assert tank(lab)["diverted"] is False
    return point["why"]["text"]


def test_a_balance_that_does_not_come_to_rest_voids_the_point(lab):
    lab.write(at_start='self.fault("restless_balance", True)')
    assert "did not come to rest" in voided(lab)


def test_a_drain_valve_that_leaks_is_seen_at_rest(lab):
    lab.write(at_start='self.fault("leaking_drain", True)')
    report = lab.run("quick", sets=WEIGHED, points=POINT, units=1)
    (point,) = [p for p in report.document["uuts"][0]["points"] if p["point"] == "Q3"]
    assert point["verdict"] == "not_measured"
    assert "did not come to rest" in point["why"]["text"]


def test_an_amount_that_the_tank_never_holds_is_refused_with_the_figures(lab):
    lab.write()
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    bench.write_text(bench.read_text().replace("tank_capacity: 140 kg", "tank_capacity: 60 kg"))
    assert "but holds 60 kg" in voided(lab)


# choosing ---------------------------------------------------------------------------------------


def test_two_methods_in_one_batch_are_refused(tmp_path):
    path = tmp_path / "batch.csv"
    path.write_text(f"serial,method\n{SERIALS[0]},flying\n{SERIALS[1]},gravimetric\n")
    with pytest.raises(UsageError) as error:
        prepare(RunRequest("water-meter", batch=path, lab=tmp_path))
    assert error.value.message.id == "engine.variants-differ"


def test_a_batch_chooses_the_method(tmp_path):
    path = tmp_path / "batch.csv"
    path.write_text(f"serial,method\n{SERIALS[0]},gravimetric\n")
    prepared = prepare(RunRequest("water-meter", batch=path, lab=tmp_path))
    assert prepared.procedure.chosen == {"method": "gravimetric"}
    assert prepared.plan.uuts[0].parameters["method"] == "gravimetric"


@pytest.fixture
def without_a_tank(tmp_path):
    """A bench without weigh tank, as most are."""
    folder = tmp_path / "bench"
    shutil.copytree(bundled("sim_instruments") / "water_bench", folder)
    path = folder / "bench.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(
        r"(?m)^  (tank_\w+|diverter|dip_pipe_factor|evaporation|line_places):.*\n", "", text
    )
    text = re.sub(r"(?m)^gate:.*\n(?:[ \t]+.*\n)*", "", text)  # it weighs a check weight
    text = text.replace("constants:\n", "").replace("meters, tank_mass]", "meters]")
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bench_without_a_weigh_tank_serves_the_flying_start_only(without_a_tank, tmp_path):
    request = {"bench": without_a_tank, "uuts": SERIALS[:1], "lab": tmp_path}
    assert prepare(RunRequest("water-meter", **request)).plan.visits
    with pytest.raises(FileError) as error:
        prepare(RunRequest("water-meter", **request, sets=WEIGHED))
    found = {d.message.args["role"] for d in error.value.diagnostics}
    assert {"tank_mass", "diverter", "tank_drain", "tank_capacity"} <= found


def test_a_person_reads_the_registers_at_rest(tmp_path):
    folder = tmp_path / "bench"
    shutil.copytree(bundled("sim_instruments") / "water_bench", folder)
    path = folder / "bench.yaml"
    text, count = re.subn(
        r"(meter_volume:) .*\n(?:    .*\n)*",
        "meter_volume: {each: manual.volume}\n",
        path.read_text(),
    )
    assert count == 1
    path.write_text(text, encoding="utf-8")
    measured = []

    def listen(stored):
        if isinstance(stored.event, RunMeasured):
            measured.append(stored.event)

    serials = tuple(f"2611000001{n:04d}" for n in range(1, 13))  # one shows 10.3 % too little at Q1
    request = RunRequest(
        "water-meter", path, uuts=serials, points=("Q1",), lab=tmp_path, seed=1, sets=WEIGHED
    )
    run(request, listeners=[listen])
    first = [e for e in measured if not e.retest]
    assert len(first) == 12
    assert min(e.indication for e in first) >= 10.0
    slowest = min(first, key=lambda e: e.error)
    assert slowest.error < -10.0
    assert 11.1 < slowest.reference < 12.0
