"""Ten thousand random faults on the wires of all bundled drivers: not one wrong value is accepted.

    python benchmarks/wire_faults.py [--faults 10000] [--seed 1] [--jobs 16] [--timeout 0.1]
                                     [--lab DIR] [--json FILE] [DRIVER ...]

Every driver reads its simulated instrument over a real terminal or socket; the fault (see
`wire_spoiling.Fault`) meets one of the replies of a reading, or all from one on. What must hold:

- what the reading gives is what the instrument shows, or it is an error;
- it ends within its deadlines;
- the error, or what the links and the driver tell the record, names what happened;
- the reading after it, of another channel where there is one, is right.

Where a protocol has no check, a changed character that is read as another value cannot be seen by
anybody: such are counted apart, as `unseen`. The exit code is 1 where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from wire_spoiling import Fault, Plan, Spoiler

from benchctl.core.clock import Deadline, VirtualClock
from benchctl.core.errors import InstrumentError
from benchctl.core.events import Event, LinkNoted
from benchctl.core.messages import msg
from benchctl.core.places import bundled
from benchctl.driver import Instrument
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import ModbusBus, ServedInstrument
from benchctl.workshop import Subject, all_subjects, subject_of
from benchctl.workshop.rig import HungError, shown
from benchctl.workshop.values import is_flag, is_number, is_text, same

CHECKED = {
    *("Modbus RTU", "DL/T 645", "CJ/T 188-2004", "M-Bus", "DLMS/COSEM", "IEC 62056-21"),
    *("Radian RD", "GFUVE", "RO-ASCII"),
}
"""Protocols whose replies carry a check: no changed byte of theirs may be read as a value."""
WHOLE = {Fault.DRIBBLED, Fault.ECHO}
"""The reply is whole: where it is understood at once, there is nothing to tell."""
SLACK = 1.5
"""Seconds that a busy machine may take on top of all deadlines."""
HUNG = 30.0
"""Seconds of real time after which a wait is given up as endless."""
ATTEMPTS = 4
"""Readings within which the right value must come again: with a deadline of tenths of a second a
busy machine may miss one."""
REFUSED, MENDED, UNHARMED, UNSEEN = "refused", "mended", "unharmed", "unseen"
WRONG, LATE, UNNAMED, LOST = "wrong", "over deadline", "unnamed", "not again"
COLUMNS = (REFUSED, MENDED, UNHARMED, UNSEEN, WRONG, LATE, UNNAMED, LOST)
VIOLATIONS = {WRONG, LATE, UNNAMED, LOST}


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault and what came of it; `detail` tells of a violation."""

    fault: Fault
    outcome: str
    took: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What one driver did with its share of the faults; `longest` in s."""

    driver: str
    protocol: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A driver's share of the campaign."""

    driver: str
    faults: int
    seed: str
    timeout: float
    lab: str = ""


@dataclass(slots=True)
class Record:
    """A sink that keeps what the links and the driver tell."""

    told: list[LinkNoted] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Keep one event."""
        if isinstance(event, LinkNoted):
            self.told.append(event)


class Victim:
    """One driver on its simulated instrument, with a spoiler on the wire."""

    instrument: Any
    """The driver; its channels are known at run time only."""

    def __init__(self, subject: Subject, seed: str, timeout: float) -> None:
        assert subject.driver is not None
        assert subject.simulator is not None
        self.driver: type[Instrument] = subject.driver
        self.random = Random(seed)
        self.timeout = timeout
        self.record = Record()
        self._over = Deadline(HUNG)
        self._exchanges: dict[tuple[str, ...], int] = {}
        self._stack = ExitStack()
        simulated = subject.simulator()
        self.protocol = protocol_of(self.driver, simulated.bus)
        clock = VirtualClock()

        def through(port: Any) -> Spoiler:
            self.spoiler = Spoiler(port, timeout)
            return self.spoiler

        self.served = self._stack.enter_context(ServedInstrument(simulated, clock, through))
        self.spoiler.foreign = self.served.server.foreign
        factory = LinkFactory(clock, self.record)
        self._stack.callback(factory.close)
        factory.watch(self._look)
        address = self.served.address
        address += f"{'&' if '?' in address else '?'}timeout={timeout}"
        link, options = factory.open(address, subject.name)
        self.instrument = self.driver(link, options, name=subject.name, sink=self.record)

    def close(self) -> None:
        """Close everything."""
        self._stack.close()

    def _look(self) -> None:
        if self._over.over:
            raise HungError(msg("workshop.hangs", seconds=HUNG))

    def channels(self) -> list[str]:
        """Return the channels whose values can be compared, and that do not wait for stability."""
        kinds = (is_number, is_text, is_flag)
        patient = getattr(self.driver.protocol, "patience", {})
        return [
            name
            for name, channel in self.driver.channels.items()
            if any(kind(channel) for kind in kinds)
            and getattr(channel.address, "query", channel.address) not in patient
        ]

    def right(self, names: Sequence[str], values: Sequence[Any]) -> bool:
        """Return whether these are the values that the instrument shows."""
        return all(
            same(self.driver.channels[n], value, shown(self.driver, self.served.instrument, n))
            for n, value in zip(names, values, strict=True)
        )

    def sound(self, names: tuple[str, ...]) -> int:
        """Read soundly and return how many replies that takes."""
        if names not in self._exchanges:
            self.soon_right(names)
            self.spoiler.disarm()
            with suppress(InstrumentError):
                self.instrument.read(*names)
            self._exchanges[names] = max(1, self.spoiler.replies)
        return self._exchanges[names]

    def soon_right(self, names: tuple[str, ...]) -> str:
        """Read until the values are right; return what is wrong if they never are, or wrong."""
        told = ""
        for _ in range(ATTEMPTS):
            self._over = Deadline(HUNG)
            try:
                values = self.instrument.read(*names)
            except InstrumentError as error:
                told = str(error.message)
                continue
            if self.right(names, values):
                return ""
            return f"{WRONG}: {names} read {values}"
        return told

    def trial(self) -> Trial | None:
        """Let a reading meet a fault; None where it did not meet it."""
        fault = self.random.choice(list(Fault))
        channels = self.channels()
        many = min(len(channels), self.random.choice((1, 1, 1, 2, 3)))
        names = tuple(self.random.sample(channels, many))
        replies = self.sound(names)
        at = self.random.randrange(replies)
        self.record.told.clear()
        before = fault is Fault.UNPLUGGED and self.random.random() < 0.5
        if before:
            self.served.server.unplug()
            if back := self.random.random() < 0.5:
                self.served.server.plug()
            self.spoiler.disarm()
            self.spoiler.met.clear()
            trial = self._read(fault, names, replies, there=back)
            self.served.server.plug()
        else:
            lasts = fault is not Fault.UNPLUGGED and self.random.random() < 0.4
            self.spoiler.arm(Plan(fault, at, lasts), self.random)
            trial = self._read(fault, names, replies)
            self.spoiler.disarm()
            if not self.spoiler.met:
                return None
        return self._afterwards(trial, names)

    def _read(
        self, fault: Fault, names: tuple[str, ...], replies: int, *, there: bool = True
    ) -> Trial:
        """Read once and judge what the reading gave and how long it took."""
        self._over = Deadline(HUNG)
        began = time.perf_counter()
        outcome, detail = "", ""
        try:
            values = self.instrument.read(*names)
        except InstrumentError as error:
            named = bool(error.instrument and error.message.id and error.words())
            outcome, detail = (REFUSED if named else UNNAMED), str(error.message)
        except HungError:
            outcome, detail = LATE, f"{names} hung"
        else:
            met = "; ".join(f"{a!r} -> {b!r}" for a, b in self.spoiler.met)
            if not there or not self.right(names, values):
                unseen = fault is Fault.CHANGED and self.protocol not in CHECKED
                outcome, detail = (UNSEEN if unseen else WRONG), f"{names} read {values}: {met}"
            else:
                outcome, detail = UNHARMED, f"{names}: {met}"
        took = time.perf_counter() - began
        most = 6 * self.timeout * (replies + 2) + SLACK
        if took > most:
            outcome, detail = LATE, f"{names} took {took:.2f} s of {most:.2f} s: {detail}"
        return Trial(fault, outcome, took, detail)

    def _afterwards(self, trial: Trial, names: tuple[str, ...]) -> Trial:
        """Read something else; what comes surplus must not become its value."""
        self.spoiler.there.wait(HUNG)
        others = [n for n in self.channels() if n not in names] or list(names)
        second = self.random.choice(others)
        wrong = self.soon_right((second,))
        if not wrong:
            wrong = self.soon_right((names[0],))
        if wrong:
            outcome = WRONG if wrong.startswith(WRONG) else LOST
            return Trial(trial.fault, outcome, trial.took, f"then {wrong}; {trial.detail}")
        if trial.outcome != UNHARMED:
            return trial
        if any(noted.what and noted.detail for noted in self.record.told):
            return Trial(trial.fault, MENDED, trial.took)
        meant = trial.fault in WHOLE or trial.fault is Fault.CHANGED
        return trial if meant else Trial(trial.fault, UNNAMED, trial.took, trial.detail)


def protocol_of(driver: type[Instrument], bus: object) -> str:
    """Return what people call the protocol, with its framing where there are several."""
    name = driver.protocol.name
    if isinstance(bus, ModbusBus):
        return f"{name} {'RTU' if bus.rtu else 'TCP'}"
    return f"{name} lines" if name == "line" else name


def carried_out(share: Share) -> Found:
    """Let one driver meet its share of the faults."""
    subject = _subjects(Path(share.lab) if share.lab else None, [share.driver])[0]
    victim = Victim(subject, share.seed, share.timeout)
    trials: list[Trial] = []
    try:
        victim.instrument.connect()
        wrong = [n for n in victim.channels() if victim.soon_right((n,))]
        if wrong:
            return Found(
                share.driver,
                victim.protocol,
                (Trial(Fault.SILENT, LOST, 0.0, f"never sound: {wrong}"),),
            )
        while len(trials) < share.faults:
            trial = victim.trial()
            if trial is not None:
                trials.append(trial)
    finally:
        with suppress(InstrumentError):
            victim.close()
    return Found(share.driver, victim.protocol, tuple(trials))


def _subjects(lab: Path | None, names: Sequence[str]) -> list[Subject]:
    shelf = Shelf([*([lab / "drivers"] if lab else []), bundled("drivers")])
    if names:
        return [subject_of(name, shelf, lab) for name in names]
    return [s for s in all_subjects(shelf, lab) if s.driver is not None and not s.driver.asks]


def campaign(
    names: Sequence[str], faults: int, seed: int, jobs: int, timeout: float, lab: Path | None = None
) -> list[Found]:
    """Spread so many faults over the drivers (default: all), `jobs` processes at a time."""
    drivers = [subject.name for subject in _subjects(lab, names)]
    shares = [
        Share(
            name,
            faults // len(drivers) + (n < faults % len(drivers)),
            f"{seed} {name}",
            timeout,
            str(lab or ""),
        )
        for n, name in enumerate(drivers)
    ]
    if jobs == 1:
        return [carried_out(share) for share in shares]
    with ProcessPoolExecutor(jobs, mp_context=get_context("forkserver")) as pool:
        return list(pool.map(carried_out, shares))


def table(found: Iterable[Found]) -> list[str]:
    """Return the lines of the table: one per protocol, then one per fault."""
    rows: dict[str, list[Trial]] = {}
    drivers: Counter[str] = Counter()
    for one in found:
        rows.setdefault(one.protocol, []).extend(one.trials)
        drivers[one.protocol] += 1
    every = [trial for trials in rows.values() for trial in trials]
    faults = {fault.value: [t for t in every if t.fault is fault] for fault in Fault}
    head = f"{'':16} {'drivers':>7} {'faults':>7}" + "".join(f"{c:>14}" for c in COLUMNS)
    lines = [f"{head} {'longest s':>10}"]
    for name, trials in [*sorted(rows.items()), *faults.items(), ("all", every)]:
        counts = Counter(trial.outcome for trial in trials)
        number = drivers[name] or (drivers.total() if name == "all" else "")
        longest = max((trial.took for trial in trials), default=0.0)
        row = f"{name:16} {number:>7} {len(trials):>7}"
        lines.append(row + "".join(f"{counts[c]:>14}" for c in COLUMNS) + f" {longest:>10.2f}")
    lines.insert(1 + len(rows), "")
    return lines


def violations(found: Iterable[Found]) -> list[str]:
    """Return a sentence for everything that does not hold."""
    return [
        f"{one.driver} ({one.protocol}), {trial.fault}: {trial.outcome}: {trial.detail}"
        for one in found
        for trial in one.trials
        if trial.outcome in VIOLATIONS
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry the campaign out and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("drivers", nargs="*")
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--timeout", type=float, default=0.1)
    parser.add_argument("--lab", type=Path)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    found = campaign(
        options.drivers, options.faults, options.seed, options.jobs, options.timeout, options.lab
    )
    wrong = violations(found)
    print(*table(found), "", *wrong, sep="\n")
    print(
        f"{sum(len(one.trials) for one in found)} faults, seed {options.seed}, "
        f"{len(wrong)} violations, {time.perf_counter() - began:.0f} s"
    )
    if options.json:
        counts = {
            one.driver: {"protocol": one.protocol, **Counter(t.outcome for t in one.trials)}
            for one in found
        }
        document = {
            "seed": options.seed,
            "faults": sum(len(one.trials) for one in found),
            "drivers": counts,
            "violations": wrong,
        }
        text = json.dumps(document, indent=1)
        if options.json == "-":
            print(text)
        else:
            Path(options.json).write_text(text, encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
