from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire_peers import lines

from benchctl.core.errors import (
    DeviceError,
    GarbageReplyError,
    NotANumberError,
    UsageError,
)
from benchctl.core.ports import Answer
from benchctl.driver import (
    Action,
    Instrument,
    Line,
    ManualInstrument,
    Reading,
    Setting,
    decode_frame,
    flag,
    number,
    text,
    within,
)

Make = Callable[..., Any]


class MtSics(Line):
    """MT-SICS in short: `SI` is answered `S S     100.00 g` (MT 11780711, shared vectors)."""

    name = "MT-SICS"
    who = "I2"
    serial = "I4"

    def parse(self, command: str, reply: str, unit: str) -> Any:
        name, status, *rest = reply.split(maxsplit=2)
        if not command.startswith(name) or status in "IL":
            raise DeviceError(self.said(reply))
        if status in "+-":
            raise NotANumberError(self.said(reply))
        if not unit:
            return rest[0].strip('"') if rest else ""
        value, told = rest[0].split()
        if told != unit:
            raise GarbageReplyError(self.said(reply))
        return value

    def said(self, reply: str) -> Any:
        from benchctl.core.messages import msg

        return msg("driver.said", text=reply)


class Balance(Instrument):
    protocol = MtSics()
    identity = "MS"
    mass = Reading("SI", unit="g")
    damping = Setting("FIL", unit="", low=0, high=5)
    tare = Action("T")

    def make_safe(self) -> None:
        """Nothing to do."""


@pytest.fixture
def replies() -> dict[str, str]:
    return {
        "I2": 'I2 A "MS4002TS"',
        "I4": 'I4 A "B123"',
        "SI": "S D       1.88 g",
        "T": "T S     0.00 g",
        "FIL 2": "FIL A",
    }


@pytest.fixture
def line(replies: dict[str, str], pty_peer: Make) -> Any:
    def answer(line: bytes) -> Iterable[object]:
        yield (replies.get(line.decode().strip(), "ES") + "\r\n").encode()

    return pty_peer(answer, lines)


@pytest.fixture
def balance(line: Any, connected: Make) -> Balance:
    balance: Balance = connected(Balance, f"serial://{line.path}?timeout=0.3")
    return balance


def test_a_vendor_s_own_lines_are_a_protocol(balance: Balance, line: Any) -> None:
    identity = balance.connect()
    assert (identity.text, identity.serial) == ("MS4002TS", "B123")
    assert balance.mass == 1.88
    balance.tare()
    balance.damping = 2
    assert [m.strip() for m in line.received] == [b"I2", b"I4", b"SI", b"T", b"FIL 2"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("S I", DeviceError),
        ("S +", NotANumberError),
        ("S S 1.88 kg", GarbageReplyError),
        ("S S 1,88 g", GarbageReplyError),
        ("ES", GarbageReplyError),
        ("", GarbageReplyError),
    ],
)
def test_what_the_grammar_refuses_is_never_a_value(
    balance: Balance, replies: dict[str, str], reply: str, error: type[Exception]
) -> None:
    replies["SI"] = reply
    with pytest.raises(error) as caught:
        _ = balance.mass
    assert caught.value.instrument == "meter"  # type: ignore[attr-defined]
    assert caught.value.channel == "mass"  # type: ignore[attr-defined]


def test_an_action_that_is_not_confirmed_is_an_error(
    balance: Balance, replies: dict[str, str]
) -> None:
    replies["T"] = "T I"
    with pytest.raises(DeviceError, match=r"meter\.tare"):
        balance.tare()


class Register(ManualInstrument):
    volume = Reading("volume", unit="L")


def test_a_person_is_asked_for_what_has_no_interface(connected: Make) -> None:
    register = connected(Register, "manual:?low=0&high=9999")
    assert register.asks
    assert register.connect().text == "read by a person"
    prompt = register.prompt("volume", uut="W-0001", position=3)
    assert (prompt.kind, prompt.unit, prompt.low, prompt.high) == ("number", "L", 0.0, 9999.0)
    assert (prompt.uut, prompt.position) == ("W-0001", 3)
    assert str(prompt.question) == "Volume on the register of W-0001 (position 3), in L?"
    assert register.accept(prompt, Answer(12.5, "li")) == 12.5


@pytest.mark.parametrize("said", [True, "12", float("nan"), -1.0, 10000.0])
def test_an_answer_that_is_not_plausible_is_refused(connected: Make, said: Any) -> None:
    register = connected(Register, "manual:?low=0&high=9999")
    prompt = register.prompt("volume")
    with pytest.raises(GarbageReplyError):
        register.accept(prompt, Answer(said, "li"))


def test_what_a_person_reads_cannot_be_read_by_itself(connected: Make) -> None:
    with pytest.raises(DeviceError, match=r"meter\.volume: volume is read by a person"):
        _ = connected(Register, "manual:").volume


def test_a_window_that_is_no_number_is_refused(connected: Make) -> None:
    with pytest.raises(UsageError, match="low=few"):
        connected(Register, "manual:", {"low": "few"}).prompt("volume")


@given(st.floats(-1e30, 1e30))
def test_a_number_is_read_as_it_is_written(value: float) -> None:
    assert number(f" {value!r} ") == value
    assert number(f"{value:+.9E}") == float(f"{value:.9E}")


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_an_instrument_error(said: str) -> None:
    try:
        value = number(said)
    except (GarbageReplyError, NotANumberError):
        return
    assert abs(value) < 9.9e37


def test_a_broken_sensor_is_never_a_temperature() -> None:
    celsius = within(-200, 850)
    assert celsius(20.5) == 20.5
    with pytest.raises(NotANumberError, match="broken sensor"):
        celsius(3276.7)


def test_flags_and_texts_are_read_strictly() -> None:
    assert flag("ON") is True
    assert text(' "A" ') == "A"
    with pytest.raises(GarbageReplyError, match="neither on nor off"):
        flag("2")


# shared/vectors/protocols.json, Modbus RTU
@pytest.mark.parametrize(
    ("hexes", "fields"),
    [
        (
            "01 04 00 00 00 02 71 CB",
            {"unit": 1, "function": 4, "kind": "request", "start": 0, "count": 2},
        ),
        ("01 06 00 01 27 10 C2 36", {"unit": 1, "function": 6, "start": 1, "value": 10000}),
    ],
)
def test_a_modbus_frame_is_decoded_for_people(hexes: str, fields: dict[str, Any]) -> None:
    assert decode_frame("modbus-rtu", bytes.fromhex(hexes)) == fields


def test_an_exception_and_a_wrong_checksum_are_told() -> None:
    told = decode_frame("modbus_rtu", bytes.fromhex("01 84 02 C2 C1"))
    assert told["exception"] == 2
    assert "no such register" in told["meaning"]
    with pytest.raises(GarbageReplyError, match="computed c2 c1"):
        decode_frame("modbus-rtu", bytes.fromhex("01 84 02 C2 C0"))
    with pytest.raises(UsageError, match="there is no decoder for `modbos-rtu`") as caught:
        decode_frame("modbos-rtu", b"")
    assert "did you mean `modbus-rtu`?" in str(caught.value)


def test_a_modbus_tcp_frame_is_decoded_for_people() -> None:
    reply = bytes.fromhex("00 07 00 00 00 07 01 03 04 41 48 00 00")
    assert decode_frame("modbus-tcp", reply) == {
        "transaction": 7,
        "unit": 1,
        "function": 3,
        "kind": "reply",
        "data": "41 48 00 00",
    }
    with pytest.raises(GarbageReplyError, match="tells 7 bytes, 6 follow"):
        decode_frame("modbus-tcp", reply[:-1])
