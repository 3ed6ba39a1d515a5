"""A comparison between laboratories, scored: En against a reference laboratory, or z and zeta.

    participants = [Participant("A", 10.012, 0.010), Participant("B", 10.004, 0.012), ...]
    score_all(participants, reference="A")                     # En, JJF 1117 and ISO 13528, 9.7
    score_all(participants, s=0.01)                            # z against the consensus
    score_all(participants, assigned=10.0, u_assigned=0.002, s=0.01)

Without an assigned value it is the robust mean of all (algorithm A), u = 1.25 s / sqrt(n); without
`s` the robust standard deviation. ISO 13528:2015, 7.7 and 9.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.metrology.comparisons import (
    Score,
    normalized_error,
    robust_mean,
    z_score,
    zeta_score,
)

NEGLIGIBLE = 0.3
"""Up to this share of s the assigned value's u is left out of the score (ISO 13528, 9.2.1)."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A laboratory's result; `U` for k = 2, 0 where it gives none."""

    name: str
    value: float
    U: float = 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A participant's scores; None where one cannot be had."""

    participant: Participant
    difference: float
    en: Score | None
    z: Score | None
    zeta: Score | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The assigned value with its standard uncertainty, s, and everybody's scores.

    `z_name` is "z", or "z'" where the uncertainty of the assigned value counts.
    """

    assigned: float
    u_assigned: float
    s: float
    z_name: str
    scored: tuple[Scored, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "assigned": self.assigned,
            "u_assigned": self.u_assigned,
            "s": self.s,
            "z": self.z_name,
            "participants": [
                {
                    "name": r.participant.name,
                    "value": r.participant.value,
                    "U": r.participant.U,
                    "difference": r.difference,
                    **{n: _plain(getattr(r, n)) for n in ("en", "z", "zeta")},
                }
                for r in self.scored
            ],
        }


def _plain(score: Score | None) -> dict[str, Any] | None:
    return None if score is None else {"value": score.value, "grade": str(score.grade)}


def score_all(
    participants: Sequence[Participant],
    *,
    reference: str = "",
    assigned: float | None = None,
    u_assigned: float | None = None,
    s: float | None = None,
) -> Comparison:
    """Score everybody; a reference laboratory gives the assigned value and is not scored.

    Raises:
        ValueError: nobody takes part, or the reference laboratory does not.
    """
    others = [p for p in participants if p.name != reference]
    robust, spread = robust_mean([p.value for p in others])
    if reference:
        lab = next((p for p in participants if p.name == reference), None)
        if lab is None:
            raise ValueError(reference)
        assigned, u_assigned = lab.value, lab.U / 2.0
    elif assigned is None:
        assigned, u_assigned = robust, 1.25 * spread / math.sqrt(len(others))
    u = u_assigned or 0.0
    s = spread if s is None else s
    counts = u > NEGLIGIBLE * s
    scored = tuple(_scored(p, assigned, u, s, counts=counts) for p in others)
    return Comparison(assigned, u, s, "z'" if counts else "z", scored)


def _scored(p: Participant, assigned: float, u: float, s: float, *, counts: bool) -> Scored:
    known = p.U > 0.0
    return Scored(
        participant=p,
        difference=p.value - assigned,
        en=normalized_error(p.value, p.U, assigned, 2.0 * u) if known and u > 0.0 else None,
        z=z_score(p.value, assigned, s, u if counts else 0.0) if s > 0.0 else None,
        zeta=zeta_score(p.value, p.U / 2.0, assigned, u) if known else None,
    )
