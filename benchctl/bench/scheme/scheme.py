"""The verification scheme of a lab: what may be verified, with what, by whom, and when.

    scheme.outside(today, person="Li Wei", role="operator", procedure=..., bench="Water line 2")

Returns every reason why something lies outside; an empty list is a permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from benchctl.core.messages import Message, msg


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when something holds; `withdrawn` is the first day on which it does not."""

    start: date
    until: date | None = None
    withdrawn: date | None = None
    because: str = ""

    def problem(self, day: date, what: Message) -> Message | None:
        """Return why `what` does not hold on a day, None where it does."""
        if self.withdrawn is not None and day >= self.withdrawn:
            on = self.withdrawn.isoformat()
            return msg("scheme.withdrawn", what=what, on=on, because=self.because)
        if day < self.start:
            return msg("scheme.not-yet", what=what, start=self.start.isoformat())
        if self.until is not None and day > self.until:
            return msg("scheme.ended", what=what, until=self.until.isoformat())
        return None


@dataclass(frozen=True, slots=True)
class MeasurementStandard:
    """A measurement standard with its certificate."""

    name: str
    certificate: str
    authority: str
    scope: str
    benches: tuple[str, ...]
    procedures: tuple[str, ...]
    term: Term


@dataclass(frozen=True, slots=True)
class Approved:
    """A procedure in an approved edition."""

    procedure: str
    edition: str | None
    sha256: str | None
    term: Term


@dataclass(frozen=True, slots=True)
class Authorised:
    """What a person may do."""

    name: str
    procedures: tuple[str, ...]
    roles: tuple[str, ...]
    term: Term


@dataclass(frozen=True, slots=True)
class Edition:
    """A procedure as it is to be used: name, document with edition, sha256 of its file."""

    procedure: str
    edition: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A lab's scheme, and the sha256 of its file."""

    name: str
    sha256: str
    standards: tuple[MeasurementStandard, ...]
    procedures: tuple[Approved, ...]
    persons: tuple[Authorised, ...]

    def outside(
        self, day: date, *, person: str, edition: Edition, bench: str, role: str = "operator"
    ) -> list[Message]:
        """Return every reason why a verification on a day lies outside of the scheme."""
        found = [
            self.unapproved(day, edition),
            self.unauthorised(day, person, edition.procedure, role),
            self.uncovered(day, bench, edition.procedure),
        ]
        return [message for message in found if message is not None]

    def unapproved(self, day: date, edition: Edition) -> Message | None:
        """Return why a procedure is not approved on a day."""
        named = [p for p in self.procedures if p.procedure == edition.procedure]
        if not named:
            return msg("scheme.no-procedure", procedure=edition.procedure, scheme=self.name)
        fitting = [p for p in named if p.edition in (None, edition.edition)]
        if not fitting:
            approved = ", ".join(p.edition or "-" for p in named)
            given = edition.edition or "-"
            return msg(
                "scheme.edition", procedure=edition.procedure, given=given, approved=approved
            )
        same = [p for p in fitting if p.sha256 is None or edition.sha256.startswith(p.sha256)]
        if not same:
            return msg("scheme.file", procedure=edition.procedure, sha256=edition.sha256[:12])
        what = msg("scheme.the-procedure", procedure=edition.procedure)
        return _first(same, day, what)

    def unauthorised(self, day: date, person: str, procedure: str, role: str) -> Message | None:
        """Return why a person may not do something on a day."""
        named = [p for p in self.persons if p.name == person and procedure in p.procedures]
        fitting = [p for p in named if role in p.roles]
        named_role = msg(f"scheme.role-{role}")
        if not fitting:
            who = person or "-"
            return msg("scheme.no-person", person=who, role=named_role, procedure=procedure)
        what = msg("scheme.the-person", person=person, role=named_role, procedure=procedure)
        return _first(fitting, day, what)

    def uncovered(self, day: date, bench: str, procedure: str) -> Message | None:
        """Return why no measurement standard covers a bench and a procedure on a day."""
        fitting = self._covering(bench, procedure)
        if not fitting:
            return msg("scheme.no-standard", bench=bench, procedure=procedure)
        what = msg("scheme.the-standard", certificate=fitting[-1].certificate)
        return _first(fitting, day, what)

    def as_json(self, day: date, *, person: str, edition: Edition, bench: str) -> dict[str, Any]:
        """Return under what the record says that a verification was made."""
        standard = next(
            s
            for s in self._covering(bench, edition.procedure)
            if s.term.problem(day, msg("scheme.the-standard", certificate="")) is None
        )
        until = standard.term.until
        return {
            "scheme": self.name,
            "sha256": self.sha256,
            "standard": standard.name,
            "certificate": standard.certificate,
            "authority": standard.authority,
            "scope": standard.scope,
            "valid_until": None if until is None else until.isoformat(),
            "person": person,
            "procedure": edition.procedure,
            "edition": edition.edition,
        }

    def _covering(self, bench: str, procedure: str) -> list[MeasurementStandard]:
        return [s for s in self.standards if bench in s.benches and procedure in s.procedures]


def _first(
    parts: Sequence[MeasurementStandard] | Sequence[Approved] | Sequence[Authorised],
    day: date,
    what: Message,
) -> Message | None:
    """Return None where one of the parts holds on a day, else why the last of them does not."""
    problems = [part.term.problem(day, what) for part in parts]
    return None if None in problems else _last(problems)


def _last(problems: Iterable[Message | None]) -> Message | None:
    return list(problems)[-1]
