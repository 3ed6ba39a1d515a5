"""What happens on the bench: instruments, standards, wires, settings, the gate, the safe state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from benchctl.core.events.base import JSON, Event


@dataclass(frozen=True, slots=True)
class StandardBound(Event):
    """A reference standard stands behind a role of this run."""

    KIND: ClassVar[str] = "standard-bound"
    role: str
    standard: JSON
    """name, model, serial, certificate, issuer, issued, due, channel, source (register or bench);
    U at k in unit (relative: % of the value), U_law, dof, range, corrections, drift."""


@dataclass(frozen=True, slots=True)
class CheckOverridden(Event):
    """A person set a check of the standards aside; only in a test run, which is never issued."""

    KIND: ClassVar[str] = "check-overridden"
    check: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class SchemeApplied(Event):
    """A verification is made within the lab's scheme."""

    KIND: ClassVar[str] = "scheme-applied"
    scheme: JSON
    """scheme, sha256, standard, certificate, authority, scope, valid_until, person, procedure,
    edition."""


@dataclass(frozen=True, slots=True)
class InstrumentOpened(Event):
    """An instrument answered and is the one that the bench file names."""

    KIND: ClassVar[str] = "instrument-opened"
    instrument: str
    driver: str
    address: str
    identity: str
    serial: str


@dataclass(frozen=True, slots=True)
class LinkNoted(Event):
    """Something on a wire worth keeping: retry, late reply, reconnect, parity fall-back."""

    KIND: ClassVar[str] = "link-noted"
    what: str
    """retry | late-reply | reconnect | parity-ignored | unplugged."""
    instrument: str
    channel: str
    detail: str


@dataclass(frozen=True, slots=True)
class UndoRegistered(Event):
    """A channel is about to leave its safe value; committed before the bench is energised."""

    KIND: ClassVar[str] = "undo-registered"
    undo: str
    instrument: str
    channel: str
    safe: float | bool


@dataclass(frozen=True, slots=True)
class MadeSafe(Event):
    """The outcome of making the bench safe: every step, and what could not be done."""

    KIND: ClassVar[str] = "made-safe"
    reason: str
    done: tuple[str, ...]
    failed: tuple[JSON, ...]
    """instrument, channel, error."""


@dataclass(frozen=True, slots=True)
class SettingWritten(Event):
    """A value was written to a channel, in the channel's own unit."""

    KIND: ClassVar[str] = "setting-written"
    instrument: str
    channel: str
    value: float | bool
    unit: str
    t: float


@dataclass(frozen=True, slots=True)
class GateChecked(Event):
    """One check of the bench before the day's work: the value must be `expected` ± `within`."""

    KIND: ClassVar[str] = "gate-checked"
    check: str
    passed: bool
    value: float | None
    unit: str
    expected: float
    within: float
    why: JSON
    t: float


@dataclass(frozen=True, slots=True)
class GateClosed(Event):
    """All checks of a bench were made; `gate` is the sha256 of what the bench file says of them."""

    KIND: ClassVar[str] = "gate-closed"
    bench: str
    gate: str
    passed: bool
    at: str
