"""`Instrument`, the base of every driver: declared channels, identity, safe state, retries.

    class Meter(Instrument):
        protocol = Modbus()
        volume = Reading(holding(260, "f32"), unit="L")

    meter = Meter(link, {"unit": "1"}, name="master")     # nothing is sent
    meter.connect()
    read = meter.reader("volume")                          # compiled once, called many times

A reading that fails is tried once more (after the line was drained; after a lost wire was opened
again and the same instrument answered), a setting likewise, an action never. Whatever leaves here
as an error names instrument, channel and the bytes seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from benchctl.core.errors import (
    DeviceError,
    InstrumentError,
    UsageError,
)
from benchctl.core.messages import Message, msg
from benchctl.core.ports import EventSink, NullSink, Operator
from benchctl.core.results import Sample
from benchctl.core.suggest import closest
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.driver.errors import DriverError, SettingRefused, placed, suggestion
from benchctl.driver.keeping import Keeper
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.links import TIMEOUT, Link


class Instrument:
    """Base class of every driver."""

    protocol: ClassVar[Protocol]
    """How it talks."""
    identity: ClassVar[str] = ""
    """Regular expression that its identification must match; "" where it has none."""
    defaults: ClassVar[Mapping[str, str]] = {}
    """The driver's own options in an address line, with what holds where they are not given."""
    timeout: ClassVar[float] = TIMEOUT
    """Seconds of real time an answer may take, where the address line does not say."""
    asks: ClassVar[bool] = False
    """Whether a person is the one who reads it: `prompt` and `accept` instead of a wire."""

    channels: ClassVar[dict[str, Reading[Any]]] = {}
    """Readings and settings by name, in the order of declaration."""
    actions: ClassVar[dict[str, Action]] = {}
    """Actions by name."""

    link: Link
    options: Mapping[str, str]
    name: str
    operator: Operator | None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {n: i for n, i in vars(cls).items() if isinstance(i, Reading | Action)}
        for name in own:
            if name in _RESERVED or name.startswith("_"):
                raise _declared_wrongly(cls, "reserved", channel=name)
        cls.channels = cls.channels | {n: i for n, i in own.items() if isinstance(i, Reading)}
        cls.actions = cls.actions | {n: i for n, i in own.items() if isinstance(i, Action)}
        acts = cls.actions or any(c.writable for c in cls.channels.values())
        if acts and cls.make_safe is Instrument.make_safe:
            raise _declared_wrongly(cls, "no-make-safe")
        if own and not hasattr(cls, "protocol"):
            raise _declared_wrongly(cls, "no-protocol")
        for name, item in own.items():
            if isinstance(item, Reading) and item.lacks_unit:
                raise _declared_wrongly(cls, "no-unit", channel=name)
            if problem := cls.protocol.problem(item):
                raise _declared_wrongly(cls, "bad-address", channel=name, problem=problem)

    def __init__(
        self,
        link: Link,
        options: Mapping[str, str] | None = None,
        *,
        name: str = "",
        sink: EventSink | None = None,
        operator: Operator | None = None,
    ) -> None:
        given = dict(options or {})
        unknown = [option for option in given if option not in self.known_options()]
        if unknown:
            raise self._unknown_option(unknown[0], name)
        if "timeout" not in given:
            link.timeout = self.timeout
        self._keep(
            link=link,
            options=dict(self.defaults) | given,
            name=name or type(self).__name__,
            operator=operator,
            _readers={},
        )
        session = self.protocol.session(link, self.options)
        keeper = Keeper(link, session, list(self.channels.values()), self.name, sink or NullSink())
        self._keep(_session=session, _keeper=keeper)

    _keeper: Keeper
    _readers: dict[tuple[str, ...], Callable[[], tuple[Any, ...]]]
    _session: Session

    def _keep(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    if not TYPE_CHECKING:  # a checker that saw it would take every name for an attribute

        def __setattr__(self, name: str, value: object) -> None:
            if name.startswith("_") or hasattr(type(self), name):
                object.__setattr__(self, name, value)
                return
            raise self._no_attribute(name)

        def __getattr__(self, name: str) -> object:
            """Refuse what is neither a channel nor an action."""
            raise self._no_attribute(name)

        def _no_attribute(self, name: str) -> AttributeError:
            near = closest(name, (*self.channels, *self.actions))
            hint = f"; did you mean {near!r}?" if near else ""
            return AttributeError(f"{type(self).__name__} has no channel {name!r}{hint}")

    @classmethod
    def known_options(cls) -> frozenset[str]:
        """Return the names that may stand behind the question mark of its address."""
        return frozenset({"timeout", *cls.protocol.options, *cls.defaults})

    def connect(self) -> Identity:
        """Make sure that the right model answers, and is set up as the driver expects.

        Raises:
            InstrumentError: nothing answers, another model does, or it is set up differently.
        """
        proof = list(self.channels.values())
        found = self._keeper.attempt(lambda: self._session.identify(proof), "")
        if self.identity and not re.search(self.identity, found.text):
            raise self._placed(
                DeviceError(
                    msg("driver.other-model", found=found.text, wanted=self.identity),
                    hint=msg("driver.hint-other-model"),
                ),
                "",
            )
        self._keeper.known(found)
        self.verify()
        return found

    def verify(self) -> None:
        """Prove that the instrument is set up as the driver assumes; for drivers that can ask.

        Called by `connect`. Raise with `self.refuse` what a person must change.
        """

    def refuse(self, message: Message | str, *, hint: Message | None = None) -> DeviceError:
        """Return the error for an instrument that answers but must not be used as it is."""
        said = msg("driver.said", text=message) if isinstance(message, str) else message
        error = DeviceError(said, hint=hint)
        self._placed(error, "")
        return error

    @property
    def bus_address(self) -> str:
        """Under which it is known on a line that several share, "" where it is alone."""
        return self._session.bus_address

    def make_safe(self) -> None:
        """Bring the instrument to a state that is safe to leave.

        Only what can neither be set nor told to act may go without its own.
        """

    def resolution(self, channel: str) -> float | None:
        """Return one step of a channel's indication in its unit, None where it is not known.

        A driver whose instrument tells it may know better once connected.
        """
        return self._channel(channel).resolution

    def read(self, *names: str) -> tuple[Any, ...]:
        """Return the values of several channels, in as few exchanges as the protocol allows."""
        read = self._readers.get(names)
        if read is None:
            read = self._readers[names] = self.reader(*names)
        return read()

    def reader(self, *names: str) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels; made once, for a loop that calls it often.

        The function raises `InstrumentError` subclasses only.
        """
        return self._reading([[name] for name in names], together=False)

    def reader_of(self, groups: Sequence[Sequence[str]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads groups of channels; those of a group are of one instant.

        The function raises `InstrumentError` subclasses only.
        """
        return self._reading(groups, together=True)

    def _reading(
        self, groups: Sequence[Sequence[str]], *, together: bool
    ) -> Callable[[], tuple[Any, ...]]:
        channels = [[self._channel(name) for name in group] for group in groups]
        session, names = self._session, [name for group in groups for name in group]
        exchange = (
            session.reader_of(channels) if together else session.reader([c for (c,) in channels])
        )
        keeper, link = self._keeper, self.link
        careful = keeper.guarded(exchange)

        def read() -> tuple[Any, ...]:
            try:
                return exchange() if link.openings == keeper.proven else careful()
            except InstrumentError as error:
                return keeper.again(error, careful, ", ".join(names))

        return read

    def sample(self, name: str) -> Sample:
        """Return one reading and the instrument's word on its stability; `t` is when it ended."""
        channel = self._channel(name)
        ask = self._keeper.guarded(self._session.sampler(channel))
        with self.link.bus as bus:
            told = self._keeper.attempt(ask, name)
            return Sample(float(told.value), channel.unit, bus.now(), told.stable, told.status)

    def write(self, name: str, value: Any) -> None:
        """Set a channel.

        Raises:
            SettingRefused: the value lies outside the channel's limits; nothing was sent.
            InstrumentError: it could not be set.
        """
        channel = self._channel(name)
        if not isinstance(channel, Setting):
            raise self._placed(SettingRefused(msg("driver.read-only")), name)
        try:
            sent = channel.check(value)
        except SettingRefused as refused:
            raise self._placed(refused, name) from None
        write = self._keeper.guarded(lambda: self._session.write(channel, sent))
        self._keeper.attempt(write, name)

    def act(self, name: str) -> None:
        """Carry out an action, once.

        Raises:
            InstrumentError: it failed; whether it was carried out is not known then.
        """
        if name not in self.actions:
            raise self._unknown("driver.unknown-action", name, self.actions)
        try:
            self._keeper.sure()
            self._session.act(self.actions[name])
        except InstrumentError as error:
            raise self._placed(error, name) from None

    def _channel(self, name: str) -> Reading[Any]:
        if name not in self.channels:
            raise self._unknown("driver.unknown-channel", name, self.channels)
        return self.channels[name]

    def _unknown(self, id_: str, name: str, known: Iterable[str]) -> UsageError:
        return UsageError(
            msg(id_, instrument=self.name, channel=name), hint=suggestion(name, known)
        )

    def _unknown_option(self, option: str, name: str) -> UsageError:
        return UsageError(
            msg("driver.unknown-option", option=option, instrument=name or type(self).__name__),
            hint=suggestion(option, self.known_options()),
        )

    def _placed(self, error: InstrumentError, channel: str) -> InstrumentError:
        return placed(error, self.name, channel)


_RESERVED = frozenset(dir(Instrument)) | frozenset(Instrument.__annotations__)


def _declared_wrongly(cls: type, name: str, **args: str) -> DriverError:
    return DriverError(msg(f"driver.{name}", cls=cls.__name__, **args))
