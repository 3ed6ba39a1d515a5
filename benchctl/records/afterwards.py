"""What came after a run: amendments, reviews, certificate numbers, notes about the record."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchctl.core.events import AuditNoted, NumberIssued, RunAmended, RunReviewed
from benchctl.records.sentences import JSON

CHECKED, APPROVED, RETURNED = "checked", "approved", "returned"
SERIAL = "serial"
"""The field that corrects a unit's serial number; others are its further columns."""


@dataclass(slots=True)
class Afterwards:
    """What was done with the record of a run since."""

    amendments: list[RunAmended] = field(default_factory=list)
    reviews: list[RunReviewed] = field(default_factory=list)
    numbers: list[NumberIssued] = field(default_factory=list)
    audits: list[AuditNoted] = field(default_factory=list)
    current: list[RunReviewed] = field(default_factory=list)
    """The reviews that still hold: no amendment came after them, nobody gave the record back."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Corrected serial numbers, by the one that the plan has."""

    @property
    def revision(self) -> int:
        """How often the record was amended."""
        return len(self.amendments)

    def take(self, event: RunAmended | RunReviewed | NumberIssued | AuditNoted) -> None:
        """Take one event."""
        match event:
            case RunAmended():
                self.amendments.append(event)
                self.current.clear()
            case RunReviewed():
                self.reviews.append(event)
                if event.step == RETURNED:
                    self.current.clear()
                else:
                    self.current.append(event)
            case NumberIssued():
                self.numbers.append(event)
            case AuditNoted():
                self.audits.append(event)

    def passed(self, step: str) -> RunReviewed | None:
        """Return who signed a step that still holds, None where nobody did."""
        return next((r for r in reversed(self.current) if r.step == step), None)

    def corrected(self, uuts: list[JSON]) -> list[JSON]:
        """Return the units with the facts that amendments corrected."""
        serials = {uut["serial"]: uut for uut in uuts}
        for change in (c for a in self.amendments for c in a.changes):
            uut = serials.get(change["uut"])
            if uut is None:
                continue
            if change["field"] == SERIAL:
                uut["serial"] = self.renamed[change["uut"]] = change["new"]
            else:
                uut["extra"][change["field"]] = change["new"]
        return uuts

    def document(self) -> JSON:
        """Return what the result document shows of it."""
        return {
            "revision": self.revision,
            "amendments": [
                {
                    "revision": a.revision,
                    "by": a.by,
                    "second": a.second,
                    "at": a.at,
                    "because": a.because,
                    "changes": [dict(change) for change in a.changes],
                }
                for a in self.amendments
            ],
            "reviews": [
                {
                    "step": r.step,
                    "by": r.by,
                    "at": r.at,
                    "note": r.note,
                    "current": any(r is held for held in self.current),
                }
                for r in self.reviews
            ],
            "numbers": [
                {
                    "uut": self.renamed.get(n.uut, n.uut),
                    "number": n.number,
                    "revision": n.revision,
                    "replaces": n.replaces,
                    "by": n.by,
                    "at": n.at,
                }
                for n in self.numbers
            ],
        }
