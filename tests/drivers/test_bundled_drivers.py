"""One walk over every bundled driver, and what each of them must do on the wire."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from modbus_device import Device
from wire_peers import TcpPeer, lines

from benchctl.core.clock import RealClock
from benchctl.core.errors import DeviceError, InstrumentError, NotANumberError
from benchctl.core.places import bundled
from benchctl.core.ports import NullSink
from benchctl.core.units import unit
from benchctl.driver import Setting, SettingRefused, describe
from benchctl.driver.cjt188_frames import Frame, encode
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory

Opened = Callable[..., tuple[Any, Device]]
NAMES = sorted(path.stem for path in bundled("drivers").glob("*.py"))


def floats(*values: float) -> bytes:
    return struct.pack(f">{len(values)}f", *values)


def test_the_shelf_has_what_the_folder_has(shelf: Shelf) -> None:
    found = shelf.list()
    assert [info.name for info in found] == NAMES
    assert {info.error for info in found} == {""}
    assert {info.origin for info in found} == {"bundled"}


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_is_declared_and_documented(shelf: Shelf, name: str) -> None:
    cls = shelf.find(name)
    told = describe(cls)
    assert told["summary"].endswith(".")
    for topic in ("bus", "reading", "safe", "document", "hardware"):
        assert told[topic], f"{name} says nothing about {topic}"
    assert cls.channels
    for channel in cls.channels.values():
        assert unit(channel.unit)
        assert channel.__doc__
        if isinstance(channel, Setting) and channel.safe is not None:
            assert channel.check(channel.safe) == channel.safe


@pytest.mark.parametrize("name", NAMES)
def test_a_driver_file_is_short_and_uses_the_public_kit_only(name: str) -> None:
    text = (bundled("drivers") / f"{name}.py").read_text()
    assert len(text.splitlines()) < 100
    modules = [line.split()[1] for line in text.splitlines() if line.startswith("from benchctl")]
    assert set(modules) <= {
        "benchctl.driver",
        "benchctl.core.errors",
        "benchctl.core.messages",
    }


# -- Micro Motion 2700 -------------------------------------------------------------------------


def coriolis(order: str = "ABCD", code: int = 0) -> Device:
    device = Device()
    swap = {
        "ABCD": (0, 1, 2, 3),
        "CDAB": (2, 3, 0, 1),
        "BADC": (1, 0, 3, 2),
        "DCBA": (3, 2, 1, 0),
    }[order]
    for start, value in ((246, 997.5), (248, 998.25), (250, 20.5), (252, 2.5), (260, 123.5)):
        data = floats(value)
        device.put(3, start, bytes(data[i] for i in swap))
    device.put(3, 47, struct.pack(">I", 14077123))
    device.words[3, 520] = code
    return device


def test_the_coriolis_meter_is_read_in_one_request(opened: Opened) -> None:
    meter, device = opened("micromotion_2700", device=coriolis())
    assert meter.connect().serial == "14077123"
    device.requests.clear()
    assert meter.read("volume_total", "volume_flow", "density") == (123.5, 2.5, 998.25)
    assert device.requests == [(3, 248, 14)]


@pytest.mark.parametrize(("code", "order"), [*enumerate(("ABCD", "CDAB", "BADC", "DCBA"))])
def test_the_coriolis_meter_is_read_in_the_order_it_is_configured_to(
    opened: Opened, code: int, order: str
) -> None:
    meter, _ = opened("micromotion_2700", {"order": order}, coriolis(order, code=code))
    meter.connect()
    assert meter.volume_flow == 2.5


def test_a_coriolis_meter_with_another_byte_order_is_refused(opened: Opened) -> None:
    meter, _ = opened("micromotion_2700", device=coriolis("CDAB", code=1))
    with pytest.raises(DeviceError, match="configured to byte order CDAB, its address says ABCD"):
        meter.connect()


def test_a_coriolis_meter_that_does_not_tell_its_byte_order_is_taken(opened: Opened) -> None:
    device = coriolis()
    device.holes = {520, 47}
    meter, _ = opened("micromotion_2700", device=device)
    assert meter.connect().serial == ""


def test_totals_are_started_stopped_and_reset_by_coils(opened: Opened) -> None:
    meter, device = opened("micromotion_2700", device=coriolis())
    meter.stop_totals()
    meter.reset_totals()
    meter.start_totals()
    assert device.requests == [(5, 1, 0), (5, 2, 0xFF00), (5, 1, 0xFF00)]


# -- ABB ACS580 --------------------------------------------------------------------------------


def test_the_drive_is_started_by_its_control_words(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    drive.speed = 50
    drive.run = True
    # shared/vectors/protocols.json: REF1 10000 = 50 %, then 047E, then 047F
    assert [r for r in device.requests if r[0] == 6] == [
        (6, 1, 10000),
        (6, 0, 0x047E),
        (6, 0, 0x047F),
    ]
    assert drive.speed == 50.0


def test_a_drive_that_has_tripped_is_not_started_in_vain(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    device.words[3, 3] = 0x0008
    with pytest.raises(DeviceError, match="tripped"):
        drive.run = True
    drive.make_safe()
    assert device.requests[-1] == (6, 0, 0x047E)


def test_the_drive_tells_what_it_does_in_its_status_word(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    device.words[3, 3] = 0x0637
    device.words[3, 4] = 9990
    assert drive.read("run", "tripped", "actual_speed", "status") == (True, False, 49.95, 0x0637)
    assert len(device.requests) == 1
    device.words[3, 3] = 0x0008
    assert (drive.run, drive.tripped) == (False, True)


def test_the_drive_runs_forward_up_to_full_speed_only(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    for speed in (-1, 100.5):
        with pytest.raises(SettingRefused):
            drive.speed = speed
    assert device.requests == []


def test_the_drive_is_safe_at_reference_zero_and_stopped(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    drive.make_safe()
    assert device.requests == [(6, 1, 0), (6, 0, 0x047E)]


def test_the_drive_is_stopped_even_if_its_reference_cannot_be_set(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    device.refuses = 3
    with pytest.raises(InstrumentError):
        drive.make_safe()
    assert device.requests == [(6, 1, 0), (6, 0, 0x047E)]


def test_a_fault_is_reset_by_a_rising_bit_7(opened: Opened) -> None:
    drive, device = opened("abb_acs580")
    drive.reset_fault()
    (_, _, first), (_, _, second) = device.requests
    assert (first & 0x80, second & 0x80) == (0x80, 0)


# -- relays and sensors ------------------------------------------------------------------------


def test_relays_are_switched_one_by_one_and_off_together(opened: Opened) -> None:
    relays, device = opened("relay_valve_16")
    relays.k1 = True
    relays.k16 = True
    assert relays.read("k1", "k2", "k16") == (True, False, True)
    device.requests.clear()
    relays.make_safe()
    assert device.requests == [(15, 0, 16)]
    assert not any(device.bits.values())


def test_relays_are_made_safe_at_the_second_attempt_if_the_first_fails(opened: Opened) -> None:
    relays, device = opened("relay_valve_16")
    relays.k3 = True
    device.refuses = 6
    reply, tries = device.reply, []

    def once(pdu: bytes) -> bytes:
        tries.append(pdu)
        device.refuses = 6 if len(tries) == 1 else 0
        return reply(pdu)

    device.reply = once  # type: ignore[method-assign]
    relays.make_safe()
    assert not any(device.bits.values())


def test_two_temperatures_come_in_one_request(opened: Opened) -> None:
    pt100, device = opened("pt100_rtu")
    device.words |= {(4, 0): 205, (4, 1): 0x10000 - 35}
    assert pt100.read("temperature_1", "temperature_2") == (20.5, -3.5)
    assert device.requests == [(4, 0, 2)]


def test_a_broken_pt100_is_no_temperature(opened: Opened) -> None:
    pt100, device = opened("pt100_rtu")
    device.words[4, 0] = 32767
    with pytest.raises(NotANumberError, match=r"temperature_1.*broken sensor"):
        _ = pt100.temperature_1


def test_the_room_is_read_from_the_registers_of_an_xy_md02(opened: Opened) -> None:
    room, device = opened("humidity_rtu")
    device.words |= {(4, 1): 215, (4, 2): 486}
    assert room.read("temperature", "humidity") == (21.5, 48.6)


def test_pressure_is_a_float(opened: Opened) -> None:
    transmitter, device = opened("pressure_rtu", {"order": "CDAB"})
    device.put(3, 0, bytes.fromhex("00 00 3F C0"))
    assert transmitter.pressure == 1.5


# -- counter -----------------------------------------------------------------------------------


def test_the_counter_measures_with_the_gate_of_its_address(
    shelf: Shelf, served: Callable[..., TcpPeer]
) -> None:
    taken: list[str] = []

    def answer(line: bytes) -> Iterable[object]:
        message = line.decode().strip()
        taken.append(message)
        if message == "*IDN?":
            yield b"Agilent Technologies,53220A,MY50001234,02.05\n"
        elif message == "SYST:ERR?":
            yield b'+0,"No error"\n'
        elif message.endswith("READ?"):
            yield b"+6.94444444444440E+000\n" if "FREQ" in message else b"+1.70000000000000E+001\n"

    peer = served(answer, lines)
    factory = LinkFactory(RealClock(), NullSink())
    address = f"TCPIP::127.0.0.1::{peer.port}::SOCKET?gate=2.5&input=2"
    link, options = factory.open(address, "counter")
    counter: Any = shelf.find("keysight_53220a")(link, options, name="counter")
    assert counter.connect().serial == "MY50001234"
    assert counter.frequency == 6.9444444444444
    assert counter.pulses == 17.0
    assert taken[-2:] == [
        "CONF:FREQ (@2);:SENS:FREQ:GATE:TIME 2.5;:READ?",
        "CONF:TOT:TIM 2.5,(@2);:READ?",
    ]
    assert link.timeout == 10.0
    factory.close()


# -- meters ------------------------------------------------------------------------------------


def meter_reply(unit_code: int) -> bytes:
    field = bytes.fromhex("45 23 01 00") + bytes([unit_code])
    data = b"\x90\x1f\x00" + field + field + bytes(9)
    return encode(Frame(0x10, "00000000000007", 0x81, data))


def water_meter(shelf: Shelf, peer: TcpPeer, factory: LinkFactory) -> Any:
    link, options = factory.open(f"serial+tcp://{peer.address}?address=7", "W-7")
    return shelf.find("cjt188_meter")(link, options, name="W-7")


def test_a_water_meter_is_read_in_litres(shelf: Shelf, served: Callable[..., TcpPeer]) -> None:
    peer = served(lambda _: [meter_reply(0x29)], lambda data: ([data], b""))
    factory = LinkFactory(RealClock(), NullSink())
    meter = water_meter(shelf, peer, factory)
    meter.connect()
    assert meter.read("volume", "status", "step") == (123.45, 0, 0.01)
    factory.close()


def test_a_water_meter_that_steps_by_ten_litres_is_refused(
    shelf: Shelf, served: Callable[..., TcpPeer]
) -> None:
    peer = served(lambda _: [meter_reply(0x2C)], lambda data: ([data], b""))
    factory = LinkFactory(RealClock(), NullSink())
    with pytest.raises(DeviceError, match="W-7: its volume steps by 10 L, too coarse"):
        water_meter(shelf, peer, factory).connect()
    factory.close()


def test_a_lab_s_copy_of_a_bundled_driver_works_in_its_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "drivers"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text((bundled("drivers") / f"{name}.py").read_text())
    copies = Shelf([folder, bundled("drivers")]).list()
    assert [info.origin for info in copies] == ["lab"] * len(NAMES)
    assert [info.error for info in copies] == [""] * len(NAMES)
