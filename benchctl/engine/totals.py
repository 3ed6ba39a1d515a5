"""A total as a run gives it: with what gating and timing leave uncertain, at the right inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from benchctl.acquire import Total
from benchctl.engine.references import Line
from benchctl.metrology import Component


@dataclass(frozen=True, slots=True)
class Totals(Total):
    """A total of the role `unit_role` and of the role `counted`, which it is compared with."""

    unit_role: str = ""
    counted: str = ""

    @classmethod
    def of(cls, total: Total, unit_role: str, counted: str) -> Totals:
        """Return a total with the roles that it is of."""
        plain = {f.name: getattr(total, f.name) for f in fields(total)}
        return cls(**plain, unit_role=unit_role, counted=counted)

    def sources(self, role: str, declared: Sequence[Line]) -> list[Line]:
        """Return all that makes an input uncertain: how it was gated stands for the resolution."""
        gate = Component("resolution", self.u_gate, self.distribution, math.inf, self.shape)
        lines: list[Line] = [
            gate if role == self.unit_role and line[0] == "resolution" else line
            for line in declared
        ]
        if role == self.counted and self.u_timing > 0:
            lines.append(("timing", self.u_timing, "rectangular", math.inf))
        return lines

    def facts(self) -> dict[str, Any] | None:
        """Return None: a total has no single readings."""
        return None
