"""Decision rules as data: names, versions, parameters.

    rule = find_rule("ilac-g8-binary:r=0.83")
    rule.zones(Situation((-2.0, 2.0), U=0.12, k=2.0)).statement(1.95)

What each rule does is in `divisions`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.metrology.divisions import (
    Parameters,
    ilac_binary,
    ilac_non_binary,
    iso_14253,
    jcgm_106,
    jjf_1094,
    simple,
    target_pfa,
    z540_5,
    z540_6,
)
from benchctl.metrology.zones import Situation, Zones

SIMPLE_ACCEPTANCE = "simple-acceptance"


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision rule with its parameters.

    `version` changes when the same numbers could get another verdict. `divide` makes zones of a
    situation. `needs_u`: it cannot be applied without U.
    """

    id: str
    version: int
    divide: Callable[[Situation, Parameters], Zones] = field(repr=False)
    needs_u: bool = True
    usual: Parameters = field(default_factory=dict)
    changed: Parameters = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name in records: "simple-acceptance/1", "ilac-g8-binary/1:r=0.83"."""
        return f"{self.id}/{self.version}{self._given('g')}"

    @property
    def text(self) -> str:
        """The rule as `find_rule` reads it, with every digit of its parameters."""
        return f"{self.id}{self._given('.17g')}"

    def _given(self, digits: str) -> str:
        given = ",".join(
            f"{k}={'none' if v is None else format(v, digits)}" for k, v in self.changed.items()
        )
        return f":{given}" if given else ""

    def zones(self, situation: Situation) -> Zones:
        """Return the zones of a situation.

        Raises:
            UsageError: U is missing, or the rule does not know limits of that kind.
            ValueError: the limits are the wrong way round, U is negative.
        """
        low, high = situation.mpe
        if math.isnan(low) or math.isnan(high) or low > high:
            raise ValueError(f"the limits {situation.mpe} are the wrong way round")
        if situation.U is not None and not 0 <= situation.U < math.inf:
            raise ValueError(f"U must be finite and not negative, got {situation.U}")
        if situation.U is None and self.needs_u:
            raise UsageError(msg("metrology.rule-needs-u", rule=self.id))
        return self.divide(situation, {**self.usual, **self.changed})


_ALL = (
    Rule(SIMPLE_ACCEPTANCE, 1, simple, False, {"ratio": 1 / 3}),
    Rule("jjf-1094", 1, jjf_1094, True, {"ratio": 1 / 3}),
    Rule("ilac-g8-binary", 1, ilac_binary, True, {"r": 1.0}),
    Rule("ilac-g8-non-binary", 1, ilac_non_binary, True, {"r": 1.0}),
    Rule("jcgm-106", 1, jcgm_106, True, {"p": 0.95}),
    Rule("z540.3-method-5", 1, z540_5),
    Rule("z540.3-method-6", 1, z540_6),
    Rule("target-pfa", 1, target_pfa, True, {"pfa": 0.02, "itp": None}),
    Rule("iso-14253-1", 1, iso_14253, True, {"p": 0.95}),
)
RULES: Mapping[str, Rule] = {rule.id: rule for rule in _ALL}

_ALSO = {
    "simple": SIMPLE_ACCEPTANCE,
    "jjf1094": "jjf-1094",
    "jjf-1094-2002": "jjf-1094",
    "ilac-g8": "ilac-g8-binary",
    "ilac-g8-nonbinary": "ilac-g8-non-binary",
    "ilac-binary": "ilac-g8-binary",
    "ilac-non-binary": "ilac-g8-non-binary",
    "jcgm106": "jcgm-106",
    "z540.3-5": "z540.3-method-5",
    "z540.3-6": "z540.3-method-6",
    "method-5": "z540.3-method-5",
    "method-6": "z540.3-method-6",
    "iso-14253": "iso-14253-1",
    "iso14253-1": "iso-14253-1",
}
PARAMETERS = ("ratio", "r", "p", "pfa", "itp")
"""Names of all parameters that rules have."""

_POSSIBLE = {"ratio": (0.0, 1.0), "r": (-1.0, 3.0), "p": (0.5, 1.0), "pfa": (0.0, 0.5)}


def find_rule(text: str) -> Rule:
    """Return the rule: its id, with parameters behind a colon: "jcgm-106:p=0.9".

    Blanks and underscores are as good as hyphens, a version ("/1") may follow the id.

    Raises:
        UsageError: there is no such rule, version or parameter, or a value is impossible.
    """
    name, _, given = text.strip().partition(":")
    id_, _, version = re.sub(r"[\s_]+", "-", name.strip().lower()).partition("/")
    rule = RULES.get(_ALSO.get(id_, id_))
    if rule is None or version not in ("", str(rule.version)):
        near = closest(id_, [*RULES, *_ALSO])
        hint = msg("language.did-you-mean", word=_ALSO.get(near, near)) if near else None
        raise UsageError(msg("metrology.no-rule", rule=name, known=", ".join(RULES)), hint=hint)
    changed: dict[str, float | None] = {}
    for part in filter(None, (p.strip() for p in given.split(","))):
        key, _, value = (x.strip() for x in part.partition("="))
        changed[key] = _parameter(rule, key, value)
    return replace(rule, changed={k: v for k, v in changed.items() if v != rule.usual[k]})


def _parameter(rule: Rule, key: str, text: str) -> float | None:
    if key not in rule.usual:
        known = ", ".join(rule.usual) or "-"
        raise UsageError(msg("metrology.no-parameter", rule=rule.id, name=key, known=known))
    if text == "none" and key in ("ratio", "itp"):
        return None
    over, _, under = text.partition("/")
    try:
        value = float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    low, high = _POSSIBLE.get(key, (0.0, 1.0))
    fits = low <= value <= high if key == "r" else low < value <= high and value != 1.0
    if not (fits or (key == "ratio" and value == 1.0)):
        bounds = f"{low:g} … {high:g}"
        raise UsageError(msg("metrology.bad-parameter", name=key, text=text, bounds=bounds))
    return value
