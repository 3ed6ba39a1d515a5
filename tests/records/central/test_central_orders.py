"""Work orders in the central database: each is claimed once, however many benches ask at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from benchctl.core.errors import UsageError
from benchctl.records.central import (
    Central,
    Order,
    add_order,
    claim_order,
    finish_order,
    list_orders,
)


def order(n: int, bench: str | None = None) -> Order:
    return Order(f"WO-{n:03}", "water-meter", ({"serial": f"W-{n}", "Q3": "2.5"},), bench)


def test_every_order_is_claimed_once_by_eight_benches_at_once(
    central: Central, database: Callable[[str], str]
) -> None:
    for n in range(40):
        add_order(central, order(n))
    taken: list[str] = []

    def bench(n: int) -> None:
        with Central.open(database("keeper")) as mine:
            while (found := claim_order(mine, f"Line {n}")) is not None:
                taken.append(found.name)

    threads = [threading.Thread(target=bench, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"WO-{n:03}" for n in range(40)]
    assert list_orders(central, open_only=True) == []


def test_an_order_for_one_bench_is_not_given_to_another(central: Central) -> None:
    add_order(central, order(1, "Line 1"))
    assert claim_order(central, "Line 2") is None
    assert claim_order(central, "Line 1") is not None


def test_adding_an_order_again_changes_nothing_and_another_of_its_name_is_refused(
    central: Central,
) -> None:
    assert add_order(central, order(1))
    assert not add_order(central, order(1))
    with pytest.raises(UsageError, match="WO-001"):
        add_order(central, Order("WO-001", "gas-meter", ({"serial": "W-1"},)))
    assert len(list_orders(central)) == 1


def test_only_who_claimed_an_order_finishes_it_and_once(central: Central) -> None:
    add_order(central, order(1))
    with pytest.raises(UsageError):
        finish_order(central, "WO-001", "Line 1", "R1")
    claim_order(central, "Line 1")
    with pytest.raises(UsageError):
        finish_order(central, "WO-001", "Line 2", "R1")
    finish_order(central, "WO-001", "Line 1", "R1")
    assert list_orders(central)[0].run == "R1"
    with pytest.raises(UsageError):
        finish_order(central, "WO-001", "Line 1", "R2")


def test_logins_of_benches_claim_for_their_own_bench_and_only_clerks_add(
    central: Central, database: Callable[[str], str]
) -> None:
    from benchctl.core.errors import RecordError

    bench, clerk = database("bench_one"), database("clerk_one")
    central.grant("bench_one", role="bench", benches=["Line 1"])
    central.grant("clerk_one", role="clerk")
    with Central.open(bench) as mine, pytest.raises(RecordError):
        add_order(mine, order(1))
    with Central.open(clerk) as office:
        add_order(office, order(1))
        add_order(office, order(2, "Line 2"))
    with Central.open(bench) as mine:
        with pytest.raises(RecordError):
            claim_order(mine, "Line 2")
        found = claim_order(mine, "Line 1")
        assert found is not None
        assert found.name == "WO-001"
        finish_order(mine, "WO-001", "Line 1", "R1")
        assert claim_order(mine, "Line 1") is None
