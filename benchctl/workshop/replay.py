"""Hold a driver against what was recorded of an instrument, byte for byte."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import BenchctlError, InstrumentError, NoReplyError
from benchctl.core.messages import Message, msg
from benchctl.driver import Instrument
from benchctl.links import TIMEOUT, Bus, parse_address
from benchctl.workshop.report import Step, failed
from benchctl.workshop.tap import DROPPED, SENT, Wire
from benchctl.workshop.transcripts import Operation, parsed

_FRAMING = {"modbus+tcp": "tcp", "modbus+rtu": "rtu", "modbus+rtu+tcp": "rtu"}


class DiffersError(BenchctlError):
    """The driver sends other bytes than were recorded."""


class Replay:
    """A link that expects the recorded bytes, and answers with the recorded bytes."""

    def __init__(self, at: str) -> None:
        parsed_at = parse_address(at)
        self.address = at
        self.timeout = TIMEOUT
        self.framing = _FRAMING.get(parsed_at.scheme, "")
        self.char_time = parsed_at.line.char_time if parsed_at.line else 0.0
        self._serial = parsed_at.line is not None
        self.paced = False
        self.tagged = False
        self.openings = 1
        self.heard: deque[bytes] | None = None
        self.bus = Bus("replay", VirtualClock())
        self._wires: list[Wire] = []
        self._buffer = b""

    def load(self, wires: Sequence[Wire]) -> None:
        """Expect these bytes next."""
        self._wires, self._buffer = list(wires), b""

    @property
    def left(self) -> bytes:
        """What was recorded and not sent."""
        return b"".join(wire.data for wire in self._wires if wire.way == SENT)

    def write(self, data: bytes) -> None:
        """Take what is sent.

        Raises:
            DiffersError: it is not what was recorded.
        """
        while self._wires and self._wires[0].way != SENT:
            self._wires.pop(0)
        expected = self._wires.pop(0).data if self._wires else b""
        if data != expected:
            raise DiffersError(
                msg("workshop.sends-other", sent=_shown(data), recorded=_shown(expected))
            )

    def _fill(self) -> None:
        while self._wires and self._wires[0].way != SENT:
            wire = self._wires.pop(0)
            self._buffer += wire.data if wire.way != DROPPED else b""

    def _took(self, n: int) -> bytes:
        data, self._buffer = self._buffer[:n], self._buffer[n:]
        return data

    def _silent(self) -> NoReplyError:
        wire = self._took(len(self._buffer))
        return NoReplyError(msg("workshop.end-of-transcript"), wire=wire)

    def read_until(self, end: bytes) -> bytes:
        """Return the recorded bytes up to and including `end`."""
        self._fill()
        at = self._buffer.find(end)
        if at < 0:
            raise self._silent()
        return self._took(at + len(end))

    def read_block(self, n: int) -> bytearray:
        """Return the next `n` bytes."""
        return bytearray(self.read_exactly(n))

    def ask(self, data: bytes, end: bytes) -> bytes:
        """Ask one question and return its answer."""
        self.drain()
        self.write(data)
        return self.read_until(end)

    def read_exactly(self, n: int) -> bytes:
        """Return the next `n` recorded bytes."""
        self._fill()
        if len(self._buffer) < n:
            raise self._silent()
        return self._took(n)

    def drain(self) -> bytes:
        """Return what was thrown away when it was recorded."""
        self._buffer = b""
        dropped = b""
        while self._wires and self._wires[0].way != SENT:
            dropped += self._wires.pop(0).data
        return dropped

    def rest(self) -> bytes:
        """Return what else came."""
        self._fill()
        return self._took(len(self._buffer))

    def note(self, _what: str, _detail: str) -> None:
        """Do nothing: it was noted when it was recorded."""

    def quiet(self, _seconds: float) -> None:
        """Do nothing: no time passes."""

    def set_baud(self, _baud: int) -> bool:
        """Return whether the recorded wire had a rate; nothing happens."""
        return self._serial

    def await_service(self, _seconds: float) -> int | None:
        """Return None: a recording has no serial polls."""
        return None

    def grant(self, _seconds: float) -> None:
        """Do nothing: no time passes."""

    def reopen(self) -> None:
        """Do nothing: the recording goes on."""

    def close(self) -> None:
        """Do nothing."""


def _shown(data: bytes) -> str:
    return repr(data[:48])[2:-1] if data.isascii() else data[:32].hex(" ").upper()


def replayed(driver: type[Instrument], path: Path, name: str) -> tuple[list[Step], list[str]]:
    """Return a step per recorded operation, and the channels that it shows on hardware."""
    try:
        transcript = parsed(path.read_text(encoding="utf-8"), str(path))
        at = transcript.facts.get("at", "")
        link = Replay(at)
        options = dict(parse_address(at).options)
        instrument = driver(link, options, name=name)
    except (BenchctlError, UnicodeDecodeError) as error:
        what = error.message if isinstance(error, BenchctlError) else msg("workshop.no-text")
        return [failed("replay", what)], []
    steps: list[Step] = []
    seen: list[str] = []
    for operation in transcript.operations:
        link.load(operation.wires)
        wrong = _wrong(instrument, operation, link)
        if wrong is not None:
            steps.append(failed("replay", wrong, operation.channel or operation.name))
        elif operation.name == "read" and not operation.error:
            steps.append(Step("replay", operation.channel))
            seen += [operation.channel] if transcript.hardware else []
    return steps or [Step("replay")], seen


def _wrong(instrument: Instrument, operation: Operation, link: Replay) -> Message | None:
    """Return what is not as it was recorded, None if nothing."""
    try:
        value = _value(instrument, operation)
    except InstrumentError as error:
        if operation.error:
            return None
        return msg("workshop.fails-now", what=error.message)
    except BenchctlError as error:
        return error.message
    if operation.error:
        return msg("workshop.failed-then", what=operation.error)
    if value != operation.value:
        return msg("workshop.value-differs", value=str(value), recorded=str(operation.value))
    if link.left:
        return msg("workshop.sends-less", recorded=_shown(link.left))
    return None


def _value(instrument: Instrument, operation: Operation) -> Any:
    if operation.name == "connect":
        return instrument.connect().text
    names = list(instrument.channels) if operation.name == "read_all" else [operation.channel]
    values = [v.hex() if isinstance(v, bytes) else v for v in instrument.read(*names)]
    return values if operation.name == "read_all" else values[0]
