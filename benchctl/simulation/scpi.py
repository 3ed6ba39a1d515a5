"""A SCPI instrument as a table of commands, served in process or on a TCP socket.

    counter = ScpiInstrument("Keysight,53220A,SIM0001,1.0", {
        "[SENSe:]FREQuency:GATE:TIME": set_gate,
        "MEASure:FREQuency?": lambda call: Timed(f"{frequency(call.t):.9E}", seconds=0.1),
    })

Headers are given as manuals print them: capitals are the short form, brackets are optional, `#`
stands for a numeric suffix. Long and short forms in any case, several commands in one message,
IEEE 488.2's common commands and the error queue are understood.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchctl.core.clock import Clock
from benchctl.simulation.ports import Port
from benchctl.simulation.server import LineServer, Wire

UNDEFINED, MISSING, OUT_OF_RANGE, INTERRUPTED, SEPARATOR = -113, -109, -222, -410, -103
_TEXTS = {
    UNDEFINED: "Undefined header",
    SEPARATOR: "Invalid separator",
    MISSING: "Missing parameter",
    OUT_OF_RANGE: "Data out of range",
    INTERRUPTED: "Query INTERRUPTED",
}
_EXECUTION, _QUERY, _COMMAND, _COMPLETE = 0x10, 0x04, 0x20, 0x01


class ScpiError(Exception):
    """A command cannot be carried out; `code` goes into the error queue."""

    def __init__(self, code: int, text: str = "") -> None:
        self.code = code
        self.text = text or _TEXTS.get(code, "Execution error")
        super().__init__(self.code, self.text)


@dataclass(frozen=True, slots=True)
class Call:
    """One command: bench time `t`, its arguments, the numeric suffixes in its header."""

    t: float
    args: tuple[str, ...]
    suffixes: tuple[int, ...] = ()

    def number(self, index: int = 0) -> float:
        """Return an argument as a number.

        Raises:
            ScpiError: it is missing or no number.
        """
        if index >= len(self.args):
            raise ScpiError(MISSING)
        try:
            return float(self.args[index])
        except ValueError as error:
            raise ScpiError(-104, "Data type error") from error


@dataclass(frozen=True, slots=True)
class Timed:
    """A reply that takes `seconds` of bench time to come about: a gate, an integration."""

    text: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Overlapped:
    """What a command returns that goes on for `seconds` of bench time while others are taken.

    `*OPC`, `*OPC?` and `*WAI` wait for its end.
    """

    seconds: float


Handler = Callable[[Call], "str | Timed | Overlapped | None"]


@dataclass(frozen=True, slots=True)
class Manners:
    """How an instrument talks, where it does not do as SCPI says.

    Args:
        errors: Query that takes an entry from the error queue.
        no_error: What it says of an empty queue.
        texts: Whether entries have a text behind their number.
        compound: Whether it takes several commands in one message.
        echo: Whether answers repeat the header of the question, as it was sent.
        flag: Letter that begins an answer while errors are queued, instead of a blank; "" where
            answers begin with neither.
    """

    errors: str = "SYSTem:ERRor[:NEXT]?"
    no_error: str = '+0,"No error"'
    texts: bool = True
    compound: bool = True
    echo: bool = False
    flag: str = ""


PLAIN = Manners()


class ScpiInstrument:
    """The state of the message exchange; the commands' own state is in the handlers."""

    def __init__(
        self,
        identity: str,
        commands: Mapping[str, Handler],
        *,
        reset: Callable[[float], None] | None = None,
        manners: Manners = PLAIN,
    ) -> None:
        self._manners = manners
        self._errors: list[str] = []
        self._events = 0
        self._event_mask = self._request_mask = 0
        self._complete_at = -math.inf
        self._tells_end = False
        self._reset = reset
        common: dict[str, Handler] = {
            "*IDN?": lambda _: identity,
            "*RST": self._reset_all,
            "*CLS": self._clear_status,
            "*OPC": self._tell_end,
            "*OPC?": lambda call: Timed("1", max(0.0, self._complete_at - call.t)),
            "*WAI": lambda call: Timed(None, max(0.0, self._complete_at - call.t)),
            "*ESE": self._set_event_mask,
            "*ESE?": lambda _: str(self._event_mask),
            "*SRE": self._set_request_mask,
            "*SRE?": lambda _: str(self._request_mask),
            "*TST?": lambda _: "0",
            "*ESR?": self._event_status,
            "*STB?": lambda call: str(self.status(t=call.t)),
            manners.errors: lambda _: self._errors.pop(0) if self._errors else manners.no_error,
            "SYSTem:VERSion?": lambda _: "1999.0",
        }
        self._commands = [(header_pattern(h), f) for h, f in {**common, **commands}.items()]

    def execute(self, message: str, t: float) -> tuple[str | None, float]:
        """Carry out a message at bench time `t`.

        Returns:
            The reply without its end, None if nothing was asked, and how long it takes in s.
        """
        replies: list[str] = []
        seconds = 0.0
        level = ""
        units = _split(message, ";")
        if len(units) > 1 and not self._manners.compound:
            self.fail(SEPARATOR)
            return None, 0.0
        for unit in units:
            header, _, rest = unit.strip().partition(" ")
            if not header:
                continue
            full = header if header[0] in ":*" else level + header
            if header[0] != "*":
                level = full.lstrip(":").rpartition(":")[0]
                level = f"{level}:" if level else ""
            try:
                reply = self._command(full.lstrip(":"), rest, t + seconds)
            except ScpiError as error:
                self.fail(error.code, error.text)
                continue
            if isinstance(reply, Overlapped):
                self._complete_at = max(self._complete_at, t + seconds + reply.seconds)
                reply = None
            if isinstance(reply, Timed):
                seconds += reply.seconds
                reply = reply.text
            if reply is not None:
                replies.append(self._headed(full, reply))
        if not replies:
            return None, seconds
        flag = (self._manners.flag if self._errors else " ") if self._manners.flag else ""
        return flag + ";".join(replies), seconds

    def _headed(self, header: str, reply: str) -> str:
        if not self._manners.echo or reply[:1] in (":", "*"):
            return reply
        colon = "" if header[0] in ":*" else ":"
        return f"{colon}{header.partition('?')[0]} {reply}"

    def _command(self, header: str, rest: str, t: float) -> str | Timed | Overlapped | None:
        for pattern, handler in self._commands:
            if match := pattern.fullmatch(header):
                args = tuple(a.strip() for a in _split(rest, ",") if a.strip())
                return handler(Call(t, args, tuple(int(s or 1) for s in match.groups())))
        raise ScpiError(UNDEFINED)

    def fail(self, code: int, text: str = "") -> None:
        """Put an error into the queue."""
        said = f',"{text or _TEXTS.get(code, "Execution error")}"' if self._manners.texts else ""
        self._errors.append(f"{code}{said}")
        bit = _COMMAND if -200 < code <= -100 else _QUERY if code <= -400 else _EXECUTION
        self._events |= bit

    def status(self, message_available: bool = False, t: float = math.inf) -> int:
        """Return the status byte at bench time `t`.

        Bit 2: errors are queued; bit 4: a reply waits; bit 5: an enabled event; bit 6: service is
        requested.
        """
        byte = (0x04 if self._errors else 0) | (0x10 if message_available else 0)
        byte |= 0x20 if self._happened(t) & self._event_mask else 0
        return byte | (0x40 if byte & self._request_mask else 0)

    def _happened(self, t: float) -> int:
        """Return the event register at bench time `t`."""
        if self._tells_end and t >= self._complete_at:
            self._tells_end = False
            self._events |= _COMPLETE
        return self._events

    def _tell_end(self, _: Call) -> None:
        self._tells_end = True

    def _set_event_mask(self, call: Call) -> None:
        self._event_mask = int(call.number()) & 0xFF

    def _set_request_mask(self, call: Call) -> None:
        self._request_mask = int(call.number()) & 0xBF

    def _reset_all(self, call: Call) -> None:
        if self._reset is not None:
            self._reset(call.t)

    def _clear_status(self, _: Call) -> None:
        self._errors.clear()
        self._events = 0
        self._tells_end = False

    def _event_status(self, call: Call) -> str:
        events, self._events = self._happened(call.t), 0
        return str(events)


def header_pattern(header: str) -> re.Pattern[str]:
    """Return what matches a header as manuals print it."""
    text = re.escape(header).replace(r"\[", "(?:").replace(r"\]", ")?").replace(r"\#", r"(\d*)")

    def both_forms(match: re.Match[str]) -> str:
        short, rest = match.groups()
        return f"{short}(?:{rest})?" if rest else short

    return re.compile(re.sub(r"(?<!\\)\b([A-Z]+)([a-z]*)", both_forms, text), re.IGNORECASE)


def _split(text: str, separator: str) -> Sequence[str]:
    """Split at a separator that stands outside quotes and parentheses."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
        if char == separator and not quote and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


class ScpiServer(LineServer):
    """One SCPI instrument on a port, lines ended by `end` both ways."""

    checksum_at = 0

    def __init__(
        self,
        clock: Clock,
        port: Port,
        wire: Wire,
        instrument: ScpiInstrument,
        *,
        end: bytes = b"\n",
    ) -> None:
        super().__init__(clock, port, wire)
        self._instrument = instrument
        self._end = end

    def take(self, buffer: bytearray) -> bytes | None:
        """Return the first line."""
        at = buffer.find(self._end)
        if at < 0:
            return None
        line = bytes(buffer[: at + len(self._end)])
        del buffer[: len(line)]
        return line

    def respond(self, request: bytes, t: float) -> bytes | None:
        """Carry the line out; the reply comes when it has come about."""
        reply, seconds = self._instrument.execute(request.decode("latin-1").strip(), t)
        self._clock.sleep(seconds)
        return None if reply is None else reply.encode("latin-1") + self._end
