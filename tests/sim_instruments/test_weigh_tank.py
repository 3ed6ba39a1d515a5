"""The weigh tank and its balance: where the water goes, what the balance makes of it."""

import math
import sys
from itertools import pairwise

import numpy as np
import pytest
from line_up import open_line

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import GarbageReplyError, NoReplyError, NotANumberError
from benchctl.driver import BusyError
from benchctl.metrology.water import air_density, buoyancy_factor, water_density
from benchctl.simulation import SimulatedUut

TANK, DRAIN = 6, 7
FLOWING, SHUT = (1, 2, 5), (1, 5)
STROKE = 0.12
COMPRESSIBILITY = 4.59e-4
"""Of water at 20 °C, 1/MPa (IF97)."""


def module(cls, name):
    return sys.modules[f"{cls.__module__.rpartition('.')[0]}.{name}"]


def simpson(function, start, end, n=801):
    x = np.linspace(start + 1e-9, end - 1e-9, n)
    y = np.array([function(v) for v in x])
    weights = np.ones(n)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    return float((weights * y).sum() * (x[1] - x[0]) / 3.0)


def diverter(rig, t, on):
    """The instant at which the diverter acts that is switched at `t`."""
    return t + STROKE + rig.plant.character.diverter[on]


def mass_flow(rig):
    """kg/s by flow, temperature and the pressure the line is driven to."""

    def rate(t):
        plant = rig.plant
        celsius, gauge = plant.master_temperature(t), plant.at(t).pressure.target
        return plant.flow(t) * water_density(celsius) * (1.0 + COMPRESSIBILITY * gauge) / 1000.0

    return rate


def fill(rig, speed=30.4, start=2.0, stop=60.0):
    """A standing start and stop into the tank; the pump runs against the shut outlet before."""
    rig.open(0.0, *SHUT, TANK)
    rig.start(0.5, speed)
    rig.open(start, *FLOWING, TANK)
    rig.open(stop, *SHUT, TANK)
    rig.poll(0.5, stop + 1.0)


# the mass of the water ----------------------------------------------------------------------


def test_the_mass_that_passed_is_the_integral_of_flow_and_density(rig):
    rig.open(1.0, *FLOWING)
    rig.start(2.0, 30.4)
    rig.refer(400.0, 10.0)
    rig.open(700.0, 1, 2, 4)
    rig.open(900.0, 1)
    rig.poll(2.0, 900.0)
    breaks = [1.0, 2.0, 20.0, 400.0, 420.0, 700.0, 720.0, 900.0, 904.0, 960.0]
    expected = sum(simpson(mass_flow(rig), a, b) for a, b in pairwise(breaks))
    assert expected > 300.0
    assert rig.plant.weighed(960.0) == pytest.approx(expected, rel=8e-6)  # of two density formulas
    volume = rig.plant.passed(960.0)
    assert rig.plant.weighed(960.0) / volume == pytest.approx(0.9982, abs=6e-4)


@pytest.mark.parametrize(
    ("celsius", "gauge", "expected"),
    [(20.0, 0.0, 998.2067), (10.0, 0.0, 999.7027), (30.0, 0.0, 995.6488), (20.0, 0.5, 998.44)],
)
def test_the_plant_s_density_is_that_of_the_tables(water_bench, celsius, gauge, expected):
    """Tanaka (Kell is 0.003 lower); IF97 at 0.6 MPa absolute (fact sheet, 1)."""
    formula = module(water_bench, "hydraulics").density
    assert formula(celsius, gauge) == pytest.approx(expected, abs=0.008)


def test_what_is_diverted_and_nothing_else_is_in_the_tank(rig):
    rig.open(1.0, *FLOWING)
    rig.start(2.0, 30.4)
    rig.open(40.0, *FLOWING, TANK)
    rig.open(100.0, *FLOWING)
    rig.poll(2.0, 130.0)
    on, off = diverter(rig, 40.0, True), diverter(rig, 100.0, False)
    assert rig.plant.tank_mass(on) == 0.0
    came = simpson(mass_flow(rig), on, off)
    character = rig.plant.character
    hangs = 6e-3 - 3e-3  # the filling pipe became wet
    expected = came - hangs - character.evaporation * (130.0 - on)
    assert came > 35.0
    assert rig.plant.tank_mass(130.0) == pytest.approx(expected, rel=8e-6)
    total = rig.plant.weighed(130.0)
    assert total == pytest.approx(came + returned(rig, on, off), rel=8e-6)


def returned(rig, on, off):
    return sum(simpson(mass_flow(rig), a, b) for a, b in ((1.0, 2.0), (2.0, on), (off, 130.0)))


def test_a_standing_start_and_stop_leaves_nothing_to_the_diverter(rig):
    fill(rig)
    passed = rig.plant.weighed(90.0)
    assert rig.plant.weighed(2.0) == 0.0
    assert rig.plant.flow(90.0) < 1e-12
    tank = rig.plant.tank_mass(90.0)
    assert passed > 35.0
    assert tank == pytest.approx(passed, abs=2.5e-3)  # drops and evaporation
    assert tank != passed


def test_drops_and_evaporation_are_of_some_grams(make_rig):
    lost = []
    for seed in range(8):
        rig = make_rig(seed=seed)
        fill(rig, speed=8.0, stop=600.0)
        dripping = rig.plant.tank_mass(630.0) - rig.plant.tank_mass(602.0)
        assert 1e-3 < dripping < 4e-3
        lost.append(rig.plant.weighed(630.0) - rig.plant.tank_mass(630.0))
    assert 1e-4 < np.mean(lost) < 8e-4
    assert max(lost) < 3e-3
    rig.open(700.0)
    standing = [rig.plant.tank_mass(700.0 + 100.0 * n) for n in range(10)]
    assert (np.diff(standing) < 0.0).all()
    assert rig.plant.tank_mass(1e9) == 0.0


def test_the_diverter_is_some_milliseconds_early_or_late(make_rig):
    late = [make_rig(seed=s).plant.character.diverter for s in range(200)]
    assert np.std(late) == pytest.approx(4e-3, rel=0.2)
    rig = make_rig(seed=3)
    rig.open(1.0, *FLOWING, TANK)
    acts = diverter(rig, 1.0, True)
    assert rig.plant.inputs(acts - 1e-6).diverted is False
    assert rig.plant.inputs(acts).diverted is True
    rig.open(5.0, *FLOWING)
    rig.open(5.05, *FLOWING, TANK)  # within its stroke
    assert rig.plant.inputs(9.0).diverted is True


# draining and spilling ----------------------------------------------------------------------


def test_the_drain_is_limited_at_first_and_slow_at_the_end(rig):
    fill(rig)
    rig.open(100.0, DRAIN)
    look = np.arange(100.0, 180.0, 0.25)
    masses = np.array([rig.plant.tank_mass(t) for t in look])
    assert masses[0] == pytest.approx(rig.plant.tank_mass(99.999), abs=1e-6)
    rates = -np.diff(masses) / 0.25
    assert rates.max() == pytest.approx(2.0)
    assert (rates > 0.0).all()
    assert (np.diff(rates) <= 1e-9).all()
    assert masses[0] > 35.0 > 1e-3 > masses[-1] > 0.0
    rig.open(180.0)
    assert rig.plant.tank_mass(181.0) == pytest.approx(rig.plant.tank_mass(180.0), abs=1e-5)


def test_water_that_comes_in_while_the_drain_is_open_runs_through(rig):
    rig.open(0.0, *FLOWING, TANK, DRAIN)
    rig.start(0.5, 30.4)
    rig.poll(0.5, 60.0)
    assert rig.plant.tank_mass(50.0) == 0.0
    rig.open(50.0, *FLOWING, TANK)
    assert rig.plant.tank_mass(55.0) == pytest.approx(5.0 * mass_flow(rig)(52.0), rel=0.02)


def test_a_full_tank_trips_the_drive_and_spills_what_still_comes(rig):
    rig.open(0.0, *FLOWING, TANK)
    rig.start(0.5, 60.0)
    rig.poll(0.5, 300.0)
    plant = rig.plant
    full = next(t for t in range(300) if plant.inputs(t).overflowed)
    assert plant.tank_mass(full - 1) < 150.0
    assert plant.inputs(full).drive.tripped
    assert plant.tank_mass(full + 20.0) == pytest.approx(150.0, abs=1e-3)
    assert 1.0 < plant.spilt(full + 20.0) < 6.0
    assert plant.weighed(full + 20.0) == pytest.approx(150.0 + plant.spilt(full + 20.0), abs=1e-2)
    rig.clock.move_to(full + 20.0)
    assert rig.bench.state()["faults"] == {"tank_overflow": True}
    rig.open(full + 30.0, DRAIN)
    rig.clock.move_to(full + 150.0)
    assert rig.bench.state()["faults"] == {}
    assert plant.tank_mass(full + 150.0) < 1e-3


def test_a_drive_that_is_started_again_over_a_full_tank_trips_again(rig):
    rig.open(0.0, *FLOWING, TANK)
    rig.start(0.5, 60.0)
    rig.poll(0.5, 300.0)
    for word in (0x04FE, 0x047E, 0x047F):
        rig.plant.drive(400.0, lambda d, w=word: d.commanded(w))
    assert rig.plant.inputs(400.5).drive.tripped
    rig.open(410.0, *FLOWING)  # into the return it may run
    for word in (0x04FE, 0x047E, 0x047F):
        rig.plant.drive(420.0, lambda d, w=word: d.commanded(w))
    rig.poll(420.0, 440.0)
    assert rig.plant.inputs(440.0).drive.running
    assert rig.flow(440.0) > 1.0


def test_a_leaking_drain_loses_water_until_the_tank_is_empty(rig):
    fill(rig)
    rig.clock.move_to(100.0)
    rig.bench.fault("leaking_drain", kg_per_s=0.01)
    before = rig.plant.tank_mass(100.0)
    assert before - rig.plant.tank_mass(200.0) == pytest.approx(1.0, abs=2e-3)
    assert rig.plant.tank_mass(100.0 + 101.0 * before) == 0.0
    assert rig.bench.state()["faults"] == {"leaking_drain": 0.01}


# history ------------------------------------------------------------------------------------


def test_the_tank_is_the_same_in_whatever_order_it_is_asked(make_rig):
    first, second = make_rig(seed=5), make_rig(seed=5)
    for rig in (first, second):
        fill(rig)
        rig.open(80.0, DRAIN)
    look = [0.37 * n for n in range(300)]
    forward = [first.plant.tank_mass(t) for t in look]
    for t in reversed(look):
        second.plant.tank_mass(t)
    assert [second.plant.tank_mass(t) for t in look] == forward
    jumps = np.abs(np.diff(forward)).max()
    assert jumps < 2.1 * 0.37


def test_what_is_switched_later_does_not_change_what_was_in_the_tank(rig):
    fill(rig)
    look = [0.5 * n for n in range(140)]
    before = [rig.plant.tank_mass(t) for t in look]
    rig.open(70.0, *FLOWING, TANK, DRAIN)
    rig.refer(70.0, 90.0)
    assert [rig.plant.tank_mass(t) for t in look] == before


# along the line -----------------------------------------------------------------------------


def test_the_water_changes_its_temperature_from_place_to_place(make_rig):
    gradients = []
    for seed in range(40):
        plant = make_rig(seed=seed).plant
        at = [plant.water.meter(n, 50.0) for n in (1, 2, 12)]
        inlet, outlet = plant.inlet_temperature(50.0), plant.master_temperature(50.0)
        gradients.append(outlet - inlet)
        assert at[1] - at[0] == pytest.approx((outlet - inlet) / 12.0)
        assert at[0] - inlet == pytest.approx(outlet - at[2])
    assert np.std(gradients) > 0.1
    assert max(map(abs, gradients)) <= 0.25


def test_a_meter_s_temperature_is_that_of_its_place_and_not_of_its_row(make_rig):
    alone = make_rig(seed=2, uuts=[SimulatedUut("7", 12)])
    assert alone.plant.water.meter(12, 0.0) == pytest.approx(
        alone.plant.inlet_temperature(0.0) + 11.5 / 12.0 * alone.plant.character.gradient
    )
    rig = make_rig(seed=2)
    for one in (rig, alone):
        one.open(0.0, *FLOWING)
        one.start(0.5, 30.0)
        one.poll(0.5, 60.0)
    counted = alone.plant.counted(0, 60.0) / (1 + alone.plant.meters[0].error(2.27) / 100)
    other = rig.plant.counted(11, 60.0) / (1 + rig.plant.meters[11].error(2.27) / 100)
    assert counted == pytest.approx(other, rel=2e-4)  # but for their own curves


# the balance --------------------------------------------------------------------------------


def test_what_the_balance_shows_is_mass_with_buoyancy_displacement_and_its_error(make_rig):
    for seed in range(5):
        rig = make_rig(seed=seed)
        fill(rig)
        plant, t = rig.plant, 90.0
        scale = module(type(rig.bench), "balance").Balance(plant, seed)
        celsius, kilopascal = plant.ambient_temperature(t), plant.air_pressure(t)
        air = air_density(10.0 * kilopascal, plant.humidity(t), celsius)
        water = water_density(plant.master_temperature(t))
        c = plant.character
        mass = scale.load(t) * c.displacement / (1.0 + c.balance_error)
        mass *= buoyancy_factor(water, air)
        assert mass == pytest.approx(plant.tank_mass(t), abs=2e-3)  # its zero wanders
        assert scale.load(t) > plant.tank_mass(t) * 1.001  # 0.29 % up, 0.105 % down


def test_balance_and_displacement_err_as_their_certificates_say(make_rig):
    characters = [make_rig(seed=s).plant.character for s in range(200)]
    errors = [c.balance_error for c in characters]
    assert np.std(errors) == pytest.approx(0.5e-4, rel=0.2)
    assert np.mean(errors) == pytest.approx(0.0, abs=1.2e-5)
    displacements = [c.displacement for c in characters]
    assert np.std(displacements) == pytest.approx(1e-4, rel=0.2)
    assert np.mean(displacements) == pytest.approx(0.9971, abs=2.5e-5)
    assert {round(c.air_pressure) for c in characters} >= {100, 101, 102}


# through the wires --------------------------------------------------------------------------


@pytest.fixture
def line(water_bench, nothing_left_behind):
    with open_line(water_bench, VirtualClock(), meters=0) as opened:
        yield opened


def stand(line, speed=30.4, relay="k5"):
    """Run the pump against the shut outlet, everything that comes into the tank."""
    for name in ("k1", relay, "k6"):
        line.valves.write(name, True)
    line.pump.run = True
    line.pump.speed = speed
    line.run(5.0)


def pour(line, kilograms):
    """Let so much flow into the tank, from rest to rest; return every reading on the way."""
    before, readings = line.balance.mass, []
    line.valves.k2 = True
    while not readings or readings[-1].value - before < kilograms:
        line.run(1.0)
        readings.append(line.balance.sample("mass_now"))
    line.valves.k2 = False
    line.run(2.0)
    return readings


def test_the_balance_is_dynamic_while_it_fills_and_stable_when_it_rests(line):
    stand(line)
    assert line.identities["balance"].serial == "B622014785"
    assert line.balance.sample("mass_now").stable is True
    readings = pour(line, 10.0)
    assert [r.stable for r in readings].count(True) <= 1  # the outlet opened only just
    assert not line.balance.sample("mass_now").stable
    began = line.clock.now()
    settled = line.balance.sample("mass")
    assert 1.0 < settled.t - began < 6.0
    assert settled.stable is True
    line.run(5.0)
    again = line.balance.mass_now
    assert again == pytest.approx(settled.value, abs=4e-3)  # the last drops
    assert again == pytest.approx(line.bench.state()["tank"]["mass"] / 0.9971, rel=2e-3)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_standing_start_and_stop_finds_the_errors_of_all_meters(
    water_bench, nothing_left_behind, seed
):
    """The gravimetric method by hand, through drivers: errors within 0.04 % + a register's step."""
    with open_line(water_bench, VirtualClock(), seed=seed) as line:
        stand(line)
        line.valves.k2 = True
        line.run(15.0)  # the registers are somewhere
        line.valves.k2 = False
        line.run(10.0)
        line.pump.reset_fault()
        start, first = [m.volume for m in line.meters], line.balance.mass
        line.pump.run = True
        began = line.clock.now()
        inlet, outlet = line.thermometer.read("temperature_1", "temperature_2")
        pour(line, 60.0)
        flow = line.bench.plant.at(line.clock.now() - 10.0).flow.target
        gauge = 0.06
        line.run(8.0)
        stop, last = [m.volume for m in line.meters], line.balance.mass
        celsius, humidity = line.room.read("temperature", "humidity")
        air = air_density(1e4 * line.barometer.pressure, humidity, celsius)
        mass = 0.9971 * (last - first) * buoyancy_factor(water_density(outlet), air)
        assert line.clock.now() - began < 150.0
        deviations = []
        for n, meter in enumerate(line.bench.plant.meters):
            at = inlet + (n + 0.5) / 12.0 * (outlet - inlet)
            volume = 1000.0 * mass / water_density(at) / (1.0 + COMPRESSIBILITY * gauge)
            error = 100.0 * ((stop[n] - start[n]) / volume - 1.0)
            deviations.append(error - meter.error(3.6 * flow))
        assert max(map(abs, deviations)) < 0.04 + 100 * 0.05 / 60.0
        assert abs(np.mean(deviations)) < 0.04


def test_a_draught_keeps_the_balance_from_resting(line):
    line.bench.fault("restless_balance")
    assert line.balance.sample("mass_now").stable is False
    with pytest.raises(BusyError, match=r"balance\.mass"):
        _ = line.balance.mass
    line.bench.fault("restless_balance", False)
    line.run(1.0)
    assert abs(line.balance.mass) < 5e-3


def test_a_tank_beyond_the_balance_is_no_number(line):
    stand(line, speed=90.0)
    line.valves.k2 = True
    line.run(50.0)
    assert line.balance.mass_now > 80.0
    line.run(60.0)
    with pytest.raises(NotANumberError, match="overload"):
        _ = line.balance.mass_now
    assert line.pump.tripped is True
    assert line.bench.state()["faults"] == {"tank_overflow": True}


def test_tare_and_zero_of_the_balance(line):
    stand(line)
    pour(line, 2.0)
    line.run(20.0)
    gross = line.balance.mass
    line.balance.tare()
    assert line.balance.mass == pytest.approx(0.0, abs=2e-3)
    line.balance.zero()
    pour(line, 2.0)
    line.run(20.0)
    assert 2.0 < line.balance.mass < gross + 2.0


def test_made_safe_the_water_goes_to_the_return_and_the_tank_keeps_its_water(line):
    stand(line)
    line.valves.k7 = True
    assert line.bench.state()["tank"]["draining"] is True
    line.valves.make_safe()
    line.run(1.0)
    tank = line.bench.state()["tank"]
    assert (tank["diverted"], tank["draining"]) == (False, False)


def test_the_air_pressure_is_measured(line):
    told = 1000.0 * line.barometer.pressure
    assert told == pytest.approx(line.bench.plant.air_pressure(line.clock.now()), abs=1e-3)
    assert 99.0 < told < 103.0


@pytest.mark.parametrize("fault", ["garbage", "truncated", "silent", "checksum"])
def test_one_spoilt_reply_of_the_balance_is_made_good_and_many_are_an_error(line, fault):
    line.balance.link.timeout = 0.06
    line.bench.fault(fault, bus="balance", count=1)
    assert abs(line.balance.mass_now) < 5e-3
    line.bench.fault(fault, bus="balance")
    with pytest.raises((NoReplyError, GarbageReplyError)):
        _ = line.balance.mass_now
    line.bench.fault(fault, False, bus="balance")
    assert abs(line.balance.mass_now) < 5e-3


def test_a_reading_of_the_balance_takes_its_time_on_the_wire(line):
    began = line.clock.now()
    _ = line.balance.mass_now
    assert line.clock.now() - began == pytest.approx((4 + 19) * 10 / 9600 + 0.005, abs=1e-6)
    assert math.isfinite(line.balance.mass)
