"""A long wait inside an exchange ends when the run is stopped, and the safe state comes through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wire_peers import TcpPeer, lines

from benchctl.acquire import Scheduler, Until, scheduler_for
from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.core.errors import StoppedError
from benchctl.core.ports import NullSink
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory

PATIENCE = 40.0
"""Seconds that the balance may take for a stable weight."""
REPLIES = {"I2": 'I2 A "B"', "I4": 'I4 A "1"', "@": 'I4 A "1"', "SI": "S D      1.000 kg"}


class Balance:
    """A balance whose weight never comes to rest: it does not answer `S`."""

    def __init__(self) -> None:
        self.waits = threading.Event()

    def answer(self, line: bytes) -> Iterator[object]:
        command = line.decode().strip()
        if command == "S":
            self.waits.set()
        else:
            yield f"{REPLIES[command]}\r\n".encode()


@pytest.fixture
def restless() -> Balance:
    return Balance()


@pytest.fixture(params=["real", "virtual"])
def scheduler(request: pytest.FixtureRequest) -> Scheduler:
    clock = RealClock() if request.param == "real" else VirtualClock()
    return scheduler_for(clock, operator=None)  # type: ignore[arg-type]  # nobody is asked


@pytest.fixture
def balance(
    shelf: Shelf, restless: Balance, scheduler: Scheduler, served: Callable[..., TcpPeer]
) -> Iterator[Any]:
    peer = served(restless.answer, lines)
    factory = LinkFactory(scheduler.clock, NullSink())
    factory.watch(scheduler.look)
    link, options = factory.open(f"serial+tcp://{peer.address}?timeout=0.5", "balance")
    driver = shelf.find("mettler_mtsics")(link, options, name="balance")
    driver.connect()
    yield driver
    factory.close()


def stopped_while_it_waits(scheduler: Scheduler, restless: Balance, main: Any) -> float:
    """Run `main`, stop it when the balance waits; return how long it took to end, in s."""
    stopped: list[float] = []

    def stop() -> None:
        assert restless.waits.wait(10)
        stopped.append(monotonic())
        scheduler.stop("test")

    person = threading.Thread(target=stop)
    person.start()
    with pytest.raises(StoppedError):
        scheduler.run(main)
    person.join()
    return monotonic() - stopped[0]


def test_a_wait_for_rest_ends_when_the_run_is_stopped(
    scheduler: Scheduler, restless: Balance, balance: Any
) -> None:
    seen: list[float] = []

    def main() -> Iterator[Until]:
        yield Until(scheduler.clock.now())
        try:
            _ = balance.mass
        finally:  # what is done on the way out is not cut short
            seen.append(balance.mass_now)

    assert stopped_while_it_waits(scheduler, restless, main()) < PATIENCE / 4
    assert seen == [1.0]
    assert balance.mass_now == 1.0


def test_a_sampler_that_waits_for_rest_does_not_hold_the_stop_up(
    scheduler: Scheduler, restless: Balance, balance: Any
) -> None:
    def sampler() -> Iterator[Until]:
        while True:
            _ = balance.mass
            yield Until(scheduler.clock.now() + 1.0)

    def main() -> Iterator[Until]:
        yield Until(scheduler.clock.now() + 60.0)

    scheduler.spawn(sampler(), bus="balance", name="mass")
    assert stopped_while_it_waits(scheduler, restless, main()) < PATIENCE / 4
    assert balance.mass_now == 1.0


def test_the_safe_state_after_a_stop_waits_as_long_as_it_must(
    scheduler: Scheduler, restless: Balance, balance: Any
) -> None:
    def main() -> Iterator[Until]:
        yield Until(scheduler.clock.now())
        _ = balance.mass

    stopped_while_it_waits(scheduler, restless, main())
    scheduler.look()  # a wait of the safe state: nothing is raised
