"""Opens links by address; instruments at one physical port share it and its bus.

    factory = LinkFactory(clock, sink)
    link, options = factory.open("modbus+rtu:///dev/ttyUSB0?baud=19200&unit=3", "pump")
    factory.close()

For a simulated bench `locations` says where its names (`sim.line1`) really are, `visa_library` is
the library that simulates its VISA instruments, and `peers` are the far ends, by location, that
answer only when they are told that something was written.

A wait inside an exchange, however long, ends when the run is stopped: the links look every 0.1 s
at what `watch` was given. Only pyvisa's own waits (USB, GPIB, VXI-11) last to their deadline: a
read that is cut there may lose half a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchctl.core.clock import Clock
from benchctl.core.errors import LinkError
from benchctl.core.events import LinkNoted
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink, Peer
from benchctl.links.address import DEFAULT_PORT, Address, AddressError, Line, endpoint
from benchctl.links.address import parse_address as parse
from benchctl.links.bus import Bus
from benchctl.links.link import TIMEOUT, Link, NoWire
from benchctl.links.port import Port, Watch
from benchctl.links.serial_line import is_pty, open_line
from benchctl.links.sockets import open_socket
from benchctl.links.stream import StreamLink
from benchctl.links.visa import VisaLink, open_resource, visa_bus

_FRAMING = {"modbus+tcp": "tcp", "modbus+rtu": "rtu", "modbus+rtu+tcp": "rtu"}


class LinkFactory:
    """The one maker of links of a bench; close it to close them all."""

    def __init__(
        self,
        clock: Clock,
        sink: EventSink,
        *,
        visa_library: Any = None,
        locations: Mapping[str, str] | None = None,
        peers: Mapping[str, Peer] | None = None,
    ) -> None:
        self._clock = clock
        self._sink = sink
        self._visa_library = visa_library
        self._locations = dict(locations or {})
        self._peers = dict(peers or {})
        self._buses: dict[str, Bus] = {}
        self._ports: dict[str, Port] = {}
        self._lines: dict[str, Line] = {}
        self._visa: list[VisaLink] = []
        self._manager: Any = None
        self._watch = Watch()

    def watch(self, look: Callable[[], None]) -> None:
        """Let every wait of the links call `look` from time to time; what it raises ends the wait.

        What `look` raises must be no `InstrumentError`: it would be taken for the instrument's.
        """
        self._watch.look = look

    def open(self, address: str, instrument: str) -> tuple[Link, dict[str, str]]:
        """Return a link to `address` for `instrument`, and the options for its protocol.

        Raises:
            AddressError: the address is wrong, or another instrument set the line up differently.
            LinkError: the port cannot be opened.
        """
        parsed = parse(address)
        options = dict(parsed.options)
        if parsed.scheme == "manual":
            return NoWire(address, instrument, self._clock), options
        location = self._located(parsed)
        if parsed.scheme == "visa":
            socket = _visa_socket(location)
            if self._visa_library is not None or socket is None:
                return self._open_visa(parsed, location, instrument), options
            location = socket
        if parsed.line is not None:
            return self._open_serial(parsed, location, parsed.line, instrument), options
        host, port = endpoint(address, location, DEFAULT_PORT.get(parsed.scheme))
        name = f"{host}:{port}"
        shared = Port(lambda: open_socket(host, port, self._peers.get(location)), lost="hung-up")
        return self._link(parsed, shared, name, instrument, 0.0), options

    def close(self) -> None:
        """Close every port."""
        for name, port in self._ports.items():
            with self._buses[name]:
                port.shut()
        for link in self._visa:
            link.close()
        self._ports.clear()
        self._visa.clear()
        if self._manager is not None:
            self._manager.close()
            self._manager = None

    def _located(self, parsed: Address) -> str:
        if parsed.location in self._locations:
            return self._locations[parsed.location]
        if parsed.simulated:
            raise LinkError(
                msg("links.not-simulated", address=parsed.text, location=parsed.location),
                hint=msg("links.hint-not-simulated"),
            )
        return parsed.location

    def _bus(self, name: str) -> Bus:
        return self._buses.setdefault(name, Bus(name, self._clock))

    def _shared(self, name: str, port: Port, instrument: str) -> Port:
        """Return the open port `name`: the one already in use, else `port`, opened now."""
        if name not in self._ports:
            note = port.open()
            if note:
                self._sink.emit(LinkNoted("parity-ignored", instrument, "", f"{name}: {note}"))
            self._ports[name] = port
        return self._ports[name]

    def _open_serial(self, parsed: Address, path: str, line: Line, instrument: str) -> Link:
        name = str(Path(path).resolve()) if path.startswith("/") else path
        other = self._lines.get(name, line)
        if other != line and name in self._ports:
            raise AddressError(
                msg("links.line-differs", address=parsed.text, line=str(line), other=str(other))
            )
        peer = self._peers.get(path)
        paced = peer is None and not is_pty(path)
        port = Port(lambda: open_line(path, line, peer), paced=paced)
        link = self._link(parsed, port, name, instrument, line.char_time)
        self._lines[name] = line
        return link

    def _link(
        self, parsed: Address, port: Port, name: str, instrument: str, char_time: float
    ) -> Link:
        return StreamLink(
            self._shared(name, port, instrument),
            self._bus(name),
            address=parsed.text,
            instrument=instrument,
            sink=self._sink,
            timeout=parsed.timeout or TIMEOUT,
            framing=_FRAMING.get(parsed.scheme, ""),
            char_time=char_time,
            watch=self._watch,
        )

    def _open_visa(self, parsed: Address, resource: str, instrument: str) -> Link:
        if self._manager is None:
            import pyvisa

            self._manager = pyvisa.ResourceManager(self._visa_library or "@py")
        manager = self._manager
        link = VisaLink(
            lambda: open_resource(manager, resource),
            self._bus(visa_bus(resource)),
            address=parsed.text,
            instrument=instrument,
            sink=self._sink,
            timeout=parsed.timeout or TIMEOUT,
            watch=self._watch,
        )
        self._visa.append(link)
        return link


def _visa_socket(resource: str) -> str | None:
    """Return host:port of a raw socket resource: our own socket has no delay and sees its end."""
    parts = resource.split("::")
    if len(parts) == 4 and parts[0].upper().startswith("TCPIP") and parts[3].upper() == "SOCKET":
        return f"{parts[1]}:{parts[2]}"
    return None
