"""What is looked at in a driver's declaration, before it talks to anything."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.core.units import unit
from benchctl.driver import Instrument, Modbus, Reading, Scpi, Setting, provenance, summary
from benchctl.workshop.report import Step, failed
from benchctl.workshop.values import is_flag, is_number, is_text

MOST_LINES = 100
PUBLIC = ("benchctl.driver", "benchctl.core.errors", "benchctl.core.messages")
"""What a driver file may import of this program."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def lint(driver: type[Instrument], path: Path | None) -> Iterator[Step]:
    """Yield a step for the declaration as a whole, or one for every mistake in it."""
    wrong = [*_class(driver), *_file(path)]
    for channel in driver.channels.values():
        wrong += [(channel.name, what) for what in _channel(channel)]
    for action in driver.actions.values():
        if not action.__doc__:
            wrong.append((action.name, msg("workshop.no-doc")))
    for name, what in wrong:
        yield failed("declaration", what, name)
    if not wrong:
        yield Step("declaration")


def _class(driver: type[Instrument]) -> Iterator[tuple[str, Message]]:
    if not summary(driver):
        yield "", msg("workshop.no-summary")
    missing = [topic.capitalize() for topic, told in provenance(driver).items() if not told]
    if missing:
        yield "", msg("workshop.no-topic", topics=", ".join(missing))
    if not driver.channels:
        yield "", msg("workshop.no-channel")
    for name in [*driver.channels, *driver.actions]:
        if not _NAME.fullmatch(name):
            yield name, msg("workshop.bad-name")
    yield from _identity(driver)
    yield from _order(driver)
    safe = inspect.getdoc(driver.make_safe) if _acts(driver) else ""
    if safe is None:
        yield "", msg("workshop.make-safe-silent")


def _identity(driver: type[Instrument]) -> Iterator[tuple[str, Message]]:
    try:
        matches_all = bool(driver.identity) and re.search(driver.identity, "") is not None
    except re.error as error:
        yield "", msg("workshop.bad-identity", identity=driver.identity, problem=str(error))
        return
    if matches_all:
        yield "", msg("workshop.loose-identity", identity=driver.identity)
    if not driver.identity and isinstance(driver.protocol, Scpi) and driver.protocol.who:
        yield "", msg("workshop.no-identity")


def _order(driver: type[Instrument]) -> Iterator[tuple[str, Message]]:
    """Say which channels have long values whose order nobody states."""
    if not isinstance(driver.protocol, Modbus) or driver.protocol.states_order:
        return
    for name, channel in driver.channels.items():
        if driver.protocol.has_order(channel.address):
            yield name, msg("workshop.no-order")


def _acts(driver: type[Instrument]) -> bool:
    return bool(driver.actions) or any(c.writable for c in driver.channels.values())


def _file(path: Path | None) -> Iterator[tuple[str, Message]]:
    if path is None or path.suffix != ".py":
        return
    source = path.read_text(encoding="utf-8")
    lines = len(source.splitlines())
    if lines > MOST_LINES:
        yield "", msg("workshop.long", lines=lines, most=MOST_LINES)
    for node in ast.walk(ast.parse(source)):
        named = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        for module in named:
            if module.split(".")[0] == "benchctl" and module not in PUBLIC:
                yield "", msg("workshop.private-import", module=module)


def _channel(channel: Reading[Any]) -> Iterator[Message]:
    if not channel.__doc__:
        yield msg("workshop.no-doc")
    try:
        unit(channel.unit)
    except BenchctlError as error:
        yield error.message
    if channel.resolution is not None and not 0 < channel.resolution < math.inf:
        yield msg("workshop.bad-resolution", value=channel.resolution)
    if isinstance(channel, Setting):
        yield from _setting(channel)


def _setting(channel: Setting[Any]) -> Iterator[Message]:
    low, high = channel.low, channel.high
    if is_number(channel) and not channel.choices and (low is None or high is None):
        yield msg("workshop.no-limit")
    for bound in (low, high):
        if bound is not None and not math.isfinite(bound):
            yield msg("workshop.bad-limit", value=bound)
    if low is not None and high is not None and not low < high:
        yield msg("workshop.limits-crossed", low=low, high=high)
    for value in [*channel.choices, *([] if channel.safe is None else [channel.safe])]:
        try:
            channel.check(value)
        except (BenchctlError, TypeError) as error:
            what = error.message if isinstance(error, BenchctlError) else str(error)
            yield msg("workshop.not-allowed", value=str(value), what=what)
    if len(set(channel.choices)) != len(channel.choices):
        yield msg("workshop.choice-twice")
    if (is_flag(channel) or is_text(channel)) and (low is not None or high is not None):
        yield msg("workshop.limits-of-no-number")
