"""Programs that nobody here wrote: Gurux's DLMS client, the dlt645 package's meter, iec62056-21.

They are peers of the tests only (extra `peers`; Gurux's is GPL) and left out where not installed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.driver import Dlt645, Instrument, Reading
from benchctl.driver import iec62056_frames as iec
from benchctl.simulation import (
    DlmsMeter,
    ServedInstrument,
    SimulatedInstrument,
    Wire,
    cosem_scaler,
    cosem_text,
    cosem_unsigned,
    hdlc_line,
    wrapper_line,
)

Make = Callable[..., Any]


def gurux_reads(served: ServedInstrument, password: str, wrapper: bool) -> dict[str, Any]:
    """Return what Gurux's client reads from our simulated meter, over a real socket."""
    client_module = pytest.importorskip("gurux_dlms.GXDLMSClient")
    from gurux_dlms.enums import Authentication, InterfaceType
    from gurux_dlms.GXByteBuffer import GXByteBuffer
    from gurux_dlms.GXReplyData import GXReplyData
    from gurux_dlms.objects import GXDLMSData, GXDLMSRegister

    kind = InterfaceType.WRAPPER if wrapper else InterfaceType.HDLC
    way = Authentication.LOW if password else Authentication.NONE
    client = client_module.GXDLMSClient(True, 1 if password else 16, 1, way, password, kind)
    host, _, port = served.address.rpartition(":")
    with socket.create_connection((host, int(port)), 5.0) as wire:

        def ask(message: bytes) -> Any:
            wire.sendall(bytes(message))
            got, notify, heard = GXReplyData(), GXReplyData(), GXByteBuffer()
            while not client.getData(heard, got, notify):
                heard.set(bytearray(wire.recv(4096)))
            while got.isMoreData():
                wire.sendall(bytes(client.receiverReady(got)))
                more = GXByteBuffer(bytearray(wire.recv(4096)))
                while not client.getData(more, got, notify):
                    more.set(bytearray(wire.recv(4096)))
            if got.error:
                raise RuntimeError(got.error)
            return got

        if not wrapper:
            client.parseUAResponse(ask(client.snrmRequest()).data)
        for message in client.aarqRequest():
            reply = ask(message)
        client.parseAareResponse(reply.data)
        register, number = GXDLMSRegister("1.0.1.8.0.255"), GXDLMSData("0.0.96.1.0.255")
        for item, attribute in ((register, 3), (register, 2), (number, 2)):
            for message in client.read(item, attribute):
                client.updateValue(item, attribute, ask(message).value)
    return {"energy": register.value, "unit": register.unit.name, "number": number.value}


@pytest.mark.parametrize("wrapper", [False, True])
def test_gurux_s_client_reads_our_simulated_meter(wrapper: bool) -> None:
    """So that the meter which our driver is checked against speaks as others understand it."""
    objects = {
        (3, "1.0.1.8.0.255", 2): lambda _: cosem_unsigned(123456),
        (3, "1.0.1.8.0.255", 3): lambda _: cosem_scaler(1, 30),
        (1, "0.0.96.1.0.255", 2): lambda _: cosem_text("0123456789" * 30),
    }
    meter = DlmsMeter(objects, password="12345678", block=150)
    bus = wrapper_line(Wire(), meter) if wrapper else hdlc_line(Wire(), meter, medium="tcp")
    simulated = SimulatedInstrument(bus, at="{location}", shows=dict)
    with ServedInstrument(simulated, VirtualClock()) as served:
        told = gurux_reads(served, "12345678", wrapper)
    assert told == {"energy": 1234560.0, "unit": "ACTIVE_ENERGY", "number": "0123456789" * 30}


class Electricity(Instrument):
    protocol = Dlt645(2007)
    energy = Reading("00000000", unit="kWh")
    voltage = Reading("02010100", unit="V")
    frequency = Reading("02800002", unit="Hz")
    power = Reading("02030000", unit="kW")


@pytest.fixture
def dlt645_peer() -> Iterator[int]:
    """Serve the dlt645 package's meter; return its port."""
    package = pytest.importorskip("dlt645")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meter = package.MeterServerService.new_tcp_server("127.0.0.1", port, 5.0)
    meter.set_address(bytes.fromhex("121078563412"))  # it wants the order of the wire
    meter.set_00(0x00000000, 1234.56)
    meter.set_02(0x02010100, 220.5)
    meter.set_02(0x02800002, 50.01)
    meter.set_02(0x02030000, -1.1003)
    meter.server.start()
    yield port
    meter.server.stop()


def test_the_dlt645_package_s_meter_is_read(dlt645_peer: int, connected: Make) -> None:
    address = f"serial+tcp://127.0.0.1:{dlt645_peer}?address=123456781012&timeout=2"
    meter = connected(Electricity, address)
    assert "123456781012" in meter.connect().text
    assert meter.read("energy", "voltage", "frequency") == (1234.56, 220.5, 50.01)
    assert meter.power == -1.1003


def test_our_messages_are_those_of_the_iec62056_21_package() -> None:
    messages = pytest.importorskip("iec62056_21.messages")
    assert iec.request_message("123") == messages.RequestMessage("123").to_bytes()
    option = messages.AckOptionSelectMessage(baud_char="5", mode_char="0").to_bytes()
    assert iec.option_message("5", "0") == option
    command = messages.CommandMessage.for_single_read("1.8.0").to_bytes()
    assert iec.command_message("R1", "1.8.0()") == command
    content = "1.8.0(000123.456*kWh)\r\n1.6.0(5.75*kW)(2601311215)\r\n!\r\n"
    read = messages.ReadoutDataMessage.from_bytes(iec.block_message(content))
    (line, *_) = iec.decode_readout(iec.block_message(content))
    first = read.data_block.data_lines[0].data_sets[0]
    assert (first.address, (first.value, first.unit)) == (line.address, line.values[0])
    ident = messages.IdentificationMessage.from_bytes(b"/GRX512345678\r\n")
    ours = iec.decode_ident(b"/GRX512345678\r\n")
    # the package drops the first character of the type
    assert (ours.maker, ours.baud) == (ident.manufacturer, ident.switchover_baudrate_char)
