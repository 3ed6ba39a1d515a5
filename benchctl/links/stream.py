"""Bytes over one file descriptor: a TCP socket, a serial line, a pty.

`poll`, then one read; nothing is read byte by byte, nothing spins, an end of file is an error at
once. What came in and was not asked for yet stays in the port, which is shared by all instruments
behind it.
"""

from __future__ import annotations

import os
import select

from benchctl.core.clock import monotonic, pause
from benchctl.core.errors import GarbageReplyError, LinkError, NoReplyError
from benchctl.core.events import LinkNoted
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.links.bus import Bus
from benchctl.links.link import TIMEOUT
from benchctl.links.port import Port, Watch

CHUNK = 4096
LONGEST_LINE = 1 << 20
QUIET = 0.02
"""Seconds of real time without a byte after which a late reply is over."""
SHOWN = 64
"""Bytes of a dropped reply that a note keeps."""
SLICE = 0.1
"""Seconds of real time after which a wait looks whether it is to go on."""


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
        self.tagged = False

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
        if sent != len(data):
            self._write_rest(data[sent:])
        if port.paced:
            port.last = monotonic()

    def _write_rest(self, data: bytes) -> None:
        """Send what did not fit into the system's buffer as room becomes free."""
        poll = select.poll()
        poll.register(self._port.fd, select.POLLOUT)
        while data:
            if not poll.poll(max(0.0, 1000 * (self._until - monotonic()))):
                raise NoReplyError(msg("links.not-taken", address=self.address), wire=data[:SHOWN])
            try:
                data = data[os.write(self._port.fd, data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._lost(error) from error

    def read_exactly(self, n: int) -> bytes:
        """Return the next `n` bytes."""
        port = self._port
        data = port.buffer
        if len(data) < n:
            data += self._receive(n - len(data), data)
            if len(data) < n:
                data = self._gather(data, n)
        port.buffer = data[n:]
        return data[:n]

    def _gather(self, data: bytes, n: int) -> bytes:
        """Return at least `n` bytes, of which `data` is the beginning."""
        parts = [data]
        have = len(data)
        while have < n:
            parts.append(self._receive(n - have, data))
            have += len(parts[-1])
        return b"".join(parts)

    def read_until(self, end: bytes) -> bytes:
        """Return the bytes up to and including `end`."""
        port = self._port
        data = port.buffer
        at = data.find(end)
        while at < 0:
            seen = len(data)
            if seen > LONGEST_LINE:
                port.buffer = b""
                raise GarbageReplyError(
                    msg("links.endless", address=self.address, n=seen), wire=data[:SHOWN]
                )
            data += self._receive(CHUNK, data)
            at = data.find(end, max(0, seen + 1 - len(end)))
        cut = at + len(end)
        port.buffer = data[cut:]
        return data[:cut]

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

    def _receive(self, wanted: int, so_far: bytes) -> bytes:
        """Return what comes in next, at least one byte, before the deadline."""
        chunk = self._take(max(0.0, self._until - monotonic()), max(wanted, CHUNK))
        if chunk:
            return chunk
        port = self._port
        port.buffer = b""
        port.owed = self.timeout
        name = "broke-off" if so_far else "no-reply"
        raise NoReplyError(
            msg(f"links.{name}", address=self.address, timeout=self.timeout, n=len(so_far)),
            wire=so_far,
            hint=msg(f"links.hint-{name}"),
        )

    def _take(self, seconds: float, most: int) -> bytes:
        """Return what comes in within `seconds`, b"" if nothing does."""
        port = self._port
        try:
            while not port.ready(1000 * min(seconds, SLICE)):
                seconds -= SLICE
                if seconds <= 0:
                    return b""
                self._look()
            chunk = os.read(port.fd, min(most, LONGEST_LINE))
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(None)
        if port.paced:
            port.last = monotonic()
        return chunk

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
