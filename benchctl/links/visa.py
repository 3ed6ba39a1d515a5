"""GPIB, USB, VXI-11 and HiSLIP instruments, through pyvisa.

A refused instrument is an error at open, a reply ends where the bus says so (END) even without its
terminator, and after a time-out the late reply is read away before the next question.

Bytes go through pyvisa's library itself, which the resource would call, too: so a question costs no
more than pyvisa's own `query`, though its time-out is watched and its late reply is awaited.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from benchctl.core.clock import monotonic
from benchctl.core.errors import LinkError, NoReplyError
from benchctl.core.events import LinkNoted
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.links.bus import Bus
from benchctl.links.port import Watch
from benchctl.links.stream import SHOWN

WITHOUT_END = ("::SOCKET", "ASRL")
"""Resources whose replies are ended by a character only."""
CHUNK = 1 << 16
"""Bytes that are asked for at once."""


def visa_bus(resource: str) -> str:
    """Return the name of the physical bus behind a resource: a GPIB board, else the resource."""
    board = resource.split("::")[0].upper()
    return board if board.startswith("GPIB") else resource


def open_resource(manager: Any, name: str) -> Any:
    """Return the open resource `name`; that more is to come is no warning to it.

    Raises:
        LinkError: nothing answers there, or pyvisa cannot reach that kind of bus.
    """
    try:
        resource = manager.open_resource(name)
    except Exception as error:
        raise _failed(name, error) from error
    if not resource.session:  # pyvisa-sim opens what is not there as session 0
        raise _failed(name, LookupError("no such resource"))
    ends = name.upper()
    if any(mark in ends for mark in WITHOUT_END):
        resource.read_termination = "\n"
    return resource


def _unwarned(resource: Any) -> AbstractContextManager[Any]:
    """Return what keeps pyvisa from warning of a message that is longer than one read."""
    from pyvisa.constants import StatusCode

    quiet: AbstractContextManager[Any] = resource.ignore_warning(
        StatusCode.success_device_not_present, StatusCode.success_max_count_read
    )
    return quiet


def _failed(name: str, error: Exception) -> LinkError:
    return LinkError(
        msg("links.visa-cannot-open", resource=name, reason=str(error)),
        hint=msg("links.hint-visa-cannot-open"),
    )


class VisaLink:
    """A pyvisa resource as a link."""

    framing = ""
    char_time = 0.0
    paced = False

    def __init__(
        self,
        opener: Callable[[], Any],
        bus: Bus,
        *,
        address: str,
        instrument: str,
        sink: EventSink,
        timeout: float,
        watch: Watch | None = None,
    ) -> None:
        import pyvisa

        self.bus = bus
        self.address = address
        self.timeout = timeout
        self.openings = 0
        self.tagged = False
        self.heard: deque[bytes] | None = None
        self._opener = opener
        self._instrument = instrument
        self._sink = sink
        self._errors = (pyvisa.errors.Error, OSError, EOFError)
        self._timed_out = pyvisa.constants.StatusCode.error_timeout
        self._request = pyvisa.constants.EventType.service_request
        self._queue = pyvisa.constants.EventMechanism.queue
        self._watch = watch or Watch()
        self._told: bool | None = None
        self._more = pyvisa.constants.StatusCode.success_max_count_read
        self._buffer = b""
        self._ended = False
        self._owed = False
        codes = pyvisa.constants.StatusCode
        self._unsupported = (
            codes.error_nonsupported_operation,
            codes.error_nonimplemented_operation,
        )
        self._until = 0.0
        self._set_ms = 0
        self._open()

    def _open(self) -> None:
        self._resource: Any = self._opener()
        self.openings += 1
        self._unwarned = _unwarned(self._resource)
        self._unwarned.__enter__()
        library, self._session = self._resource.visalib, self._resource.session
        self._send: Callable[[Any, bytes], Any] = library.write
        self._receive: Callable[[Any, int], tuple[Any, Any]] = library.read

    def _closed(self, *_wanted: Any) -> NoReturn:
        import pyvisa

        raise pyvisa.errors.InvalidSession

    def write(self, data: bytes) -> None:
        """Send `data` and start the deadline of the answer."""
        self._until = monotonic() + self.timeout
        self._ended = False
        try:
            self._send(self._session, data)
        except self._errors as error:
            raise self._error(error) from error

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including `end`; the bus's own END counts as `end`."""
        while end not in self._buffer:
            if self._ended:
                self._buffer += end
                break
            self._buffer += self._message()
        line, _, self._buffer = self._buffer.partition(end)
        return self._hearing(line + end)

    def read_block(self, n: int) -> bytearray:
        """Return the next `n` bytes."""
        return bytearray(self._taken(n))

    def ask(self, data: bytes, end: bytes) -> bytes:
        """Ask one question and return its answer, up to and including `end`."""
        if self._buffer or self._owed:
            self.drain()
        self.write(data)
        answer = self._message()
        if answer.endswith(end) and answer.find(end) + len(end) == len(answer):
            return self._hearing(answer)
        self._buffer = answer
        return self.read_until(end)

    def read_exactly(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        return self._hearing(self._taken(n))

    def _hearing(self, data: bytes) -> bytes:
        if self.heard is not None:
            self.heard.append(data)
        return data

    def _taken(self, n: int) -> bytes:
        while len(self._buffer) < n:
            self._buffer += self._message()
        data, self._buffer = self._buffer[:n], self._buffer[n:]
        return data

    def drain(self) -> bytes:
        """Drop what lies there; a reply that is still owed is awaited first."""
        dropped, self._buffer = self._buffer, b""
        self._until = monotonic() + self.timeout
        self._ended = False
        if self._owed:
            self._owed = False
            try:
                dropped += self._message()
            except NoReplyError:
                self._owed = False
            self._until = monotonic() + self.timeout
        if dropped:
            self._sink.emit(LinkNoted("late-reply", self._instrument, "", dropped[:SHOWN].hex(" ")))
        return dropped

    def _message(self) -> bytes:
        """Return what comes in until END or a terminator."""
        ms = max(1, round(1000 * (self._until - monotonic())))
        try:
            if abs(ms - self._set_ms) > 0.01 * ms:  # setting it costs more than the difference
                self._resource.timeout = ms
                self._set_ms = ms
            data, status = self._receive(self._session, CHUNK)
            if status == self._more:
                data = bytearray(data)
            while status == self._more:
                more, status = self._receive(self._session, CHUNK)
                data += more
        except self._errors as error:
            raise self._error(error) from error
        self._ended = True
        if not data:
            raise self._error(None)
        return bytes(data)

    def _error(self, error: Exception | None) -> LinkError:
        wire, self._buffer = self._buffer, b""
        if error is None or getattr(error, "error_code", None) == self._timed_out:
            self._owed = True
            return NoReplyError(
                msg("links.no-reply", address=self.address, timeout=self.timeout),
                wire=wire,
                hint=msg("links.hint-no-reply"),
            )
        self.note("unplugged", str(error))
        return LinkError(
            msg("links.unplugged", address=self.address, reason=str(error)),
            wire=wire,
            hint=msg("links.hint-unplugged"),
        )

    def rest(self) -> bytes:
        """Return what was read and not asked for; a message bus has no more of it."""
        data, self._buffer = self._buffer, b""
        return data

    def note(self, what: str, detail: str) -> None:
        """Tell the record that something worth keeping happened on the wire."""
        self._sink.emit(LinkNoted(what, self._instrument, "", detail))

    def quiet(self, seconds: float) -> None:
        """Do nothing: VISA keeps its buses in order itself."""

    def set_baud(self, _baud: int) -> bool:
        """Return False: VISA's serial lines keep the rate they were opened with."""
        return False

    def grant(self, seconds: float) -> None:
        """Let the answer that has begun take so many seconds from now."""
        self._until = monotonic() + seconds

    def await_service(self, seconds: float) -> int | None:
        """Wait for a service request where the library tells of them, and poll the status byte."""
        self._watch.look()
        if self._tells():
            self._resource.wait_on_event(self._request, round(1000 * seconds), capture_timeout=True)
        else:
            self.bus.sleep(seconds)
        try:
            return int(self._resource.read_stb())
        except (NotImplementedError, AttributeError):  # this library knows none on such a bus
            return None
        except self._errors as error:
            if getattr(error, "error_code", None) in self._unsupported:
                return None
            raise self._error(error) from error

    def _tells(self) -> bool:
        """Return whether service requests arrive as events; asked for once per opening."""
        if self._told is None:
            try:
                self._resource.enable_event(self._request, self._queue)
                self._told = True
            except (NotImplementedError, AttributeError, *self._errors):
                self._told = False
        return self._told

    def reopen(self) -> None:
        """Close the resource and open it again, once."""
        with self.bus:
            self.close()
            self._open()

    def close(self) -> None:
        """Close the resource."""
        self._buffer = b""
        self._owed = False
        self._set_ms = 0
        self._told = None
        self._send = self._receive = self._closed
        try:
            self._unwarned.__exit__(None, None, None)
            self._resource.close()
        except self._errors as error:  # it is gone already: closed all the same
            self.note("unplugged", str(error))
