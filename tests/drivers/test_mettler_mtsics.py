"""The MT-SICS driver against scripted replies, and against the simulated balance on a pty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from wire_peers import TcpPeer, lines

from benchctl.core.clock import RealClock, VirtualClock, monotonic
from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    InstrumentError,
    NoReplyError,
    NotANumberError,
)
from benchctl.core.messages import words
from benchctl.core.ports import NullSink
from benchctl.driver import BusyError
from benchctl.drivers import Shelf
from benchctl.links import LinkFactory
from benchctl.simulation import MtSicsBalance, PtyPort, TextServer, Wire

USUAL = {
    "@": 'I4 A "B622014785"',
    "I2": 'I2 A "KCC150 150.000 kg"',
    "I4": 'I4 A "B622014785"',
    "S": "S S     12.345 kg",
    "SI": "S D     12.340 kg",
    "T": "T S      0.000 kg",
    "Z": "Z A",
}


class Scripted:
    """A balance that answers from a table; a number in a list is a pause in s."""

    def __init__(self) -> None:
        self.replies: dict[str, Any] = dict(USUAL)
        self.asked: list[str] = []

    def answer(self, line: bytes) -> Iterable[object]:
        command = line.decode("latin-1").rstrip("\r\n")
        self.asked.append(command)
        said = self.replies.get(command, "ES")
        for one in said if isinstance(said, list) else [said]:
            yield one if isinstance(one, float) else f"{one}\r\n".encode()


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def balance(shelf: Shelf, scripted: Scripted, served: Callable[..., TcpPeer]) -> Iterator[Any]:
    factory = LinkFactory(RealClock(), NullSink())
    peer = served(scripted.answer, lines)
    link, options = factory.open(f"serial+tcp://{peer.address}?timeout=2", "balance")
    yield shelf.find("mettler_mtsics")(link, options, name="balance")
    factory.close()


def test_it_is_identified_by_model_and_serial_number(balance: Any, scripted: Scripted) -> None:
    identity = balance.connect()
    assert (identity.text, identity.serial) == ("KCC150 150.000 kg", "B622014785")
    assert scripted.asked == ["@", "I2", "I4"]


def test_a_stable_and_an_immediate_weight_are_two_channels(balance: Any) -> None:
    assert balance.mass == 12.345
    assert balance.mass_now == 12.340
    assert balance.read("mass", "mass_now") == (12.345, 12.340)


def test_the_stability_reaches_the_caller(balance: Any, scripted: Scripted) -> None:
    now = balance.sample("mass_now")
    assert (now.value, now.unit, now.stable, now.status) == (12.340, "kg", False, "D")
    scripted.replies["SI"] = "S S     12.341 kg"
    assert balance.sample("mass_now").stable is True
    assert balance.sample("mass").stable is True


@pytest.mark.parametrize(
    ("reply", "kilograms"),
    [
        ("S D       1.88 g", 0.00188),  # published: MT 11780711, shared vectors
        ("S S   12345.6 g", 12.3456),
        ("S S    -0.002 kg", -0.002),
        ("S S 100 kg", 100.0),
        ("S S      1.234 kg   ", 1.234),
    ],
)
def test_grams_and_kilograms_are_understood(
    balance: Any, scripted: Scripted, reply: str, kilograms: float
) -> None:
    scripted.replies["SI"] = reply
    assert balance.mass_now == pytest.approx(kilograms, rel=1e-15)


@pytest.mark.parametrize(
    ("command", "reply", "error", "asked"),
    [
        ("SI", "S +", NotANumberError, 1),
        ("SI", "S -", NotANumberError, 1),
        ("S", "S +", NotANumberError, 1),
        ("S", "S I", BusyError, 2),
        ("SI", "S I", BusyError, 2),
        ("SI", "S L", DeviceError, 1),
        ("SI", "S S      1.234 lb", GarbageReplyError, 2),
        ("SI", "S S      1.234 mg", GarbageReplyError, 2),
        ("SI", "S S Error 2b", DeviceError, 1),
        ("SI", "ES", DeviceError, 1),
        ("SI", "EL", DeviceError, 1),
        ("SI", "ET", GarbageReplyError, 2),
        ("SI", "S S      1.234", GarbageReplyError, 2),
        ("SI", "S S      1,234 kg", GarbageReplyError, 2),
        ("SI", "S S      1.2 34 kg", GarbageReplyError, 2),
        ("SI", "S S ---------- kg", NotANumberError, 1),
        ("SI", "S Q      1.234 kg", GarbageReplyError, 2),
        ("SI", "SI S     1.234 kg", GarbageReplyError, 2),
        ("SI", "T S      1.234 kg", GarbageReplyError, 2),
        ("SI", "", GarbageReplyError, 2),
        ("SI", "Ä§", GarbageReplyError, 2),
        ("S", "S D      1.234 kg", GarbageReplyError, 2),  # not one that waited for rest
    ],
)
def test_what_is_no_weight_is_never_a_value(
    balance: Any,
    scripted: Scripted,
    command: str,
    reply: str,
    error: type[InstrumentError],
    asked: int,
) -> None:
    scripted.replies[command] = reply
    channel = {"S": "mass", "SI": "mass_now"}[command]
    with pytest.raises(error) as caught:
        balance.read(channel)
    assert (caught.value.instrument, caught.value.channel) == ("balance", channel)
    assert scripted.asked == [command] * asked  # what may have been a hiccup is tried once more
    assert caught.value.wire.strip() == reply.encode().strip()
    for language in ("en", "zh"):
        assert "{" not in words(caught.value.message, language)


def test_a_hiccup_is_made_good(balance: Any, scripted: Scripted) -> None:
    for first in ("S I", "ET", "S D     1"):
        told = iter([first, "S S      2.000 kg"])
        scripted.replies["SI"] = _Next(told)
        assert balance.mass_now == 2.0


class _Next(list[Any]):
    """A script whose next entry is given each time it is asked."""

    def __init__(self, told: Iterator[str]) -> None:
        self._told = told

    def __iter__(self) -> Iterator[Any]:
        return iter([next(self._told)])


def test_another_unit_is_named_with_what_to_do(balance: Any, scripted: Scripted) -> None:
    scripted.replies["SI"] = "S S      1.234 lb"
    with pytest.raises(GarbageReplyError, match="shows lb, which is neither kg nor g") as caught:
        _ = balance.mass_now
    assert "set the balance to show kg or g" in caught.value.words()
    assert "单位" in caught.value.words("zh")


def test_tare_and_zero_are_confirmed(balance: Any, scripted: Scripted) -> None:
    balance.tare()
    balance.zero()
    balance.make_safe()
    assert scripted.asked == ["T", "Z"]


@pytest.mark.parametrize(
    ("command", "reply", "error"),
    [
        ("T", "T I", BusyError),
        ("T", "T +", DeviceError),
        ("T", "T -", DeviceError),
        ("T", "T L", DeviceError),
        ("T", "S S      1.234 kg", GarbageReplyError),
        ("Z", "Z I", BusyError),
        ("Z", "Z +", DeviceError),
        ("Z", "EL", DeviceError),
    ],
)
def test_an_action_that_was_refused_is_an_error_and_not_repeated(
    balance: Any, scripted: Scripted, command: str, reply: str, error: type[InstrumentError]
) -> None:
    scripted.replies[command] = reply
    action = {"T": "tare", "Z": "zero"}[command]
    with pytest.raises(error, match=rf"balance\.{action}"):
        balance.act(action)
    assert scripted.asked == [command]


def test_only_commands_that_wait_in_the_balance_are_waited_for(
    balance: Any, scripted: Scripted
) -> None:
    balance.link.timeout = 0.2
    scripted.replies["S"] = [0.5, "S S      3.000 kg"]
    assert balance.mass == 3.0
    assert balance.link.timeout == 0.2
    scripted.replies["SI"] = [1.2, "S S      4.000 kg"]
    began = monotonic()
    with pytest.raises(NoReplyError):
        _ = balance.mass_now
    assert monotonic() - began < 2.0


def test_a_late_weight_is_not_taken_for_the_next_one(balance: Any, scripted: Scripted) -> None:
    balance.link.timeout = 0.3
    told: list[Any] = [[0.45, "S S      1.000 kg"], "S S      2.000 kg"]
    scripted.replies["SI"] = _Each(told)
    assert balance.mass_now == 2.0


class _Each(list[Any]):
    """A script with one list of steps for each time it is asked."""

    def __iter__(self) -> Iterator[Any]:
        said = self.pop(0)
        return iter(said if isinstance(said, list) else [said])


def test_a_balance_that_was_left_streaming_is_hushed(balance: Any, scripted: Scripted) -> None:
    scripted.replies["@"] = "\r\n".join(["0.1 kg", *["S D      0.1 kg"] * 5, USUAL["@"]])
    assert balance.connect().serial == "B622014785"
    assert balance.mass == 12.345


def test_something_else_on_the_line_is_not_taken_for_a_balance(
    balance: Any, scripted: Scripted
) -> None:
    scripted.replies = {"@": "\r\n".join(["hello"] * 60), "I2": "hello"}
    with pytest.raises(GarbageReplyError):
        balance.connect()


# with the simulated balance ------------------------------------------------------------------


@pytest.fixture
def weighed(shelf: Shelf) -> Iterator[Any]:
    """The driver on a simulated balance; `load` is what lies on it, as a function of time."""
    clock = VirtualClock()
    there: list[Callable[[float], float]] = [lambda _: 0.0]
    device = MtSicsBalance(
        "KCC150", "B1", capacity=150.0, step=0.001, load=lambda t: there[0](t), unit="g"
    )
    with TextServer(clock, PtyPort("balance"), Wire(9600, turnaround=0.005), device) as server:
        factory = LinkFactory(clock, NullSink())
        link, options = factory.open(f"serial://{server.location}?baud=9600&parity=N", "balance")
        driver = shelf.find("mettler_mtsics")(link, options, name="balance")
        object.__setattr__(driver, "_there", there)
        object.__setattr__(driver, "_clock", clock)
        yield driver
        factory.close()


def test_driver_and_simulated_balance_understand_each_other(weighed: Any) -> None:
    identity = weighed.connect()
    assert (identity.text, identity.serial) == ("KCC150 150000 g", "B1")
    weighed._there[0] = lambda t: 12.3454
    weighed._clock.sleep(2.0)
    assert weighed.mass == 12.345
    weighed.tare()
    assert weighed.mass_now == 0.0
    weighed._there[0] = lambda t: 151.0
    with pytest.raises(NotANumberError):
        _ = weighed.mass_now
    with pytest.raises(DeviceError):
        weighed.zero()


def test_a_stable_weight_comes_when_the_load_has_come_to_rest(weighed: Any) -> None:
    weighed._there[0] = lambda t: min(t, 5.0)
    weighed._clock.move_to(3.0)
    now = weighed.sample("mass_now")
    assert (now.value, now.stable) == (pytest.approx(3.0 - 0.35, abs=0.05), False)
    assert now.t == pytest.approx(3.0 + (4 + 19) * 10 / 9600 + 0.005, abs=0.003)
    settled = weighed.sample("mass")
    assert (settled.value, settled.stable) == (5.0, True)
    assert 5.6 < settled.t < 6.0


def test_a_weight_that_does_not_come_to_rest_is_busy(weighed: Any) -> None:
    weighed._there[0] = lambda t: 0.1 * t
    with pytest.raises(BusyError, match="did not come to rest"):
        _ = weighed.mass
    assert weighed._clock.now() == pytest.approx(20.0, abs=0.5)  # asked twice, 10 s each
