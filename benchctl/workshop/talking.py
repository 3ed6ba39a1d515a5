"""Checks of what a driver says and hears on a sound wire, each on a fresh simulated instrument."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from typing import Any

from benchctl.core.errors import BenchctlError, InstrumentError
from benchctl.core.messages import Message, msg
from benchctl.driver import Setting, SettingRefused
from benchctl.workshop.report import Step, failed, skipped
from benchctl.workshop.rig import NotShownError, Rig
from benchctl.workshop.values import is_number, refusals, same, tries, unsafe


def identifies(rig: Rig) -> Iterator[Step]:
    """The driver has found the right instrument; another model in its place is refused."""
    yield Step("identify")
    driver = rig.driver
    if not driver.identity:
        yield skipped("other-model", msg("workshop.knows-no-model"))
        return
    found = rig.instrument.connect().text
    if rig.takes("model"):
        rig.served.replace(rig.other(model=another(rig.usual("model"), driver.identity)))
        rig.instrument.link.reopen()
    else:
        rig.tap.disguise = (found.encode("latin-1"), another(found, driver.identity).encode())
        seen = b"".join(wire.data for wire in rig.tap.taken if wire.way == "<")
        if found.encode("latin-1") not in seen:
            yield failed("other-model", msg("workshop.give-model"))
            return
    try:
        taken = rig.instrument.connect()
    except InstrumentError:
        yield Step("other-model")
    else:
        yield failed("other-model", msg("workshop.took-other", found=taken.text))


def another(text: str, pattern: str = "") -> str:
    """Return a text that says something else, by one letter, and does not match `pattern`.

    Where all such texts match it, the pattern tells nothing apart.
    """
    changed = []
    for at in range(len(text) - 1, -1, -1):
        if text[at].isalnum():
            other = str((int(text[at]) + 1) % 10) if text[at].isdigit() else "X"
            changed.append(text[:at] + (other if other != text[at] else "Y") + text[at + 1 :])
    unlike = (one for one in changed if not pattern or not re.search(pattern, one))
    return next(unlike, changed[0] if changed else f"{text}X")


def reads(rig: Rig) -> Iterator[Step]:
    """Every channel gives what the simulated instrument shows: alone, and all in one reading."""
    inst, channels = rig.instrument, rig.driver.channels
    unread: list[str] = []
    for name, channel in channels.items():
        try:
            step = _compared(rig, name, inst.read(name)[0], "read")
        except InstrumentError as error:
            step = failed("read", error.message, name)
            unread.append(name)
        yield step
        if is_number(channel) and step.what is None:
            sample = inst.sample(name)
            if sample.unit != channel.unit or not same(channel, sample.value, rig.shows(name)):
                yield failed("read", msg("workshop.bad-sample", value=sample.value), name)
    if unread:
        return
    together = inst.read(*channels)
    for name, value in zip(channels, together, strict=True):
        step = _compared(rig, name, value, "read-together")
        if step.what is not None:
            yield step
    yield Step("read-together")
    yield from _telling(rig)


def _compared(rig: Rig, name: str, value: Any, step: str) -> Step:
    channel = rig.driver.channels[name]
    try:
        shown = rig.shows(name)
    except NotShownError as error:
        return failed(step, error.message, name)
    if not same(channel, value, shown):
        return failed(step, _differs(value, shown, channel.unit), name)
    return Step(step, name)


def _differs(value: Any, shown: Any, unit: str) -> Message:
    return msg("workshop.differs", value=_text(value), shown=_text(shown), unit=unit)


def _text(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _telling(rig: Rig) -> Iterator[Step]:
    """Whether the simulated instrument shows values by which a mistake would be seen."""
    readings = {
        name: rig.shows(name)
        for name, c in rig.driver.channels.items()
        if is_number(c) and c.unit and not c.writable
    }
    for name, value in readings.items():
        if not value:
            yield failed("telling", msg("workshop.shows-zero"), name)
    for one, other in combinations(readings, 2):
        first, second = rig.driver.channels[one], rig.driver.channels[other]
        alike = first.unit == second.unit and first.address != second.address
        quantity = one.removesuffix("_now") == other.removesuffix("_now")
        if alike and not quantity and same(first, readings[one], readings[other]):
            yield failed("telling", msg("workshop.shows-same", other=other), one)


def sets(rig: Rig) -> Iterator[Step]:
    """Every choice and both limits of a setting arrive, and are read back."""
    for name, channel in rig.driver.channels.items():
        if not isinstance(channel, Setting):
            continue
        before = rig.instrument.read(name)[0]
        for value in tries(channel, before):
            rig.instrument.write(name, value)
            held, read = rig.shows(name), rig.instrument.read(name)[0]
            if not same(channel, value, held):
                yield failed("set", _differs(value, held, channel.unit), name)
            elif not same(channel, value, read):
                what = msg("workshop.read-back", value=_text(read), set=_text(value))
                yield failed("set", what, name)
            elif rig.errors_queued:
                yield failed("set", msg("workshop.error-queued"), name)
        yield Step("set", name)
        if before in tries(channel, before) or _allowed(channel, before):
            rig.instrument.write(name, before)


def _allowed(channel: Setting[Any], value: Any) -> bool:
    try:
        channel.check(value)
    except (BenchctlError, TypeError):
        return False
    return True


def refuses(rig: Rig) -> Iterator[Step]:
    """What must not be set is refused before a byte is sent."""
    for name, channel in rig.driver.channels.items():
        name_of_step = "refuse" if isinstance(channel, Setting) else "read-only"
        wrong = refusals(channel) if isinstance(channel, Setting) else [0]
        for value in wrong:
            sent = len(rig.tap.sent)
            try:
                rig.instrument.write(name, value)
            except InstrumentError as error:
                if isinstance(error, SettingRefused) and len(rig.tap.sent) == sent:
                    continue
                yield failed(name_of_step, msg("workshop.bytes-sent", value=str(value)), name)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no refusal
                what = msg("workshop.raised", kind=type(error).__name__, text=str(error))
                yield failed(name_of_step, what, name)
            else:
                yield failed(name_of_step, msg("workshop.was-taken", value=str(value)), name)
        yield Step(name_of_step, name)


def acts(rig: Rig) -> Iterator[Step]:
    """Every action is understood; one whose answer does not come is not sent twice."""
    for name in rig.driver.actions:
        rig.instrument.act(name)
        if rig.errors_queued:
            yield failed("act", msg("workshop.error-queued"), name)
            continue
        sent = len(rig.tap.sent)
        with rig.trouble("silent"), suppress(InstrumentError):
            rig.instrument.act(name)
        at = 2 if rig.tap.framing == "tcp" else 0  # behind the transaction id
        said = [data[at:] for data in rig.tap.sent[sent:]]
        if len(set(said)) < len(said):
            yield failed("act", msg("workshop.acted-twice"), name)
        else:
            yield Step("act", name)
        rig.instrument.read(next(iter(rig.driver.channels)))  # what is late is out of the way


def makes_safe(rig: Rig) -> Iterator[Step]:
    """After `make_safe` every setting that has a safe value holds it, whatever it held before."""
    settings = {n: c for n, c in rig.driver.channels.items() if isinstance(c, Setting)}
    for name, channel in settings.items():
        value = unsafe(channel, rig.shows(name))
        if value is not None:
            rig.instrument.write(name, value)
    if not any(c.safe is not None for c in settings.values()):
        rig.instrument.make_safe()
        yield skipped("make-safe", msg("workshop.no-safe-value"))
        return
    still = [
        n
        for n, c in settings.items()
        if unsafe(c, rig.shows(n)) is not None and same(c, rig.shows(n), c.safe)
    ]
    rig.instrument.make_safe()
    for name, channel in settings.items():
        if channel.safe is None:
            continue
        held = rig.shows(name)
        if not same(channel, held, channel.safe):
            what = msg("workshop.not-safe", held=_text(held), safe=_text(channel.safe))
            yield failed("make-safe", what, name)
        elif name in still:
            yield failed("make-safe", msg("workshop.not-moved"), name)
        else:
            yield Step("make-safe", name)
    if rig.errors_queued:
        yield failed("make-safe", msg("workshop.error-queued"))
