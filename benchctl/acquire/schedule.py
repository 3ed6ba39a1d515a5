"""One scheduler for everything that waits, on a virtual or a real clock.

Whatever waits is a generator that yields what it waits for: an instant (`Until`), a condition
(`When`) or a person (`Ask`). Samplers and monitors run beside the main task on their bus; the main
task is the engine's.

    def sampler():
        while True:
            series.push(*read())
            yield Until(clock.now() + 0.5)

    scheduler = scheduler_for(clock, operator)
    scheduler.spawn(sampler(), bus="line1", name="master")
    result = scheduler.run(main())

`VirtualScheduler` keeps all tasks in a heap ordered by (instant, bus, sequence) and jumps the
clock; `RealScheduler` gives each bus a thread. A failure in any task is raised inside the main
task, where it waits; so is `stop`, and so is what `attend` finds.
"""

from __future__ import annotations

from benchctl.acquire.real_time import RealScheduler
from benchctl.acquire.virtual_time import VirtualScheduler
from benchctl.acquire.waits import Scheduler
from benchctl.core.clock import Clock, VirtualClock
from benchctl.core.ports import Operator


def scheduler_for(clock: Clock, operator: Operator, *, urgent: bool = False) -> Scheduler:
    """Return the scheduler that fits the clock; only real time knows what is `urgent`."""
    if isinstance(clock, VirtualClock):
        return VirtualScheduler(clock, operator)
    return RealScheduler(clock, operator, urgent=urgent)
