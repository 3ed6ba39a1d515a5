"""Replies that belong to somebody else, and a server that others wrote."""

from __future__ import annotations

import asyncio
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from modbus_device import Device
from wire_peers import rtu_frames, tcp_frames

from benchctl.core.errors import GarbageReplyError, LinkError, NoReplyError
from benchctl.driver import Instrument, Modbus, ModbusError, Reading, Setting, coil, flag, holding

Make = Callable[..., Any]


class Meter(Instrument):
    protocol = Modbus()
    flow = Reading(holding(0, "f32"), unit="m³/h")
    total = Reading(holding(2, "f32"), unit="L")
    target = Setting(holding(10), unit="1", low=0, high=1000)
    valve = Setting(coil(1), kind=flag)

    def make_safe(self) -> None:
        self.valve = False


def floats(*values: float) -> bytes:
    return struct.pack(f">{len(values)}f", *values)


@pytest.fixture
def device() -> Device:
    device = Device()
    device.put(3, 0, floats(2.5, 1234.5))
    return device


def foreign(value: float) -> bytes:
    return bytes([3, 4]) + floats(value)


def test_a_reply_of_another_unit_on_the_line_is_dropped(
    device: Device, pty_peer: Make, connected: Make, notes: Any
) -> None:
    def answer(frame: bytes) -> Iterable[object]:
        yield device.rtu_frame(foreign(99.0), unit=7)
        yield from device.rtu(frame)

    peer = pty_peer(answer, rtu_frames)
    meter = connected(Meter, f"modbus+rtu://{peer.path}?timeout=0.5")
    assert meter.flow == 2.5
    assert notes.what() == ["late-reply"]


def test_an_exception_of_another_unit_is_not_ours(
    device: Device, pty_peer: Make, connected: Make
) -> None:
    def answer(frame: bytes) -> Iterable[object]:
        yield device.rtu_frame(b"\x83\x02", unit=7)
        yield from device.rtu(frame)

    peer = pty_peer(answer, rtu_frames)
    assert connected(Meter, f"modbus+rtu://{peer.path}?timeout=0.5").flow == 2.5


def test_if_only_others_answer_it_is_said_so(
    device: Device, pty_peer: Make, connected: Make
) -> None:
    peer = pty_peer(lambda _: [device.rtu_frame(foreign(99.0), unit=7)], rtu_frames)
    meter = connected(Meter, f"modbus+rtu://{peer.path}?timeout=0.3")
    with pytest.raises(GarbageReplyError, match="only others answered, unit 1 did not") as caught:
        _ = meter.flow
    assert caught.value.wire[0] == 7


def test_units_on_one_line_are_read_by_two_threads_without_a_wrong_answer(
    pty_peer: Make, factory: Any, notes: Any
) -> None:
    devices = {1: Device(1), 2: Device(2)}
    for unit, device in devices.items():
        device.put(3, 0, floats(unit, 10.0 * unit))

    def answer(frame: bytes) -> Iterable[object]:
        yield from devices[frame[0]].rtu(frame)

    peer = pty_peer(answer, rtu_frames)
    read: dict[int, list[Any]] = {1: [], 2: []}

    def reads(unit: int) -> None:
        link, options = factory.open(f"modbus+rtu://{peer.path}?unit={unit}", f"meter {unit}")
        one = Meter(link, options, name=f"meter {unit}", sink=notes).reader("flow", "total")
        read[unit] = [one() for _ in range(100)]

    reads(1)
    threads = [threading.Thread(target=reads, args=(unit,)) for unit in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {unit: set(values) for unit, values in read.items()} == {
        1: {(1.0, 10.0)},
        2: {(2.0, 20.0)},
    }
    assert notes.what() == []


def test_rtu_frames_travel_through_a_gateway(
    device: Device, tcp_peer: Make, connected: Make
) -> None:
    peer = tcp_peer(device.rtu, rtu_frames)
    meter = connected(Meter, f"modbus+rtu+tcp://{peer.address}?unit=1")
    assert meter.read("flow", "total") == (2.5, 1234.5)
    meter.target = 7
    assert device.words[3, 10] == 7


def test_a_wrong_checksum_is_never_a_value(
    device: Device, pty_peer: Make, connected: Make, notes: Any
) -> None:
    def spoilt(frame: bytes) -> Iterable[object]:
        reply = bytearray(b"".join(device.rtu(frame)))  # type: ignore[arg-type]
        reply[4] ^= 1
        yield bytes(reply)

    peer = pty_peer(spoilt, rtu_frames)
    meter = connected(Meter, f"modbus+rtu://{peer.path}?timeout=0.2")
    with pytest.raises(GarbageReplyError, match="wrong checksum"):
        _ = meter.flow
    assert notes.what() == ["retry"]
    peer.answer = device.rtu
    assert meter.flow == 2.5


def test_a_reply_to_an_earlier_question_is_known_by_its_id(
    device: Device, tcp_peer: Make, connected: Make, notes: Any
) -> None:
    def answer(frame: bytes) -> Iterable[object]:
        earlier = (int.from_bytes(frame[:2], "big") - 1 & 0xFFFF).to_bytes(2, "big")
        yield device.tcp_frame(earlier, foreign(99.0))
        yield from device.tcp(frame)

    peer = tcp_peer(answer, tcp_frames)
    meter = connected(Meter, f"modbus+tcp://{peer.address}?timeout=0.5")
    assert [meter.flow, meter.total] == [2.5, 1234.5]
    assert notes.what() == ["late-reply", "late-reply"]


def test_if_only_foreign_ids_come_it_is_said_so(
    device: Device, tcp_peer: Make, connected: Make
) -> None:
    peer = tcp_peer(lambda _: [device.tcp_frame(b"\xff\xff", foreign(99.0))], tcp_frames)
    meter = connected(Meter, f"modbus+tcp://{peer.address}?timeout=0.3")
    with pytest.raises(GarbageReplyError, match="only others answered"):
        _ = meter.flow


def test_a_header_that_is_none_is_garbage(tcp_peer: Make, connected: Make) -> None:
    peer = tcp_peer(lambda frame: [frame[:2] + b"\x00\x01\x00\x03\x01\x03\x00"], tcp_frames)
    meter = connected(Meter, f"modbus+tcp://{peer.address}?timeout=0.3")
    with pytest.raises(GarbageReplyError, match="no answer of unit 1"):
        _ = meter.flow


def test_another_instrument_after_an_interruption_is_refused(
    tcp_peer: Make, connected: Make
) -> None:
    class Named(Instrument):
        protocol = Modbus(identity=holding(100), serial=holding(101, "u32"))
        identity = "^2700$"
        flow = Reading(holding(0, "f32"), unit="m³/h")

    device = Device()
    device.words[3, 100] = 2700
    device.put(3, 101, struct.pack(">I", 14077123))
    peer = tcp_peer(device.tcp, tcp_frames)
    meter = connected(Named, f"modbus+tcp://{peer.address}")
    identity = meter.connect()
    assert (identity.text, identity.serial) == ("2700", "14077123")
    device.put(3, 101, struct.pack(">I", 999))
    meter.link.close()
    with pytest.raises(LinkError, match="is closed"):
        meter.link.write(b"")
    with pytest.raises(Exception, match="another instrument answers after the interruption"):
        _ = meter.flow


def test_another_model_is_refused_at_connect(tcp_peer: Make, connected: Make) -> None:
    class Named(Instrument):
        protocol = Modbus(identity=holding(100))
        identity = "^2700$"

    device = Device()
    device.words[3, 100] = 5700
    peer = tcp_peer(device.tcp, tcp_frames)
    with pytest.raises(Exception, match="another model answers: `5700`") as caught:
        connected(Named, f"modbus+tcp://{peer.address}").connect()
    assert caught.value.instrument == "meter"


@pytest.fixture(scope="module")
def pymodbus_server() -> Iterator[str]:
    """A Modbus TCP server of pymodbus, with registers and coils of unit 1."""
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    words = list(struct.unpack(">4H", floats(2.5, 1234.5))) + [0] * 16
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def up() -> tuple[Any, int]:
        data = [SimData(0, values=words, datatype=DataType.REGISTERS)]
        server = ModbusTcpServer(SimDevice(id=1, simdata=data), address=("127.0.0.1", 0))
        await server.serve_forever(background=True)
        return server, server.transport.sockets[0].getsockname()[1]

    server, port = asyncio.run_coroutine_threadsafe(up(), loop).result(5)
    yield f"modbus+tcp://127.0.0.1:{port}?unit=1&timeout=2"
    asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def test_a_server_that_others_wrote_is_read_and_set(pymodbus_server: str, connected: Make) -> None:
    meter = connected(Meter, pymodbus_server)
    assert meter.read("flow", "total") == (2.5, 1234.5)
    meter.target = 321
    assert meter.target == 321.0


def test_a_server_that_others_wrote_refuses_what_it_has_not(
    pymodbus_server: str, connected: Make
) -> None:
    class Beyond(Instrument):
        protocol = Modbus()
        nothing = Reading(holding(500), unit="1")

    with pytest.raises(ModbusError, match="no such register"):
        _ = connected(Beyond, pymodbus_server).nothing


def test_a_reading_fails_cleanly_while_nobody_listens(
    device: Device, tcp_peer: Make, connected: Make
) -> None:
    peer = tcp_peer(lambda _: [], tcp_frames)
    meter = connected(Meter, f"modbus+tcp://{peer.address}?timeout=0.1")
    for _ in range(3):
        with pytest.raises(NoReplyError):
            _ = meter.flow
    peer.answer = device.tcp
    assert meter.flow == 2.5
