"""Bytes over one file descriptor: a TCP socket, a serial line, a pty.

`poll`, then one read; nothing is read byte by byte, nothing spins, an end of file is an error at
once. What came in and was not asked for yet stays in the port, which is shared by all instruments
behind it.
"""

from __future__ import annotations

import os
import select
from collections import deque

from benchctl.core.clock import monotonic, pause
from benchctl.core.errors import GarbageReplyError, LinkError, NoReplyError
from benchctl.core.events import LinkNoted
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.links.bus import Bus
from benchctl.links.link import TIMEOUT
from benchctl.links.port import SLICE, Port, Watch

CHUNK = 4096
LARGE = 1 << 16
LONGEST_LINE = 1 << 23
QUIET = 0.02
"""Seconds of real time without a byte after which a late reply is over."""
PATIENCE = 2.0
"""Deadlines for which a reply that is late is awaited before anything else is asked: one that comes
within three deadlines of its question is never taken for the answer to another."""
SHOWN = 64
"""Bytes of a dropped reply that a note keeps."""
SLICE_MS = 1000 * SLICE


class StreamLink:
    """One instrument's view of a port."""

    __slots__ = (
        "_instrument",
        "_port",
        "_sink",
        "_until",
        "_watch",
        "address",
        "bus",
        "char_time",
        "framing",
        "heard",
        "paced",
        "tagged",
        "timeout",
    )

    def __init__(
        self,
        port: Port,
        bus: Bus,
        *,
        address: str,
        instrument: str,
        sink: EventSink,
        timeout: float,
        framing: str = "",
        char_time: float = 0.0,
        watch: Watch | None = None,
    ) -> None:
        self._port = port
        self._watch = watch or Watch()
        self._instrument = instrument
        self._sink = sink
        self._until = 0.0
        self.bus = bus
        self.address = address
        self.timeout = timeout
        self.framing = framing
        self.char_time = char_time
        self.paced = port.paced
        self.tagged = False
        self.heard: deque[bytes] | None = None

    @property
    def openings(self) -> int:
        """How often the port was opened, by whichever instrument behind it."""
        return self._port.openings

    def write(self, data: bytes) -> None:
        """Send `data` and start the deadline of the answer."""
        port = self._port
        self._until = monotonic() + self.timeout
        try:
            sent = os.write(port.fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._lost(error) from error
        if port.heed is not None:
            port.heed(sent)
        if sent != len(data):
            self._write_rest(data[sent:])
        if port.paced:
            port.last = monotonic()

    def _write_rest(self, data: bytes) -> None:
        """Send what did not fit into the system's buffer as room becomes free."""
        heed = self._port.heed
        poll = select.poll()
        poll.register(self._port.fd, select.POLLOUT)
        while data:
            if not poll.poll(max(0.0, 1000 * (self._until - monotonic()))):
                raise NoReplyError(msg("links.not-taken", address=self.address), wire=data[:SHOWN])
            try:
                sent = os.write(self._port.fd, data)
                data = data[sent:]
                if heed is not None:
                    heed(sent)
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._lost(error) from error

    def ask(self, data: bytes, end: bytes) -> bytes:
        """Ask one question and return its answer, up to and including `end`.

        What usually happens is done in four system calls: nothing lies there, the question goes out
        whole, and the whole answer is there when something is.
        """
        port = self._port
        fd, ready = port.fd, port.ready
        self._until = monotonic() + self.timeout
        try:
            if port.buffer or port.owed or port.paced or ready(0):
                return self._ask(data, end)
            sent = os.write(fd, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._lost(error) from error
        if port.heed is not None:
            port.heed(sent)
        if sent != len(data):
            self._write_rest(data[sent:])
        try:
            if not (port.waits or ready(SLICE_MS)):
                return self.read_until(end)
            answer = os.read(fd, CHUNK)
        except BlockingIOError:
            return self.read_until(end)
        except OSError as error:
            raise self._lost(error) from error
        if answer.endswith(end) and answer.find(end) + len(end) == len(answer):
            if self.heard is not None:
                self.heard.append(answer)
            return answer
        port.buffer = answer
        if not answer:
            raise self._lost(None)
        return self.read_until(end)

    def _ask(self, data: bytes, end: bytes) -> bytes:
        self.drain()
        self.write(data)
        return self.read_until(end)

    def read_exactly(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        port = self._port
        data = port.buffer
        if len(data) < n:
            data += self._receive(n - len(data), data)
            while len(data) < n:
                data += self._receive(n - len(data), data)
        port.buffer = data[n:]
        if self.heard is not None:
            self.heard.append(data[:n])
        return data[:n]

    def read_block(self, n: int) -> bytearray:
        """Return the next `n` bytes, read into one buffer that belongs to the caller."""
        port = self._port
        data, port.buffer = port.buffer[:n], port.buffer[n:]
        gathered = bytearray(n)
        gathered[: len(data)] = data
        rest = memoryview(gathered)[len(data) :]
        while rest:
            try:
                if not self._ready(self._until - monotonic()):
                    raise self._silent(data)
                got = os.readv(port.fd, [rest])
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._lost(error) from error
            if not got:
                raise self._lost(None)
            rest = rest[got:]
        if port.paced:
            port.last = monotonic()
        return gathered

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including `end`."""
        port = self._port
        data = port.buffer
        at = data.find(end)
        if at < 0:
            data, at = self._gather_line(data, end)
        cut = at + len(end)
        port.buffer = data[cut:]
        if self.heard is not None:
            self.heard.append(data[:cut])
        return data[:cut]

    def _gather_line(self, data: bytes, end: bytes) -> tuple[bytes, int]:
        """Return what begins with `data` and holds `end`, and where that is."""
        gathered = bytearray(data)
        at = -1
        while at < 0:
            seen = len(gathered)
            if seen > LONGEST_LINE:
                self._port.buffer = b""
                raise GarbageReplyError(
                    msg("links.endless", address=self.address, n=seen), wire=bytes(gathered[:SHOWN])
                )
            gathered += self._receive(CHUNK if seen < CHUNK else LARGE, gathered)
            at = gathered.find(end, max(0, seen + 1 - len(end)))
        return bytes(gathered), at

    def drain(self) -> bytes:
        """Drop what lies there and return it; a reply that is still owed is awaited first."""
        port = self._port
        self._until = monotonic() + self.timeout
        try:
            if not port.buffer and not port.owed and not port.ready(0):
                return b""
        except OSError as error:
            raise self._lost(error) from error
        return self._drain()

    def _drain(self) -> bytes:
        port = self._port
        wait = 0.0 if self.tagged else port.owed
        rest = QUIET if wait else 0.0
        port.owed = 0.0
        parts = [port.buffer]
        port.buffer = b""
        give_up = monotonic() + wait + self.timeout
        while chunk := self._take(wait, CHUNK):
            parts.append(chunk)
            wait = rest
            if monotonic() > give_up:
                raise GarbageReplyError(
                    msg("links.babbling", address=self.address), wire=b"".join(parts)[:SHOWN]
                )
        dropped = b"".join(parts)
        if dropped:
            self.note("late-reply", dropped[:SHOWN].hex(" "))
        self._until = monotonic() + self.timeout
        return dropped

    def _receive(self, wanted: int, so_far: bytes | bytearray) -> bytes:
        """Return what comes in next, at least one byte, before the deadline."""
        chunk = self._take(max(0.0, self._until - monotonic()), max(wanted, CHUNK))
        if chunk:
            return chunk
        raise self._silent(so_far)

    def _silent(self, so_far: bytes | bytearray) -> NoReplyError:
        """Return what is raised when the deadline has passed; the reply stays owed."""
        port = self._port
        port.buffer = b""
        port.owed = PATIENCE * self.timeout
        name = "broke-off" if so_far else "no-reply"
        return NoReplyError(
            msg(f"links.{name}", address=self.address, timeout=self.timeout, n=len(so_far)),
            wire=bytes(so_far),
            hint=msg(f"links.hint-{name}"),
        )

    def _take(self, seconds: float, most: int) -> bytes:
        """Return what comes in within `seconds`, b"" if nothing does."""
        port = self._port
        try:
            if not self._ready(seconds):
                return b""
            chunk = os.read(port.fd, most)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(None)
        if port.paced:
            port.last = monotonic()
        return chunk

    def _ready(self, seconds: float) -> bool:
        """Return whether something comes in within `seconds`."""
        seconds = max(0.0, seconds)
        while not self._port.ready(1000 * min(seconds, SLICE)):
            seconds -= SLICE
            if seconds <= 0:
                return False
            self._look()
        return True

    def _look(self) -> None:
        """End the wait where it is to end; the reply stays owed, though not for long.

        Raises:
            StoppedError: the run is being stopped.
        """
        try:
            self._watch.look()
        except BaseException:
            self._port.owed = min(self.timeout, TIMEOUT)  # the safe state comes next
            raise

    def _lost(self, error: OSError | None) -> LinkError:
        """Close the port and return what is to be raised."""
        port = self._port
        reason = error.strerror if error and error.strerror else "end of file"
        hint = msg("links.hint-unplugged")
        if port.fd < 0:
            return LinkError(msg("links.closed", address=self.address), hint=hint)
        wire = port.buffer
        port.shut()
        self.note("unplugged", reason)
        return LinkError(
            msg(f"links.{port.lost}", address=self.address, reason=reason), wire=wire, hint=hint
        )

    def note(self, what: str, detail: str) -> None:
        """Tell the record that something worth keeping happened on the wire."""
        self._sink.emit(LinkNoted(what, self._instrument, "", detail))

    def rest(self) -> bytes:
        """Return what still comes in until the line is silent, at most 64 KiB."""
        port = self._port
        data, port.buffer = port.buffer, b""
        while len(data) < 1 << 16 and (chunk := self._take(QUIET, CHUNK)):
            data += chunk
        return data

    def quiet(self, seconds: float) -> None:
        """Wait until a real serial line has been silent for `seconds`."""
        port = self._port
        if port.paced:
            pause(port.last + seconds - monotonic())

    def set_baud(self, baud: int) -> bool:
        """Once all is sent, go on at another baud rate; 0 is the rate in the address."""
        change = self._port.set_baud
        if change is None:
            return False
        try:
            change(baud)
        except OSError as error:
            raise self._lost(error) from error
        return True

    def await_service(self, seconds: float) -> int | None:
        """Let the time pass and return None: there is no serial poll on such a wire."""
        self._watch.look()
        self.bus.sleep(seconds)
        return None

    def grant(self, seconds: float) -> None:
        """Let the answer that has begun take so many seconds from now."""
        self._until = monotonic() + seconds

    def reopen(self) -> None:
        """Close the port and open it again, once."""
        with self.bus:
            self._port.open()

    def close(self) -> None:
        """Close the port, for every instrument behind it."""
        with self.bus:
            self._port.shut()
