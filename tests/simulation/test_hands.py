"""The hands of a person at a bench in another process: what they do, and when they are gone."""

import socket

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt
from benchctl.simulation import Hands, HandsServer, find_bench, uuts_from_rows

QUESTION = msg("engine.question", en="?", zh="?")


@pytest.fixture
def water():
    cls = find_bench("water_bench")
    return cls(VirtualClock(), seed=7, uuts=uuts_from_rows(cls.default_uuts(7)[:2]))


def test_what_is_done_by_hand_happens_at_the_bench(water):
    with HandsServer(water) as server:
        hands = Hands(server.address)
        mounted = hands.answer(Prompt("", "confirm", QUESTION, about={"mount": [2]}))
        asked = {"gate": "check_weight", "on": True}
        assert hands.answer(Prompt("", "confirm", QUESTION, about=asked)).value is True
        read = hands.answer(Prompt("", "number", QUESTION, position=2, unit="L"))
    assert mounted.value is True
    assert mounted.after == pytest.approx(40.0)
    assert water.state()["mounted"] == [2]
    assert water.state()["check_weight"] is True
    assert read.value == water.plant.indication(1, water.answer_after)


def test_what_the_bench_cannot_tell_is_refused_in_its_own_words(water):
    with HandsServer(water) as server, pytest.raises(RefusedError) as error:
        Hands(server.address).answer(Prompt("", "number", QUESTION, unit="kWh"))
    assert error.value.message.id == "simulation.no-answer"


def test_nonsense_is_answered_and_ends_nothing(water):
    with HandsServer(water) as server:
        host, port = server.address.split(":")
        for nonsense in (b"\n", b"[1]\n", b'{"kind": 3}\n', b"\xff\n"):
            with socket.create_connection((host, int(port)), timeout=5) as link:
                link.sendall(nonsense)
                assert b"simulation.bad-question" in link.makefile("rb").readline()
        assert Hands(server.address).answer(Prompt("", "confirm", QUESTION)).value is True


def test_a_bench_that_is_gone_is_named(water):
    with HandsServer(water) as server:
        address = server.address
    with pytest.raises(RefusedError) as error:
        Hands(address).answer(Prompt("", "confirm", QUESTION))
    assert address in error.value.words()
