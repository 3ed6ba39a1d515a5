"""Decision rules: is an error within its limits, and the one sentence that says why.

Value and limits are compared as the decimals that they print as, at 12 significant digits (see
`rounding`): a value on the limit is inside, 2.0000001 against 2.0 is outside, and what binary
fractions add to 0.6 does not fail a meter. The value is not rounded otherwise.

    judge(0.41, (-2.0, 2.0), unit="%", U=0.12).verdict
    value, judgement = judge_runs([2.3, 1.8, 1.9], (-2.0, 2.0), retest=Retest(2, 2, 3, True))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.results import Judgement
from benchctl.core.verdicts import Verdict
from benchctl.metrology.rounding import decimal, rounded_to_u, with_unit

Limits = tuple[float, float]

SIMPLE_ACCEPTANCE = "simple-acceptance"


@dataclass(frozen=True, slots=True)
class Rule:
    """A decision rule: what it accepts, given the limits, U and k.

    `version` changes when the same numbers could get another verdict.
    """

    id: str
    version: int
    accept: Callable[[Limits, float | None, float | None], Limits]

    @property
    def name(self) -> str:
        """The name in records, as "simple-acceptance/1"."""
        return f"{self.id}/{self.version}"


def _whole(mpe: Limits, _U: float | None, _k: float | None) -> Limits:  # noqa: N803
    return mpe


RULES: Mapping[str, Rule] = {
    # JCGM 106, 8.2; ILAC-G8 4.2.1: w = 0, limits included; adequacy of U is required beforehand
    SIMPLE_ACCEPTANCE: Rule(SIMPLE_ACCEPTANCE, 1, _whole),
}


@dataclass(frozen=True, slots=True)
class Retest:
    """What a regulation says about repeating a point that failed.

    After `runs` further runs there are `of` runs in all; `at_least_inside` of them must be inside
    and, with `mean_inside`, their mean, too.
    """

    runs: int
    at_least_inside: int
    of: int
    mean_inside: bool


class JudgedRuns(NamedTuple):
    """The value that is judged and reported, and the judgement on it."""

    value: float | None
    judgement: Judgement


def find_rule(id_: str) -> Rule:
    """Return the rule with this id.

    Raises:
        UsageError: there is none.
    """
    if id_ not in RULES:
        raise UsageError(msg("metrology.no-rule", rule=id_, known=", ".join(RULES)))
    return RULES[id_]


def inside(value: float, limits: Limits) -> bool:
    """Return whether `value` lies within `limits`, which belong to the inside.

    Raises:
        ValueError: a number is not finite, or the limits are the wrong way round.
    """
    low, high = decimal(limits[0]), decimal(limits[1])
    if low > high:
        raise ValueError(f"the limits {limits} are the wrong way round")
    return low <= decimal(value) <= high


def judge(
    value: float | None,
    mpe: Limits,
    *,
    rule: str = SIMPLE_ACCEPTANCE,
    unit: str = "%",
    U: float | None = None,  # noqa: N803
    k: float | None = None,
    reference: Message | None = None,
) -> Judgement:
    """Judge one value by a rule; `mpe` and `U` in the value's unit.

    A value that is None or not finite is not measured. `reference` is the message of
    `reference_adequate`; it completes the sentence.

    Raises:
        UsageError: there is no such rule.
        ValueError: the limits are the wrong way round.
    """
    chosen = find_rule(rule)
    accept = chosen.accept(mpe, U, k)
    if value is None or not math.isfinite(value):
        why = msg("not-measured", problem=msg("no-value"))
        return Judgement(Verdict.NOT_MEASURED, mpe, accept, chosen.name, why)
    passed = inside(value, accept)
    why = msg(
        "inside" if passed else "outside",
        error=value_text(value, mpe, unit, U),
        mpe=limits_text(mpe, unit),
        reference="" if reference is None else msg("clause", clause=reference),
    )
    return Judgement(_verdict(passed), mpe, accept, chosen.name, why)


def judge_runs(
    errors: Sequence[float | None],
    mpe: Limits,
    *,
    retest: Retest | None = None,
    rule: str = SIMPLE_ACCEPTANCE,
    unit: str = "%",
    U: float | None = None,  # noqa: N803
    k: float | None = None,
    U_reference: float | None = None,  # noqa: N803
    ratio: float | None = None,
    mpe_initial: float | None = None,
) -> JudgedRuns:
    """Judge a point by its runs so far: the first one, then those of a retest.

    The first run inside passes, with its error. Outside and alone, it fails. With all runs of the
    retest the point passes if enough of them are inside and, where the rule says so, their mean is;
    the value is the mean then. A retest that is not complete fails if it cannot pass any more, and
    is not measured otherwise. A run that is None or not finite is a run that was not measured.

    With `U_reference`, `ratio` and `mpe_initial` (half-width) the sentence also says that the
    reference is good enough.

    Raises:
        UsageError: there is no such rule.
        ValueError: more runs than first and retest together, or limits the wrong way round.
    """
    total = 1 if retest is None else retest.of
    if len(errors) > total:
        raise ValueError(f"{len(errors)} runs where there are at most {total}")
    first = errors[0] if errors else None
    reference = None
    if U_reference is not None and ratio is not None and mpe_initial is not None:
        _, reference = reference_adequate(U_reference, mpe_initial, ratio, unit=unit)
    alone = judge(first, mpe, rule=rule, unit=unit, U=U, k=k, reference=reference)
    if retest is None or len(errors) == 1 or alone.verdict is not Verdict.FAIL:
        return JudgedRuns(None if alone.verdict is Verdict.NOT_MEASURED else first, alone)
    accept = find_rule(rule).accept(mpe, U, k)
    return _after_retest(errors, (mpe, accept), alone.rule, retest, unit, U)


def _after_retest(
    errors: Sequence[float | None],
    limits: tuple[Limits, Limits],
    rule: str | None,
    retest: Retest,
    unit: str,
    U: float | None,  # noqa: N803
) -> JudgedRuns:
    """Judge the runs of a retest, the first of which failed; `limits` are mpe and accepted ones."""
    mpe, accept = limits
    good = [e for e in errors if e is not None and math.isfinite(e)]
    n_inside = sum(inside(e, accept) for e in good)
    missing = retest.of - len(good)
    mean = math.fsum(good) / len(good)
    enough = n_inside >= retest.at_least_inside
    mean_passes = inside(mean, accept)
    passed = enough and (mean_passes or not retest.mean_inside)
    if missing and n_inside + missing >= retest.at_least_inside:
        id_, verdict = "retest-incomplete", Verdict.NOT_MEASURED
    else:
        id_ = "inside-after-retest" if passed else "outside-after-retest"
        verdict = _verdict(passed)
    why = msg(
        id_,
        inside=n_inside,
        of=retest.of,
        runs=len(good),
        needed=retest.at_least_inside,
        mpe=limits_text(mpe, unit),
        values=with_unit(", ".join(value_text(e, mpe, "", U) for e in good), unit),
        mean=msg(
            "mean-inside" if mean_passes else "mean-outside", mean=value_text(mean, mpe, unit, U)
        ),
    )
    value = None if verdict is Verdict.NOT_MEASURED else mean
    return JudgedRuns(value, Judgement(verdict, mpe, accept, rule, why))


def _verdict(passed: bool) -> Verdict:
    return Verdict.PASS if passed else Verdict.FAIL


def reference_adequate(
    U_reference: float,  # noqa: N803
    mpe_half_width: float,
    ratio: float,
    *,
    unit: str = "%",
) -> tuple[bool, Message]:
    """Return whether the reference's U is at most `ratio` times the limit, with the arithmetic.

    `mpe_half_width` is half the width of the initial limits; U and it are in one unit.

    Raises:
        ValueError: a number is negative or not finite.
    """
    if not (U_reference >= 0 and mpe_half_width > 0 and ratio > 0):
        raise ValueError(f"U {U_reference}, limit {mpe_half_width}, ratio {ratio}")
    most = ratio * mpe_half_width
    adequate = decimal(U_reference) <= decimal(most)
    text = value_text(U_reference, (0.0, most), unit, U_reference)
    message = msg(
        "reference-adequate" if adequate else "reference-inadequate",
        U=text,
        share=_share(ratio),
        limit=with_unit(_pointed(mpe_half_width), unit),
        most=value_text(most, (0.0, 0.0), unit),
    )
    return adequate, message


def limits_text(mpe: Limits, unit: str = "%") -> str:
    """Return limits as "±2.0 %" or "−4 … +1 %"."""
    low, high = decimal(mpe[0]), decimal(mpe[1])
    if low == -high:
        return with_unit(f"±{_pointed(mpe[1])}", unit)
    return with_unit(f"{_signed(mpe[0])} … {_signed(mpe[1])}", unit)


def value_text(value: float, mpe: Limits, unit: str, U: float | None = None) -> str:  # noqa: N803
    """Return a value to the place of U, or one place beyond the limits', with its unit.

    More places are given where fewer would show it on the wrong side of a limit.
    """
    places = 1 + max(1, *(len(_plain(m).partition(".")[2]) for m in mpe))
    if U is not None and math.isfinite(U) and U > 0:
        u_text = rounded_to_u(U, U)[1]
        places = len(u_text.partition(".")[2])
    truth = _sides(value, mpe)
    for more in range(13):
        text = f"{decimal(value):.{places + more}f}"
        if _sides(float(text), mpe) == truth:
            break
    if float(text) == 0:
        text = text.lstrip("-")
    return with_unit(text, unit)


def _sides(value: float, mpe: Limits) -> tuple[bool, bool]:
    return decimal(value) >= decimal(mpe[0]), decimal(value) <= decimal(mpe[1])


def _plain(value: float) -> str:
    text = format(decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _pointed(value: float) -> str:
    text = _plain(value)
    return text if "." in text else f"{text}.0"


def _signed(value: float) -> str:
    return f"+{_plain(value)}" if value > 0 else _plain(value)


def _share(ratio: float) -> Message:
    """Return "one fifth", or "0.15 times" where there is no word for it."""
    for n in (2, 3, 4, 5, 10):
        if math.isclose(ratio, 1 / n, rel_tol=1e-9):
            return msg(f"share-{n}")
    return msg("share", ratio=_plain(ratio))
