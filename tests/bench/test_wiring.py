"""A bench seen through a procedure's needs, nothing opened: units, settings, standards."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from bench_samples import NEEDS, LoadedBench, Role, wiring

from benchctl.bench import standard_problems
from benchctl.core.messages import words


def problems(file, **changed):
    return [m.id.removeprefix("bench.") for m in wiring(file, NEEDS | changed).problems()]


def test_the_water_bench_serves_the_water_procedure(water_file):
    assert problems(water_file) == []


@pytest.mark.parametrize(
    ("role", "need", "problem"),
    [
        ("reference_mass", Role("kg"), "unbound"),
        ("reference_flow", Role("kg/h"), "unit-misfit"),
        ("reference_flow", Role("m³/h", settable=True), "not-settable"),
        ("flow_setpoint", Role("MPa", settable=True), "unit-misfit"),
        ("line_pressure", Role("MPa", per_uut=True), "not-per-uut"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_opened(water_file, role, need, problem):
    found = problems(water_file, **{role: need})
    assert set(found) == {problem}


def test_a_role_that_is_optional_may_be_missing(water_file):
    assert problems(water_file, reference_mass=Role("kg", optional=True)) == []


def test_a_channel_that_the_driver_has_not_is_named_with_the_one_that_is_meant(spoilt_bench):
    file = spoilt_bench(
        "reference_flow: master.volume_flow", "reference_flow: master.volum_flow"
    ).file
    (message,) = wiring(file).problems()
    assert message.args["channel"] == "master.volum_flow"
    assert message.args["known"] == "volume_flow"
    assert "volume_flow" in words(message, "zh")


def test_what_is_set_before_and_what_selects_must_be_there_too(spoilt_bench):
    file = spoilt_bench(
        "valves.k3: true, valves.k2: true, pump.run: true}}",
        "valves.k33: true, valves.k2: true, pump.run: true}}",
        "[selector.k1, selector.k2",
        "[selector.k1, selector.kk2",
        "read: pump.tripped",
        "read: pump.state",
    ).file
    found = {m.args["channel"] for m in wiring(file).problems()}
    assert found == {"valves.k33", "selector.kk2", "pump.state"}


def test_a_role_in_another_unit_of_its_kind_is_converted(water_file):
    seen = wiring(water_file, NEEDS | {"meter_volume": Role("m³", per_uut=True)})
    assert seen.problems() == []
    assert seen.resolutions()["meter_volume"] == pytest.approx(1e-5)
    assert wiring(water_file).resolutions()["meter_volume"] == pytest.approx(0.01)


# reference standards


def test_the_standard_behind_a_role_is_that_of_its_instrument(water_file):
    seen = wiring(water_file)
    standard, channel = seen.standard("reference_volume")
    assert (standard.name, channel) == ("MM-014", "volume_total")
    assert seen.standard("line_pressure") is None
    assert seen.standard("nobody") is None


def test_u_of_a_reading_is_the_certificates_share_of_it_over_k(water_file):
    u, dof = wiring(water_file).reference_u("reference_volume", 100.0)
    assert u == pytest.approx(0.10 / 100 * 100.0 / 2)
    assert dof == math.inf
    assert wiring(water_file).reference_u("line_pressure", 1.0) is None


def test_u_that_is_a_quantity_is_converted_to_the_roles_unit(spoilt_bench):
    file = spoilt_bench("{U: 0.10 %, k: 2,", "{U: 50 mL, k: 2.5,").file
    u, _ = wiring(file).reference_u("reference_volume", 100.0)
    assert u == pytest.approx(0.050 / 2.5)


def test_a_certificate_holds_in_its_range_of_flow_only(water_file):
    seen = wiring(water_file)
    assert seen.beyond_certificate("reference_volume", 2.375, "m³/h") is None
    assert seen.beyond_certificate("reference_volume", 0.02 / 3.6, "L/s") is None
    for value, of in ((0.009, "m³/h"), (7.1, "m³/h"), (8000.0, "L/h")):
        message = seen.beyond_certificate("reference_volume", value, of)
        assert message.args["low"] == "0.01"
        assert message.args["high"] == "7 m³/h"
    assert seen.beyond_certificate("reference_volume", 1000.0, "L") is None
    assert seen.beyond_certificate("line_pressure", 99.0, "MPa") is None


def test_a_standard_is_used_from_its_date_to_its_due_date(water_file):
    standard = replace(
        water_file.standards["MM-014"], issued=date(2026, 1, 5), due=date(2027, 1, 5)
    )

    def ids(day):
        return [m.id for _, m in standard_problems(standard, day)]

    assert ids(date(2026, 1, 4)) == ["bench.not-yet"]
    assert ids(date(2026, 1, 5)) == ids(date(2027, 1, 5)) == []
    assert ids(date(2027, 1, 5) + timedelta(days=1)) == ["bench.overdue"]


def test_a_bench_of_people_needs_no_wire():
    loaded = LoadedBench(
        "bench: by hand\ninstruments: {}\nroles: {meter_volume: {each: manual.volume}}\n"
    )
    assert loaded.mistakes == []
    seen = wiring(loaded.file, {"meter_volume": Role("L", per_uut=True)})
    assert seen.problems() == []
