"""A role that is a channel through a calibration: weir, thermistor, probe, polynomial."""

import math

import pytest
from bench_samples import NEEDS, LoadedBench, Role, opened_rig, wiring

from benchctl.bench.curves import CurveError, load_curve
from benchctl.bench.formulas import formula_curve, polynomial_curve
from benchctl.core.errors import NotANumberError, RefusedError

THERMISTOR = "1 / (1.129241e-3 + 2.341077e-4 * log(x) + 8.775468e-8 * log(x) ** 3)"


@pytest.fixture
def bench_with(bench_text, bench_path):
    """Return a function: the water bench's file with the binding of a role replaced."""

    def load(old, new):
        assert old in bench_text, old
        return LoadedBench(bench_text.replace(old, new, 1), bench_path.parent)

    return load


def test_a_weir_gives_the_flow_of_its_level_and_back():
    weir = formula_curve("0.0134 * x ** 2.5", "mm", "m³/h", "20 .. 300")
    assert (weir.channel_unit.symbol, weir.role_unit.symbol) == ("mm", "m³/h")
    assert weir.to_role(100.0) == pytest.approx(1340.0, rel=1e-12)
    assert weir.to_channel(1340.0) == pytest.approx(100.0, rel=1e-12)
    assert weir.slope(100.0) == pytest.approx(2.5 * 13.40, rel=1e-3)


def test_a_thermistor_falls_and_is_read_both_ways():
    ntc = formula_curve(THERMISTOR, "Ω", "K", "500 .. 40000")
    assert ntc.to_role(10_000.0) == pytest.approx(298.15, abs=0.02)  # 10 kΩ at 25 °C
    assert ntc.to_role(ntc.to_channel(310.0)) == pytest.approx(310.0, abs=1e-9)
    assert ntc.slope(10_000.0) < 0


def test_a_polynomial_is_a0_a1_x_and_so_on():
    probe = polynomial_curve([-246.0, 2.36, 0.001], "Ω", "°C", "80 .. 140")
    assert probe.to_role(100.0) == pytest.approx(-246.0 + 236.0 + 10.0)
    assert probe.to_channel(probe.to_role(117.3)) == pytest.approx(117.3, rel=1e-12)


@pytest.mark.parametrize("value", [19.999, 300.001, math.nan, math.inf])
def test_a_formula_says_nothing_beyond_its_range(value):
    weir = formula_curve("0.0134 * x ** 2.5", "mm", "m³/h", "20 .. 300")
    with pytest.raises(RefusedError) as caught:
        weir.to_role(value)
    assert caught.value.message.args["high"] == "300 mm"
    with pytest.raises(RefusedError):
        weir.to_channel(1e6)


@pytest.mark.parametrize(
    ("formula", "within", "problem"),
    [
        ("x ** 2 - 4 * x", "0 .. 10", "curve-turns"),
        ("min(x, 5)", "0 .. 10", "curve-turns"),
        ("1 / (x - 5)", "0 .. 10", "curve-no-value"),
        ("x ** 0.5", "-1 .. 10", "curve-no-value"),
        ("2 * level", "0 .. 10", "curve-of-x"),
        ("2.0", "0 .. 10", "curve-of-x"),
        ("2 * (x", "0 .. 10", "curve-wrong"),
        ("2 * x", "10 .. 0", "curve-range"),
        ("2 * x", "0 to 10", "curve-range"),
        ("2 * x", "0 .. inf", "curve-range"),
    ],
)
def test_what_is_no_calibration_is_refused_when_it_is_read(formula, within, problem):
    with pytest.raises(CurveError) as caught:
        formula_curve(formula, "mm", "m³/h", within)
    assert caught.value.message.id == f"bench.{problem}"


def test_the_slope_of_a_table_is_that_of_the_piece(tmp_path):
    path = tmp_path / "weir.csv"
    path.write_text("m³/h,mm\n0,10\n1,30\n5,50\n", encoding="utf-8")
    weir = load_curve(path)
    assert weir.slope(20.0) == pytest.approx(1 / 20)
    assert weir.slope(40.0) == pytest.approx(4 / 20)
    assert weir.steepest == pytest.approx(4 / 20)
    assert weir.ends == (10.0, 50.0)


ORIFICE = "{from: kPa, to: m³/h, formula: 0.02 * x ** 0.5, range: 1 .. 2000}"
WEIR = f"{{channel: pressure.pressure, via: {ORIFICE}}}"


@pytest.fixture(scope="module")
def through_rig(tmp_path_factory):
    """The water bench, open; pressure read as the flow over an orifice, temperatures corrected."""
    from benchctl.simulation import find_bench

    cls = find_bench("water_bench")
    folder = tmp_path_factory.mktemp("bench")
    for path in cls.bench_file.parent.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "probe-1.csv").write_text("°C,°C\n-1,0\n102,100\n", encoding="utf-8")
    text = cls.bench_file.read_text("utf-8")
    for old, new in [
        ("line_pressure: pressure.pressure", f"line_pressure: {WEIR}"),
        (
            "{mean: [water.temperature_1, water.temperature_2]}",
            "{mean: [water.temperature_1 via probe-1.csv, water.temperature_2]}",
        ),
        (
            "inlet_temperature: water.temperature_1 ",
            "inlet_temperature: water.temperature_1 via probe-1.csv ",
        ),
        (
            "ambient_humidity: room.humidity",
            "ambient_humidity: {channel: room.humidity, via: {from: '%', to: '%', "
            "polynomial: [0, 1], range: 0 .. 1}}",
        ),
    ]:
        assert old in text
        text = text.replace(old, new, 1)
    needs = NEEDS | {
        "line_pressure": Role("L/min"),
        "inlet_temperature": Role("°C"),
        "outlet_temperature": Role("°C"),
    }
    with opened_rig(text, needs, folder=folder) as rig:
        rig.open()
        yield rig


def raw(rig, instrument, channel):
    return rig.bench._instruments[instrument].read(channel)[0]


def test_a_reading_is_taken_through_its_formula_in_the_units_of_both_sides(through_rig):
    """Readings of the simulated line move in the noise: the formula is asked for each of many."""
    read = through_rig.bench.channel("line_pressure").reader()
    kpa = raw(through_rig, "pressure", "pressure") * 1000
    assert read() == pytest.approx(0.02 * kpa**0.5 * 1000 / 60, rel=0.05)


def test_each_channel_of_a_mean_has_a_calibration_of_its_own(through_rig):
    inlet = through_rig.bench.channel("inlet_temperature").read()
    outlet = through_rig.bench.channel("outlet_temperature").read()
    mean = through_rig.bench.channel("water_temperature").read()
    first = raw(through_rig, "water", "temperature_1")
    assert inlet == pytest.approx(-1 + 1.03 * first, abs=0.05)
    assert abs(inlet - first) > 0.2
    assert mean == pytest.approx((inlet + outlet) / 2, abs=0.05)


def test_roles_of_one_instrument_are_read_together_each_through_its_own(through_rig):
    channels = [through_rig.bench.channel(r) for r in ("inlet_temperature", "outlet_temperature")]
    inlet, outlet = through_rig.bench.joint_reader(channels)()
    assert inlet == pytest.approx(channels[0].read(), abs=0.05)
    assert outlet == pytest.approx(channels[1].read(), abs=0.05)


def test_a_reading_beyond_the_calibration_is_no_value(through_rig):
    with pytest.raises(NotANumberError) as caught:
        through_rig.bench.channel("ambient_humidity").read()
    assert (caught.value.instrument, caught.value.channel) == ("room", "humidity")


def test_a_calibration_must_begin_in_the_channels_unit_and_end_in_the_roles(bench_with):
    of_mm = WEIR.replace("from: kPa", "from: mm")
    loaded = bench_with("line_pressure: pressure.pressure", f"line_pressure: {of_mm}")
    assert loaded.mistakes == []
    found = wiring(loaded.file, NEEDS | {"line_pressure": Role("m³/h")}).problems()
    assert [m.id for m in found] == ["bench.unit-misfit"]
    loaded = bench_with("line_pressure: pressure.pressure", f"line_pressure: {WEIR}")
    found = wiring(loaded.file, NEEDS | {"line_pressure": Role("MPa")}).problems()
    assert [m.id for m in found] == ["bench.unit-misfit"]
    assert wiring(loaded.file, NEEDS | {"line_pressure": Role("L/s")}).problems() == []


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ("{from: kPa, to: m³/h, range: 1 .. 2}", "curve-one-of"),
        ("{from: kPa, to: m³/h, formula: x, polynomial: [0, 1], range: 1 .. 2}", "curve-one-of"),
        ("{from: kPaa, to: m³/h, formula: x, range: 1 .. 2}", "curve-wrong"),
        ("{from: kPa, to: m³/h, polynomial: [0, 0, 1], range: -1 .. 2}", "curve-turns"),
    ],
)
def test_mistakes_in_a_formula_are_told_with_their_place(bench_with, part, problem):
    loaded = bench_with(
        "line_pressure: pressure.pressure",
        f"line_pressure: {{channel: pressure.pressure, via: {part}}}",
    )
    (mistake,) = loaded.mistakes
    assert mistake.endswith(f" E106 {problem}")


def test_u_of_the_channel_goes_through_the_slope(bench_with):
    """U of the balance is 0.01 % of the value: at 100 kg 0.01 kg; a slope of 4 makes 0.04 L."""
    through = (
        "{channel: balance.mass, via: {from: kg, to: L, polynomial: [10, 4], range: 0 .. 150}}"
    )
    loaded = bench_with("reference_volume: master.volume_total", f"reference_volume: {through}")
    found = wiring(loaded.file)
    u, dof = found.reference_u("reference_volume", 410.0)
    assert u == pytest.approx(4 * 0.01 / 2)
    assert dof == math.inf
    assert found.beyond_certificate("reference_volume", 410.0, "L") is None
    assert found.beyond_certificate("reference_volume", 13.0, "L").id == "bench.out-of-range"
    assert found.beyond_certificate("reference_volume", 1000.0, "L").id == "bench.beyond-curve"


def test_a_step_of_the_channel_counts_with_the_steepest_slope(bench_with):
    through = (
        "{channel: room.humidity, via: {from: '%', to: '%', formula: x ** 2, range: 0 .. 100}}"
    )
    loaded = bench_with("ambient_humidity: room.humidity", f"ambient_humidity: {through}")
    plain = wiring(bench_with("Simulated water", "Simulated water").file).resolutions()
    found = wiring(loaded.file).resolutions()
    assert found["ambient_humidity"] == pytest.approx(200 * plain["ambient_humidity"], rel=0.01)


def test_positions_have_a_calibration_each_and_counts_have_none(bench_with, tmp_path):
    positions = "[" + ", ".join(f"pulses.count_{n}" for n in range(1, 13)) + "]"
    through = positions.replace("pulses.count_2", "pulses.count_2 via pump-head.csv")
    loaded = bench_with(
        "    channel: counter.frequency\n    select: [selector.k1, selector.k2, selector.k3, "
        "selector.k4, selector.k5, selector.k6,\n             selector.k7, selector.k8, "
        "selector.k9, selector.k10, selector.k11, selector.k12]",
        f"    positions: {through}\n    scale: 0.1 L",
    )
    assert [m.split()[-1] for m in loaded.mistakes] == ["via-and-scale"]
    loaded = bench_with(
        "    channel: counter.frequency\n    select: [selector.k1, selector.k2, selector.k3, "
        "selector.k4, selector.k5, selector.k6,\n             selector.k7, selector.k8, "
        "selector.k9, selector.k10, selector.k11, selector.k12]",
        f"    positions: {through}",
    )
    assert loaded.mistakes == []
    found = wiring(loaded.file, NEEDS | {"meter_pulse_rate": Role("1", per_uut=True)}).problems()
    assert {m.id for m in found} == {"bench.unit-misfit"}  # pump-head is in MPa and %
