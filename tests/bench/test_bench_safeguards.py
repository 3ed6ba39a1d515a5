"""What would reach a technician if it were missing: addresses, selectors, certificates, curves."""

from dataclasses import replace
from pathlib import Path

import pytest
from bench_samples import NEEDS, LoadedBench, Role, opened_rig, wiring

from benchctl.bench.curves import CurveError, load_curve
from benchctl.core.errors import BenchctlError, LinkError, RefusedError
from benchctl.core.results import Uut


def test_an_instrument_is_made_safe_even_if_one_of_its_undos_failed(water_line):
    flow = water_line.bench.channel("flow_setpoint")
    undos = list(dict.fromkeys(flow.undos(1.0)))
    flow.set(1.0)
    water_line.sim.fault("garbage", bus="sim.relays", count=2)
    made = water_line.bench.make_safe(undos, "error")
    assert "valves" in made.done


def test_two_units_at_one_bus_address_are_refused(bench_text):
    with opened_rig(bench_text.replace("address: position}", "address: bus}")) as rig:
        first = rig.serials[0]
        uuts = [Uut(s, n, extra={"bus": first}) for n, s in enumerate(rig.serials, 1)]
        for uut in uuts:
            rig.bench._uuts[uut.serial] = uut
        with pytest.raises(BenchctlError):
            rig.open()


def test_a_bus_address_from_a_column_needs_the_column(spoilt_bench):
    file = spoilt_bench("address: position}", "address: bus}").file
    with pytest.raises(BenchctlError):
        file.uut_address(Uut("0012", 1))


def test_a_selector_that_was_left_on_is_switched_off(water_line):
    water_line.sim.plant.change(
        water_line.clock.now(), lambda i: replace(i, selector=tuple(n == 4 for n in range(16)))
    )
    water_line.bench.channel("meter_pulse_rate", serial=water_line.serials[0]).select()
    assert water_line.selected() == [1]


def test_an_unbound_role_is_refused_and_no_crash(bench_text):
    text = bench_text.replace("  meter_pulse_rate:\n", "  another_rate:\n")
    with opened_rig(text) as rig:
        rig.open()
        with pytest.raises(RefusedError):
            rig.bench.channel("meter_pulse_rate", serial=rig.serials[0])


def test_a_link_that_cannot_be_opened_names_its_instrument(rig):
    rig.sim.unplug("sim.relays")
    with pytest.raises(LinkError) as caught:
        rig.open()
    assert "valves" in (caught.value.instrument, *str(caught.value).split())


def test_u_in_per_mille_is_a_share_of_the_value(spoilt_bench):
    file = spoilt_bench("{U: 0.10 %, k: 2,", "{U: 1 ‰, k: 2,").file
    assert wiring(file).reference_u("reference_volume", 100.0)[0] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("old", "new"), [("U: 0.10 %", "U: 0.1 °C"), ("volume_total: {U", "volume_totl: {U")]
)
def test_a_certificate_that_does_not_fit_its_channel_is_a_problem(spoilt_bench, old, new):
    loaded = spoilt_bench(old, new)
    assert loaded.mistakes or wiring(loaded.file).problems()


def test_a_mean_of_certified_channels_has_a_standard(spoilt_bench):
    file = spoilt_bench(
        'parity=N&unit=1"}    # 1', 'parity=N&unit=1", standard: MM-014}    # 1'
    ).file
    assert wiring(file, NEEDS | {"water_temperature": Role("°C")}).standard("water_temperature")


def test_a_curve_whose_name_is_no_path_is_a_mistake(bench_text, bench_path):
    text = bench_text.replace("pump-head.csv", '"a\\0b"')
    assert LoadedBench(text, Path(bench_path.parent)).mistakes


def test_a_curve_has_finite_points_only(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("m³/h,%\n0,0\ninf,inf\n", encoding="utf-8")
    with pytest.raises(CurveError):
        load_curve(path)


def test_a_bench_file_with_mistakes_is_no_bench(bench_text, bench_path):
    loaded = LoadedBench("bench: twice\n" + bench_text, Path(bench_path.parent))
    assert loaded.diagnostics.failed
    assert loaded.file is None


def test_shape_and_names_are_told_at_once(spoilt_bench):
    loaded = spoilt_bench(
        "driver: pt100_rtu,",
        "drvier: pt100_rtu,",
        "reference_flow: master.",
        "reference_flow: mastr.",
    )
    assert {m.rpartition(" ")[2] for m in loaded.mistakes} == {"unknown-key", "no-such-instrument"}
