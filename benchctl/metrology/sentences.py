"""How numbers are written in the sentences of decisions: limits, values, U, probabilities."""

from __future__ import annotations

import math

from benchctl.core.messages import Message, msg
from benchctl.metrology.risk import Limits
from benchctl.metrology.rounding import decimal, rounded_to_u, with_unit
from benchctl.metrology.zones import bound


def limits_text(mpe: Limits, unit: str = "%") -> str:
    """Return limits as "±2.0 %" or "−4 … +1 %"."""
    if math.isinf(mpe[0]) or math.isinf(mpe[1]):
        sign, end = ("≤", mpe[1]) if math.isinf(mpe[0]) else ("≥", mpe[0])
        return with_unit("−∞ … ∞" if math.isinf(end) else f"{sign} {_pointed(end)}", unit)
    if decimal(mpe[0]) == -decimal(mpe[1]) and mpe[1] >= 0:
        return with_unit(f"±{_pointed(mpe[1])}", unit)
    return with_unit(f"{_signed(mpe[0])} … {_signed(mpe[1])}", unit)


def limit_text(limit: float, unit: str) -> str:
    """Return one limit as "2.0 %"."""
    return with_unit(_pointed(limit), unit)


def u_text(u: float, unit: str) -> str:
    """Return an uncertainty to two significant digits."""
    if not u > 0:
        return with_unit("−" * (u < 0) + (rounded_to_u(-u, -u)[1] if u < 0 else "0"), unit)
    return with_unit(rounded_to_u(u, u)[1], unit)


def probability_text(p: float, other: float) -> str:
    """Return a probability in %, with the digits that tell it from 0 or 1; `other` is 1 - p."""
    if p <= 0 or other <= 0:
        return "0 %" if p <= 0 else "100 %"
    if p < 1e-4:
        return f"{p:.2g}".replace("e-0", "e-")
    least = min(p, other, 0.5)
    places = max(1, min(8, 1 - math.floor(math.log10(100 * least))))
    return f"{100 * p:.{places}f} %"


def value_text(value: float, mpe: Limits, unit: str, U: float | None = None) -> str:  # noqa: N803
    """Return a value to the place of U, or one place beyond the limits', with its unit.

    More places are given where fewer would show it on the wrong side of a limit.
    """
    ends = [m for m in mpe if math.isfinite(m)]
    places = 1 + max([1, *(len(_plain(m).partition(".")[2]) for m in ends)])
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
    return decimal(value) >= bound(mpe[0]), decimal(value) <= bound(mpe[1])


def _plain(value: float) -> str:
    text = format(decimal(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _pointed(value: float) -> str:
    text = _plain(value)
    return text if "." in text else f"{text}.0"


def _signed(value: float) -> str:
    return f"+{_plain(value)}" if value > 0 else _plain(value)


def share_of(ratio: float) -> Message:
    """Return "one fifth", or "0.15 times" where there is no word for it."""
    for n in (2, 3, 4, 5, 10):
        if math.isclose(ratio, 1 / n, rel_tol=1e-9):
            return msg(f"share-{n}")
    return msg("share", ratio=_plain(ratio))
