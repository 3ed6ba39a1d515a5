"""A vendor's own text protocol: a command line, a reply line.

A subclass says what a reply means (`MtSics.parse`), a driver uses it as its protocol:

    class MettlerMS(Instrument):
        protocol = MtSics()
        mass = Reading("SI", unit="g")

What differs between vendors is declared: ends of lines, prompt and echo, who is answered and who
is not, pauses, a checksum, an address on a shared line. Channels of one answer are read in one
exchange.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from benchctl.driver.channels import Action, Reading
from benchctl.driver.line_address import Ask, problem
from benchctl.driver.line_session import LineSession
from benchctl.driver.protocol import Protocol
from benchctl.links import Link


class Line(Protocol):
    """Base of protocols in which a line is answered by a line; says what a reply means."""

    name: ClassVar[str] = "line"
    end: ClassVar[str] = "\r\n"
    """Ends a command."""
    reply_end: ClassVar[str] = ""
    """Ends a reply; "" where it is the same."""
    who: ClassVar[str | Ask] = ""
    """Command that is answered with the model; "" where there is none."""
    serial: ClassVar[str | Ask] = ""
    """Command that is answered with the serial number; "" where there is none."""
    acknowledged: ClassVar[bool] = True
    """Whether settings and actions are answered; see `answers`."""
    proven: ClassVar[bool] = False
    """Whether a setting that is not answered is read back, and refused if it was not taken."""
    echo: ClassVar[bool] = False
    """Whether the device may repeat a command before it answers."""
    prompt: ClassVar[str] = ""
    """What the device writes when it is ready for the next command, such as ">"."""
    pause: ClassVar[float] = 0.0
    """Seconds of silence that a device needs between two commands."""
    hush: ClassVar[str] = ""
    """Command that ends what an earlier program left going (a stream of readings), sent first."""
    patience: ClassVar[Mapping[str, float]] = {}
    """Seconds beyond the timeout that the answer to a command may take: the device waits itself."""
    address: str = ""
    """Under which the device is known on a line that several share; "" where it is alone."""

    @abstractmethod
    def parse(self, command: str, reply: str, unit: str) -> Any:
        """Return the value in `reply`, as text or number, for the channel's `kind` to read.

        Where the reply tells more (its stability), it is a `Told` with that value in it. Where it
        has several values, a list or a mapping of them, each as it would be returned alone.

        Raises:
            InstrumentError: the reply is not one to `command`, is an error, or has another unit.
        """

    def configured(self, options: Mapping[str, str]) -> Self:
        """Return this protocol as an address line with `options` wants it.

        Raises:
            UsageError: an option makes no sense.
        """
        del options
        return self

    def command(self, address: str, value: Any) -> str:
        """Return the command that sets `address` to `value`, where the address does not say."""
        said = int(value) if isinstance(value, bool) else value
        return f"{address} {said}" if isinstance(said, str) else f"{address} {said:.12g}"

    def addressed(self, command: str) -> str:
        """Return a command as it is sent to this device on a line that several share."""
        return command

    def answers(self, command: str) -> bool:
        """Return whether a command that sets or acts is answered."""
        del command
        return self.acknowledged

    def until(self, command: str) -> str:
        """Return what ends the reply to a command."""
        del command
        return self.reply_end or self.end

    def checked(self, reply: bytes) -> bytes:
        """Return a reply without its checksum.

        Raises:
            GarbageReplyError: the checksum is wrong.
        """
        return reply

    def opening(self) -> Sequence[str]:
        """Return the commands that prepare the device when it is connected."""
        return ()

    def closing(self) -> Sequence[str]:
        """Return the commands that follow when it was identified."""
        return ()

    def session(self, link: Link, options: Mapping[str, str]) -> LineSession:
        """Return the conversation over `link`."""
        return LineSession(self.configured(options), link)

    def problem(self, channel: Reading[Any] | Action) -> str:
        """Return what is wrong with a channel's address."""
        return problem(channel.address, action=isinstance(channel, Action))
