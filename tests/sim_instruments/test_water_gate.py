"""What the gate of the water bench looks at: check meter, check weight, zero, pulse counter."""

import pytest
from line_up import open_line

from benchctl.core.clock import VirtualClock


@pytest.fixture
def line(water_bench, nothing_left_behind):
    """The whole bench with all drivers connected, in virtual time."""
    with open_line(water_bench, VirtualClock()) as opened:
        yield opened


def test_the_check_meter_sees_the_water_that_the_master_sees(line):
    assert line.identities["check"].serial == "14081377"
    line.flow_at(30.4)
    line.run(15.0)
    began = line.check.volume_total, line.master.volume_total
    line.run(60.0)
    passed = line.check.volume_total - began[0], line.master.volume_total - began[1]
    assert passed[0] == pytest.approx(passed[1], rel=3e-3)
    assert line.check.volume_flow == pytest.approx(line.master.volume_flow, rel=1e-2)
    line.bench.fault("fouled_check_meter", share=0.05)
    assert line.check.volume_flow == pytest.approx(0.95 * line.master.volume_flow, rel=1e-2)
    line.bench.fault("fouled_check_meter", on=False)
    assert line.bench.state()["faults"] == {}


def test_a_drifted_zero_shows_and_counts_while_nothing_flows(line):
    assert line.master.volume_flow == 0.0
    line.bench.fault("drifting_zero", m3_per_h=0.0036)
    assert line.bench.state()["faults"] == {"drifting_zero": pytest.approx(0.0036)}
    assert line.master.volume_flow == pytest.approx(0.0036)
    began, t = line.master.volume_total, line.clock.now()
    line.run(1000.0, step=100.0)
    seconds = line.clock.now() - t
    assert line.master.volume_total - began == pytest.approx(0.001 * seconds, rel=0.02)
    assert line.bench.state()["volume"] == 0.0
    line.bench.fault("drifting_zero", on=False)
    stopped = line.master.volume_total
    line.run(100.0, step=50.0)
    assert line.master.volume_total == stopped


def test_the_check_weight_is_felt_until_it_is_taken_off(line):
    empty = line.balance.mass
    line.bench.at_gate("check_weight", True)
    line.run(2.0)
    assert line.balance.mass - empty == pytest.approx(20.0, abs=0.006)
    line.bench.fault("maladjusted_balance", share=0.01)
    line.run(2.0)
    assert line.balance.mass - empty == pytest.approx(20.2, abs=0.01)
    line.bench.at_gate("check_weight", False)
    line.run(2.0)
    assert line.balance.mass == pytest.approx(empty, abs=0.003)
    line.bench.at_gate("something_else", True)
    assert line.bench.state()["check_weight"] is False


def test_the_pulse_counter_counts_what_each_meter_has_counted(line):
    began = line.pulses.read("count_1", "count_2", "count_16")
    line.flow_at(30.4)
    line.run(60.0)
    now = line.pulses.read("count_1", "count_2", "count_16")
    plant = line.bench.plant
    for n in (0, 1):
        litres = plant.counted(n, line.clock.now())
        assert (now[n] - began[n]) * 0.1 == pytest.approx(litres, abs=0.2)
        assert litres > 20.0
    assert now[2] == began[2]


def test_an_output_that_gives_two_pulses_for_one_is_seen(line):
    line.bench.fault("wrong_pulse", position=2)
    began = line.pulses.read("count_1", "count_2")
    line.flow_at(30.4)
    line.run(60.0)
    one, two = (b - a for a, b in zip(began, line.pulses.read("count_1", "count_2"), strict=True))
    assert two == pytest.approx(2 * one, rel=0.05)
