"""One short tree of errors; each knows its exit code and what a person needs to mend it.

An error carries a `Message` (worded by whoever shows it) and, where there is one, a hint what to
do. Exit codes are those of the command line: 2 a file or the command line is wrong, 3 the run was
refused or could not finish, 4 a person stopped it, 5 the bench is not safe or a record could not be
written.
"""

from __future__ import annotations

from typing import ClassVar

from benchctl.core.messages import Message, words


class BenchctlError(Exception):
    """Anything that a person must hear about; not a mistake in our own code."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: Message, *, hint: Message | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def words(self, language: str = "en") -> str:
        """Return what is wrong, and on a second line what to do if that is known."""
        text = words(self.message, language)
        return f"{text}\n{words(self.hint, language)}" if self.hint else text

    def __str__(self) -> str:
        return self.words()


class UsageError(BenchctlError):
    """The command line asks for something that is not there or does not fit.

    Nothing was touched.
    """

    exit_code = 2


class RefusedError(BenchctlError):
    """The run must not start or go on: a standard, the bench, the environment, another process."""


class NotMeasuredError(BenchctlError):
    """A measurement is invalid (did not settle, left its band); the item is not measured."""


class InstrumentError(BenchctlError):
    """An instrument did not do what was asked.

    `instrument` is its name in the bench file, `channel` the channel or "", `wire` the bytes that
    were seen.
    """

    def __init__(
        self,
        message: Message,
        *,
        instrument: str = "",
        channel: str = "",
        wire: bytes = b"",
        hint: Message | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.instrument = instrument
        self.channel = channel
        self.wire = wire


class LinkError(InstrumentError):
    """The wire failed: refused, unplugged, closed by the peer."""


class NoReplyError(LinkError):
    """Nothing, or not all, came back before the deadline."""


class GarbageReplyError(InstrumentError):
    """Bytes came back that are not an answer: checksum, address, length, header, no number."""


class DeviceError(InstrumentError):
    """The instrument answered, and its answer is an error."""


class NotANumberError(InstrumentError):
    """The instrument answered overload, NaN or infinity: never a value."""


class StoppedError(BenchctlError):
    """A person stopped the run."""

    exit_code = 4


class UnsafeError(BenchctlError):
    """Something could not be brought to its safe state; look at the bench now."""

    exit_code = 5


class RecordError(BenchctlError):
    """A record could not be written or read."""

    exit_code = 5
