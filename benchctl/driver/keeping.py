"""Whether an instrument is still the one that was identified, and what happens when it fails.

After a wire was opened again, by whichever instrument on it, nobody knows who answers now: each
instrument asks before anything else is read, set or done, and asks again until it was answered. A
reading or a setting that fails is tried once more where that can help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    LinkError,
    NoReplyError,
)
from benchctl.core.events import LinkNoted
from benchctl.core.messages import msg
from benchctl.core.ports import EventSink
from benchctl.driver.channels import Reading
from benchctl.driver.errors import BusyError, placed
from benchctl.driver.protocol import Identity, Session
from benchctl.links import Link

T = TypeVar("T")
_TRIED_AGAIN = (LinkError, GarbageReplyError, BusyError)


class Keeper:
    """Stands between one instrument and its session."""

    __slots__ = ("_link", "_name", "_proof", "_session", "_sink", "identity", "proven")

    def __init__(
        self,
        link: Link,
        session: Session,
        proof: Sequence[Reading[Any]],
        name: str,
        sink: EventSink,
    ) -> None:
        self._link = link
        self._session = session
        self._proof = list(proof)
        self._name = name
        self._sink = sink
        self.identity: Identity | None = None
        """Who was identified; None before that."""
        self.proven = link.openings
        """Number of the opening of the wire on which it was."""

    def known(self, identity: Identity) -> None:
        """Take note of who answers on the wire as it is open now."""
        self.identity, self.proven = identity, self._link.openings

    def sure(self) -> None:
        """See that the same instrument answers, where the wire was opened since it did.

        Raises:
            DeviceError: another one does.
            InstrumentError: nobody does; asked again the next time.
        """
        opening = self._link.openings
        if opening == self.proven:
            return
        before = self.identity
        if before is not None:
            now = self._session.identify(self._proof)
            if now != before:
                raise DeviceError(msg("driver.other-instrument", before=before.text, now=now.text))
        self.proven = opening

    def guarded(self, operation: Callable[[], T]) -> Callable[[], T]:
        """Return an operation that is carried out by the right instrument only."""

        def careful() -> T:
            self.sure()
            return operation()

        return careful

    def attempt(self, operation: Callable[[], T], channel: str) -> T:
        """Carry out an operation, once more if that can help."""
        try:
            return operation()
        except InstrumentError as error:
            return self.again(error, operation, channel)

    def again(self, error: InstrumentError, operation: Callable[[], T], channel: str) -> T:
        """Try once more after `error`, if trying again can help; raise it placed if not."""
        if not isinstance(error, _TRIED_AGAIN):
            raise self.placed(error, channel) from None
        try:
            self._mend(error, channel)
            return operation()
        except InstrumentError as second:
            raise self.placed(self._session.explain(second), channel) from error

    def _mend(self, error: InstrumentError, channel: str) -> None:
        """Note what happened; where the wire was lost, open it again and see who answers."""
        lost = isinstance(error, LinkError) and not isinstance(error, NoReplyError)
        if lost:
            self._link.reopen()
            self.sure()
        what = "reconnect" if lost else "retry"
        self._sink.emit(LinkNoted(what, self._name, channel, str(error.message)))

    def placed(self, error: InstrumentError, channel: str) -> InstrumentError:
        """Return the error, telling whose it is."""
        return placed(error, self._name, channel)
