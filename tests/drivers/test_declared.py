"""Drivers written in YAML: like any other, and every mistake in them told at its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchctl.core.places import bundled
from benchctl.driver import Setting, describe
from benchctl.driver.declared import driver_schema, load_declared
from benchctl.drivers import Shelf
from benchctl.language import FileError
from benchctl.workshop import check_driver, check_file, scaffold, subject_of

GOOD = """summary: ACME T1, a thermometer with a heater.
bus: Modbus RTU.
reading: 20 ms.
safe: heater off.
document: data sheet, p. 5.
protocol: {modbus: {order: CDAB, serial: holding 0 u32}}
timeout: 2.5
readings:
  bath: {at: input 4 f32 ABCD, unit: °C, doc: Temperature of the bath.}
  alarm: {at: holding 3 bit 2, kind: flag, doc: Whether it is too hot.}
settings:
  setpoint: {at: holding 2 i16, scale: 0.1, unit: °C, low: -20, high: 120, safe: 20, doc: Goal.}
  heater: {at: coil 0, kind: flag, safe: false, doc: Whether it heats.}
actions:
  reset: {at: holding 9, send: [1, 0], doc: Acknowledge an alarm.}
make_safe: [heater, reset]
"""


def written(folder: Path, text: str = GOOD, name: str = "acme_t1.yaml") -> Path:
    path = folder / "drivers" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_yaml_driver_is_an_instrument_like_any_other(tmp_path: Path) -> None:
    shelf = Shelf([written(tmp_path).parent])
    cls = shelf.find("acme_t1")
    told = describe(cls)
    assert (told["class"], told["summary"]) == ("AcmeT1", "ACME T1, a thermometer with a heater.")
    assert (told["bus"], told["timeout"]) == ("Modbus RTU.", 2.5)
    addresses = {c["name"]: c["address"] for c in told["channels"]}
    assert addresses == {
        "bath": "input 4 f32 ABCD",
        "alarm": "holding 3 u16 bit 2",
        "setpoint": "holding 2 i16 × 0.1",
        "heater": "coil 0",
    }
    setpoint = cls.channels["setpoint"]
    assert isinstance(setpoint, Setting)
    assert (setpoint.low, setpoint.high, setpoint.safe) == (-20, 120, 20)
    assert told["actions"][0]["address"] == "holding 9 u16 ← 0001h, 0000h"
    (info,) = shelf.list()
    assert (info.name, info.error) == ("acme_t1", "")


def test_it_is_made_safe_in_its_order_and_all_of_it_is_tried(tmp_path: Path) -> None:
    cls = load_declared(written(tmp_path))
    done: list[tuple[str, object]] = []

    class Spy(cls):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            """Without a wire."""

        def write(self, name: str, value: object) -> None:
            done.append((name, value))

        def act(self, name: str) -> None:
            done.append((name, None))

    Spy().make_safe()
    assert done == [("heater", False), ("reset", None), ("setpoint", 20)]


@pytest.mark.parametrize("protocol", ["yaml-scpi", "yaml-modbus", "yaml-line"])
def test_a_yaml_driver_passes_the_same_check(tmp_path: Path, protocol: str) -> None:
    files = scaffold("acme_t1", protocol, tmp_path)
    report = check_file(files[0])
    assert [(s.name, s.channel, str(s.what)) for s in report.failed] == []
    assert {"read", "set", "make-safe", "late", "garbled"} <= {s.name for s in report.steps}


def test_a_wrong_pattern_in_a_yaml_driver_is_found_by_the_check(tmp_path: Path) -> None:
    path = scaffold("acme_t1", "yaml-line", tmp_path)[0]
    path.write_text(path.read_text().replace("'T (\\S+) C'", "'.*?([\\d.]+).*'"))
    assert ("garbled", "temperature") in {(s.name, s.channel) for s in check_file(path).failed}


WRONG = {
    "an unknown key": ("doc: Goal.", "dock: Goal.", 12, "did you mean `doc`?"),
    "an unknown section": ("readings:", "reedings:", 8, "did you mean `readings`?"),
    "an unknown unit": ("unit: °C, doc", "unit: degrees, doc", 9, "degrees"),
    "no such table": ("input 4 f32 ABCD", "inputs 4 f32", 9, "did you mean `input`?"),
    "no such type": ("input 4 f32 ABCD", "input 4 f23", 9, "did you mean `f32`?"),
    "no number": ("input 4 f32 ABCD", "input f32", 9, "no register number"),
    "a bit that is none": ("bit 2", "bit 22", 10, "a bit is number 0 to 15"),
    "set what can only be read": ("at: coil 0", "at: discrete 0", 13, "can only be read"),
    "no number for a limit": ("low: -20", "low: cold", 12, "low"),
    "a reserved name": ("  bath:", "  link:", 9, "cannot be the name of a channel"),
    "no such channel": ("[heater, reset]", "[heeter, reset]", 16, "did you mean `heater`?"),
    "two protocols": ("protocol: {", "protocol: {scpi: {}, ", 6, "exactly one protocol"),
    "no protocol": ("protocol: {modbus", "protocol: {modbuss", 6, "did you mean `modbus`?"),
    "no unit": (", unit: °C, doc: Temperature", ", doc: Temperature", 9, "a number has a unit"),
    "no document": ("document: data sheet, p. 5.\n", "", 1, "document"),
    "no YAML": ("readings:\n", "readings: [\n", 10, ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, name: str) -> None:
    old, new, line, says = WRONG[name]
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(FileError) as caught:
        load_declared(path)
    told = caught.value.words()
    assert says in told
    assert line in {d.span.line for d in caught.value.diagnostics}
    (info,) = Shelf([path.parent]).list()
    assert info.error.startswith(f"{path}:")
    report = check_driver(subject_of(str(path), Shelf([bundled("drivers")])))
    assert {step.name for step in report.failed} == {"declaration"}
    assert f"{path}:" in str(report.failed[0].what)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("input 4", "inputs 4").replace("coil 0", "coli 0")
    with pytest.raises(FileError) as caught:
        load_declared(written(tmp_path, text))
    assert len(caught.value.diagnostics) == 2


def test_python_comes_before_yaml_of_the_same_name_and_that_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    other = path.with_suffix(".py")
    other.write_text((bundled("drivers") / "pressure_rtu.py").read_text())
    shelf = Shelf([path.parent])
    assert shelf.find("acme_t1").__name__ == "PressureRtu"
    (info,) = shelf.list()
    assert info.shadows == (str(path),)


def test_the_schema_knows_every_key_of_the_file() -> None:
    schema = json.loads(json.dumps(driver_schema()))
    assert {"summary", "protocol", "readings", "settings", "actions"} <= set(schema["properties"])
    assert schema["properties"]["bus"]["description"]
