"""How many readings: rules that look at what was read so far and say whether that is enough.

    rule = Precise(target=0.01, at_least=10, at_most=200)
    look = rule.look(t, errors)
    look.enough, look.n, look.why

Six rules: so many (`Count`), so long (`Span`), until the mean's own uncertainty is small
(`Precise`), in two stages (`Stages`, Stein), until a sequential test decides (`Screening`, Wald),
until the verdict can hardly change any more (`Early`). The first four give a value that may be
stated. The last two end because of what the readings show, so that their mean is biased: what they
give is a verdict and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from benchctl.acquire.estimates import ar1_inflation, autocorrelation, estimate
from benchctl.acquire.sequential import Wald
from benchctl.acquire.wording import quantity
from benchctl.core.messages import Message, msg
from benchctl.core.series import Floats

Decision = Literal["pass", "fail"]


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule says of the readings so far.

    `n` of them count; `wanted` are expected in all. `u` is the standard uncertainty of their mean
    with its degrees of freedom, where the rule has one of its own. `facts` are numbers that the
    record keeps.
    """

    enough: bool
    n: int
    wanted: int
    why: Message
    decision: Decision | None = None
    u: tuple[float, float] | None = None
    facts: Mapping[str, float] = field(default_factory=dict)
    short: bool = False
    """Whether it ended with the most readings that are allowed, and not with what was wanted."""

    @property
    def notes(self) -> tuple[Message, ...]:
        """What a person should see."""
        return (self.why,) if self.short or self.decision is not None else ()


class HowMany(Protocol):
    """A rule; it keeps nothing, so that the same readings always get the same answer."""

    def look(self, t: Floats, y: Floats) -> Look:
        """Look at results `y` of single readings at ascending instants `t` (s)."""
        ...


@dataclass(frozen=True, slots=True)
class Count:
    """So many readings."""

    n: int

    def look(self, t: Floats, y: Floats) -> Look:
        """Return whether there are as many."""
        del t
        why = msg("acquire.many-count", n=self.n)
        return Look(y.size >= self.n, min(y.size, self.n), self.n, why)


@dataclass(frozen=True, slots=True)
class Span:
    """The readings of so many seconds."""

    seconds: float

    def look(self, t: Floats, y: Floats) -> Look:
        """Return whether the readings reach over the time; those after it do not count."""
        del y
        lasted = float(t[-1] - t[0]) if t.size else 0.0
        inside = int(np.count_nonzero(t <= t[0] + self.seconds)) if t.size else 0
        share = min(1.0, lasted / self.seconds)
        wanted = math.ceil(inside / share) if share > 0 else inside + 1
        why = msg("acquire.many-time", n=inside, time=quantity(self.seconds, "s"))
        return Look(lasted >= self.seconds, inside, max(wanted, 1), why)


@dataclass(frozen=True, slots=True)
class Precise:
    """Until the standard uncertainty of the mean is `target` or less, autocorrelation included.

    From `at_least` independent readings on (n_eff): with fewer the coverage would suffer. At most
    `at_most`; that the target was not reached is said then. A rule that looks again and again ends
    where the estimate happens to be too small; so n_eff is the smaller of that of `estimate` and of
    an AR(1) process with the readings' lag-1 coefficient, corrected for its bias.
    """

    target: float
    at_least: int
    at_most: int
    unit: str = ""

    def look(self, t: Floats, y: Floats) -> Look:
        """Return whether the mean is known well enough, or no more may be read."""
        n = min(y.size, self.at_most)
        if n < max(2, self.at_least):
            why = msg("acquire.many-first", n=n, least=self.at_least)
            return Look(False, n, self.at_least, why)
        n_eff, u = _careful(t[:n], y[:n])
        words = {
            "n": n,
            "u": quantity(u, self.unit),
            "target": quantity(self.target, self.unit),
        }
        stated = (u, max(1.0, n_eff - 1))
        if u <= self.target and n_eff >= self.at_least:
            return Look(True, n, n, msg("acquire.many-precise", **words), u=stated)
        needed = min(self.at_most, math.ceil(n * (u / self.target) ** 2))
        why = msg("acquire.many-not-precise", **words)
        ended = n >= self.at_most
        return Look(ended, n, max(needed, n + 1), why, u=stated, short=ended)


def _careful(t: Floats, y: Floats) -> tuple[float, float]:
    """Return n_eff and the standard uncertainty of the mean, on the careful side."""
    seen, n = estimate(t, y), y.size
    r = float(autocorrelation(y, 1)[1])
    rho = min(max(0.0, r + (1 + 3 * r) / n), 0.99)
    n_eff = max(1.0, min(seen.n_eff, n / ar1_inflation(n, rho)))
    return n_eff, seen.s / math.sqrt(n_eff)


@dataclass(frozen=True, slots=True)
class Stages:
    """Stein's two stages: as many readings as ±`half_width` needs by the spread of the `first`.

    s and its degrees of freedom stay those of the first stage, which keeps the coverage exactly.
    Where readings depend on each other, s is that of as many independent ones.
    """

    half_width: float
    first: int
    at_most: int
    confidence: float = 0.95
    unit: str = ""

    def look(self, t: Floats, y: Floats) -> Look:
        """Return whether there are as many as the first stage asked for."""
        from scipy.special import stdtrit

        if y.size < self.first:
            why = msg("acquire.many-first", n=y.size, least=self.first)
            return Look(False, y.size, self.first, why)
        stage = estimate(t[: self.first], y[: self.first])
        s = stage.u * math.sqrt(self.first)
        dof = max(1.0, stage.dof)
        quantile = float(stdtrit(dof, (1 + self.confidence) / 2))
        needed = max(self.first, math.ceil((quantile * s / self.half_width) ** 2))
        wanted = min(needed, self.at_most)
        n = min(y.size, wanted)
        why = msg(
            "acquire.many-stages" if needed <= self.at_most else "acquire.many-stages-most",
            first=self.first,
            s=quantity(s, self.unit),
            needed=needed,
            n=wanted,
            half=quantity(self.half_width, self.unit),
            confidence=f"{100 * self.confidence:g} %",
        )
        facts = {"first": float(self.first), "s_first": s, "needed": float(needed)}
        u = (s / math.sqrt(n), dof)
        short = needed > self.at_most
        return Look(y.size >= wanted, n, wanted, why, u=u, facts=facts, short=short)


@dataclass(frozen=True, slots=True)
class Screening:
    """Wald's sequential test against both limits, each with its zone of indifference.

    `limits` are those for the mean, guard bands already taken off. It passes once both tests pass,
    fails once one fails; after `at_most` readings it is left undecided.
    """

    limits: tuple[float, float]
    half_zone: float
    sigma: float
    risks: tuple[float, float]
    at_most: int
    at_least: int = 1
    unit: str = ""

    def look(self, t: Floats, y: Floats) -> Look:
        """Return the decision, if there is one by now."""
        del t
        alpha, beta = self.risks
        above = Wald(self.limits[1], self.half_zone, self.sigma, alpha, beta)
        below = Wald(-self.limits[0], self.half_zone, self.sigma, alpha, beta)
        n = min(y.size, self.at_most)
        tests = (above.test(y[:n].tolist()), below.test((-y[:n]).tolist()))
        ratio = max(test.log_ratios[-1] if test.log_ratios else 0.0 for test in tests)
        words = {
            "pass_below": f"{above.pass_below:.3g}",
            "fail_above": f"{above.fail_above:.3g}",
            "sigma": quantity(self.sigma, self.unit),
            "zone": quantity(self.half_zone, self.unit),
        }
        failed = [test.n for test in tests if test.decision == "fail"]
        ended = min(failed) if failed else max(test.n for test in tests)
        decided = bool(failed) or all(test.decision == "pass" for test in tests)
        ended = max(ended, self.at_least)
        facts = {"log_ratio": ratio}
        if decided and n >= ended:
            if failed:
                why = msg("acquire.many-wald-fail", n=ended, **words)
                return Look(True, ended, ended, why, "fail", facts=facts)
            why = msg("acquire.many-wald-pass", n=ended, **words)
            return Look(True, ended, ended, why, "pass", facts=facts)
        why = msg("acquire.many-wald-open", n=n, **words)
        return Look(n >= self.at_most, n, self.at_most, why, facts=facts, short=n >= self.at_most)


@dataclass(frozen=True, slots=True)
class Early:
    """`planned` readings, ended early once the verdict changes with no more than `risk`.

    Looked at after `at_least`, twice, four times ... as many; the risk is shared by the looks, so
    that it holds for all of them together. The mean of all planned readings, seen from the first m
    of them, is distributed as t about their mean with variance s² (N - m) / (m N), s inflated for
    autocorrelation.
    """

    accept: tuple[float, float]
    planned: int
    at_least: int
    risk: float

    @property
    def looks(self) -> tuple[int, ...]:
        """After how many readings it is looked at, but for the last look at all of them."""
        found = []
        n = self.at_least
        while n < self.planned:
            found.append(n)
            n *= 2
        return tuple(found)

    def look(self, t: Floats, y: Floats) -> Look:
        """Return the decision at the first look that gives one."""
        chance = math.nan
        for n in self.looks:
            if y.size < n:
                break
            chance, decision = self._chance(t[:n], y[:n])
            if chance <= self.risk / len(self.looks):
                why = msg("acquire.many-early", n=n, planned=self.planned, chance=f"{chance:.2g}",
                          risk=f"{100 * self.risk:g} %")  # fmt: skip
                return Look(True, n, n, why, decision, facts={"chance": chance})
        n = min(y.size, self.planned)
        if n < self.planned:
            why = msg("acquire.many-planned", n=n, planned=self.planned)
            return Look(False, n, self.planned, why)
        inside = self.accept[0] <= float(np.mean(y[:n])) <= self.accept[1]
        why = msg("acquire.many-all", n=n)
        return Look(True, n, n, why, "pass" if inside else "fail")

    def _chance(self, t: Floats, y: Floats) -> tuple[float, Decision]:
        """Return how probable another verdict by all planned readings is, and the present one."""
        from scipy.special import stdtr

        seen = estimate(t, y)
        low, high = self.accept
        inside = low <= seen.mean <= high
        decision: Decision = "pass" if inside else "fail"
        sd = seen.u * math.sqrt((self.planned - seen.n) / self.planned)
        if sd == 0:
            return 0.0, decision
        dof = max(1.0, seen.dof)
        outside = float(stdtr(dof, (low - seen.mean) / sd) + stdtr(dof, (seen.mean - high) / sd))
        return (outside if inside else 1 - outside), decision
