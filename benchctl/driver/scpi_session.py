"""A conversation in SCPI: readers compiled from addresses, settings, identity."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchctl.core.errors import (
    GarbageReplyError,
    InstrumentError,
    NoReplyError,
    UsageError,
)
from benchctl.core.messages import msg
from benchctl.driver.blocks import in_block
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.protocol import Identity, Session, Told
from benchctl.driver.scpi_address import (
    Commands,
    Part,
    Pick,
    Question,
    Remade,
    Settled,
    begins,
    fields,
    plain,
    questions,
    units,
)
from benchctl.driver.scpi_exchange import Dialect, Exchange
from benchctl.driver.values import LARGEST, plain_numbers, real
from benchctl.links import Link

SHOWN = 4096
"""Characters of a reply that an error keeps."""
_OPTION = re.compile(r"[\w.+-]+")
_FIELD = re.compile(r"\{(\w+)\}")


class ScpiSession(Session):
    """The conversation with one instrument."""

    def __init__(
        self, dialect: Dialect, end: bytes, link: Link, options: Mapping[str, str]
    ) -> None:
        self._wire = Exchange(dialect, end, link)
        self._options = options

    def _filled(self, text: str) -> str:
        """Return the text with the driver's options in the place of {their names}."""

        def value(field: re.Match[str]) -> str:
            name = field[1]
            if name == "value":
                return field[0]
            given = self._options.get(name, "")
            if not _OPTION.fullmatch(given):
                raise UsageError(
                    msg("driver.bad-option", option=name, value=given, allowed="A-Z 0-9 . + -")
                )
            return given

        return _FIELD.sub(value, text)

    # reading --------------------------------------------------------------------------------

    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels: one message where the instrument allows it."""
        asked = questions([c.address for c in channels])
        for question in asked:
            question.text = self._filled(question.text)
            question.before = self._filled(question.before)
        begun = any(question.before for question in asked)
        if len(channels) == 1 and not begun:
            return self._number(asked[0], channels[0]) or self._single(asked[0], channels[0])
        together = self._wire.dialect.compound and not any(in_block(c) for c in channels)
        if together and not begun and len(asked) > 1:
            return self._compound(asked, channels)
        return self._one_by_one(asked, channels)

    def _single(self, asked: Question, channel: Reading[Any]) -> Callable[[], tuple[Any, ...]]:
        text, pick = asked.text, asked.targets[0][1]
        ask: Callable[[str], Any] = self._wire.block if in_block(channel) else self._wire.ask
        return lambda: (self._value(channel, pick, ask(text)),)

    def _one_by_one(
        self, asked: Sequence[Question], channels: Sequence[Reading[Any]]
    ) -> Callable[[], tuple[Any, ...]]:
        bus = self._wire.link.bus

        def read() -> tuple[Any, ...]:
            values: list[Any] = [None] * len(channels)
            with bus:
                for question in asked:
                    blocks = in_block(channels[question.targets[0][0]])
                    ask = self._wire.block if blocks else self._wire.ask
                    if question.before:
                        self._wire.start(question.before)
                    reply: Any = ask(question.text)
                    for place, pick in question.targets:
                        values[place] = self._value(channels[place], pick, reply)
            return tuple(values)

        return read

    def _compound(
        self, asked: Sequence[Question], channels: Sequence[Reading[Any]]
    ) -> Callable[[], tuple[Any, ...]]:
        def later(query: str) -> str:
            return query if query[0] in ":*" or not self._wire.dialect.tree else f":{query}"

        text = ";".join([asked[0].text, *(later(q.text) for q in asked[1:])])
        whole = [((place, None),) for place in range(len(channels))]
        ordered = [tuple(q.targets) for q in asked] == whole
        if ordered and self._wire.plain(text) and all(c.kind is real for c in channels):
            return self._numbers(text, asked, channels)
        return lambda: self._parts(self._wire.ask(text, echoed=False), asked, channels)

    def _number(self, asked: Question, channel: Reading[Any]) -> Callable[[], tuple[float]] | None:
        """Return what reads one plain number; what is none is looked at with care."""
        plain = self._wire.plain(asked.text) and asked.targets[0][1] is None
        if not plain or channel.kind is not real:
            return None
        ask, carefully = self._wire.asker(asked.text), self._carefully

        def read() -> tuple[float]:
            reply = ask()
            try:
                value = float(reply)
            except ValueError:
                return carefully(channel, reply)
            if not -LARGEST < value < LARGEST or b"_" in reply:
                return carefully(channel, reply)
            return (value,)

        return read

    def _carefully(self, channel: Reading[Any], reply: bytes) -> tuple[float]:
        return (self._value(channel, None, self._wire.text(reply).strip()),)

    def _numbers(
        self, text: str, asked: Sequence[Question], channels: Sequence[Reading[Any]]
    ) -> Callable[[], tuple[Any, ...]]:
        """Return what reads plain numbers; what is none is looked at with care."""
        ask, count = self._wire.asker(text), len(channels)

        def read() -> tuple[Any, ...]:
            reply = ask()
            values = plain_numbers(reply, count)
            if values is not None:
                return values
            return self._parts(self._wire.text(reply).strip(), asked, channels)

        return read

    def _parts(
        self, reply: str, asked: Sequence[Question], channels: Sequence[Reading[Any]]
    ) -> tuple[Any, ...]:
        """Return the values in the reply to a message of several queries."""
        values: list[Any] = [None] * len(channels)
        parts = units(reply)
        if len(parts) != len(asked):
            raise GarbageReplyError(
                msg("driver.parts", got=len(parts), wanted=len(asked)), wire=reply.encode()
            )
        for question, said in zip(asked, parts, strict=True):
            bare = self._wire.bare(said, question.text)
            for place, pick in question.targets:
                values[place] = self._value(channels[place], pick, bare)
        return tuple(values)

    def sampler(self, channel: Reading[Any]) -> Callable[[], Told]:
        """Return a function that reads a channel, and whether it is at rest where that is told."""
        address = channel.address
        if not isinstance(address, Settled):
            return super().sampler(channel)
        asked = questions([address.state, address.value])
        texts = [self._filled(q.text) for q in asked]
        state_pick = asked[0].targets[0][1]
        value_pick = asked[-1].targets[-1][1]
        begun = self._filled(begins(address))

        def sample() -> Told:
            with self._wire.link.bus:
                if begun:
                    self._wire.start(begun)
                state = self._wire.ask(texts[0])
                reply = self._wire.ask(texts[1]) if len(texts) > 1 else state
            said = self._picked(state_pick, state)
            return Told(self._value(channel, value_pick, reply), address.stable(said), said)

        return sample

    def _value(
        self, channel: Reading[Any], pick: Pick | None, reply: str | bytes | bytearray
    ) -> Any:
        try:
            return channel.kind(self._picked(pick, reply) if isinstance(reply, str) else reply)
        except InstrumentError as error:
            error.channel = channel.name
            shown = reply[:SHOWN]
            error.wire = shown.encode() if isinstance(shown, str) else bytes(shown)
            raise

    def _picked(self, pick: Pick | None, reply: str) -> str:
        if pick is None:
            return reply
        try:
            return pick(fields(reply))
        except (ValueError, IndexError) as error:
            raise GarbageReplyError(
                msg("driver.no-reply-line", text=reply[:80]), wire=reply.encode()
            ) from error

    # setting --------------------------------------------------------------------------------

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value and look whether the instrument took it."""
        with self._wire.link.bus:
            self._wire.send(self._command(channel.address, value))

    def _command(self, address: Any, value: Any) -> str:
        said = str(int(value)) if isinstance(value, bool) else value
        said = said if isinstance(said, str) else f"{said:.12g}"
        match address:
            case Settled():
                return self._command(address.value, value)
            case Commands():
                return self._filled(address.by_value[value])
            case Part():
                header = self._filled(address.header)
                now = fields(self._wire.ask(f"{header}?"))
                if len(now) != address.of:
                    raise GarbageReplyError(msg("driver.items", got=len(now), wanted=address.of))
                now[address.number - 1] = said
                return f"{header} {','.join(now)}"
            case Remade():
                reply = self._wire.ask(self._filled(address.query))
                return self._picked(lambda now: address.make(now, said), reply)
            case tuple():
                return self._filled(address[1]).replace("{value}", said)
        return f"{self._filled(plain(address))} {said}"

    def act(self, action: Action) -> None:
        """Send a command and look whether the instrument took it."""
        self._wire.send(self._filled(action.address))

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask for maker, model, serial number and firmware; empty the error queue."""
        del proof  # every SCPI instrument says who it is
        with self._wire.link.bus:
            self._wire.take_control()
            text = self._wire.ask(self._wire.dialect.who, flagging=False)
            self._wire.errors()
        said = [one.strip() for one in text.split(",")]
        serial = said[2] if len(said) > 3 else ""
        return Identity(text, "" if serial == "0" else serial)

    def explain(self, error: InstrumentError) -> InstrumentError:
        """Return what the error queue says of a question that was not answered."""
        if not isinstance(error, NoReplyError):
            return error
        try:
            found = self._wire.errors()
        except InstrumentError:  # it does not answer at all: the first error says it
            return error
        return self._wire.failed("", found) if found else error
