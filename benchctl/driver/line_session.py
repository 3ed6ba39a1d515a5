"""The conversation with one instrument that speaks in lines; what it means is its `Line`'s."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchctl.core.clock import monotonic, pause
from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.errors import BusyError
from benchctl.driver.line_address import Ask, asked
from benchctl.driver.protocol import Identity, Session, Told
from benchctl.links import Link

if TYPE_CHECKING:
    from benchctl.driver.line import Line

STREAMED = 20
"""Lines that may come in before the answer to a command that ends a stream of them."""
RELATIVE = 1e-6
"""Within which a number that was set and the one that is told afterwards are the same."""


class LineSession(Session):
    """One instrument's lines over one link."""

    def __init__(self, protocol: Line, link: Link) -> None:
        self._protocol = protocol
        self._link = link
        self._end = protocol.end.encode("ascii")
        self._prompt = protocol.prompt.encode("ascii")
        self._wrapped = bool(protocol.echo or protocol.prompt)
        self._sent = b""
        self._free = 0.0
        self.bus_address = protocol.address

    # reading ------------------------------------------------------------------------------------

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels in one hold of the bus, each command once."""
        if len(channels) == 1:
            channel = channels[0]
            return lambda: (self._told(channel).value,)
        groups: dict[tuple[str, float], list[int]] = {}
        for place, channel in enumerate(channels):
            address = asked(channel.address)
            groups.setdefault((address.query, address.wait), []).append(place)
        bus = self._link.bus

        def read() -> tuple[Any, ...]:
            found: list[Any] = [None] * len(channels)
            with bus:
                for places in groups.values():
                    together = self._together([channels[place] for place in places])
                    for place, told in zip(places, together, strict=True):
                        found[place] = told.value
            return tuple(found)

        return read

    def sampler(self, channel: Reading[Any]) -> Callable[[], Told]:
        """Return a function that reads one channel with what the reply says about it."""
        return lambda: self._told(channel)

    def _told(self, channel: Reading[Any]) -> Told:
        return self._together([channel])[0]

    def _together(self, channels: Sequence[Reading[Any]]) -> list[Told]:
        """Return the values of channels that are all in one answer, stable if they wait for it."""
        address = asked(channels[0].address)
        if not address.wait:
            return self._once(address.query, channels)
        bus = self._link.bus
        over = bus.now() + address.wait
        while True:
            told = self._once(address.query, channels)
            if all(one.stable is not False for one in told):
                return told
            if bus.now() >= over:
                raise BusyError(msg("driver.not-settled", seconds=address.wait))

    def _once(self, query: str, channels: Sequence[Reading[Any]]) -> list[Told]:
        reply = self._ask(query)
        told = []
        for channel in channels:
            try:
                said = self._parsed(asked(channel.address), reply, channel.unit)
                told.append(
                    replace(said, value=channel.kind(said.value))
                    if isinstance(said, Told)
                    else Told(channel.kind(said))
                )
            except InstrumentError as error:
                error.channel, error.wire = channel.name, reply
                raise
        return told

    def _parsed(self, address: Ask, reply: bytes, unit: str) -> Any:
        try:
            text = self._protocol.checked(reply).decode("latin-1").strip()
            said = self._protocol.parse(address.query, text, unit)
            return said if address.field is None else said[address.field]
        except (ValueError, LookupError, TypeError) as error:  # less than the grammar expects
            text = reply.decode("latin-1").strip()
            raise GarbageReplyError(msg("driver.no-reply-line", text=text[:80])) from error

    # the wire -----------------------------------------------------------------------------------

    def _ask(self, command: str) -> bytes:
        protocol, link = self._protocol, self._link
        end = protocol.until(command).encode("ascii")
        usual = link.timeout
        with link.bus:
            try:
                link.timeout = usual + protocol.patience.get(command, 0.0)
                before, sent = self._sent, self._say(command)
                reply = link.read_until(end)
                if self._wrapped:
                    while not (bare := self._bare(reply, (before, sent))) and end != self._prompt:
                        reply = link.read_until(end)
                    reply = bare
                elif sent and reply.startswith(sent + self._end):
                    raise GarbageReplyError(msg("driver.echoed"), wire=reply + link.rest())
            finally:
                link.timeout = usual
                self._free = monotonic() + protocol.pause
        return reply

    def _say(self, command: str) -> bytes:
        """Send a command when its turn has come; return it as it was sent, without its end."""
        link, protocol = self._link, self._protocol
        sent = protocol.addressed(command).encode("ascii")
        if protocol.pause:
            link.quiet(protocol.pause)
            if not link.char_time:  # a gateway: its line cannot be listened to
                pause(self._free - monotonic())
        link.drain()
        link.write(sent + self._end)
        self._sent = sent
        return sent

    def _bare(self, reply: bytes, echoes: Sequence[bytes]) -> bytes:
        """Return a reply without prompts around it and without what is repeated before it.

        That may be the command before this one too: one that is not answered, and repeated late.
        """
        text = reply.strip()
        while self._prompt and text.startswith(self._prompt):
            text = text.removeprefix(self._prompt).lstrip()
        if self._prompt:
            text = text.removesuffix(self._prompt).rstrip()
        if self._protocol.echo:
            known = [echo.strip().lower() for echo in echoes if echo]
            first, _, rest = text.partition(b"\r")
            while first.strip().lower() in known:
                text = rest.strip()
                first, _, rest = text.partition(b"\r")
        return text

    def _send(self, command: str) -> None:
        """Send a command that sets or acts; an error unless it is confirmed as it should be."""
        if not self._protocol.answers(command):
            with self._link.bus:
                self._say(command)
                self._free = monotonic() + self._protocol.pause
            return
        reply = self._ask(command)
        try:
            self._parsed(Ask(command), reply, "")
        except InstrumentError as error:
            error.wire = reply
            raise

    # setting ------------------------------------------------------------------------------------

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value; where the protocol is to prove it, look whether it was taken."""
        address = asked(channel.address)
        if address.write or address.words:
            command = address.command(value)
        else:
            command = self._protocol.command(address.query, value)
        with self._link.bus:
            self._send(command)
            if not self._protocol.proven or self._protocol.answers(command):
                return
            told = self._told(channel).value
        if not _same(channel, value, told):
            raise DeviceError(
                msg("driver.not-taken", value=str(value), told=str(told), unit=channel.unit),
                hint=msg("driver.hint-not-taken"),
            )

    def act(self, action: Action) -> None:
        """Send a command."""
        self._send(action.address)

    # who it is ----------------------------------------------------------------------------------

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask for model and serial number; without such commands read a channel of `proof`."""
        protocol = self._protocol
        with self._link.bus:
            if protocol.hush:
                self._hush(protocol.hush)
            for command in protocol.opening():
                self._send(command)
            try:
                return self._identity(proof)
            finally:
                for command in protocol.closing():
                    self._send(command)

    def _identity(self, proof: Sequence[Reading[Any]]) -> Identity:
        who, serial = self._protocol.who, self._protocol.serial
        if not who and proof:
            self._told(proof[0])
        text = self._word(who) if who else self._protocol.name
        return Identity(text, self._word(serial) if serial else "")

    def _word(self, address: str | Ask) -> str:
        """Return what the instrument says about itself."""
        full = asked(address)
        reply = self._ask(full.query)
        said = self._parsed(full, reply, "")
        return str(said.value if isinstance(said, Told) else said)

    def _hush(self, command: str) -> None:
        """Send the command and drop what comes before its answer, or until there is silence."""
        if not self._protocol.answers(command):
            self._send(command)
            self._link.rest()
            return
        with self._link.bus:
            reply = self._ask(command)
            for _ in range(STREAMED):
                try:
                    self._parsed(Ask(command), reply, "")
                except GarbageReplyError:
                    reply = self._link.read_until(self._protocol.until(command).encode("ascii"))
                else:
                    return


def _same(channel: Reading[Any], value: Any, told: Any) -> bool:
    if isinstance(value, bool | str) or isinstance(told, bool | str):
        return bool(value == told)
    step = 0.5000001 * (channel.resolution or 0.0)
    return bool(abs(value - told) <= max(step, RELATIVE * max(abs(value), abs(told))))
