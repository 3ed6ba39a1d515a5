"""How each decision rule divides the values around two limits, with the clause that says so.

Which editions were read: JCGM 106 in full; ILAC-G8:09/2019 4.2 as text, its table 1 from memory
(recomputed); JJF 1094-2002 5.3.1.4 to 5.3.1.6 as excerpts; Z540.3 with its handbook as excerpts
(method 6 recomputed); ISO 14253-1:2017 from memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.metrology.risk import (
    Limits,
    managed_multiplier,
    prior_of_reliability,
    tur,
    zone_of_probability,
)
from benchctl.metrology.rounding import decimal
from benchctl.metrology.zones import Situation, Statement, Zone, Zones, bound

Parameters = Mapping[str, float | None]


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


def simple(s: Situation, p: Parameters) -> Zones:
    """JCGM 106, 8.2; ILAC-G8, 4.2.1: w = 0. With U also U <= ratio MPE (JCGM 106, 8.2.3)."""
    ends = _shrunk(s.mpe, 0.0)
    large, most = _too_large(s, p["ratio"])
    return Zones(_floats(ends), (Zone(*ends, Statement.PASS),), large, most)


def jjf_1094(s: Situation, p: Parameters) -> Zones:
    """JJF 1094-2002, 5.3.1.4 to 5.3.1.6: w = 0 while U95 <= MPEV/3, else three-way with w = U95."""
    _require_two_sides(s, "jjf-1094")
    large, most = _too_large(s, p["ratio"])
    if not large:
        return replace(simple(s, {"ratio": None}), most=most)
    return _three_way(s.mpe, s.U95, closed=False)


def ilac_binary(s: Situation, p: Parameters) -> Zones:
    """ILAC-G8, 4.2.2: AL = TL - w, w = r U."""
    return _binary(_shrunk(s.mpe, _given(p, "r") * s.U95))


def ilac_non_binary(s: Situation, p: Parameters) -> Zones:
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


def jcgm_106(s: Situation, p: Parameters) -> Zones:
    """JCGM 106, 8.3.2: accepted where the conformance probability is p or more."""
    found = zone_of_probability(s.mpe, s.u, _given(p, "p"), s.dof)
    return _nothing() if found is None else _binary((bound(found[0]), bound(found[1])))


def iso_14253(s: Situation, p: Parameters) -> Zones:
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


def z540_5(s: Situation, _: Parameters) -> Zones:
    """Z540.3 handbook, method 5: A = T - U95."""
    return _binary(_shrunk(s.mpe, s.U95))


def z540_6(s: Situation, _: Parameters) -> Zones:
    """Z540.3 handbook, method 6: A = T - U95 M(TUR), M clipped at 0."""
    _require_two_sides(s, "z540.3-method-6")
    ratio = tur(s.mpe, s.U95)
    return _binary(_shrunk(s.mpe, 0.0 if ratio is None else s.U95 * managed_multiplier(ratio)))


def target_pfa(s: Situation, p: Parameters) -> Zones:
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
