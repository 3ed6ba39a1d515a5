"""Rows beside the protocols: several channels, a block, a million readings, scattered registers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from peers import BLOCK, FLOATS, served

from benchctl.acquire import estimate
from benchctl.core.clock import RealClock
from benchctl.core.ports import NullSink
from benchctl.driver import Instrument, Modbus, Reading, Scpi, Setting, array, holding
from benchctl.links import LinkFactory

Ways = dict[str, Callable[[], object]]
SCATTERED = tuple(5 * n for n in range(20))


class Meter(Instrument):
    protocol = Scpi(errors="", compound=True)
    a = Reading("MEAS:A?", unit="V", doc="First.")
    b = Reading("MEAS:B?", unit="V", doc="Second.")
    c = Reading("MEAS:C?", unit="V", doc="Third.")
    d = Reading("MEAS:D?", unit="V", doc="Fourth.")
    level = Setting("VOLT", unit="V", low=0.0, high=10.0, doc="Output.")

    def make_safe(self) -> None:
        """Do nothing: it is no real instrument."""


class Scope(Instrument):
    protocol = Scpi(errors="")
    trace = Reading("CURV?", kind=array("<f4"), doc="A trace.")


class Registers(Instrument):
    protocol = Modbus()
    locals().update(
        {f"r{n}": Reading(holding(n, "u16"), unit="1", doc="A register.") for n in SCATTERED}
    )


@dataclass(frozen=True, slots=True)
class Task:
    """What is measured in several ways; `n` calls a repeat."""

    name: str
    n: int
    ways: Ways


def connected(stack: ExitStack, port: str) -> socket.socket:
    """Return a connection without delay that the stack closes."""
    peer = stack.enter_context(socket.create_connection(("127.0.0.1", int(port))))
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def ours(stack: ExitStack, kind: type[Instrument], address: str) -> Any:
    """Return an instrument of ours at an address, that the stack closes."""
    factory = LinkFactory(RealClock(), NullSink())
    stack.callback(factory.close)
    link, options = factory.open(address, "it")
    return kind(link, options, name="it")


class _Bench:
    """Peers, sockets and links that are closed together."""

    def __init__(self, stack: ExitStack, cpu: int) -> None:
        self._stack, self._cpu = stack, cpu

    def served(self, kind: str, delay: float = 0.0) -> str:
        return self._stack.enter_context(served(kind, delay=delay, cpu=self._cpu))

    def socket(self, port: str) -> socket.socket:
        return connected(self._stack, port)

    def ours(self, kind: type[Instrument], address: str) -> Any:
        return ours(self._stack, kind, address)

    def visa(self, port: str) -> Any:
        import pyvisa

        manager = pyvisa.ResourceManager("@py")
        self._stack.callback(manager.close)
        resource: Any = manager.open_resource(f"TCPIP::127.0.0.1::{port}::SOCKET")
        resource.read_termination = resource.write_termination = "\n"
        return resource


def _channels(bench: _Bench) -> Task:
    port = bench.served("lines")
    visa = bench.visa(port)
    meter = bench.ours(Meter, f"TCPIP::127.0.0.1::{port}::SOCKET")
    queries = [f"MEAS:{letter}?" for letter in "ABCD"]
    ways: Ways = {
        "pyvisa-py, 1 query": lambda: float(visa.query(queries[0])),
        "pyvisa-py, 4 queries": lambda: [float(visa.query(query)) for query in queries],
        "benchctl, 1 channel": meter.reader("a"),
        "benchctl, 4 channels in one message": meter.reader("a", "b", "c", "d"),
    }
    return Task("four channels of one instrument", 400, ways)


def _block(bench: _Bench) -> Task:
    port = bench.served("block")
    peer, buffer = bench.socket(port), bytearray(len(BLOCK))

    def raw() -> object:
        peer.sendall(b"CURV?\n")
        rest = memoryview(buffer)
        while rest:
            rest = rest[peer.recv_into(rest) :]
        return np.frombuffer(buffer, dtype="<f4", count=FLOATS, offset=8)

    scope = bench.ours(Scope, f"TCPIP::127.0.0.1::{port}::SOCKET")
    ways: Ways = {"recv_into + frombuffer": raw, "benchctl": scope.reader("trace")}
    return Task("a block of 100,000 float32", 30, ways)


def _million(_bench: _Bench) -> Task:
    t = np.arange(1_000_000) * 1e-3
    x = 10.0 + 1e-4 * np.random.default_rng(1).standard_normal(t.size)
    ways: Ways = {
        "numpy mean + std": lambda: (np.mean(x), np.std(x, ddof=1)),
        "benchctl mean, s, n_eff, drift": lambda: estimate(t, x),
    }
    return Task("a million readings", 2, ways)


def _registers(bench: _Bench) -> Iterator[Task]:
    from pymodbus.client import ModbusTcpClient

    for delay, n in ((0.0, 40), (0.005, 2)):
        port = bench.served("modbus", delay)
        client: Any = ModbusTcpClient("127.0.0.1", port=int(port))
        client.connect()
        ours = bench.ours(Registers, f"modbus+tcp://127.0.0.1:{port}?unit=1")

        def singles(client: Any = client) -> object:
            return [client.read_holding_registers(at, count=1).registers for at in SCATTERED]

        def whole(client: Any = client) -> object:
            return client.read_holding_registers(0, count=SCATTERED[-1] + 1).registers

        ways: Ways = {
            "pymodbus, 20 requests": singles,
            "pymodbus, one request for all 96": whole,
            "benchctl, as planned": ours.reader(*(f"r{at}" for at in SCATTERED)),
        }
        slow = " that takes 5 ms to answer" if delay else ""
        yield Task(f"20 scattered registers of a Modbus TCP device{slow}", n, ways)


def _write_query(bench: _Bench) -> Task:
    port = bench.served("lines")
    visa, peer = bench.visa(port), bench.socket(port)
    meter = bench.ours(Meter, f"TCPIP::127.0.0.1::{port}::SOCKET")
    read = meter.reader("a")

    def by_visa() -> object:
        visa.write("VOLT 1.5")
        return float(visa.query("MEAS:A?"))

    def by_socket() -> object:
        peer.sendall(b"VOLT 1.5\n")
        peer.sendall(b"MEAS:A?\n")
        return float(peer.recv(4096))

    def by_us() -> object:
        meter.write("level", 1.5)
        return read()

    ways: Ways = {"socket, no delay": by_socket, "pyvisa-py": by_visa, "benchctl": by_us}
    return Task("a setting, then a query", 10, ways)


@contextmanager
def tasks(cpu: int) -> Iterator[Iterator[Task]]:
    """Give the tasks, each made when it is asked for."""
    with ExitStack() as stack:
        bench = _Bench(stack, cpu)

        def all_of_them() -> Iterator[Task]:
            yield _channels(bench)
            yield _write_query(bench)
            yield _block(bench)
            yield from _registers(bench)
            yield _million(bench)

        yield all_of_them()
