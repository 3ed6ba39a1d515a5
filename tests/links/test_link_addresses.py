from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchctl.links import AddressError, Line, parse_address


@pytest.mark.parametrize(
    ("text", "scheme", "location", "options"),
    [
        ("modbus+tcp://192.168.1.20?unit=1", "modbus+tcp", "192.168.1.20", {"unit": "1"}),
        ("modbus+tcp://[::1]:1502", "modbus+tcp", "[::1]:1502", {}),
        (
            "modbus+rtu+tcp://gate:4001?unit=3&order=CDAB",
            "modbus+rtu+tcp",
            "gate:4001",
            {"unit": "3", "order": "CDAB"},
        ),
        ("serial+tcp://192.168.1.30:4001", "serial+tcp", "192.168.1.30:4001", {}),
        (
            "TCPIP::192.168.1.21::5025::SOCKET?timeout=3",
            "visa",
            "TCPIP::192.168.1.21::5025::SOCKET",
            {"timeout": "3"},
        ),
        ("visa:GPIB0::7::INSTR", "visa", "GPIB0::7::INSTR", {}),
        ("visa:sim.counter", "visa", "sim.counter", {}),
        ("manual:", "manual", "", {}),
        ("manual:?low=0&high=9999", "manual", "", {"low": "0", "high": "9999"}),
        ("modbus+tcp://sim.drive?unit=1", "modbus+tcp", "sim.drive", {"unit": "1"}),
    ],
)
def test_an_address_comes_apart_as_it_is_written(
    text: str, scheme: str, location: str, options: dict[str, str]
) -> None:
    address = parse_address(text)
    assert (address.scheme, address.location, address.options) == (scheme, location, options)
    assert address.line is None


def test_settings_of_a_serial_line_are_kept_apart_from_options() -> None:
    address = parse_address("modbus+rtu:///dev/ttyUSB0?baud=19200&parity=even&stop=2&unit=3")
    assert address.location == "/dev/ttyUSB0"
    assert address.line == Line(19200, 8, "E", 2)
    assert address.options == {"unit": "3"}
    assert str(address.line) == "19200 8E2"


def test_a_character_takes_as_long_as_its_bits() -> None:
    assert Line(2400, 8, "E", 1).char_time == pytest.approx(11 / 2400)
    assert Line(9600).char_time == pytest.approx(10 / 9600)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modbus+tpc://host", "did you mean `modbus+tcp`?"),
        ("/dev/ttyUSB0", "write modbus+tcp://"),
        ("serial://", "does not say where"),
        ("visa:", "does not say where"),
        ("modbus+rtu+tcp://gate?unit=1", "names no port"),
        ("serial+tcp://gate:70000", "70000 is no port"),
        ("modbus+tcp://ho st", "is not host:port"),
        ("modbus+tcp://host?unit", "`unit` is not name=value"),
        ("modbus+tcp://host?unit=1&unit=2", "unit is given twice"),
        ("modbus+tcp://host?baud=9600", "baud belongs to a serial line"),
        ("serial:///dev/ttyUSB0?baud=fast", "baud=fast is not a number from 50"),
        ("serial:///dev/ttyUSB0?parity=X", "parity=X is none of N, E, O"),
        ("serial:///dev/ttyUSB0?bits=9", "bits=9 is not a number from 5 to 8"),
        ("serial:///dev/ttyUSB0?stop=1.2", "stop=1.2 is none of"),
        ("serial:///dev/ttyUSB0?baud=9600.5", "whole numbers"),
        ("serial:///dev/ttyUSB0?flow=dtr", "flow=dtr is none of"),
        ("modbus+tcp://host?timeout=0", "timeout=0 is not a number"),
        ("modbus+tcp://host?timeout=nan", "timeout=nan is not a number"),
    ],
)
def test_a_wrong_address_says_what_is_wrong_with_it(text: str, says: str) -> None:
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert says in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.words("zh")


@given(
    st.one_of(
        st.text(max_size=60),
        st.tuples(
            st.sampled_from(["modbus+tcp://", "serial://", "visa:", "manual:", "", "TCPIP::"]),
            st.text(alphabet="abz019.:/?&=%[]+ é", max_size=40),
        ).map("".join),
    )
)
@example("serial://x?baud=٣")
@example("modbus+tcp://h:٣")
def test_any_text_is_an_address_or_an_address_error(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        assert error.message.id.startswith("links.")  # noqa: PT017 - either way is right
    else:
        assert address.location or address.scheme == "manual"
