"""Bench files: what they say, and every mistake at its place."""

from datetime import timedelta
from pathlib import Path

import pytest
from bench_samples import LoadedBench

from benchctl.bench import load_bench
from benchctl.core.clock import utc_now
from benchctl.core.messages import words
from benchctl.core.results import Uut
from benchctl.language import Diagnostics

SPOILT = """\
bench: Water line 2
instruments:
  master: {driver: micromotion_2700, at: "modbus+rtuu:///dev/ttyUSB0?unit=1", standard: MM-14}
  pump:   {driver: abb_acs850, at: "modbus+tcp://10.0.0.5:99999?unit=1"}
  water:  {driver: pt100_rtu, at: "modbus+rtu:///dev/ttyUSB1?unit=1"}
standards:
  MM-014:
    model: Micro Motion
    serial: 0014077123
    certificate: 2026-0147
    issued: 2026-13-05
    due: in 205 d
    channels:
      volume_total: {U: 0.10, k: 2, range: 0.01 .. 7 m³/h}
      volume_flow:  {U: -0.10 %, k: 2, range: 7 .. 0.01 m³/h}
roles:
  reference_volume: mastr.volume_total
  reference_flow: master/volume_flow
  flow_setpoint:
    - {up_to: 1.2 m³/h, channel: pump.speed, via: no-such-curve.csv, with: {valves.k1: true}}
    - {up_to: 0.12 m³/h, channel: pump.speed}
    - {up_to: 7, channel: pump.speed}
  water_temperature: {mean: [water.inlet, watr.outlet]}
  meter_volume: {each: cjt188_metre.volume, at: "serial:///dev/ttyUSB2?baud=fast", address: serial}
keep_alive:
  - {read: pumpe.status, every: 1}
  - {read: pump.status, every: 0 s}
"""

GOLDEN = """
3:42 E106 bad-scheme
3:89 E301 no-such-standard
4:20 E301 no-such-driver
4:36 E106 bad-port
11:13 E106 no-date
12:10 E106 no-date
14:25 E202 unit-missing
15:25 E105 not-positive
15:47 E202 range-turned
17:21 E301 no-such-instrument
18:19 E106 no-channel-name
20:51 E106 curve-unreadable
20:88 E301 no-such-instrument
21:15 E105 ranges-rise
22:15 E202 unit-missing
23:43 E301 no-such-instrument
24:24 E301 no-such-driver
24:49 E106 bad-number
26:12 E301 no-such-instrument
26:33 E202 unit-missing
27:32 E105 not-positive
"""


def test_a_bench_file_full_of_mistakes_is_told_all_of_them_at_their_places():
    loaded = LoadedBench(SPOILT)
    assert loaded.file is None
    assert loaded.mistakes == GOLDEN.split("\n")[1:-1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_mistake_is_worded_in_both_languages(language):
    for diagnostic in LoadedBench(SPOILT).diagnostics.items:
        assert words(diagnostic.message, language)
        assert diagnostic.hint is None or words(diagnostic.hint, language)


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("roles:", "rolles:", "E102", "unknown-key"),
        ("driver: pt100_rtu,", "drvier: pt100_rtu,", "E102", "unknown-key"),
        ("cjt188_meter.volume, at:", "cjt188_meter.volume, att:", "E102", "unknown-key"),
        ("seed: 7", "seed: seven", "E104", "wrong-type"),
        ("{mean: [water.temperature_1, water.temperature_2]}", "{mean: [water.temperature_1]}",
         "E105", "too-few-items"),
        ("due: in 205 d", "due: 2026-01-01", "E106", "due-before-issued"),
        ("meters, tank_mass]", "meters, tank_mas]", "E301", "no-role"),
        ("meters, tank_mass]", "meters, meters]", "E303", "role-twice"),
        ("meters, tank_mass]", "tank_mass]", "E106", "no-meters"),
        ("driver: keysight_53220a", "driver: keysight_53220", "E301", "no-such-driver"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_diagnostic(spoilt_bench, old, new, code, message):
    base = ("{bench: water_bench}", "{bench: water_bench, seed: 7}")
    loaded = spoilt_bench(*base, old, new)
    assert [(d.code, d.message.id.rpartition(".")[2]) for d in loaded.diagnostics.items] == [
        (code, message)
    ]
    assert loaded.file is None


def test_the_simulated_bench_reads_as_it_is_written(water_file, bench_text):
    assert water_file.name == "Simulated water line DN 15-20"
    assert water_file.simulated.bench == "water_bench"
    assert list(water_file.instruments)[:3] == ["master", "pump", "valves"]
    assert water_file.instruments["master"].serial == "14077123"
    assert water_file.source.text == bench_text
    assert len(water_file.sha256) == 64
    assert len(water_file.roles["flow_setpoint"].ranges) == 3
    assert len(water_file.roles["meter_pulse_rate"].select) == 12
    assert water_file.keep_alive[0].every == 2.0


def test_serial_numbers_keep_their_leading_zeros(spoilt_bench):
    loaded = spoilt_bench('serial: "14077123", standard', "serial: 0014077123, standard")
    assert loaded.file.instruments["master"].serial == "0014077123"


def test_dates_of_simulated_standards_are_relative_to_today(water_file):
    today = utc_now().date()
    standard = water_file.standards["MM-014"]
    assert standard.issued == today - timedelta(days=160)
    assert standard.due == today + timedelta(days=205)


def test_dates_of_real_standards_are_dates(spoilt_bench):
    loaded = spoilt_bench("simulated: {bench: water_bench}", "# real")
    assert {m.rpartition(" ")[2] for m in loaded.mistakes} == {"no-date"}
    hints = {d.hint.id for d in loaded.diagnostics.items}
    assert hints == {"bench.relative-date"}


def test_the_address_of_a_unit_is_its_serial_number_its_position_or_a_column(
    spoilt_bench, water_file
):
    uut = Uut("0012", 3, extra={"bus": "42"})
    assert water_file.uut_address(uut) == "3"
    loaded = spoilt_bench("address: position}", "address: serial}")
    assert loaded.file.uut_address(uut) == "0012"
    loaded = spoilt_bench("address: position}", "address: bus}")
    assert loaded.file.uut_address(uut) == "42"


def test_a_curve_is_found_beside_the_file(tmp_path, bench_text):
    (tmp_path / "bench.yaml").write_text(bench_text, encoding="utf-8")
    diagnostics = Diagnostics()
    assert load_bench(tmp_path / "bench.yaml", diagnostics) is None
    assert {d.message.id for d in diagnostics.items} == {"bench.curve-unreadable"}
    assert Path(diagnostics.items[0].source.name) == tmp_path / "bench.yaml"
