"""Reads when a point is measured further: `jump` and `more` of `each_point`, and resolves them.

    each_point:
      runs: 2
      jump: {over: accuracy_class, again: 2}
      more: {when: 0.8 * mpe <= abs(mean) <= 1.2 * mpe, runs: 2}

Runs that lie further apart than `over` are all made again, `again` times at most; those that were
set aside stay in the record. Where the mean of the runs fulfils `when`, so many more are made and
the mean of all counts. Both are finite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import msg
from benchctl.core.units import Unit
from benchctl.language import Expression
from benchctl.procedure.declared import EachPoint, Further
from benchctl.procedure.dimensions import UNKNOWN, quantity_of
from benchctl.procedure.evaluate import Env, Path, Trouble, number, truth
from benchctl.procedure.model_measuring import JumpPart, MorePart
from benchctl.procedure.names import Names
from benchctl.procedure.reading import Reader
from benchctl.procedure.resolved import ResolvedFurther

_JUMP: Path = ("each_point", "jump")
_MORE: Path = ("each_point", "more")


@dataclass(frozen=True, slots=True)
class FurtherReader:
    """Reads `jump` and `more`; the measurand's unit is known, where it is right."""

    reader: Reader
    names: Names
    measurand: Unit | None

    def read(self, data: Mapping[str, Any], runs: int) -> Further | None:
        """Return when a point is measured further, None where it never is."""
        jump, more = data.get("jump"), data.get("more")
        over = when = None
        again = count = 0
        if jump is not None and (part := self.reader.part(JumpPart, _JUMP, jump)):
            over, again = self._over(part), part.again
            if runs < 2:
                self.reader.wrong("E305", msg("procedure.jump-of-one"), _JUMP, key=True)
        if more is not None and (wanted := self.reader.part(MorePart, _MORE, more)):
            when, count = self._when(wanted), wanted.runs
            if data.get("retest") is not None:
                self.reader.wrong("E305", msg("procedure.more-and-retest"), _MORE, key=True)
        return Further(over, again, when, count) if over or when else None

    def _over(self, part: JumpPart) -> Expression | None:
        scope = self.names.at_point().with_names({"mpe": self._dim()})
        return self.reader.expression(part.over, (*_JUMP, "over"), scope, to=self.measurand)

    def _when(self, part: MorePart) -> Expression | None:
        named = dict.fromkeys(("mean", "mpe", "mpe_low"), self._dim())
        scope = self.names.at_point().with_names(named)
        return self.reader.expression(part.when, (*_MORE, "when"), scope, condition=True)

    def _dim(self) -> Any:
        return quantity_of(self.measurand) if self.measurand else UNKNOWN


def further_at(each: EachPoint, env: Env, mpe: tuple[float, float]) -> ResolvedFurther | None:
    """Return when a unit's point is measured further, in numbers; None where it never is.

    Raises:
        Trouble: an expression gives no usable value.
    """
    further = each.further
    if further is None:
        return None
    known = {**env, "mpe": mpe[1], "mpe_low": mpe[0]}
    over = None
    if further.over is not None:
        over = number(further.over, known, (*_JUMP, "over"))
        if not over > 0:
            message = msg("procedure.not-positive", value=f"{over:g}")
            raise Trouble((*_JUMP, "over"), message)
    if further.when is not None:
        truth(further.when, {**known, "mean": 0.9 * mpe[1]}, (*_MORE, "when"))
    return ResolvedFurther(each.runs, over, further.again, further.when, further.more, known)
