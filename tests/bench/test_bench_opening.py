"""Opening, reading, setting and leaving the simulated water bench, over its real wires."""

import pytest
from bench_samples import NEEDS, opened_rig

from benchctl.bench import Undo
from benchctl.core.errors import LinkError, NotANumberError, RefusedError
from benchctl.core.units import unit
from benchctl.simulation import find_bench


def bench_text(*changes):
    text = find_bench("water_bench").bench_file.read_text("utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, 1)
    return text


# opening


def test_every_instrument_is_opened_and_known_by_name_in_the_order_of_the_file(water_line):
    opened = water_line.events.of("InstrumentOpened")
    names = list(water_line.bench.file.instruments)
    assert [e.instrument for e in opened] == [*names, *water_line.serials]
    master = opened[0]
    assert (master.driver, master.serial) == ("micromotion_2700", "14077123")
    assert master.address == water_line.bench.file.instruments["master"].at
    assert opened[-1].driver == "cjt188_meter"
    assert water_line.bench.silent == {}


def test_the_standard_behind_each_role_is_in_the_record(water_line):
    bound = {e.role: e.standard for e in water_line.events.of("StandardBound")}
    assert set(bound) == {"reference_volume", "reference_flow"}
    assert bound["reference_volume"]["serial"] == "14077123"
    assert (bound["reference_volume"]["U"], bound["reference_volume"]["k"]) == (0.10, 2.0)


def test_another_serial_number_than_the_files_is_refused():
    with opened_rig(
        bench_text('serial: "14077123", standard', 'serial: "14077124", standard')
    ) as rig:
        with pytest.raises(RefusedError) as caught:
            rig.open()
        assert caught.value.message.args == {
            "name": "master",
            "wanted": "14077124",
            "found": "14077123",
        }
        assert rig.events.of("InstrumentOpened") == []


def test_an_instrument_that_is_not_there_ends_the_opening(rig):
    rig.sim.unplug("sim.relays")
    with pytest.raises(LinkError):
        rig.open()
    assert [e.instrument for e in rig.events.of("InstrumentOpened")] == ["master", "pump"]


def test_only_what_is_asked_for_is_opened(rig):
    rig.open(only={"pump", "valves"})
    assert [e.instrument for e in rig.events.of("InstrumentOpened")] == ["pump", "valves"]


def test_a_meter_that_does_not_answer_is_that_meters_trouble_alone():
    cls = find_bench("water_bench")
    serials = [row["serial"] for row in cls.default_uuts(7)[:2]]
    stranger = str(int(serials[0]) + 77)
    text = bench_text("baud=2400&parity=E", "baud=2400&parity=E&timeout=0.1")
    text = text.replace("address: position}", "address: serial}")
    with opened_rig(text, serials=[serials[0], stranger, serials[1]]) as rig:
        bench = rig.open()
        assert set(bench.silent) == {stranger}
        for serial in serials:
            assert bench.channel("meter_volume", serial=serial).read() > 0


# reading


def test_roles_are_read_in_the_units_of_the_procedure(water_line):
    bench = water_line.bench
    assert bench.channel("reference_volume").unit == "L"
    assert 10 < bench.channel("water_temperature").read() < 30
    assert bench.channel("ambient_humidity").read() == pytest.approx(60, abs=10)
    first, second = (bench.channel("meter_volume", serial=s) for s in water_line.serials[:2])
    assert first.read() != second.read()
    assert (first.resolution, first.bus) == (0.01, second.bus)


def test_a_role_may_be_wanted_in_another_unit():
    from dataclasses import replace

    needs = NEEDS | {
        "meter_volume": replace(NEEDS["meter_volume"], unit="m³"),
        "water_temperature": replace(NEEDS["water_temperature"], unit="K"),
        "line_pressure": replace(NEEDS["line_pressure"], unit="kPa"),
    }
    with opened_rig() as rig:
        bench, serial = rig.open(), rig.serials[0]
        litres = bench.channel("meter_volume", serial=serial).read()
        kelvin = bench.channel("water_temperature").read() + unit("°C").offset
        mega = bench.channel("line_pressure").read()
    with opened_rig(needs=needs) as rig:
        bench = rig.open()
        channel = bench.channel("meter_volume", serial=serial)
        assert channel.unit == "m³"
        assert channel.resolution == pytest.approx(1e-5)
        assert channel.read() == pytest.approx(litres / 1000, abs=2e-3)
        assert bench.channel("water_temperature").read() == pytest.approx(kelvin, abs=0.5)
        assert bench.channel("line_pressure").read() == pytest.approx(mega * 1000, abs=2.0)


def test_a_mean_is_the_mean_of_its_channels(water_line):
    bench = water_line.bench
    inlet, outlet = bench.wiring.file.roles["water_temperature"].channels
    both = bench._instruments[inlet.instrument].read(inlet.channel, outlet.channel)
    assert bench.channel("water_temperature").read() == pytest.approx(sum(both) / 2, abs=0.11)


def test_two_roles_of_one_instrument_are_read_together(water_line):
    bench = water_line.bench
    volume, flow = bench.channel("reference_volume"), bench.channel("reference_flow")
    joint = bench.joint_reader((volume, flow))
    assert joint() == pytest.approx((volume.read(), flow.read()), abs=0.01)
    apart = bench.joint_reader((volume, bench.channel("line_pressure")))
    assert len(apart()) == 2


def test_no_value_of_an_overloaded_counter_is_ever_read(water_line):
    channel = water_line.bench.channel("meter_pulse_rate", serial=water_line.serials[0])
    channel.select()
    with pytest.raises(NotANumberError):
        channel.read()


def test_what_must_be_kept_alive_can_be_read(water_line):
    (alive,) = water_line.bench.keep_alive()
    assert alive.every == 2.0
    assert alive.channel.read() >= 0
    assert alive.channel.bus


# setting


def test_the_first_range_that_reaches_the_set_point_is_taken(water_line):
    flow = water_line.bench.channel("flow_setpoint")
    flow.set(0.05)
    assert water_line.relays() == [1, 2, 3]
    flow.set(1.0)
    assert water_line.relays() == [1, 2, 4]
    flow.set(1.2)
    assert water_line.relays() == [1, 2, 4]
    flow.set(1.21)
    assert water_line.relays() == [1, 2, 5]


def test_what_stands_before_is_written_first_and_the_channel_last(water_line):
    water_line.bench.channel("flow_setpoint").set(0.05)
    writes = water_line.events.writes
    assert writes[0] == "pump.speed=0"
    assert writes[-2] == "pump.run=1"
    assert writes[-1].startswith("pump.speed=")
    assert 0 < float(writes[-1].partition("=")[2]) <= 100


def test_a_set_point_is_corrected_without_moving_a_valve(water_line):
    flow = water_line.bench.channel("flow_setpoint")
    flow.set(1.0)
    before = len(water_line.events.writes)
    flow.set(1.01)
    assert [w.partition("=")[0] for w in water_line.events.writes[before:]] == ["pump.speed"]
    water_line.bench.write("valves", "k2", False)
    before = len(water_line.events.writes)
    flow.set(1.0)
    assert "valves.k2=1" in water_line.events.writes[before:]


def test_a_set_point_beyond_the_bench_moves_nothing(water_line):
    for role, value in (("flow_setpoint", 7.5), ("flow_setpoint", -1.0), ("test_pressure", 99.0)):
        with pytest.raises(RefusedError):
            water_line.bench.channel(role).set(value)
    assert water_line.events.writes == []
    assert water_line.relays() == []


def test_a_role_that_is_only_read_cannot_be_set(water_line):
    channel = water_line.bench.channel("line_pressure")
    with pytest.raises(RefusedError):
        channel.set(1.0)
    with pytest.raises(RefusedError):
        channel.undos(1.0)


def test_the_way_back_covers_everything_that_a_set_point_energises(water_line):
    flow = water_line.bench.channel("flow_setpoint")
    undos = flow.undos(1.0)
    flow.set(1.0)
    on = {f"valves/k{n}" for n in water_line.relays()} | {"pump/run", "pump/speed"}
    assert on <= {u.name for u in undos}
    assert all(u.safe in (False, 0.0) for u in undos)
    assert undos[0].name == "pump/speed"


def test_exactly_one_unit_is_connected_to_the_shared_reader(water_line):
    channels = [water_line.bench.channel("meter_pulse_rate", serial=s) for s in water_line.serials]
    for n, channel in enumerate(channels, 1):
        channel.select()
        assert water_line.selected() == [n]
    before = len(water_line.events.writes)
    channels[-1].select()
    assert len(water_line.events.writes) == before


# coming to rest


def energised(rig):
    flow = rig.bench.channel("flow_setpoint")
    undos = flow.undos(1.0)
    flow.set(1.0)
    rig.bench.channel("meter_pulse_rate", serial=rig.serials[1]).select()
    return list(dict.fromkeys(undos))


def test_everything_is_brought_back_last_first_and_then_every_instrument(water_line):
    undos = energised(water_line)
    made = water_line.bench.make_safe(undos, "stopped")
    assert made.reason == "stopped"
    assert made.failed == ()
    assert list(made.done[: len(undos)]) == [u.name for u in reversed(undos)]
    assert {"pump", "valves", "selector", "master"} <= set(made.done[len(undos) :])
    assert water_line.relays() == water_line.selected() == []


def test_an_undo_of_an_instrument_that_is_not_open_is_named_and_the_rest_is_done(rig):
    rig.open(only={"valves"})
    rig.bench.write("valves", "k1", True)
    undos = [Undo("valves", "k1", False), Undo("pump", "run", False)]
    made = rig.bench.make_safe(undos, "recovered")
    assert [(f["instrument"], f["channel"]) for f in made.failed] == [("pump", "run")]
    assert "valves/k1" in made.done
    assert rig.relays() == []


def test_a_lost_instrument_does_not_keep_the_others_from_their_safe_state(water_line):
    undos = energised(water_line)
    water_line.sim.unplug("sim.relays")
    made = water_line.bench.make_safe(undos, "error")
    assert {f["instrument"] for f in made.failed} >= {"valves"}
    assert all(f["error"] for f in made.failed)
    assert {"pump/run", "pump/speed"} <= set(made.done)
    assert water_line.relays() == [1, 2, 4], "nobody could reach the valves"


def test_a_bench_of_which_nothing_was_opened_is_safe(rig):
    made = rig.bench.make_safe([], "refused")
    assert (made.done, made.failed) == ((), ())
