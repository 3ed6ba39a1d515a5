"""What hangs on a bus, as data, and how it becomes servers.

A bench declares its buses; when it starts they are put on ptys, TCP ports or, for SCPI instruments
in the same process, behind a VISA library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal, Protocol

from benchctl.core.clock import Clock
from benchctl.core.ports import Peer
from benchctl.simulation.cjt188 import Cjt188Meter, Cjt188Server
from benchctl.simulation.lines import TextDevice, TextServer
from benchctl.simulation.modbus import ModbusServer
from benchctl.simulation.ports import Port, PtyPort, TcpPort
from benchctl.simulation.registers import ModbusUnit
from benchctl.simulation.scpi import ScpiInstrument, ScpiServer
from benchctl.simulation.server import LineServer, Wire
from benchctl.simulation.trouble import Trouble

Exposure = Literal["process", "sockets"]
Medium = Literal["pty", "tcp"]


@dataclass(frozen=True, slots=True)
class ModbusBus:
    """Units on one Modbus line or port; `rtu` framing, over a pty or TCP."""

    wire: Wire
    units: Mapping[int, ModbusUnit]
    medium: Medium = "pty"
    rtu: bool = True


@dataclass(frozen=True, slots=True)
class Cjt188Bus:
    """Meters on one CJ/T 188 line."""

    wire: Wire
    meters: Sequence[Cjt188Meter]


@dataclass(frozen=True, slots=True)
class ScpiBus:
    """One SCPI instrument; `end` ends its messages, both ways."""

    wire: Wire
    instrument: ScpiInstrument
    medium: Medium = "tcp"
    end: bytes = b"\n"


@dataclass(frozen=True, slots=True)
class TextBus:
    """One device that answers lines with lines, each ended by `end`.

    Where what it says ends otherwise, that is `reply_end`; b"" where the device says that itself.
    """

    wire: Wire
    device: TextDevice
    medium: Medium = "pty"
    end: bytes = b"\r\n"
    reply_end: bytes | None = None


@dataclass(frozen=True, slots=True)
class CustomBus:
    """A server of the bench's own: `make(clock, port)`."""

    make: Callable[[Clock, Port], LineServer]
    medium: Medium = "pty"


Bus = ModbusBus | Cjt188Bus | ScpiBus | TextBus | CustomBus


class ServedBus(Protocol):
    """A bus that is being served."""

    trouble: Trouble

    def plug(self) -> None:
        """Let it come back."""
        ...

    def unplug(self) -> None:
        """Let it disappear."""
        ...


@dataclass(slots=True)
class Served:
    """The buses of a bench while it runs."""

    locations: dict[str, str] = field(default_factory=dict)
    buses: dict[str, ServedBus] = field(default_factory=dict)
    visa_library: object | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def attend(self) -> dict[str, Peer]:
        """Let whoever writes be answered in its own thread; return the servers by location."""
        peers: dict[str, Peer] = {}
        for server in self.buses.values():
            if isinstance(server, LineServer) and server.attend():
                peers[server.location] = server
        return peers

    def close(self) -> None:
        """End all servers."""
        self._stack.close()

    def keep(self, server: LineServer) -> LineServer:
        """Start a server that ends with the bench."""
        self._stack.enter_context(server)
        return server


def expose_on(clock: Clock, buses: Mapping[str, Bus], expose: Exposure) -> Served:
    """Start a server for every bus; if one fails to start, none is left."""
    served = Served()
    in_process: dict[str, ScpiBus] = {}
    try:
        for name, bus in buses.items():
            if isinstance(bus, ScpiBus) and expose == "process":
                in_process[name] = bus
                continue
            server = served.keep(_server(clock, name, bus))
            served.buses[name] = server
            scpi = isinstance(bus, ScpiBus)
            served.locations[name] = _socket_resource(server) if scpi else server.location
        if in_process:
            _expose_visa(clock, in_process, served)
    except BaseException:
        served.close()
        raise
    return served


def _server(clock: Clock, name: str, bus: Bus) -> LineServer:
    return server_on(clock, port_for(bus, name), bus)


def port_for(bus: Bus, name: str = "line") -> Port:
    """Return the kind of port that a bus is met at, not open yet; a terminal is called `name`."""
    medium = "pty" if isinstance(bus, Cjt188Bus) else bus.medium
    return TcpPort() if medium == "tcp" else PtyPort(name)


def server_on(clock: Clock, port: Port, bus: Bus) -> LineServer:
    """Return the server of a bus, to be met at `port`."""
    match bus:
        case ModbusBus():
            return ModbusServer(clock, port, bus.wire, bus.units, rtu=bus.rtu)
        case Cjt188Bus():
            return Cjt188Server(clock, port, bus.wire, bus.meters)
        case ScpiBus():
            return ScpiServer(clock, port, bus.wire, bus.instrument, end=bus.end)
        case TextBus():
            return TextServer(
                clock, port, bus.wire, bus.device, end=bus.end, reply_end=bus.reply_end
            )
        case CustomBus():
            return bus.make(clock, port)


def _socket_resource(server: LineServer) -> str:
    host, _, port = server.location.rpartition(":")
    return f"TCPIP::{host}::{port}::SOCKET"


def _expose_visa(clock: Clock, buses: Mapping[str, ScpiBus], served: Served) -> None:
    from benchctl.simulation.visa import SimulatedVisa, VisaDevice

    devices = {}
    for name, bus in buses.items():
        resource = f"TCPIP0::{name.removeprefix('sim.')}::inst0::INSTR"
        devices[resource] = VisaDevice(clock, bus.wire, bus.instrument)
        served.locations[name] = resource
        served.buses[name] = devices[resource]
    served.visa_library = SimulatedVisa.of(devices)
