"""Checks of what a driver does when the wire, or what hangs on it, is not as it should be."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from benchctl.core.clock import Deadline, monotonic
from benchctl.core.errors import InstrumentError, StoppedError
from benchctl.core.messages import msg
from benchctl.workshop.report import Step, failed, skipped
from benchctl.workshop.rig import PATIENCE, SHORT, Rig
from benchctl.workshop.talking import another
from benchctl.workshop.values import is_number, same

MOST_GARBLED = 6
"""Channels whose garbled replies are looked at; the rest are alike."""
SLACK = 2.0
"""Seconds that a slow machine may take on top of a deadline."""
STOPPED_WITHIN = 1.0
"""Seconds of real time after which a stopped wait must have ended."""


def stands(rig: Rig, fault: str) -> Iterator[Step]:
    """No reply that met a fault is taken for a value, and the next sound one is right again."""
    numbers = [n for n, c in rig.driver.channels.items() if is_number(c)]
    names = numbers or list(rig.driver.channels)
    for name in names[:MOST_GARBLED] if fault == "garbled" else names[:1]:
        rig.instrument.read(name)
        began = monotonic()
        with rig.trouble(fault):
            try:
                value = rig.instrument.read(name)[0]
            except InstrumentError:
                took = monotonic() - began
                if took > 6 * SHORT + SLACK:
                    yield failed(fault, msg("workshop.too-late", seconds=f"{took:.1f}"), name)
                    continue
            else:
                yield failed(fault, msg("workshop.accepted", value=str(value)), name)
                continue
        yield _right_again(rig, fault, name)


def _right_again(rig: Rig, step: str, name: str) -> Step:
    try:
        value = rig.instrument.read(name)[0]
    except InstrumentError as error:
        return failed(step, msg("workshop.not-again", what=error.message), name)
    if not same(rig.driver.channels[name], value, rig.shows(name)):
        return failed(step, msg("workshop.wrong-again", value=str(value)), name)
    return Step(step, name)


def knows_its_own(rig: Rig) -> Iterator[Step]:
    """A sound reply of another address is no answer, alone or before the own one."""
    if rig.served.server.foreign is None:
        yield skipped("foreign", msg("workshop.no-addresses"))
        return
    numbers = [n for n, c in rig.driver.channels.items() if is_number(c)]
    name = (numbers or list(rig.driver.channels))[0]
    for fault in ("foreign", "stray"):
        rig.instrument.read(name)
        shown = rig.shows(name)
        with rig.trouble(fault):
            try:
                value = rig.instrument.read(name)[0]
            except InstrumentError:
                pass
            else:
                if fault == "foreign" or not same(rig.driver.channels[name], value, shown):
                    yield failed("foreign", msg("workshop.accepted", value=str(value)), name)
                    continue
        yield _right_again(rig, "foreign", name)


def puts_together(rig: Rig) -> Iterator[Step]:
    """A reply that comes in small pieces, with time between them, is one reply."""
    for name in list(rig.driver.channels)[:2]:
        rig.served.server.trouble.set("dribbled")
        yield _right_again(rig, "dribbled", name)
        rig.served.server.trouble.set("")


def hears_twice(rig: Rig) -> Iterator[Step]:
    """A reply that comes twice is not taken for the answer to the next question."""
    first, *others = rig.driver.channels
    rig.served.server.trouble.set("twice", count=1)
    rig.instrument.read(first)
    for name in [*others[:1], first]:
        yield _right_again(rig, "twice", name)


def hears_late(rig: Rig) -> Iterator[Step]:
    """Replies that come when nobody waits any more are not taken for the next answers."""
    first, *others = rig.driver.channels
    trouble = rig.served.server.trouble
    trouble.set("late", delay=60.0)
    rig.tap.late = trouble.release  # as soon as the driver has given up and goes on
    rig.tap.most = SHORT
    try:
        value = rig.instrument.read(first)[0]
    except InstrumentError:
        pass
    else:
        if not same(rig.driver.channels[first], value, rig.shows(first)):
            yield failed("late", msg("workshop.accepted", value=str(value)), first)
    trouble.set("")
    rig.tap.most = PATIENCE
    for name in [*others[:1], first]:
        yield _right_again(rig, "late", name)


def comes_back(rig: Rig) -> Iterator[Step]:
    """Unplugged, it is an error at once; plugged in again, the next reading is right."""
    name = next(iter(rig.driver.channels))
    rig.served.server.unplug()
    began = monotonic()
    try:
        value = rig.instrument.read(name)[0]
    except InstrumentError:
        took = monotonic() - began
        if took > PATIENCE:
            yield failed("unplug", msg("workshop.too-late", seconds=f"{took:.1f}"), name)
            return
    else:
        yield failed("unplug", msg("workshop.accepted", value=str(value)), name)
        return
    rig.served.server.plug()
    yield _right_again(rig, "unplug", name)


def knows_itself(rig: Rig) -> Iterator[Step]:
    """After an interruption, another instrument behind the same address is not read."""
    serial = rig.instrument.connect().serial
    if not serial and not rig.takes("serial"):
        yield skipped("other-serial", msg("workshop.knows-no-serial"))
        return
    name = next(iter(rig.driver.channels))
    rig.served.server.unplug()
    if rig.takes("serial"):
        rig.served.replace(rig.other(serial=another(rig.usual("serial"))))
    else:
        seen = b"".join(wire.data for wire in rig.tap.taken if wire.way == "<")
        if serial.encode() not in seen:
            yield failed("other-serial", msg("workshop.give-serial"))
            return
        rig.tap.disguise = (serial.encode(), another(serial).encode())
        rig.served.server.plug()
    for _ in range(2):  # an error that is forgotten by the next attempt protects nobody
        rig.tap.most = SHORT
        try:
            value = rig.instrument.read(name)[0]
        except InstrumentError:
            continue
        yield failed("other-serial", msg("workshop.read-other", value=str(value)), name)
        return
    yield Step("other-serial")


def stops(rig: Rig) -> Iterator[Step]:
    """A wait for an answer ends soon when the run is stopped, and nothing is tried again."""
    name = next(iter(rig.driver.channels))
    stopped = threading.Event()
    over = Deadline(PATIENCE)

    def look() -> None:
        if stopped.is_set() or over.over:
            raise StoppedError(msg("engine.stopped", source="check"))

    rig.factory.watch(look)
    rig.served.server.trouble.set("silent")
    person = threading.Timer(0.05, stopped.set)
    person.start()
    began = monotonic()
    try:
        rig.instrument.read(name)
    except StoppedError:
        took = monotonic() - began
    except InstrumentError as error:
        yield failed("stop", msg("workshop.stop-swallowed", what=error.message), name)
        return
    finally:
        person.cancel()
        rig.served.server.trouble.set("")
        rig.factory.watch(lambda: None)
    if took > STOPPED_WITHIN:
        yield failed("stop", msg("workshop.stop-late", seconds=f"{took:.1f}"), name)
    else:
        yield Step("stop")
