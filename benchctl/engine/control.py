"""What a person wants of a run that goes on: a pause, a leak dealt with, a unit out, a relief.

    run(request, on_control=lambda control: keys.attach(control))
    control.pause("Li")                     # when the present action ends
    control.leak(5, "Li")                   # at once: the running totalisation is cut short

Requests come from any thread and are only noted there. The engine's own thread looks at them
whenever it waits: a unit that is dropped and a change of operator take effect without more ado, a
leak and a pause that is wanted now interrupt the present action, where it bears that; so does an
environment that leaves its limits (module `climate`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.events import OperatorChanged
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.engine.session import Session


class Interrupted(Exception):  # noqa: N818 - no error: it is dealt with, then the run goes on
    """What a person wants comes before the present action, which is begun anew afterwards."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Somebody wants a pause: `now`, or when the present action ends."""

    by: str
    now: bool


@dataclass(frozen=True, slots=True)
class Leak:
    """A unit in the line leaks; `judged` where a tightness test found it and has judged it."""

    serial: str
    position: int
    by: str
    judged: bool = False


@dataclass(frozen=True, slots=True)
class _Drop:
    serial: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Relief:
    name: str


class Control:
    """The requests of one run; its public methods may be called from any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._quiet: deque[_Drop | _Relief] = deque()
        self._dropping: set[str] = set()
        self._pause: Pause | None = None
        self._leaks: list[Leak] = []
        self._listening = False
        self._measuring = False
        self._paused = False
        self._over = False

    # what a person may want -----------------------------------------------------------------

    def pause(self, by: str, *, now: bool = False) -> None:
        """Pause when the present action ends; or `now`: what it totalises is void then.

        Raises:
            UsageError: the run pauses already, is about to, or is over.
        """
        with self._lock:
            self._refuse_if_over()
            wanted = self._pause
            if self._paused or (wanted is not None and (wanted.now or not now)):
                raise UsageError(msg("engine.paused-already"))
            self._pause = Pause(by, now)
        self._session.scheduler.wake()

    def leak(self, position: int, by: str) -> None:
        """Say that the unit at a position leaks: it is taken out, the others go on without it.

        Raises:
            UsageError: no unit is in the line there (any more), its leak is known, or the run is
                over.
        """
        with self._lock:
            self._refuse_if_over()
            serial = self._session.line.units.get(position)
            if serial is None or serial in self._session.line.leakers:
                raise UsageError(msg("engine.nobody-there", position=position))
            if any(leak.serial == serial for leak in self._leaks):
                raise UsageError(msg("engine.leak-known", position=position))
            self._leaks.append(Leak(serial, position, by))
        self._session.scheduler.wake()

    def drop(self, position: int, by: str, reason: str = "") -> None:
        """Let the unit at a position take no further part; the present action goes on.

        Raises:
            UsageError: no unit of this run is there (any more), or the run is over.
        """
        session = self._session
        with self._lock:
            self._refuse_if_over()
            here = [u.serial for u in session.plan.uuts if u.position == position]
            gone = session.dropped.keys() | self._dropping
            if not here or here[0] in gone:
                raise UsageError(msg("engine.nobody-there", position=position))
            self._dropping.add(here[0])
            self._quiet.append(_Drop(here[0], by, reason.strip()))
        session.scheduler.wake()

    def operator(self, name: str) -> None:
        """Let another person be responsible, and answer, from now on.

        Raises:
            UsageError: the name is empty, or the run is over.
        """
        with self._lock:
            self._refuse_if_over()
            if not name.strip():
                raise UsageError(msg("engine.no-operator"))
            refused = self._session.may_operate(name.strip())
            if refused is not None:
                raise UsageError(msg("scheme.outside", what=refused))
            self._quiet.append(_Relief(name.strip()))
        self._session.scheduler.wake()

    def _refuse_if_over(self) -> None:
        if self._over:
            raise UsageError(msg("engine.run-over"))

    # what the engine does with it -----------------------------------------------------------

    def look(self) -> BaseException | None:
        """Do what needs no interruption; return what interrupts the main task, if anything does."""
        try:
            self._do_quiet()
        except BenchctlError as error:  # the record cannot be written
            return error
        disturbed = self._measuring and self._session.climate.left is not None
        urgent = self._leaks or (self._pause is not None and self._pause.now) or disturbed
        if not (self._listening and urgent):
            return None
        self._listening = False
        return Interrupted()

    def _do_quiet(self) -> None:
        session = self._session
        while self._quiet:
            match self._quiet.popleft():
                case _Drop(serial, by, reason):
                    why = msg("engine.dropped", by=by)
                    if reason:
                        why = msg("engine.dropped-for", by=by, reason=reason)
                    session.take_out(serial, why, by)
                case _Relief(name) if name != session.operator:
                    before = session.relieve(name)
                    session.sink.emit(OperatorChanged(name, before, session.clock.now()))

    @contextmanager
    def listening(self, *, measuring: bool = False) -> Iterator[None]:
        """Let the main task be interrupted within the block.

        `measuring`: by the environment, too.
        """
        self._listening, self._measuring = True, measuring
        try:
            yield
        finally:
            self._listening = self._measuring = False

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """Note that the run pauses within the block."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False

    @property
    def wanted(self) -> bool:
        """Whether a person waits for a pause, or for somebody to see to a leak."""
        with self._lock:
            return bool(self._leaks or self._pause)

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """The leaks that nobody has seen to."""
        with self._lock:
            return tuple(self._leaks)

    def found(self, leak: Leak) -> None:
        """Note a leak that the run itself found."""
        with self._lock:
            if all(known.serial != leak.serial for known in self._leaks):
                self._leaks.append(leak)

    def take_leaks(self) -> list[Leak]:
        """Return the leaks that nobody has seen to; they count as seen to now."""
        with self._lock:
            leaks, self._leaks = self._leaks, []
            self._session.line.leakers |= {leak.serial for leak in leaks}
        return sorted(leaks, key=lambda leak: leak.position)

    def take_pause(self) -> Pause | None:
        """Return the pause that is wanted; it counts as made."""
        with self._lock:
            wanted, self._pause = self._pause, None
        return wanted

    def close(self) -> None:
        """Take no more requests; who was said to leak or to be out still is in the record.

        Raises:
            RecordError: it could not be noted.
        """
        with self._lock:
            self._over = True
        self._do_quiet()
