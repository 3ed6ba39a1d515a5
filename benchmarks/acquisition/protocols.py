"""One row per protocol: a reading by us, by the bare library, and the same bytes with nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from replay import Tape, recorded, replayed

from benchctl.core.clock import RealClock
from benchctl.core.ports import NullSink
from benchctl.links import LinkFactory

Ways = dict[str, Callable[[], object]]
PROTOCOLS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "SCPI, socket": ("keysight_34465a", ("dc_voltage",), "pyvisa-py"),
    "SCPI, serial": ("hp_34401a", ("dc_voltage",), "pyserial"),
    "Modbus TCP": ("meter_test_source", (), "pymodbus"),
    "Modbus RTU": ("endress_proline", ("volume_flow",), "pymodbus"),
    "MT-SICS": ("mettler_mtsics", (), "pyserial"),
    "SBI": ("sartorius_sbi", (), "pyserial"),
    "Julabo": ("julabo_fp", ("temperature",), "pyserial"),
    "Vaisala": ("vaisala_ptb330", (), "pyserial"),
    "Hart": ("fluke_7341", (), "pyserial"),
    "DL/T 645": ("dlt645_meter", ("energy",), "pyserial"),
    "CJ/T 188": ("cjt188_meter", ("volume",), "pyserial"),
    "M-Bus": ("mbus_meter", ("volume",), "pyserial + pyMeterBus"),
    "IEC 62056-21": ("iec62056_meter", (), "pyserial"),
    "DLMS/COSEM, HDLC": ("dlms_meter", ("energy",), "pyserial + dlms-cosem"),
    "Radian": ("radian_rd", ("voltage",), "pyserial"),
    "ZERA": ("zera_rmm3006", (), "pyserial"),
    "GFUVE": ("gfuve_gf333b", (), "pyserial"),
    "RO-ASCII": ("rotronic_hc2", ("humidity",), "pyserial"),
}
"""Driver, channels (default: its first number), the library that it is compared with."""
OURS, RAW = "benchctl", "raw"


@dataclass(frozen=True, slots=True)
class Setup:
    """A protocol that is ready to be measured; `exchanges` of one reading, `size` in bytes."""

    name: str
    library: str
    ways: Ways
    exchanges: int
    size: int


@contextmanager
def setup(name: str, cpu: int) -> Iterator[Setup]:
    """Serve a protocol and give the ways to read it."""
    driver, channels, library = PROTOCOLS[name]
    tape = recorded(driver, channels or _first(driver))
    size = sum(len(asked) + len(told) for asked, told in tape.once)
    with ExitStack() as stack:
        _any_transaction(tape)
        raw, other, own = (stack.enter_context(replayed(tape, cpu=cpu)) for _ in range(3))
        ways: Ways = {RAW: _raw(raw, tape, stack)}
        ways[library] = _library(library, other, tape, stack)
        ways[OURS] = _ours(own, tape, stack)
        yield Setup(name, library, ways, len(tape.once), size)


def _first(driver: str) -> tuple[str, ...]:
    from benchctl.core.places import bundled
    from benchctl.drivers import Shelf
    from benchctl.workshop.values import is_number

    found = Shelf([bundled("drivers")]).find(driver)
    patient = getattr(found.protocol, "patience", {})
    names = [
        name
        for name, channel in found.channels.items()
        if is_number(channel) and getattr(channel.address, "query", channel.address) not in patient
    ]
    return (names[0],)


def _any_transaction(tape: Tape) -> None:
    """Let the tape of a Modbus TCP instrument answer under every transaction id."""
    if not tape.at.startswith("modbus+tcp"):
        return
    asked, told = tape.once[0]
    for number in range(1 << 16):
        tag = number.to_bytes(2, "big")
        tape.pairs[tag + asked[2:]] = tag + told[2:]


def _opened(location: str, tape: Tape, stack: ExitStack) -> int:
    """Return the file descriptor of a terminal or a connection."""
    if tape.medium == "pty":
        fd = os.open(location, os.O_RDWR | os.O_NOCTTY)
        stack.callback(os.close, fd)
        return fd
    host, _, port = location.partition(":")
    peer = stack.enter_context(socket.create_connection((host, int(port))))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer.fileno()


def _raw(location: str, tape: Tape, stack: ExitStack) -> Callable[[], bytes]:
    """Return what sends the bytes of a reading and takes what comes, and understands nothing."""
    fd, once = _opened(location, tape, stack), tape.once

    def exchange() -> bytes:
        reply = b""
        for asked, told in once:
            os.write(fd, asked)
            reply = os.read(fd, 4096)
            while len(reply) < len(told):
                reply += os.read(fd, 4096)
        return reply

    return exchange


def _ours(location: str, tape: Tape, stack: ExitStack) -> Callable[[], object]:
    factory = LinkFactory(RealClock(), NullSink())
    stack.callback(factory.close)
    host, _, port = location.rpartition(":")
    address = tape.at.format(location=location, host=host, port=port)
    link, options = factory.open(address, tape.name)
    instrument = tape.driver(link, options, name=tape.name)
    instrument.connect()
    read: Callable[[], object] = instrument.reader(*tape.channels)
    return read


def _library(library: str, location: str, tape: Tape, stack: ExitStack) -> Callable[[], object]:
    if library == "pyvisa-py":
        return _pyvisa(location, tape, stack)
    if library == "pymodbus":
        return _pymodbus(location, tape, stack)
    exchange = _pyserial(location, tape, stack)
    if "pyMeterBus" in library:
        import meterbus

        def told() -> object:
            long = [reply for reply in exchange() if reply[:1] == b"\x68"]
            return [[record.value for record in meterbus.load(reply).records] for reply in long]

        return told
    if "dlms-cosem" in library:
        from dlms_cosem.connection import XDlmsApduFactory
        from dlms_cosem.hdlc.frames import InformationFrame

        def decoded() -> object:
            frame = InformationFrame.from_bytes(exchange()[-1])
            return XDlmsApduFactory.apdu_from_bytes(frame.payload[3:])

        return decoded
    return exchange


def _pyvisa(location: str, tape: Tape, stack: ExitStack) -> Callable[[], object]:
    import pyvisa

    manager = pyvisa.ResourceManager("@py")
    stack.callback(manager.close)
    host, _, port = location.partition(":")
    resource: Any = manager.open_resource(f"TCPIP::{host}::{port}::SOCKET")
    resource.read_termination = resource.write_termination = "\n"
    query = tape.once[0][0].decode().strip()
    return lambda: float(resource.query(query))


def _pymodbus(location: str, tape: Tape, stack: ExitStack) -> Callable[[], object]:
    from pymodbus.client import ModbusSerialClient, ModbusTcpClient

    asked, _ = tape.once[0]
    pdu = asked[7:] if tape.medium == "tcp" else asked[1:-2]
    start, count = int.from_bytes(pdu[1:3], "big"), int.from_bytes(pdu[3:5], "big")
    client: Any
    if tape.medium == "tcp":
        host, _, port = location.partition(":")
        client = ModbusTcpClient(host, port=int(port))
    else:
        client = ModbusSerialClient(location, baudrate=19200)
    client.connect()
    stack.callback(client.close)
    read = client.read_holding_registers if pdu[0] == 3 else client.read_input_registers
    order = "little" if tape.driver.protocol.order == "CDAB" else "big"
    kind = client.DATATYPE.FLOAT32 if count == 2 else client.DATATYPE.UINT16

    def once() -> object:
        registers = read(start, count=count, device_id=1).registers
        return client.convert_from_registers(registers, kind, word_order=order)

    return once


def _pyserial(location: str, tape: Tape, stack: ExitStack) -> Callable[[], list[bytes]]:
    """Return what a program with pyserial does at best: it knows how many bytes will come."""
    import serial

    if tape.medium == "tcp":
        line: Any = serial.serial_for_url(f"socket://{location}", timeout=1)
    else:
        line = serial.Serial(location, 115200, timeout=1)
    stack.callback(line.close)
    once = tape.once

    def exchange() -> list[bytes]:
        replies = []
        for asked, told in once:
            line.write(asked)
            replies.append(line.read(len(told)))
        return replies

    return exchange
