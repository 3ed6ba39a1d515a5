"""The water bench through its protocols: our drivers meet the bytes of its servers."""

import math

import pytest
from line_up import open_line

from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    LinkError,
    NoReplyError,
    NotANumberError,
)
from benchctl.core.messages import msg
from benchctl.core.places import search_path
from benchctl.core.ports import NullSink, Prompt
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import uuts_from_rows


@pytest.fixture
def line(water_bench, nothing_left_behind):
    """The whole bench with all drivers connected, in virtual time."""
    with open_line(water_bench, VirtualClock()) as opened:
        yield opened


def test_the_bench_is_coherent_through_all_its_protocols(line):
    line.flow_at(30.4)
    line.run(25.0)
    flow, total = line.master.read("volume_flow", "volume_total")
    assert flow == pytest.approx(2.3, rel=0.03)
    assert flow == pytest.approx(line.bench.state()["flow"], rel=0.01)
    assert line.pump.actual_speed == pytest.approx(30.4, abs=0.01)
    starts = [meter.volume for meter in line.meters]
    began = line.master.volume_total
    assert began > total
    line.run(120.0)
    counted = [m.volume - s for m, s in zip(line.meters, starts, strict=True)]
    masters = line.master.volume_total - began
    line.run(1.0)
    for meter, volume in zip(line.bench.plant.meters, counted, strict=True):
        # read one after the other at both ends: what passes per scan cancels
        assert volume / masters - 1.0 == pytest.approx(meter.error(2.3) / 100, abs=3e-3)
    line.selector.k3 = True
    rate = line.counter.frequency
    expected = line.master.volume_flow / 3.6 / 0.1
    assert rate == pytest.approx(expected, rel=0.02)
    assert line.counter.pulses == pytest.approx(rate, abs=1.0)  # within a gate of 1 s
    assert line.thermometer.read("temperature_1", "temperature_2") == pytest.approx(
        (20.0, 20.0), abs=2.0
    )
    assert line.room.read("temperature", "humidity")[0] == pytest.approx(20.5, abs=1.5)
    assert line.pressure.pressure == pytest.approx(line.bench.state()["pressure"], abs=2e-3)
    assert line.master.density == pytest.approx(998.2, abs=0.5)
    mass, volume = line.master.read("mass_flow", "volume_flow")
    assert mass == pytest.approx(998.2 * volume, rel=1e-2)


def test_instruments_say_who_they_are(line):
    assert line.identities["master"].serial == "14077123"
    assert "53220A" in line.identities["counter"].text
    assert line.master.byte_order == 1


def test_the_totals_of_the_master_are_stopped_started_and_reset(line):
    line.flow_at(30.4)
    line.run(10.0)
    line.master.stop_totals()
    stopped = line.master.volume_total
    line.run(5.0)
    assert line.master.volume_total == stopped
    assert line.master.volume_flow > 2.0  # only the totals stand
    line.master.start_totals()
    line.run(5.0)
    assert line.master.volume_total > stopped + 2.0
    line.master.reset_totals()
    assert line.master.volume_total < 0.5


def test_a_selector_that_connects_nothing_gives_no_signal(line):
    with pytest.raises(NotANumberError):
        _ = line.counter.frequency
    line.flow_at(30.4)
    line.run(10.0)
    line.selector.k1 = True
    one = line.counter.frequency
    line.selector.k2 = True
    assert line.counter.frequency == pytest.approx(2.0 * one, rel=0.05)  # both at once
    line.selector.make_safe()
    with pytest.raises(NotANumberError):
        _ = line.counter.frequency


def test_a_reciprocal_counter_waits_for_whole_periods(line):
    line.flow_at(30.4)
    line.run(20.0)
    line.selector.k1 = True
    began = line.clock.now()
    rate = line.counter.frequency
    spent = line.clock.now() - began
    assert (spent - 0.001) * rate == pytest.approx(math.ceil(rate), rel=0.02)  # the gate is 1 s


def test_a_drive_that_hears_nothing_trips_and_the_water_stops(line):
    line.flow_at(30.4)
    line.run(20.0)
    assert line.pump.run is True
    line.clock.sleep(5.5)
    assert line.pump.tripped is True
    assert line.pump.run is False
    line.clock.sleep(20.0)
    assert line.master.volume_flow < 0.01
    with pytest.raises(DeviceError, match="reset_fault"):  # it wants its fault acknowledged first
        line.pump.run = True
    assert line.pump.run is False
    line.pump.reset_fault()
    line.pump.run = True
    assert line.pump.run is True


def test_make_safe_stops_the_pump_and_shuts_the_valves(line):
    line.flow_at(30.4)
    line.run(10.0)
    line.pump.make_safe()
    line.valves.make_safe()
    state = line.bench.state()
    assert state["drive"]["running"] is False
    assert state["valves"] == {"inlet": False, "outlet": False, "lines": []}
    line.clock.sleep(5.0)
    assert line.master.volume_flow == 0.0


def test_the_pressure_holds_in_a_shut_line_and_falls_through_a_leak(line):
    drops = []
    for leak in (False, True):
        line.bench.fault("leak", leak, position=3)
        line.valves.k2 = False
        line.valves.k1 = True
        line.pump.run = True
        line.pump.speed = 75.6
        line.run(20.0)
        assert line.pressure.pressure == pytest.approx(1.6, rel=0.03)
        line.valves.k1 = False
        held = line.pressure.pressure
        line.run(60.0)
        drops.append(held - line.pressure.pressure)
    assert drops[0] < 0.02
    assert drops[1] > 0.1


def test_a_dead_meter_and_one_that_is_not_mounted_are_silent(line):
    line.bench.fault("dead_meter", position=2)
    line.bench.answer(Prompt("p", "confirm", msg("x"), about={"mount": [1, 2]}))
    assert line.meters[0].volume > 0.0
    for meter in line.meters[1:3]:
        meter.link.timeout = 0.05
        with pytest.raises(NoReplyError):
            _ = meter.volume
    assert line.meters[0].volume > 0.0


def test_twelve_meters_on_one_line_are_not_read_at_the_same_instant(line):
    line.flow_at(30.4)
    line.run(10.0)
    began = line.clock.now()
    for meter in line.meters:
        _ = meter.volume
    assert (line.clock.now() - began) / 12 == pytest.approx(0.04 + (20 + 37) * 11 / 2400, rel=0.02)


def readings(line):
    line.flow_at(30.4)
    line.selector.k2 = True
    found = []
    for _ in range(8):
        line.run(2.0)
        found += line.master.read("volume_flow", "volume_total")
        found += [meter.volume for meter in line.meters[:2]]
        found += [line.pressure.pressure, line.counter.frequency, line.clock.now()]
    return found


def test_the_same_seed_gives_the_same_readings_at_the_same_instants(
    water_bench, nothing_left_behind
):
    runs = []
    for seed in (7, 7, 8):
        with open_line(water_bench, VirtualClock(), seed=seed) as opened:
            runs.append(readings(opened))
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


# links that fail ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bus", "read"),
    [
        ("sim.master", lambda line: line.master.volume_total),
        ("sim.drive", lambda line: line.pump.status),
        ("sim.relays", lambda line: line.valves.k1),
        ("sim.meters", lambda line: line.meters[0].volume),
    ],
)
@pytest.mark.parametrize("fault", ["garbage", "checksum", "truncated", "silent"])
def test_one_spoilt_reply_is_made_good_and_many_are_an_error(line, bus, read, fault):
    for instrument in line.instruments.values():
        instrument.link.timeout = 0.06
    right = read(line)
    line.bench.fault(fault, bus=bus, count=1)
    assert read(line) == right
    assert [e.what for e in line.notes if e.what == "retry"] == ["retry"]
    line.bench.fault(fault, bus=bus)
    with pytest.raises((NoReplyError, GarbageReplyError)):
        read(line)
    line.bench.fault(fault, False, bus=bus)
    assert read(line) == right


def test_a_late_reply_is_not_taken_for_the_next_answer(line):
    line.master.link.timeout = 0.15
    line.bench.fault("late", bus="master", count=1, delay=0.2)
    line.flow_at(30.4)
    assert line.master.density == pytest.approx(998.2, abs=0.5)
    assert line.master.temperature == pytest.approx(20.0, abs=2.0)


@pytest.mark.parametrize("bus", ["sim.master", "sim.drive", "sim.counter"])
def test_an_unplugged_bus_is_lost_and_comes_back(line, bus):
    instrument = {"sim.master": line.master, "sim.drive": line.pump, "sim.counter": line.counter}
    read = instrument[bus]
    channel = {"sim.master": "density", "sim.drive": "status", "sim.counter": "pulses"}[bus]
    line.selector.k1 = True
    right = read.read(channel)
    line.bench.unplug(bus)
    began = monotonic()
    with pytest.raises(LinkError):
        read.read(channel)
    assert monotonic() - began < 1.0
    line.bench.plug(bus)
    read.link.reopen()
    assert read.read(channel) == pytest.approx(right, rel=1e-3)


# time ---------------------------------------------------------------------------------------


def test_in_real_time_the_bench_takes_the_time_of_its_wires(water_bench, nothing_left_behind):
    with open_line(water_bench, RealClock(), meters=1) as line:
        began = monotonic()
        _ = line.meters[0].volume
        assert monotonic() - began >= 0.04 + (20 + 37) * 11 / 2400


def test_served_on_sockets_the_counter_is_a_socket(water_bench, nothing_left_behind):
    clock = RealClock(20.0)
    with open_line(water_bench, clock, meters=1, expose="sockets") as line:
        assert line.bench.visa_library is None
        assert line.bench.locations["sim.counter"].endswith("::SOCKET")
        line.flow_at(30.4)
        line.selector.k1 = True
        line.run(15.0, step=2.0)
        assert line.counter.frequency == pytest.approx(2.3 / 3.6 / 0.1, rel=0.05)


def test_a_bench_can_be_started_twice_and_closed_twice(water_bench, nothing_left_behind):
    units = uuts_from_rows(water_bench.default_uuts(1))
    bench = water_bench(VirtualClock(), seed=1, uuts=units)
    assert (bench.locations, bench.visa_library) == ({}, None)
    bench.start()
    where = bench.locations
    bench.start()
    assert bench.locations == where
    assert set(where) == {
        f"sim.{b}" for b in ("master", "drive", "relays", "sensors", "balance", "counter", "meters")
    }
    bench.close()
    bench.close()
    assert bench.locations == {}


def test_a_meter_without_a_number_is_on_the_bench_and_cannot_be_asked(
    water_bench, nothing_left_behind
):
    units = uuts_from_rows([{"serial": "no-number", "position": "1"}])
    with water_bench(VirtualClock(), seed=1, uuts=units) as bench:
        assert bench.in_line() == ["no-number"]
        assert isinstance(bench.truth("no-number", "error", "error", {"flow": 1.0}), float)


@pytest.mark.parametrize("order", ["ABCD", "CDAB", "BADC", "DCBA"])
def test_the_master_sends_its_floats_in_the_order_whose_code_it_tells(water_bench, order):
    class Configured(water_bench):
        master_order = order

    units = uuts_from_rows(water_bench.default_uuts(1)[:1])
    clock = VirtualClock()
    with Configured(clock, seed=1, uuts=units) as bench:
        at = f"modbus+rtu://sim.master?baud=38400&parity=N&unit=1&order={order}"
        links = LinkFactory(clock, NullSink(), locations=bench.locations)
        link, options = links.open(at, "master")
        master = Shelf(search_path("drivers", None)).find("micromotion_2700")(link, options)
        try:
            assert master.connect().serial == "14077123"  # it tells the code of this very order
            assert 990 < master.density < 1010
            assert 0 < master.temperature < 40
        finally:
            links.close()
