"""`drivers new`, `check`, `record`, `show` as a person calls them, on simulated instruments."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.simulation import ServedInstrument, find_simulator
from benchctl.workshop import TEMPLATES

Call = Callable[..., Any]


@pytest.mark.parametrize("protocol", TEMPLATES)
def test_a_new_driver_passes_its_check_and_its_test_at_once(
    lab: Path, protocol: str, call: Call, told: Call
) -> None:
    files = told("drivers", "new", "acme_x100", "--protocol", protocol, "--lab", lab)["files"]
    assert len(files) == 3
    done = told("drivers", "check", "acme_x100", "--lab", lab)
    assert done["ok"], [s for s in done["drivers"][0]["steps"] if s["outcome"] == "failed"]
    assert call("drivers", "check", files[0]).exit_code == 0
    runpy.run_path(files[2])["test_acme_x100_does_what_it_declares"]()


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["Acme"], "cannot be the name of a driver"),
        (["../acme"], "cannot be the name of a driver"),
        (["class"], "cannot be the name of a driver"),
        (["acme", "--protocol", "scpy"], "did you mean `scpi`?"),
    ],
)
def test_what_cannot_be_written_is_refused(
    lab: Path, args: list[str], says: str, call: Call
) -> None:
    done = call("drivers", "new", *args, "--lab", lab)
    assert done.exit_code == 2
    assert says in done.stderr
    assert not lab.exists()


def test_a_driver_that_is_there_is_not_overwritten(lab: Path, call: Call) -> None:
    call("drivers", "new", "acme", "--lab", lab)
    path = lab / "drivers" / "acme.py"
    path.write_text("mine")
    done = call("drivers", "new", "acme", "--lab", lab)
    assert (done.exit_code, path.read_text()) == (2, "mine")


def test_check_tells_what_failed_and_ends_with_1(lab: Path, call: Call, told: Call) -> None:
    call("drivers", "new", "acme", "--lab", lab)
    path = lab / "drivers" / "acme.py"
    path.write_text(path.read_text().replace('"VOLT:RANG"', '"VOLT:RONG"'))
    done = call("drivers", "check", "acme", "--lab", lab)
    assert done.exit_code == 1
    assert "-113" in done.stdout
    assert call("drivers", "check").exit_code == 2
    assert call("drivers", "check", "acmee", "--lab", lab).exit_code == 2
    assert call("drivers", "check", lab / "none.py").exit_code == 2
    shown = told("drivers", "show", "acme", "--lab", lab)
    assert (shown["last_check"]["ok"], shown["last_check"]["stale"]) == (False, False)
    path.write_text(path.read_text().replace('"VOLT:RONG"', '"VOLT:RANG"'))
    assert told("drivers", "show", "acme", "--lab", lab)["last_check"]["stale"]
    assert "changed since" in call("drivers", "show", "acme", "--lab", lab).stdout


@pytest.fixture
def recorded(request: pytest.FixtureRequest, lab: Path, call: Call, told: Call) -> tuple[Path, Any]:
    """A transcript of a new driver's simulated instrument, passed off as a real one."""
    call("drivers", "new", "acme", "--protocol", getattr(request, "param", "scpi"), "--lab", lab)
    make = find_simulator("acme", lab)
    assert make is not None
    with ServedInstrument(make(), VirtualClock()) as served:
        at = served.address
        done = told("drivers", "record", "acme", "--at", at, "--lab", lab, "--hardware")
    assert done["failed"] == {}
    return Path(done["path"]), done


PROTOCOLS = pytest.mark.parametrize("recorded", ["modbus", "line", "cjt188"], indirect=True)


@PROTOCOLS
def test_what_was_recorded_is_replayed_and_counts_as_seen(
    lab: Path, recorded: tuple[Path, Any], call: Call, told: Call
) -> None:
    (report,) = told("drivers", "check", "acme", "--lab", lab)["drivers"]
    assert report["ok"], report
    assert len(report["seen_on_hardware"]) == report["channels"]
    assert "channels seen on hardware" in call("drivers", "check", "acme", "--lab", lab).stdout
    shown = call("drivers", "show", "acme", "--lab", lab).stdout
    assert str(recorded[0]) in shown
    count = report["channels"]
    assert f"hardware: {count} of {count} channels seen on " in shown
    assert "not yet seen" not in shown
    (seen,) = told("drivers", "show", "acme", "--lab", lab)["seen_on_hardware"]
    assert (seen["channels"], seen["path"]) == (report["seen_on_hardware"], str(recorded[0]))


@pytest.mark.parametrize("recorded", ["scpi", "modbus"], indirect=True)
def test_one_byte_that_differs_from_the_transcript_is_found(
    lab: Path, recorded: tuple[Path, Any], told: Call
) -> None:
    path = recorded[0]
    lines = path.read_text().splitlines()
    at = max(i for i, line in enumerate(lines) if line.startswith("> "))
    old = lines[at]
    changed = old.replace('\\n"', '!\\n"').replace('\\r"', '!\\r"') if '"' in old else old + " 00"
    lines[at] = changed
    assert changed != old
    path.write_text("\n".join(lines) + "\n")
    done = told("drivers", "check", "acme", "--lab", lab)
    steps = [s for s in done["drivers"][0]["steps"] if s["outcome"] == "failed"]
    assert {s["step"] for s in steps} == {"replay"}
    assert "recorded is" in steps[0]["what"]


def test_another_value_out_of_the_same_bytes_is_found(
    lab: Path, recorded: tuple[Path, Any], told: Call
) -> None:
    path = recorded[0]
    lines = path.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("= read "))
    lines[at] = " ".join([*lines[at].split()[:3], "77.5"])
    path.write_text("\n".join(lines) + "\n")
    steps = told("drivers", "check", "acme", "--lab", lab)["drivers"][0]["steps"]
    assert [s["step"] for s in steps if s["outcome"] == "failed"] == ["replay"]


def test_a_file_that_is_no_transcript_is_told_with_its_line(
    lab: Path, recorded: tuple[Path, Any], told: Call
) -> None:
    path = recorded[0]
    path.write_text(path.read_text() + "what is this\n")
    number = len(path.read_text().splitlines())
    steps = told("drivers", "check", "acme", "--lab", lab)["drivers"][0]["steps"]
    (step,) = [s for s in steps if s["outcome"] == "failed"]
    assert f"{path}:{number}: not understood: what is this" in step["what"]


def test_an_instrument_on_this_computer_does_not_count_as_hardware(
    lab: Path, call: Call, told: Call
) -> None:
    call("drivers", "new", "acme", "--lab", lab)
    make = find_simulator("acme", lab)
    assert make is not None
    with ServedInstrument(make(), VirtualClock()) as served:
        done = call("drivers", "record", "acme", "--at", served.address, "--lab", lab)
    assert "does not count as hardware" in done.stdout
    (report,) = told("drivers", "check", "acme", "--lab", lab)["drivers"]
    assert (report["ok"], report["seen_on_hardware"]) == (True, [])
    assert "hardware: not yet seen" in call("drivers", "show", "acme", "--lab", lab).stdout


def test_an_instrument_that_is_not_there_cannot_be_recorded(lab: Path, call: Call) -> None:
    call("drivers", "new", "acme", "--lab", lab)
    done = call("drivers", "record", "acme", "--at", "TCPIP::127.0.0.1::9::SOCKET", "--lab", lab)
    assert done.exit_code == 3
    assert not (lab / "drivers" / "transcripts").exists()
    assert call("drivers", "record", "acme", "--at", "nonsense", "--lab", lab).exit_code == 2


WHOLE = "0x01,0x03,0x02,0x00,0x0a,0x38,0x43"


@pytest.mark.parametrize(
    "text", ["01 03 02 00 0a 38 43", "010302000A3843", WHOLE, "1 3 2 0 a 38 43"]
)
def test_a_frame_is_decoded_however_it_is_written_down(
    tmp_path: Path, text: str, told: Call
) -> None:
    assert told("drivers", "decode", "modbus-rtu", text)["fields"]["data"] == "00 0A"
    assert told("drivers", "decode", "modbus-rtu", *text.split())["fields"]["unit"] == 1
    path = tmp_path / "frame.txt"
    path.write_text(text + "\n")
    assert told("drivers", "decode", "modbus-rtu", path)["ok"]


def test_a_long_frame_is_no_name_of_a_file(told: Call) -> None:
    payload = b"#3400" + bytes(400)
    for text in (payload.hex(" "), payload.hex()):
        assert len(told("drivers", "decode", "scpi", text)["fields"]["block"]) == 400 * 3 - 1


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["modbus-rtu", "01 03 02 00 0a 38 44"], 1, "refused: wrong checksum"),
        (["cjt188", "68 10"], 1, "refused: "),
        (["modbus-rtu", "01 0g"], 2, "'g' is no hexadecimal digit"),
        (["modbus-rtu", "010"], 2, "3 hexadecimal digits"),
        (["modbus-rtu", ""], 2, "no bytes"),
        (["modbus-rtv", "01"], 2, "did you mean"),
    ],
)
def test_a_frame_that_is_refused_or_none_is_told(
    args: list[str], code: int, says: str, call: Call
) -> None:
    done = call("drivers", "decode", *args)
    assert done.exit_code == code
    assert says in (done.stdout if code == 1 else done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "reply", "fields"),
    [
        (
            "MT-SICS",
            b"S D       1.88 g\r\n",
            {"mass_now": {"value": 0.00188, "unit": "kg", "stable": False, "status": "D"}},
        ),
        (
            "ohaus_explorer",
            b"       0.01 g ?\r\n",
            {"mass_now": {"value": 1e-5, "unit": "kg", "stable": False, "status": "?"}},
        ),
        (
            "RPM",
            b"NR,  100.5 kPa a, 0.25 kPa/s\r\n",
            {"pressure_now": {"value": 100.5, "unit": "kPa", "stable": False, "status": "NR"}},
        ),
    ],
)
def test_a_reply_in_lines_is_read_by_its_driver(
    name: str, reply: bytes, fields: dict[str, Any], told: Call
) -> None:
    done = told("drivers", "decode", name, reply.hex(" "))
    assert done["fields"].items() >= fields.items()
    waits = {"MT-SICS": "mass", "ohaus_explorer": "mass", "RPM": "pressure"}
    assert waits[name] not in done["fields"]  # it waits until the instrument is stable


def test_a_header_that_is_repeated_tells_whose_answer_it_is(told: Call) -> None:
    fields = told("drivers", "decode", "druck_pace5000", b":SENS:PRES 34.5\r\n".hex())["fields"]
    assert fields == {"pressure": {"value": 34.5, "unit": "kPa"}}


@pytest.mark.parametrize(
    ("name", "reply", "code", "says"),
    [
        ("mettler_mtsics", b"S +\r\n", 1, "overload"),
        ("mettler_mtsics", b"S S     100.00 g", 1, "breaks off"),
        ("mettler_mtsics", b"S S     100.00 lb\r\n", 1, "lb"),
        ("mettler_mtsics", b"S S   1.00 g\r\nS S   2.00 g\r\n", 1, "more came"),
        ("RO-ASCII", b"{F00rdd 001; 4.45;%RH;000;4\r", 1, "checksum"),
        ("manual", b"1", 2, "read by a person"),
        ("hart", b"1\r\n", 2, "name one of fluke_1521, fluke_7341"),
        ("nobody", b"1", 2, "there is no decoder"),
    ],
)
def test_a_reply_in_lines_that_no_channel_takes_is_refused(
    name: str, reply: bytes, code: int, says: str, call: Call
) -> None:
    done = call("drivers", "decode", name, reply.hex())
    assert done.exit_code == code
    assert says in (done.stdout if code == 1 else done.stderr)
