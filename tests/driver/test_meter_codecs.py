"""Codecs of the framed meters: what is made is read, and one spoilt byte never gives another value.

Where a protocol has no check the test says so: the wrapper of DLMS, the replies of ZERA.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NotANumberError
from benchctl.driver import dlt645_address
from benchctl.driver import dlt645_frames as dlt645
from benchctl.driver import gfuve_frames as gfuve
from benchctl.driver import hdlc_frames as hdlc
from benchctl.driver import iec62056_frames as iec
from benchctl.driver import mbus_frames as mbus
from benchctl.driver import radian_frames as radian
from benchctl.driver import zera_frames as zera
from benchctl.driver.dlms_frames import data_of, scaler_and_unit, text_of
from benchctl.driver.dlt645_items import ITEMS_1997, ITEMS_2007, Item, item_of
from benchctl.driver.mbus_records import Record, picked, records_of
from benchctl.driver.quantities import in_unit

bytes_ = st.binary(max_size=60)
byte = st.integers(0, 255)


def frames_of_dlt645() -> st.SearchStrategy[bytes]:
    address = st.text(alphabet="0123456789", min_size=12, max_size=12)
    return st.builds(dlt645.Frame, address, byte, bytes_).map(dlt645.encode)


def frames_of_mbus() -> st.SearchStrategy[bytes]:
    control = byte.filter(lambda c: c != mbus.ACK)
    short = st.builds(mbus.Frame, control, byte)
    long = st.builds(mbus.Frame, control, byte, byte, bytes_)
    return (short | long).map(mbus.encode)


def frames_of_hdlc() -> st.SearchStrategy[bytes]:
    address = st.sampled_from([b"\x03", b"\x02\x23", b"\x00\x02\x04\x05"])
    one = st.builds(hdlc.Frame, address, address, byte, bytes_, st.booleans())
    return one.map(hdlc.encode)


def frames_of_radian() -> st.SearchStrategy[bytes]:
    long = st.builds(radian.Packet, st.sampled_from([0xA6, 0xAC]), byte, bytes_)
    return (long | st.builds(radian.Packet, st.just(0xA3), byte)).map(radian.encode)


def frames_of_gfuve() -> st.SearchStrategy[bytes]:
    data = st.text(alphabet="0123456789ABCDEF", max_size=80)
    start = st.sampled_from([b"$$", b"##"])
    return st.builds(gfuve.Frame, start, st.sampled_from(["00", "01"]), data).map(gfuve.encode)


def blocks_of_iec() -> st.SearchStrategy[bytes]:
    number = st.decimals(0, 999999, places=3).map(str)
    line = st.builds(lambda code, value: f"{code}.8.0({value}*kWh)\r\n", byte, number)
    return st.lists(line, max_size=5).map(lambda lines: iec.block_message("".join(lines) + "!\r\n"))


CODECS: dict[str, tuple[st.SearchStrategy[bytes], Callable[[bytes], Any]]] = {
    "DL/T 645": (frames_of_dlt645(), dlt645.decode),
    "M-Bus": (frames_of_mbus(), mbus.decode),
    "HDLC": (frames_of_hdlc(), hdlc.decode),
    "Radian": (frames_of_radian(), radian.decode),
    "GFUVE": (frames_of_gfuve(), gfuve.decode),
    "IEC 62056-21": (blocks_of_iec(), iec.decode_readout),
}
ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "DL/T 645": dlt645.encode,
    "M-Bus": mbus.encode,
    "HDLC": hdlc.encode,
    "Radian": radian.encode,
    "GFUVE": gfuve.encode,
}


@pytest.mark.parametrize("name", ENCODERS)
@given(data=st.data())
def test_what_is_encoded_is_decoded(name: str, data: st.DataObject) -> None:
    frames, decode = CODECS[name]
    wire = data.draw(frames)
    assert ENCODERS[name](decode(wire)) == wire


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_one_changed_byte_is_refused(name: str, data: st.DataObject) -> None:
    frames, decode = CODECS[name]
    wire = bytearray(data.draw(frames))
    wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(GarbageReplyError):
        decode(bytes(wire))


@pytest.mark.parametrize("name", CODECS)
@given(data=st.data())
def test_a_truncated_or_lengthened_frame_is_refused(name: str, data: st.DataObject) -> None:
    frames, decode = CODECS[name]
    wire = data.draw(frames)
    with pytest.raises(GarbageReplyError):
        decode(wire[: data.draw(st.integers(0, len(wire) - 1))])
    with pytest.raises(GarbageReplyError):
        decode(wire + bytes([data.draw(byte)]))


@pytest.mark.parametrize("name", CODECS)
@given(wire=bytes_)
def test_any_bytes_are_a_frame_or_garbage(name: str, wire: bytes) -> None:
    try:
        CODECS[name][1](wire)
    except GarbageReplyError as error:
        assert error.wire == wire  # noqa: PT017 - either way is right


# -- DL/T 645 --------------------------------------------------------------------------------------


@given(st.sampled_from(sorted(ITEMS_2007) + sorted(ITEMS_1997)), st.data())
def test_every_item_says_the_number_that_was_put_into_it(di: str, data: st.DataObject) -> None:
    item = ITEMS_2007.get(di) or ITEMS_1997[di]
    if item.decimals is None:
        return
    largest = 10 ** (2 * item.size) - 1 if not item.signed else 8 * 10 ** (2 * item.size - 1) - 1
    count = data.draw(st.integers(-largest if item.signed else 0, largest))
    field = bytearray.fromhex(f"{abs(count):0{2 * item.size}d}")
    field[0] |= 0x80 if count < 0 else 0
    wire = bytes(reversed(field)) + bytes.fromhex("0012010126") * item.stamp
    told = dlt645.value(wire, item)
    assert told == dlt645.Told(
        count / 10**item.decimals, item.unit, "2026-01-01 12:00" if item.stamp else ""
    )
    with pytest.raises(GarbageReplyError):
        dlt645.value(wire[:-1], item)


def test_what_is_no_decimal_number_is_none() -> None:
    with pytest.raises(NotANumberError):
        dlt645.value(b"\xff\xff", Item(2, 1, "V"))
    with pytest.raises(GarbageReplyError, match="is no number"):
        dlt645.value(b"\x0a\x22", Item(2, 1, "V"))
    assert dlt645.value(bytes(8), ITEMS_2007["01010000"]).time == ""


def test_a_block_is_written_as_its_elements() -> None:
    assert item_of("0001FF00", 2007) == ITEMS_2007["00010000"]
    assert item_of("0201FF00", 2007) == ITEMS_2007["02010100"]
    assert item_of("901F", 1997) == ITEMS_1997["9010"]
    assert item_of("B61F", 1997) == ITEMS_1997["B611"]
    assert item_of("0FFFFF00", 2007) is None
    assert item_of("1234", 1997) is None


@pytest.mark.parametrize(
    ("serial", "address"),
    [
        ("161", "000000000161"),
        ("NB-202612345678", "202612345678"),
        ("99 2026 1234 5678 9012", "123456789012"),
        ("AAAAAAAAAAAA", "AAAAAAAAAAAA"),
        ("a0161", "AAAAAAAA0161"),
    ],
)
def test_the_address_comes_from_the_digits_of_the_serial_number(serial: str, address: str) -> None:
    assert dlt645_address(serial) == address


@pytest.mark.parametrize("serial", ["", "表号", "999999999999"])
def test_nobody_can_be_asked_under_no_address_or_everyones(serial: str) -> None:
    with pytest.raises(ValueError, match="no meter address"):
        dlt645_address(serial)


def test_wildcards_mean_any_digit() -> None:
    assert dlt645.addressed("AAAAAAAA0161", "123456780161")
    assert not dlt645.addressed("AAAAAAAA0161", "123456780162")


@pytest.mark.parametrize(
    ("code", "edition", "says"),
    [
        (0x02, 2007, "it has no such data"),
        (0x04, 2007, "wrong password or no permission"),
        (0x42, 2007, "it has no such data, too many tariffs"),
        (0x01, 1997, "the data are not allowed"),
        (0x80, 2007, "it does not say why"),
    ],
)
def test_an_error_byte_is_named(code: int, edition: int, says: str) -> None:
    error = dlt645.refusal(dlt645.Frame("000000000001", 0xD1, bytes([code])), edition)
    assert says in str(error)
    assert error.words("zh") != error.words("en")


# -- M-Bus -----------------------------------------------------------------------------------------

HEAD = bytes.fromhex("78563412 7704 01 07 55 00 0000")


def records(content: bytes) -> tuple[Record, ...]:
    return records_of(mbus.Frame(0x08, 1, mbus.VARIABLE, HEAD + content))


def value(content: bytes) -> Fraction | None:
    (record,) = records(content)
    return None if record.number is None else record.number * record.step


@pytest.mark.parametrize(
    ("content", "is_"),
    [
        ("0C 13 56 34 12 00", Fraction(123456, 1000)),
        ("0B 3B 13 01 00", Fraction(113, 1000)),
        ("0A 5E 35 F0", Fraction(-35, 10)),  # BCD, F for a minus sign
        ("02 5B FD FF", Fraction(-3)),
        ("07 13 01 00 00 00 00 00 00 00", Fraction(1, 1000)),
        ("05 5B 00 00 80 3F", Fraction(1)),
        ("04 FB 08 01 00 00 00", Fraction(10**8)),  # GJ / 10: pyMeterBus has no unit for it
    ],
)
def test_a_record_says_its_number_exactly(content: str, is_: Fraction) -> None:
    assert value(bytes.fromhex(content)) == is_


@pytest.mark.parametrize(
    "content",
    [
        "0C 13 FF FF FF FF",  # all F
        "0C 13 0A 00 00 00",  # a digit above 9, of which pyMeterBus makes 10
        "04 13 00 00 00 80",  # what the standard calls invalid
        "05 5B 00 00 C0 7F",  # not a number
        "00 13",  # no data
    ],
)
def test_what_is_no_number_is_none(content: str) -> None:
    found = records(bytes.fromhex(content))
    assert all(record.number is None for record in found)
    with pytest.raises((NotANumberError, GarbageReplyError)):
        picked(found, Record("volume", None, Fraction(1), ""))


def test_a_record_that_is_cut_off_is_no_value() -> None:
    for content in ("04 13 01 02", "84", "0D 7C", "04 94"):
        try:
            found = records(bytes.fromhex(content))
        except GarbageReplyError:
            continue
        assert all(record.number is None for record in found)


@given(st.binary(max_size=80))
def test_any_content_of_a_telegram_is_records_or_garbage(content: bytes) -> None:
    try:
        found = records(content)
    except GarbageReplyError:
        return
    for record in found:
        assert record.number is None or record.raw


def test_a_value_behind_an_unknown_code_is_not_taken_for_another() -> None:
    found = records(bytes.fromhex("04 EF 20 01 00 00 00  04 94 28 A0 86 01 00  04 13 07 00 00 00"))
    assert [record.quantity for record in found][1:] == ["volume", "volume"]
    plain = picked(found, Record("volume", None, Fraction(1), ""))
    assert plain.number == 7
    with pytest.raises(GarbageReplyError, match="tells no energy"):
        picked(found, Record("energy", None, Fraction(1), ""))


def test_every_two_byte_unit_code_is_read_or_unknown_but_never_an_error() -> None:
    for first in range(256):
        for second in (0x00, 0x13, 0x7F) if first & 0x80 else (None,):
            code = bytes([first]) if second is None else bytes([first, second])
            if first & 0x7F == 0x7C:
                continue  # a text follows instead
            for record in records(b"\x04" + code + b"\x01\x00\x00\x00"):
                assert record.number in (None, 1)


@pytest.mark.parametrize(("code", "says"), [(0, "unspecified"), (8, "busy"), (77, "not say why")])
def test_an_application_error_is_named(code: int, says: str) -> None:
    with pytest.raises(DeviceError, match=says):
        mbus.head_of(mbus.Frame(0x08, 1, mbus.ERROR, bytes([code])))


def test_a_secondary_address_is_selected_and_recognised() -> None:
    head = mbus.head_of(mbus.Frame(0x08, 1, mbus.VARIABLE, HEAD))
    secondary = mbus.secondary_of(head)
    assert (head.manufacturer, secondary) == ("ACW", "1234567877040107")
    assert mbus.selection(secondary).hex() == "680b0b6853fd5278563412770401075116".replace(
        "51", f"{sum(bytes.fromhex('53fd527856341277040107')) % 256:02x}"
    )
    assert mbus.meant("12345678FFFFFFFF", secondary)
    assert mbus.meant("1234567FFFFFFFFF", secondary)
    assert not mbus.meant("12345679FFFFFFFF", secondary)


# -- IEC 62056-21 ----------------------------------------------------------------------------------


@given(st.decimals(0, 999999, places=3), st.sampled_from(["kWh", "V", ""]))
def test_a_register_is_read_as_it_was_written(number: Any, unit: str) -> None:
    text = f"{number}*{unit}" if unit else str(number)
    wire = iec.block_message(f"1.8.0({text})")
    assert iec.decode_values(wire) == ((str(number), unit),)


def test_a_line_may_hold_several_values() -> None:
    (line,) = iec.decode_readout(iec.block_message("1.6.0(5.75*kW)(2601311215)\r\n!\r\n"))
    assert line == iec.Line("1.6.0", (("5.75", "kW"), ("2601311215", "")))


@pytest.mark.parametrize("text", ["(ER01)", "()", "(ERROR)", "1.8.0(ER23)"])
def test_an_error_of_the_meter_is_no_value(text: str) -> None:
    if text == "()":
        assert iec.decode_values(iec.block_message(text)) == (("", ""),)
        return
    with pytest.raises(DeviceError, match="answers with an error"):
        iec.decode_values(iec.block_message(text))


@pytest.mark.parametrize("content", ["1.8.0(1*kWh)", "1.8.0(1*kWh\r\n!\r\n", "1.8.0\r\n!\r\n"])
def test_a_readout_that_is_not_whole_is_refused(content: str) -> None:
    with pytest.raises(GarbageReplyError):
        iec.decode_readout(iec.block_message(content))


def test_commands_of_the_programming_mode_are_made_and_read() -> None:
    wire = iec.command_message("R1", "1.8.0()")
    assert wire == b"\x01R1\x021.8.0()\x03" + bytes([iec.bcc(wire[1:-1])])
    assert iec.decode_command(wire) == ("R1", "1.8.0()")
    assert iec.command_message("B0") == b"\x01B0\x03q"  # as printed in the standard
    assert iec.decode_command(iec.command_message("B0")) == ("B0", "")


# -- DLMS/COSEM ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "is_"),
    [
        ("06 0001E240", 123456),
        ("14 FFFFFFFFFFFFFC25", -987),
        ("0F FD", -3),
        ("17 3F800000", 1.0),
        ("02 02 0F FF 16 1B", [-1, 27]),
        ("09 03 414243", b"ABC"),
        ("0A 03 414243", "ABC"),
        ("01 02 11 01 11 02", [1, 2]),
        ("00", None),
        ("03 01", True),
    ],
)
def test_data_say_what_they_are(wire: str, is_: Any) -> None:
    assert data_of(bytes.fromhex(wire)) == is_


@given(st.binary(max_size=40))
def test_any_data_are_read_whole_or_refused(wire: bytes) -> None:
    try:
        data_of(wire)
    except GarbageReplyError:
        return
    for length in range(len(wire)):
        with pytest.raises(GarbageReplyError):
            data_of(wire[:length])


def test_scaler_and_unit_make_the_value() -> None:
    factor, unit = scaler_and_unit([-1, 27])
    assert in_unit(34567 * factor, unit, "kW") == 3.4567
    with pytest.raises(GarbageReplyError, match="does not measure"):
        in_unit(Fraction(1), "W", "kWh")
    for wrong in (None, [1], [0, 199], [99, 27], "x"):
        with pytest.raises(GarbageReplyError):
            scaler_and_unit(wrong)


def test_texts_of_data() -> None:
    assert text_of(bytes.fromhex("07EA011F06091E0F00FFC400")) == "2026-01-31 09:30:15"
    assert text_of(bytes.fromhex("FFFFFFFFFFFFFFFFFFFFFFFF")) == "FF" * 12
    assert text_of(b"SIM00161") == "SIM00161"


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), bytes_, st.data())
def test_a_wrapped_message_is_whole_or_refused(
    source: int, destination: int, content: bytes, data: st.DataObject
) -> None:
    """The wrapper has no checksum: a changed byte of its content is not noticed, a lost one is."""
    message = hdlc.Wrapped(source, destination, content)
    wire = hdlc.wrap(message)
    assert hdlc.unwrap(wire) == message
    with pytest.raises(GarbageReplyError):
        hdlc.unwrap(wire[: data.draw(st.integers(0, len(wire) - 1))])


@pytest.mark.parametrize(
    ("upper", "lower", "size", "wire"),
    [(1, None, 1, "03"), (16, None, 1, "21"), (1, 17, 2, "0223"), (1, 17, 4, "00020023")],
)
def test_hdlc_addresses(upper: int, lower: int | None, size: int, wire: str) -> None:
    assert hdlc.address(upper, lower, size) == bytes.fromhex(wire)


def test_an_address_that_does_not_fit_is_refused() -> None:
    for upper, lower, size in ((128, None, 1), (1, 128, 2), (1, 0, 3)):
        with pytest.raises(ValueError, match="do not fit"):
            hdlc.address(upper, lower, size)


def test_the_check_sequence_is_the_one_of_the_catalogue() -> None:
    assert hdlc.crc(b"123456789") == 0x906E  # check value of CRC-16/X-25


# -- reference meters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wire", "is_"),
    [
        ("00000000", 1.0),
        ("80000000", 0.0),
        ("01400000", 3.0),
        ("FF000000", 0.5),
        ("00C00000", -1.5),
        ("FF800000", -1.0),
        ("06704000", 120.125),
        ("7F7FFFFF", (2 - 2**-23) * 2.0**127),
    ],
)
def test_floats_of_the_processor(wire: str, is_: float) -> None:
    assert radian.ti_float(bytes.fromhex(wire)) == is_


def test_metrics_in_both_formats() -> None:
    packet = radian.Packet(radian.WITH_DATA, 0x0D, struct.pack(">9f", *range(9)))
    assert radian.metrics(packet, "IEEE")["current"] == 1.0
    with pytest.raises(GarbageReplyError):
        radian.metrics(radian.Packet(radian.WITH_DATA, 0x0D, bytes(35)), "IEEE")


VALUES = {"U1": "230.012", "I1": "-5.1e-3", "M": "4Wa"}


def test_a_zera_reply_is_read_and_what_an_earlier_command_left_is_not() -> None:
    wire = zera.encode_reply("ME", VALUES)
    assert zera.decode(wire, "ME") == VALUES
    assert zera.decode(b"ME\r" + wire, "ME") == VALUES  # the question repeated
    assert zera.decode(zera.encode_reply("ST", {"UB": "480"}) + wire, "ME") == VALUES


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        (b"U1;1\rU1;2\rMEACK\r", GarbageReplyError),
        (b"U1 1\rMEACK\r", GarbageReplyError),
        (b"U1;1\rSTACK\r", GarbageReplyError),
        (b"U1;1\rMEACK", GarbageReplyError),
        (b"U\xb5;1\rMEACK\r", GarbageReplyError),
        (b"ERR;\rMEACK\r", DeviceError),
        (b"MENAK\rMEACK\r", DeviceError),
    ],
)
def test_a_zera_reply_that_is_none_is_refused(wire: bytes, error: type[InstrumentError]) -> None:
    """It has no checksum: a changed digit is not noticed, a changed structure is."""
    with pytest.raises(error):
        zera.decode(wire, "ME")


def test_a_gfuve_reply_says_all_its_values() -> None:
    numbers = [float(n) for n in range(28)]
    floats = "".join(struct.pack(">f", n).hex().upper() for n in numbers)
    counted = "".join(struct.pack(">f", n).hex().upper() for n in (1.5, 2.5, 3.5))
    rest = "0000EA60" + floats[:8] + "0003" + floats[8:16] + floats[16:24]
    told = gfuve.values(gfuve.Frame(b"##", "00", floats + "000100020004" + counted + rest))
    assert (told["voltage_l1"], told["active_power"], told["frequency"]) == (0.0, 22.0, 27.0)
    assert (told["status"], told["active_energy"], told["apparent_energy"]) == (4.0, 1.5, 3.5)
    assert (told["time"], told["turns"], told["meter_constant"]) == (60000.0, 3.0, 2.0)
    with pytest.raises(GarbageReplyError):
        gfuve.values(gfuve.Frame(b"##", "00", floats))
