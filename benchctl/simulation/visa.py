"""SCPI instruments in this process, met through pyvisa: pyvisa-sim without its traps.

pyvisa-sim 0.7.1 opens resources that are not there, keeps a stale answer for the next query, knows
no `clear` and no latency. Here an unknown or unplugged resource fails at open, a new message drops
an unread answer and queues error -410, and a write takes the bench time of the whole exchange in
the client's own thread: when it returns, the instrument has acted.

    library = SimulatedVisa.of({"TCPIP0::counter::inst0::INSTR": VisaDevice(clock, wire, counter)})
    pyvisa.ResourceManager(library).open_resource("TCPIP0::counter::inst0::INSTR")

Importing this module imports pyvisa and pyvisa-sim.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pyvisa import rname
from pyvisa.constants import EventMechanism, EventType, StatusCode
from pyvisa.errors import VisaIOError
from pyvisa_sim.devices import Device, Devices
from pyvisa_sim.highlevel import SimVisaLibrary

from benchctl.core.clock import Clock, Deadline
from benchctl.simulation.scpi import INTERRUPTED, ScpiInstrument
from benchctl.simulation.server import Wire
from benchctl.simulation.trouble import Trouble

REQUESTED = 0x40
"""Bit of the status byte: service is requested."""
LOOK_EVERY = 0.001
"""Seconds of bench time between two looks at whether it is."""


class VisaDevice(Device):  # type: ignore[misc]  # pyvisa-sim has no types
    """One instrument behind one resource name."""

    def __init__(self, clock: Clock, wire: Wire, instrument: ScpiInstrument) -> None:
        super().__init__("simulated", delimiter=b"")
        self._clock = clock
        self._wire = wire
        self._instrument = instrument
        self._lock = threading.RLock()
        self._unread = bytearray()
        self._typed = bytearray()
        self._ready = Deadline(0.0)
        self._name: str | None = None
        self.trouble = Trouble()
        self.plugged = True

    @property
    def resource_name(self) -> str | None:
        """The name under which the device was added."""
        return self._name

    @resource_name.setter
    def resource_name(self, value: str) -> None:
        self._name = str(rname.parse_resource_name(value))

    def write(self, data: bytes) -> None:
        """Take a message; on a SOCKET resource it ends with LF, else with the transfer."""
        self._need_plug()
        with self._lock:
            self._typed += data
            line_by_line = self._name is not None and self._name.endswith("SOCKET")
            if line_by_line and not self._typed.endswith(b"\n"):
                return
            message = bytes(self._typed)
            self._typed.clear()
            if self._unread:
                self._unread.clear()
                self._instrument.fail(INTERRUPTED)
            self._exchange(message)

    def _exchange(self, message: bytes) -> None:
        self._clock.sleep(self._wire.time(len(message)) + self._wire.turnaround)
        text = message.decode("latin-1").strip()
        reply, seconds = self._instrument.execute(text, self._clock.now())
        self._clock.sleep(seconds)
        if reply is None:
            return
        spoilt = self.trouble.meet(reply.encode("latin-1") + b"\n", 0)
        if spoilt.reply is not None:
            self._clock.sleep(self._wire.time(len(spoilt.reply)))
            self._ready = Deadline(spoilt.delay)
            self._unread += spoilt.reply

    def read(self) -> tuple[bytes, bool]:
        """Return the next byte and whether the message ends with it."""
        self._need_plug()
        with self._lock:
            if not self._unread or not self._ready.over:
                return b"", False
            first = bytes([self._unread.pop(0)])
            return first, not self._unread

    def plug(self) -> None:
        """Let the instrument come back."""
        self.plugged = True

    def unplug(self) -> None:
        """Let the instrument disappear: it cannot be opened, and open sessions have lost it."""
        self.plugged = False
        self.forget()

    def forget(self) -> None:
        """Drop what was not read and what was not finished."""
        with self._lock:
            self._unread.clear()
            self._typed.clear()

    def status_byte(self) -> int:
        """Return the status byte as a serial poll does."""
        self._need_plug()
        self._clock.sleep(self._wire.turnaround)
        return self._instrument.status(bool(self._unread), self._clock.now())

    def await_request(self, seconds: float) -> bool:
        """Let bench time pass until service is requested, at most so long; return whether it is."""
        self._need_plug()
        over = self._clock.now() + seconds
        while not self._instrument.status(bool(self._unread), self._clock.now()) & REQUESTED:
            if self._clock.now() >= over:
                return False
            self._clock.sleep(LOOK_EVERY)
        return True

    def _need_plug(self) -> None:
        if not self.plugged:
            raise VisaIOError(StatusCode.error_connection_lost)


class SimulatedVisa(SimVisaLibrary):  # type: ignore[misc]  # pyvisa-sim has no types
    """A VISA library of simulated devices only; made by `of`."""

    devices: Devices

    @classmethod
    def of(cls, devices: Mapping[str, VisaDevice]) -> SimulatedVisa:
        """Return a library with these devices by resource name.

        pyvisa keeps one library per path; a path of its own keeps two benches apart.
        """
        library: SimulatedVisa = cls(f"benchctl-{uuid4()}")
        for name, device in devices.items():
            library.devices.add_device(rname.to_canonical_name(name), device)
        return library

    def _init(self) -> None:
        self.sessions: dict[Any, Any] = {}
        self.devices = Devices()

    def open(self, session: Any, resource_name: str, *args: Any, **more: Any) -> tuple[Any, Any]:
        """Open a resource.

        Raises:
            VisaIOError: it is not there.
        """
        opened, status = super().open(session, resource_name, *args, **more)
        if status < 0 or not self._device(opened).plugged:
            self.sessions.pop(opened, None)
            raise VisaIOError(status if status < 0 else StatusCode.error_resource_not_found)
        return opened, status

    def _device(self, session: Any) -> VisaDevice:
        device: VisaDevice = self.sessions[session].device
        return device

    def clear(self, session: Any) -> StatusCode:
        """Clear the device's buffers."""
        self._device(session).forget()
        return StatusCode.success

    def flush(self, session: Any, mask: Any) -> StatusCode:  # noqa: ARG002 - pyvisa's signature
        """Clear the device's buffers."""
        self._device(session).forget()
        return StatusCode.success

    def enable_event(
        self,
        session: Any,
        event_type: Any,
        mechanism: Any,
        context: None = None,  # noqa: ARG002 - pyvisa's signature
    ) -> StatusCode:
        """Let service requests be waited for; there are no other events.

        Raises:
            VisaIOError: another event is meant.
        """
        self._device(session)
        if (event_type, mechanism) != (EventType.service_request, EventMechanism.queue):
            raise VisaIOError(StatusCode.error_nonsupported_mechanism)
        return StatusCode.success

    def wait_on_event(
        self, session: Any, in_event_type: Any, timeout: int
    ) -> tuple[Any, None, StatusCode]:
        """Wait `timeout` ms of bench time for a service request.

        Raises:
            VisaIOError: there was none.
        """
        if not self._device(session).await_request(timeout / 1000):
            raise VisaIOError(StatusCode.error_timeout)
        return in_event_type, None, StatusCode.success

    def read_stb(self, session: Any) -> tuple[int, StatusCode]:
        """Return the status byte."""
        return self._device(session).status_byte(), StatusCode.success
