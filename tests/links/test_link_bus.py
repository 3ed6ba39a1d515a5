from __future__ import annotations

import threading

from benchctl.core.clock import RealClock, VirtualClock, pause
from benchctl.links import Bus


def test_two_tasks_of_one_bus_never_overlap_in_virtual_time() -> None:
    clock = VirtualClock()
    bus = Bus("line1", clock)
    clock.move_to(10.0)
    with bus:
        clock.sleep(0.5)
    clock.move_to(10.1)  # another task, resumed while the bus was still busy
    with bus:
        assert clock.now() == 10.5
        clock.sleep(0.25)
    assert bus.free_at == 10.75


def test_only_the_outermost_hold_frees_the_bus() -> None:
    clock = VirtualClock()
    bus = Bus("line1", clock)
    with bus:
        with bus:
            clock.sleep(1.0)
        assert bus.free_at == 0.0
        clock.sleep(1.0)
    assert bus.free_at == 2.0


def test_a_bus_is_held_by_one_thread_at_a_time() -> None:
    bus = Bus("line1", RealClock())
    inside: list[int] = []
    most: list[int] = []

    def talk() -> None:
        for _ in range(20):
            with bus:
                inside.append(1)
                most.append(len(inside))
                pause(0.0005)
                inside.pop()

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == 1
