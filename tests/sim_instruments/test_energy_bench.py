"""The bench for energy meters: pulses against the reference, creep, start, registers, clocks."""

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import InstrumentError, UsageError
from benchctl.core.places import search_path
from benchctl.core.ports import NullSink
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import find_bench, uuts_from_rows

UNITS = 48
JOULES = 3.6e6


@pytest.fixture(scope="module")
def energy_bench():
    return find_bench("energy_bench")


@pytest.fixture
def make(energy_bench):
    def made(seed=3, **parameters):
        rows = [
            {"serial": f"26{n:010d}", "position": str(n)} | parameters for n in range(1, UNITS + 1)
        ]
        return energy_bench(VirtualClock(), seed=seed, uuts=uuts_from_rows(rows))

    return made


@pytest.fixture
def bench(make):
    return make()


def put(bench, t, **load):
    bench.plant.set(t, lambda now: now.together(on=True, **load))


def kinds(bench, kind):
    return [m for m in bench.plant.meters if m.kind == kind]


def compared(bench, meter, start, end):
    """Return the error in % by whole pulses of a meter and the latches of the reference."""
    position, plant = meter.unit.position, bench.plant
    pulses = plant.pulses(position, end) - plant.pulses(position, start)
    latched = plant.latch(position, end) - plant.latch(position, start)
    reference = latched / 1e8 / plant.reference_share
    return 100 * (pulses / meter.unit.parameters["meter_constant"] / reference - 1)


@pytest.mark.parametrize(
    ("angle", "current", "phases", "element"),
    [
        (0, 60, 1, 0),
        (60, 5, 1, 0),
        (-36.8699, 0.5, 1, 0),
        (0, 5, 3, 0),
        (60, 1, 3, 2),
        (0, 60, 3, 3),
    ],
)
def test_every_meter_shows_its_own_error_in_pulses_and_latches(
    make, angle, current, phases, element
):
    bench = make(phases=str(phases))
    load = {"voltage": 220.0, "current": current, "phase": angle, "element": element}
    put(bench, 10.0, wiring=phases, **load)
    point = {"current": current, "angle": angle, "element": element}
    for meter in bench.plant.meters:
        true = bench.truth(meter.unit.serial, "error", "error", point)
        assert compared(bench, meter, 100.0, 1000.0) == pytest.approx(true, abs=0.02)


def test_good_bad_and_borderline_meters_are_what_they_are_called(bench):
    ib, imax = ({"current": i, "angle": 0.0} for i in (5.0, 60.0))
    lagging = {"current": 5.0, "angle": 60.0}

    def error(meter, point):
        return bench.truth(meter.unit.serial, "error", "error", point)

    assert all(abs(error(m, p)) < 0.85 for m in kinds(bench, "good") for p in (ib, imax, lagging))
    assert all(error(m, imax) > 1.5 and abs(error(m, ib)) < 0.5 for m in kinds(bench, "currents"))
    assert all(error(m, lagging) > 1.6 and abs(error(m, ib)) < 0.5 for m in kinds(bench, "phase"))
    assert all(0.96 < error(m, ib) < 1.04 for m in kinds(bench, "borderline"))
    assert len(kinds(bench, "good")) == 28


def test_with_the_voltage_alone_only_those_that_creep_give_pulses(bench):
    put(bench, 10.0, wiring=1, voltage=253.0, current=0.0)
    seconds = 60 * 600e6 / (1200 * 220 * 60)  # class 1: what one pulse is allowed to take
    for meter in bench.plant.meters:
        n = bench.plant.pulses(meter.unit.position, 10.0 + seconds)
        assert n >= 4 if meter.kind == "creeping" else n == 0
        true = bench.truth(meter.unit.serial, "creep", "creep", {"time": seconds})
        assert true == (2.0 if meter.kind == "creeping" else 0.0)


def test_what_starts_late_counts_too_little_at_the_starting_current(bench):
    current = 0.004 * 5
    put(bench, 10.0, wiring=1, voltage=220.0, current=current)
    nominal = JOULES / (1200 * 220 * current)
    for meter in bench.plant.meters:
        true = bench.truth(meter.unit.serial, "start", "start", {"current": current})
        late = meter.kind == "late"
        assert (true > 1.5 * nominal) == late
        t = 10.0
        edges = []
        while len(edges) < 2:
            t += 1.0
            if bench.plant.pulses(meter.unit.position, t) > len(edges):
                edges.append(t)
        assert edges[1] - edges[0] == pytest.approx(true, abs=3.0)


def test_far_below_its_starting_current_a_meter_counts_nothing(bench):
    put(bench, 0.0, wiring=1, voltage=220.0, current=0.0001 * 5)
    assert {bench.plant.pulses(n, 1e6) for n in range(1, UNITS + 1)} == {0}


def test_registers_add_up_and_one_of_twenty_four_shows_too_much(bench):
    plant = bench.plant
    put(bench, 0.0, wiring=1, voltage=220.0, current=60.0)
    for meter in plant.meters:
        n = meter.unit.position
        shown = plant.kilowatt_hours(n, 4000.0) - plant.kilowatt_hours(n, 400.0)
        true = (plant.energy(4000.0) - plant.energy(400.0)) / JOULES
        error = 100 * (shown / true - 1)
        point = {"current": 60.0, "angle": 0.0}
        expected = bench.truth(meter.unit.serial, "register", "register", point)
        assert error == pytest.approx(expected, abs=0.05)
    assert [m.unit.position for m in plant.meters if m.register] == [9, 33]


def test_one_clock_of_twenty_four_is_fast(bench):
    put(bench, 0.0, wiring=1, voltage=220.0, current=0.0)
    found = {n: 86400 * (1 / bench.plant.clock_period(n, 50.0) - 1) for n in range(1, UNITS + 1)}
    assert {n for n, error in found.items() if abs(error) > 0.5} == {5, 29}
    for meter in bench.plant.meters:
        true = bench.truth(meter.unit.serial, "clock", "clock", {})
        assert found[meter.unit.position] == pytest.approx(true, abs=0.01)


def test_the_same_serial_numbers_are_the_same_meters_and_a_seed_gives_others(make):
    def errors(bench):
        point = {"current": 5.0}
        return [bench.truth(u.serial, "error", "error", point) for u in bench.uuts]

    assert errors(make()) == errors(make())
    assert errors(make()) != errors(make(seed=4))


def test_an_adjusted_meter_has_a_tenth_of_its_errors_left(bench):
    (meter, *_) = kinds(bench, "currents")
    point = {"current": 60.0, "angle": 0.0}
    before = bench.truth(meter.unit.serial, "error", "error", point)
    assert bench.adjust(meter.unit.position)
    after = bench.truth(meter.unit.serial, "error", "error", point)
    assert after == pytest.approx(before / 10)
    put(bench, 10.0, wiring=1, voltage=220.0, current=60.0)
    assert compared(bench, meter, 30.0, 930.0) == pytest.approx(after, abs=0.02)


def test_a_dead_meter_gives_no_pulses_while_the_others_do(bench):
    bench.fault("dead_meter", position=3)
    put(bench, 1.0, wiring=1, voltage=220.0, current=5.0)
    assert bench.plant.pulses(3, 600.0) == 0
    assert bench.plant.pulses(4, 600.0) > 0
    assert bench.state()["faults"] == {"dead_meter": [3]}
    with pytest.raises(UsageError):
        bench.fault("dead_meter", position=49)


def test_looks_in_any_order_see_the_same(bench):
    put(bench, 10.0, wiring=1, voltage=220.0, current=5.0)
    late = [bench.plant.latch(n, 500.0) for n in range(1, 9)]
    early = [bench.plant.latch(n, 100.0) for n in range(1, 9)]
    assert [bench.plant.latch(n, 500.0) for n in range(1, 9)] == late
    assert all(a <= b for a, b in zip(early, late, strict=True))
    put(bench, 50.0, wiring=1, voltage=220.0, current=60.0)  # what is written later for earlier
    assert [bench.plant.latch(n, 500.0) for n in range(1, 9)] != late


@pytest.fixture
def opened(bench):
    """The bench with its drivers connected."""
    with bench:
        links = LinkFactory(bench.clock, NullSink(), locations=bench.locations)
        shelf = Shelf(search_path("drivers", None))

        def add(driver, at):
            link, options = links.open(at, driver)
            instrument = shelf.find(driver)(link, options, name=driver, sink=NullSink())
            instrument.connect()
            return instrument

        yield add
        links.close()


def test_the_bench_is_coherent_through_all_its_protocols(bench, opened):
    source = opened("meter_test_source", "modbus+tcp://sim.source?unit=1")
    reference = opened("zera_rmm3006", "serial://sim.reference?baud=9600")
    comparator = opened("pulse_comparator_48", "modbus+tcp://sim.comparator?unit=1")
    meter = opened("dlt645_meter", "serial://sim.meters?baud=2400&parity=E&address=260000000004")
    source.on = True
    source.wiring = 1
    source.voltage = 220
    source.phase = 60
    source.current = 10
    assert source.read("voltage_1", "voltage_2", "current_1") == (220, 0, 10)
    before = meter.energy
    bench.clock.sleep(5.0)
    start = comparator.read("count_4", "latch_4", "total")
    bench.clock.sleep(3600.0)
    count, latch, total = comparator.read("count_4", "latch_4", "total")
    assert reference.power == pytest.approx(1100.0, rel=2e-3)
    assert reference.voltage_l1 == pytest.approx(220.0, rel=2e-4)
    assert source.load_current == 10
    assert total - start[2] == pytest.approx(1.1e8, rel=2e-3)
    error = 100 * ((count - start[0]) / 1200 * 1e8 / (latch - start[1]) - 1)
    point = {"current": 10.0, "angle": 60.0}
    assert error == pytest.approx(bench.truth("260000000004", "", "error", point), abs=0.02)
    assert meter.energy - before == pytest.approx(1.1, abs=0.03)
    assert meter.constant == 1200
    assert comparator.clock_4 == pytest.approx(1.0, abs=1e-5)
    source.make_safe()
    assert bench.state()["currents"] == [0, 0, 0]
    assert not bench.state()["on"]


def test_the_source_sets_one_measuring_element_alone(bench, opened):
    source = opened("meter_test_source", "modbus+tcp://sim.source?unit=1")
    for name, value in (("wiring", 3), ("voltage", 220), ("element", 2), ("current", 5)):
        source.write(name, value)
    assert source.read("current_1", "current_2", "current_3") == (0, 5, 0)
    assert source.read("voltage_1", "voltage_2", "voltage_3") == (220, 220, 220)
    source.element = 0
    source.current = 5
    assert source.read("current_1", "current_2", "current_3") == (5, 5, 5)


def test_a_dead_meter_does_not_answer_on_its_line(bench, opened):
    address = "serial://sim.meters?baud=2400&parity=E&address=260000000005"
    meter = opened("dlt645_meter", address)
    meter.timeout = 0.05
    bench.fault("dead_meter", position=5)
    with pytest.raises(InstrumentError):
        _ = meter.energy
