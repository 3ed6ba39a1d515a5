"""What a protocol is: declared once in a driver's class, one session per instrument.

A `Protocol` says how addresses are written and which options it takes from an instrument's address
line; it holds no state. Its `Session` talks over one link: it compiles readers (request frames and
decoders made once, the exchange many times) and sends settings and actions. Sessions raise
`InstrumentError`s with the bytes seen; who they belong to is added by the instrument, and so are
retries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, InstrumentError, UsageError
from benchctl.core.messages import msg
from benchctl.driver.channels import Action, Reading, Setting
from benchctl.links import Link


@dataclass(frozen=True, slots=True)
class Identity:
    """What an instrument says it is; `serial` is "" where it does not say."""

    text: str
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A value with what the instrument said about it; `stable` None where it says nothing."""

    value: Any
    stable: bool | None = None
    status: str = ""


class Session(ABC):
    """One instrument's conversation over its link."""

    bus_address: str = ""
    """Under which it is known on a line that several share, "" where it is alone."""

    @abstractmethod
    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads the channels in as few exchanges as possible."""

    def reader_of(self, groups: Sequence[Sequence[Reading[Any]]]) -> Callable[[], tuple[Any, ...]]:
        """Return a function that reads groups of channels, those of a group in one exchange.

        As far as the protocol can: one that cannot reads all of them as `reader` does.
        """
        return self.reader([channel for group in groups for channel in group])

    def sampler(self, channel: Reading[Any]) -> Callable[[], Told]:
        """Return a function that reads one channel with what the instrument says about it."""
        read = self.reader([channel])
        return lambda: Told(read()[0])

    def write(self, channel: Setting[Any], value: Any) -> None:
        """Send a value that was checked against the channel's limits; a pure reader refuses."""
        raise DeviceError(msg("driver.cannot-set", channel=channel.name, value=str(value)))

    def act(self, action: Action) -> None:
        """Send a command, once; a pure reader refuses."""
        raise DeviceError(msg("driver.cannot-act", channel=action.name))

    @abstractmethod
    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        """Ask the instrument who it is; where it cannot say, read a channel of `proof`."""

    def explain(self, error: InstrumentError) -> InstrumentError:
        """Return a better reason for a failure, where the instrument can be asked for one."""
        return error


class Protocol(ABC):
    """A way of talking, as a driver declares it."""

    name: ClassVar[str]
    """What people call it."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Names it understands behind the question mark of an address."""

    @abstractmethod
    def session(self, link: Link, options: Mapping[str, str]) -> Session:
        """Return the conversation over `link`; nothing is sent.

        Raises:
            UsageError: an option makes no sense.
        """

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address, "" if nothing; asked at class creation."""
        return "" if channel.address is not None else "it has no address"


def choice(options: Mapping[str, str], name: str, allowed: Sequence[str], usual: str) -> str:
    """Return the option `name`, one of `allowed`, whatever its case.

    Raises:
        UsageError: it is something else.
    """
    value = options.get(name, usual).upper()
    if value not in allowed:
        raise UsageError(
            msg("driver.bad-option", option=name, value=value, allowed=", ".join(allowed))
        )
    return value


def integer(options: Mapping[str, str], name: str, low: int, high: int, usual: int) -> int:
    """Return the option `name` as a whole number within `low`..`high`.

    Raises:
        UsageError: it is something else.
    """
    text = options.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise UsageError(
            msg("driver.bad-option", option=name, value=text, allowed=f"{low}..{high}")
        )
    return int(text)
