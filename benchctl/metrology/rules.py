"""Decision rules as data: what each makes of the limits, and which numbers it hangs on.

    rule = find_rule("ilac-g8-binary:r=0.83")
    rule.zones(Situation((-2.0, 2.0), U=0.12, k=2.0)).statement(1.95)

A rule divides the line of values into zones. All zone limits are decimals and belong to the inner
zone (JCGM 106 closes its intervals; ILAC-G8 leaves equality open), but for JJF 1094, which fails a
value at MPEV + U. Which editions were read: JCGM 106 in full; ILAC-G8:09/2019 4.2 as text, its
table 1 from memory (recomputed); JJF 1094-2002 5.3.1.4 to 5.3.1.6 as excerpts; Z540.3 with its
handbook as excerpts (method 6 recomputed); ISO 14253-1:2017 from memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.core.verdicts import Verdict
from benchctl.metrology.risk import (
    Limits,
    managed_multiplier,
    prior_of_reliability,
    tur,
    zone_of_probability,
)
from benchctl.metrology.rounding import decimal

SIMPLE_ACCEPTANCE = "simple-acceptance"


class Statement(StrEnum):
    """What a rule says; finer than the verdict of the record."""

    PASS = "pass"
    CONDITIONAL_PASS = "conditional_pass"
    """Inside the limits, but closer to one than the guard band."""
    UNDETERMINED = "undetermined"
    """Too close to a limit to say either."""
    CONDITIONAL_FAIL = "conditional_fail"
    """Outside the limits, but closer to one than the guard band."""
    FAIL = "fail"
    UNCERTAINTY_TOO_LARGE = "uncertainty_too_large"
    """Whatever the value, the measurement is not good enough for this rule."""
    NOT_MEASURED = "not_measured"

    @property
    def verdict(self) -> Verdict:
        """The verdict that a record has for it."""
        if self in ("pass", "fail", "not_measured"):
            return Verdict(self.value)
        return Verdict.INDETERMINATE


@dataclass(frozen=True, slots=True)
class Zone:
    """Values from `low` to `high` and what is said of them; `closed` says if the ends belong."""

    low: Decimal
    high: Decimal
    statement: Statement
    closed: bool = True

    def holds(self, value: Decimal) -> bool:
        """Return whether the value lies in it."""
        if self.closed:
            return self.low <= value <= self.high
        return self.low < value < self.high


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones from the inside out; beyond them all is `FAIL`.

    `accept` are the acceptance limits. `too_large`: no value has an answer. `most` is the largest U
    that the rule takes, None where it names none.
    """

    accept: Limits
    zones: tuple[Zone, ...]
    too_large: bool = False
    most: float | None = None

    def statement(self, value: float) -> Statement:
        """Return what is said of a value.

        Raises:
            ValueError: it is not finite.
        """
        if self.too_large:
            return Statement.UNCERTAINTY_TOO_LARGE
        exact = decimal(value)
        inner = next((z for z in self.zones if z.holds(exact)), None)
        return Statement.FAIL if inner is None else inner.statement


@dataclass(frozen=True, slots=True)
class Situation:
    """The limits, and the uncertainty with which a value is known; `dof` of U, if few."""

    mpe: Limits
    U: float | None = None
    k: float | None = None
    dof: float = math.inf

    @property
    def u(self) -> float:
        """Standard uncertainty U / k, with k = 2 where none is stated; 0 without U."""
        return 0.0 if self.U is None else self.U / (self.k or 2.0)

    @property
    def U95(self) -> float:  # noqa: N802
        """Expanded uncertainty for 95 %: 2 u; as stated where k came from few dof."""
        if self.U is None:
            return 0.0
        return self.U if math.isfinite(self.dof) else 2 * self.u

    @property
    def half_width(self) -> float:
        """Half the span of the limits; infinite for one-sided ones."""
        return (self.mpe[1] - self.mpe[0]) / 2


Parameters = Mapping[str, float | None]


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
        given = ",".join(
            f"{k}={'none' if v is None else format(v, 'g')}" for k, v in self.changed.items()
        )
        return f"{self.id}/{self.version}" + (f":{given}" if given else "")

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

    def accept(self, mpe: Limits, U: float | None, k: float | None) -> Limits:  # noqa: N803
        """Return the acceptance limits."""
        return self.zones(Situation(mpe, U, k)).accept


# zones of each kind


def bound(value: float) -> Decimal:
    """Return a limit as a decimal; an infinite one is no limit."""
    return Decimal(value) if math.isinf(value) else decimal(value)


def _shrunk(mpe: Limits, w: float) -> tuple[Decimal, Decimal]:
    band = decimal(w)
    return bound(mpe[0]) + band, bound(mpe[1]) - band


def _floats(ends: tuple[Decimal, Decimal]) -> Limits:
    return float(ends[0]), float(ends[1])


def _binary(ends: tuple[Decimal, Decimal]) -> Zones:
    zone = Zone(*ends, Statement.PASS)
    return Zones(_floats(ends), (zone,), too_large=ends[0] > ends[1])


def _three_way(mpe: Limits, w: float, *, closed: bool = True) -> Zones:
    """Return zones of pass, undetermined and fail with a guard band on either side of a limit."""
    inner, outer = _shrunk(mpe, w), _shrunk(mpe, -w)
    zones = (Zone(*inner, Statement.PASS), Zone(*outer, Statement.UNDETERMINED, closed))
    return Zones(_floats(inner), zones, too_large=inner[0] > inner[1])


def _too_large(s: Situation, ratio: float | None) -> tuple[bool, float | None]:
    """Return whether U is more than `ratio` times the limit, and the most that it may be."""
    if s.U is None or ratio is None or math.isinf(s.half_width):
        return False, None
    most = ratio * s.half_width
    return decimal(s.U95) > decimal(most), most


def _simple(s: Situation, p: Parameters) -> Zones:
    """JCGM 106, 8.2; ILAC-G8, 4.2.1: w = 0. With U also U <= ratio MPE (JCGM 106, 8.2.3)."""
    ends = _shrunk(s.mpe, 0.0)
    large, most = _too_large(s, p["ratio"])
    return Zones(_floats(ends), (Zone(*ends, Statement.PASS),), large, most)


def _jjf_1094(s: Situation, p: Parameters) -> Zones:
    """JJF 1094-2002, 5.3.1.4 to 5.3.1.6: w = 0 while U95 <= MPEV/3, else three-way with w = U95."""
    _require_two_sides(s, "jjf-1094")
    large, most = _too_large(s, p["ratio"])
    if not large:
        return replace(_simple(s, {"ratio": None}), most=most)
    return _three_way(s.mpe, s.U95, closed=False)


def _ilac_binary(s: Situation, p: Parameters) -> Zones:
    """ILAC-G8, 4.2.2: AL = TL - w, w = r U."""
    return _binary(_shrunk(s.mpe, _given(p, "r") * s.U95))


def _ilac_non_binary(s: Situation, p: Parameters) -> Zones:
    """ILAC-G8, 4.2.3: pass, conditional pass, conditional fail, fail, with w = r U."""
    w = _given(p, "r") * s.U95
    inner, outer = _shrunk(s.mpe, w), _shrunk(s.mpe, -w)
    middle = _shrunk(s.mpe, 0.0)
    zones = (
        Zone(*inner, Statement.PASS),
        Zone(*middle, Statement.CONDITIONAL_PASS),
        Zone(*outer, Statement.CONDITIONAL_FAIL),
    )
    return Zones(_floats(inner), zones, too_large=inner[0] > inner[1])


def _jcgm_106(s: Situation, p: Parameters) -> Zones:
    """JCGM 106, 8.3.2: accepted where the conformance probability is p or more."""
    found = zone_of_probability(s.mpe, s.u, _given(p, "p"), s.dof)
    return _nothing() if found is None else _binary((bound(found[0]), bound(found[1])))


def _iso_14253(s: Situation, p: Parameters) -> Zones:
    """ISO 14253-1:2017: conformity, and non-conformity, are each proven with probability p."""
    found = zone_of_probability(s.mpe, s.u, _given(p, "p"), s.dof)
    if found is None:
        return _nothing()
    inner = bound(found[0]), bound(found[1])
    one_sided = zone_of_probability((-math.inf, 0.0), s.u, _given(p, "p"), s.dof)
    assert one_sided is not None
    outer = _shrunk(s.mpe, one_sided[1])
    zones = (Zone(*inner, Statement.PASS), Zone(*outer, Statement.UNDETERMINED))
    return Zones(_floats(inner), zones, too_large=inner[0] > inner[1])


def _z540_5(s: Situation, _: Parameters) -> Zones:
    """Z540.3 handbook, method 5: A = T - U95."""
    return _binary(_shrunk(s.mpe, s.U95))


def _z540_6(s: Situation, _: Parameters) -> Zones:
    """Z540.3 handbook, method 6: A = T - U95 M(TUR), M clipped at 0."""
    _require_two_sides(s, "z540.3-method-6")
    ratio = tur(s.mpe, s.U95)
    return _binary(_shrunk(s.mpe, 0.0 if ratio is None else s.U95 * managed_multiplier(ratio)))


def _target_pfa(s: Situation, p: Parameters) -> Zones:
    """The widest acceptance limits whose global PFA (JCGM 106, 9.5) is at most `pfa`.

    `itp` is the share in tolerance beforehand; without it the worst centred process counts.
    """
    _require_two_sides(s, "target-pfa")
    if s.u == 0:
        return _binary(_shrunk(s.mpe, 0.0))
    from benchctl.metrology.global_risk import guarded_for_pfa

    itp = p["itp"]
    prior = None if itp is None else prior_of_reliability(s.mpe, itp)
    found = guarded_for_pfa(s.mpe, s.u, _given(p, "pfa"), prior)
    return _binary((bound(found[0]), bound(found[1])))


def _nothing() -> Zones:
    return Zones((math.inf, -math.inf), (), too_large=True)


def _given(p: Parameters, name: str) -> float:
    value = p[name]
    assert value is not None  # only `ratio` and `itp` may be none
    return value


def _require_two_sides(s: Situation, rule: str) -> None:
    if math.isinf(s.half_width):
        raise UsageError(msg("metrology.rule-two-sided", rule=rule))


_ALL = (
    Rule(SIMPLE_ACCEPTANCE, 1, _simple, False, {"ratio": 1 / 3}),
    Rule("jjf-1094", 1, _jjf_1094, True, {"ratio": 1 / 3}),
    Rule("ilac-g8-binary", 1, _ilac_binary, True, {"r": 1.0}),
    Rule("ilac-g8-non-binary", 1, _ilac_non_binary, True, {"r": 1.0}),
    Rule("jcgm-106", 1, _jcgm_106, True, {"p": 0.95}),
    Rule("z540.3-method-5", 1, _z540_5),
    Rule("z540.3-method-6", 1, _z540_6),
    Rule("target-pfa", 1, _target_pfa, True, {"pfa": 0.02, "itp": None}),
    Rule("iso-14253-1", 1, _iso_14253, True, {"p": 0.95}),
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
