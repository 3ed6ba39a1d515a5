"""One instrument's exchanges over one link: question, answer, error queue."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchctl.core.errors import DeviceError, GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.scpi_status import EventStatus, StatusByte
from benchctl.driver.values import whole
from benchctl.links import Link

MOST_ERRORS = 20
"""Entries of an error queue that are read at most; some instruments never report it empty."""
SOONEST, LATEST = 0.005, 0.1
"""Seconds of bench time between two looks at whether something is complete: first, at most."""
_CODE = re.compile(r"\s*([+-]?\d+)\s*(,|$)")
_OPTIONAL = ("LEV", "IMM", "AMP", "STA", "NEX")
"""Words of a header that some instruments leave out and others repeat."""
_NO_ERROR = re.compile(r"\W*no\s+errors?\b", re.I)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an instrument talks; see the arguments of `Scpi`."""

    errors: str
    explains: str
    compound: bool
    tree: bool
    echo: bool
    flagged: str
    opc: bool
    srq: float
    end: bytes
    who: str
    remote: str
    patience: Mapping[str, float]


class Exchange:
    """What goes over the wire to one instrument, in its dialect."""

    def __init__(self, dialect: Dialect, end: bytes, link: Link) -> None:
        self.dialect = dialect
        self.link = link
        self._end = end

    def ask(self, query: str, *, echoed: bool = True, flagging: bool = True) -> str:
        """Send a query and return its reply without end, flag and header."""
        link = self.link
        usual = link.timeout
        with link.bus.hold:
            try:
                link.timeout = usual + self.dialect.patience.get(query, 0.0)
                sent = query.encode("ascii")
                reply = link.ask(sent + self._end, self._end)
            finally:
                link.timeout = usual
            if reply.startswith(sent):
                wire = reply + link.rest()
                raise GarbageReplyError(msg("driver.echoed"), wire=wire)
            text = self.text(reply)
            if self.dialect.flagged:
                text = self._unflagged(query, text, flagging)
        return self.bare(text.strip(), query) if echoed else text.strip()

    def text(self, reply: bytes) -> str:
        """Return a reply as text.

        Raises:
            GarbageReplyError: it is none.
        """
        try:
            return reply.decode("ascii")
        except UnicodeDecodeError as error:
            wire = reply + self.link.rest()
            raise GarbageReplyError(msg("driver.no-text"), wire=wire) from error

    def asker(self, query: str) -> Callable[[], bytes]:
        """Return what asks a question and gives the bytes of the answer; made once, for a loop."""
        message, end = query.encode("ascii") + self._end, self._end
        hold, exchange = self.link.bus.hold, self.link.ask

        def ask() -> bytes:
            with hold:
                return exchange(message, end)

        return ask

    def plain(self, query: str) -> bool:
        """Return whether the reply to a query is nothing but values, within the usual time."""
        dialect = self.dialect
        return not (dialect.echo or dialect.flagged or query in dialect.patience)

    def _unflagged(self, query: str, text: str, flagging: bool) -> str:
        """Return a reply without its first character, which tells whether errors are queued.

        Raises:
            DeviceError: they are; the queue is read empty and told.
        """
        flag, rest = text[:1], text[1:]
        if flag == self.dialect.flagged and flagging:
            found = self.errors()
            raise self.failed(query, found or [text.strip()])
        if flag not in (" ", self.dialect.flagged):
            raise GarbageReplyError(
                msg("driver.no-reply-line", text=text.strip()[:80]), wire=text.encode()
            )
        return rest

    def bare(self, reply: str, query: str) -> str:
        """Return the reply without the header it may repeat.

        Raises:
            GarbageReplyError: it repeats the header of another question.
        """
        if not self.dialect.echo:
            return reply
        header, _, rest = reply.partition(" ")
        asked = query.partition("?")[0].lstrip(":").upper()
        repeats = header[:1] in (":", "*") or header.upper() == asked
        if not (rest and repeats):
            return reply
        if _ends(header) != _ends(asked):
            raise GarbageReplyError(
                msg("driver.other-header", asked=asked, told=header), wire=reply.encode()
            )
        return rest.strip()

    def block(self, query: str) -> bytes | bytearray:
        """Send a query and return the payload of the block that answers it."""
        link = self.link
        with link.bus:
            link.drain()
            link.write(query.encode("ascii") + self._end)
            head = link.read_exactly(2)
            if head[:1] != b"#" or not head[1:].isdigit():
                raise GarbageReplyError(msg("driver.no-block", text=""), wire=head + link.rest())
            if head == b"#0":
                return link.read_until(self._end).removesuffix(self._end)
            length = link.read_exactly(int(head[1:]))
            if not length.isdigit():
                raise GarbageReplyError(
                    msg("driver.no-block", text=""), wire=head + length + link.rest()
                )
            data = link.read_block(int(length))
            link.read_until(self._end)
        return data

    def send(self, command: str) -> None:
        """Send a command and look whether the instrument took it.

        Raises:
            DeviceError: it did not; every entry of its error queue is told.
        """
        link = self.link
        with link.bus:
            self.start(command)
            found = self.errors()
        if found:
            raise self.failed(command, found)

    def start(self, command: str) -> None:
        """Send what begins something, and wait until it is complete as the dialect says.

        Raises:
            DeviceError: it takes longer than the dialect allows.
        """
        if self.dialect.srq:
            self.ask("*ESR?")  # the end of something before it must not be taken for its own
        self.link.drain()
        self.link.write(command.encode("ascii") + self._end)
        self.complete(command)

    def complete(self, command: str) -> None:
        """Wait until a command is carried out, where the dialect has a way to know."""
        if self.dialect.srq:
            self._await_service(command)
        elif self.dialect.opc:
            done = self.ask("*OPC?")
            if done != "1":
                raise GarbageReplyError(msg("driver.no-opc", text=done), wire=done.encode())

    def _await_service(self, command: str) -> None:
        link, most = self.link, self.dialect.srq
        link.write(b"*OPC" + self._end)
        over = link.bus.now() + most
        pause = SOONEST
        while True:
            polled = link.await_service(pause)
            told = whole(self.ask("*STB?")) if polled is None else polled
            if StatusByte.ESB in StatusByte(told & 0xFF):
                if EventStatus.OPC in EventStatus(whole(self.ask("*ESR?")) & 0xFF):
                    return
            elif link.bus.now() >= over:
                raise DeviceError(msg("driver.not-complete", command=command, seconds=most))
            pause = min(2 * pause, LATEST)

    def errors(self) -> list[str]:
        """Read the error queue empty and return its entries."""
        query = self.dialect.errors
        if query == "*ESR?":
            told = whole(self.ask(query))
            return [f"*ESR {told}: {faults}"] if (faults := EventStatus(told).faults) else []
        found: list[str] = []
        while query and len(found) < MOST_ERRORS:
            entry = self.ask(query, flagging=False)
            code = _CODE.match(entry)
            if code is None and not self.dialect.flagged:
                raise GarbageReplyError(
                    msg("driver.no-error-entry", text=entry[:80]), wire=entry.encode()
                )
            if _NO_ERROR.match(entry) if code is None else not int(code[1]):
                break
            found.append(self._explained(entry))
        return found

    def _explained(self, entry: str) -> str:
        """Return an entry of the error queue with its meaning."""
        if not self.dialect.explains:
            return entry
        return f"{entry} {self.ask(self.dialect.explains.format(code=entry))}"

    def failed(self, command: str, found: Sequence[str]) -> DeviceError:
        """Return the error for a command that led to what the error queue tells."""
        return DeviceError(
            msg("driver.scpi-errors", command=command, errors="; ".join(found)),
            wire="\n".join(found).encode(),
        )

    def take_control(self) -> None:
        """Send what takes control, where the bus has no line of its own for that (GPIB has)."""
        remote, address = self.dialect.remote, self.link.address.upper().removeprefix("VISA:")
        has_line = address.startswith(("GPIB", "USB")) or (
            "::INSTR" in address and not address.startswith("ASRL")
        )
        if remote and not has_line:
            self.link.drain()
            self.link.write(remote.encode("ascii") + self._end)
        if self.dialect.srq:
            self.link.drain()
            for command in ("*CLS", "*ESE 1", "*SRE 32"):
                self.link.write(command.encode("ascii") + self._end)


def _ends(header: str) -> tuple[str, ...]:
    """Return the first and the last word of a header that count, in their shortest form."""
    words = [word.rstrip("0123456789")[:3] for word in header.upper().lstrip("*:").split(":")]
    words = [word for word in words if word not in _OPTIONAL] or words
    return words[0], words[-1]
