"""Which values a channel is tried with, and when two values are the same."""

from __future__ import annotations

import math
from typing import Any

from benchctl.driver import Bit, Reading, Setting, Word, flag, text

RELATIVE = 1e-6
"""Within which two numbers are the same: the seven figures that a float32 and most displays have.
"""


def is_number(channel: Reading[Any]) -> bool:
    """Return whether a channel's value is a number of some unit, no flag, text or block."""
    return not is_text(channel) and not is_flag(channel) and not _is_block(channel)


def is_text(channel: Reading[Any]) -> bool:
    """Return whether a channel's value is a text: any, or one of some words."""
    return channel.kind is text or isinstance(channel.kind, Word)


def is_flag(channel: Reading[Any]) -> bool:
    """Return whether a channel's value is True or False."""
    return channel.kind is flag or isinstance(channel.kind, Bit)


def _is_block(channel: Reading[Any]) -> bool:
    return getattr(channel.kind, "__name__", "") == "block"


def step_of(channel: Reading[Any]) -> float:
    """Return the difference that a channel's indication cannot show: its resolution, or a count."""
    if channel.resolution is not None:
        return channel.resolution
    address = channel.address
    scale = getattr(address, "scale", 0.0)
    return abs(scale) if getattr(address, "kind", "") not in ("f32", "f64") else 0.0


def same(channel: Reading[Any], one: Any, other: Any) -> bool:
    """Return whether two values of a channel are the same but for its resolution."""
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one) == bool(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        largest = max(abs(one), abs(other))
        within = max(0.5000001 * step_of(channel), RELATIVE * largest)
        return abs(one - other) <= within
    return bool(one == other)


def tries(channel: Setting[Any], now: Any) -> list[Any]:
    """Return the values that a setting is tried with: every choice, or both its limits.

    A text without choices is given what it holds.
    """
    if channel.choices:
        return list(channel.choices)
    if is_flag(channel):
        return [True, False]
    bounds = [bound for bound in (channel.low, channel.high) if bound is not None]
    return bounds or [now]


def refusals(channel: Setting[Any]) -> list[Any]:
    """Return values that a setting must refuse before anything is sent."""
    if is_flag(channel):
        return [2, "maybe"]
    if is_text(channel):
        return ["~ none of them ~"] if channel.choices else [1.5]
    wrong: list[Any] = [math.nan, math.inf, "a text"]
    if channel.choices:
        return [*wrong, max(channel.choices) + 1.5]
    if channel.low is not None:
        wrong.append(_beyond(channel.low, channel, -1.0))
    if channel.high is not None:
        wrong.append(_beyond(channel.high, channel, 1.0))
    return wrong


def _beyond(bound: float, channel: Setting[Any], sign: float) -> float:
    low = channel.low if channel.low is not None else bound
    high = channel.high if channel.high is not None else bound
    return bound + sign * max(step_of(channel), 0.01 * (high - low), 1e-6 * abs(bound))


def unsafe(channel: Setting[Any], now: Any) -> Any:
    """Return a value of a setting that is not its safe one, None where there is no other."""
    return next((v for v in tries(channel, now) if not same(channel, v, channel.safe)), None)
