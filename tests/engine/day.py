"""A day at the simulated bench: what a person does at instants of bench time during a run."""

import lab_folder

from benchctl.acquire import Until
from benchctl.core.errors import UsageError
from benchctl.core.events import ActionFinished, ActionStarted, RunMeasured
from benchctl.core.verdicts import Verdict


class Day:
    """Runs a procedure of the lab and does what was planned for certain instants of it.

    day = Day(lab)
    day.at("load-1/Q3/run-1", 20.0, lambda: day.control.pause("Li"))
    document = day.run("quick")
    """

    def __init__(self, lab):
        self.lab = lab
        self.events = []
        self.refused = []
        self._plans = []
        self._begun = {}

    def at(self, action, seconds, do, *, time=1):
        """Do something so long after an action began, the `time`-th time that it does."""
        self._plans.append((action, seconds, do, time))

    def after(self, seconds, do):
        """Do something so long after the beginning of the run."""
        self._plans.append((None, seconds, do, 1))

    def run(self, procedure="quick", **more):
        """Run, and return the result document."""
        self.report = self.lab.run(
            procedure,
            on_event=self._told,
            on_scheduler=self._scheduled,
            on_control=self._controlled,
            **more,
        )
        return self.report.document

    @property
    def bench(self):
        """The simulated bench of the present run."""
        return lab_folder.BENCHES[-1]

    def leak(self, position, by="Li"):
        """Let a meter leak, and say so."""
        self.bench.fault("leak", position=position)
        self.control.leak(position, by)

    def _scheduled(self, scheduler):
        self.scheduler = scheduler
        for action, seconds, do, _ in self._plans:
            if action is None:
                self._later(seconds, do)

    def _controlled(self, control):
        self.control = control

    def _told(self, stored):
        if not stored.seq:
            return
        event = stored.event
        self.events.append(event)
        if isinstance(event, ActionStarted):
            begun = self._begun[event.action] = self._begun.get(event.action, 0) + 1
            for action, seconds, do, time in self._plans:
                if (action, time) == (event.action, begun):
                    self._later(seconds, do)

    def _later(self, seconds, do):
        def wait():
            yield Until(self.scheduler.clock.now() + seconds)
            try:
                do()
            except UsageError as error:
                self.refused.append(error.message.id)

        self.scheduler.spawn(wait(), bus="test", name="a person")

    # what came of it ------------------------------------------------------------------------

    def of(self, kind):
        """Return the events of a class."""
        return [e for e in self.events if isinstance(e, kind)]

    def course(self):
        """Return every action with how it ended, in order."""
        return [(e.action, e.outcome) for e in self.of(ActionFinished)]

    def measured(self, position, point="Q3"):
        """Return of each run of a unit whether it counts, else why not."""
        serial = lab_folder.SERIALS[position - 1]
        return [
            "counts" if e.valid else e.problem["id"]
            for e in self.of(RunMeasured)
            if (e.uut, e.point) == (serial, point)
        ]


def found(document, position):
    """Return the points and items of a unit: name -> verdict."""
    uut = document["uuts"][position - 1]
    return {p["point"] or p["item"]: p["verdict"] for p in uut["points"]}


def right(document, truth, position):
    """Whether every verdict of a unit is the one that it deserves.

    Where its true error lies nearer to a limit than the uncertainty, it deserves either.
    """
    serial = document["uuts"][position - 1]["serial"]
    for point in document["uuts"][position - 1]["points"]:
        rows = [r for r in truth if r["serial"] == serial and r["point"] == point["point"]]
        if point["point"] is None:
            (row,) = (r for r in rows if r["item"] == point["item"])
            good = row["good"]
        else:
            (low, high), true = point["mpe"], rows[0]["error"]
            near = min(abs(true - low), abs(true - high)) <= (point["U"] or 0.0)
            if near and point["verdict"] in (Verdict.PASS, Verdict.FAIL):
                continue
            good = low <= true <= high
        if point["verdict"] != (Verdict.PASS if good else Verdict.FAIL):
            return False
    return True
