"""What the framed meters' sessions do on a sound line: rates, parts, blocks, passwords, addresses.

Each talks to its simulated meter, which encodes by itself, over a real terminal or socket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import DeviceError, GarbageReplyError, InstrumentError, NoReplyError
from benchctl.core.places import bundled
from benchctl.driver import Dlms, Dlt645, Iec62056, Instrument, MBus, Reading, dlms, mbus, text
from benchctl.drivers import Shelf
from benchctl.simulation import (
    CustomBus,
    DlmsMeter,
    Dlt645Meter,
    Iec62056Meter,
    MBusMeter,
    ServedInstrument,
    SimulatedInstrument,
    TextBus,
    Wire,
    bcd_register,
    cosem_octets,
    cosem_scaler,
    cosem_text,
    cosem_unsigned,
    dlt645_line,
    find_simulator,
    hdlc_line,
    iec62056_line,
    mbus_integer,
    mbus_line,
    wrapper_line,
)

Make = Callable[..., Any]
METERS = [
    "dlt645_meter",
    "dlt645_1997_meter",
    "mbus_meter",
    "iec62056_meter",
    "dlms_meter",
    "radian_rd",
    "gfuve_gf333b",
    "zera_rmm3006",
]


@pytest.fixture
def serve() -> Iterator[Make]:
    """Serve a bus; return what knows its location, `trouble` and so on."""
    with ExitStack() as stack:

        def start(bus: Any) -> ServedInstrument:
            instrument = SimulatedInstrument(bus, at="{location}", shows=dict)
            return stack.enter_context(ServedInstrument(instrument, VirtualClock()))

        yield start


@pytest.mark.parametrize("name", METERS)
def test_a_meter_is_read_over_a_network_as_over_a_line(
    serve: Make, connected: Make, name: str
) -> None:
    make = find_simulator(name)
    assert make is not None
    simulated = make()
    assert isinstance(simulated.bus, CustomBus | TextBus)
    served = serve(replace(simulated.bus, medium="tcp"))
    options = [
        part
        for part in simulated.at.partition("?")[2].split("&")
        if part.partition("=")[0] not in ("baud", "parity", "bits", "")
    ]
    driver = Shelf([bundled("drivers")]).find(name)
    meter = connected(driver, "?".join([f"serial+tcp://{served.address}", "&".join(options)]))
    meter.connect()
    shows = simulated.shows()
    for channel, value in zip(meter.channels, meter.read(*meter.channels), strict=True):
        shown = shows[channel]
        assert value == (shown if isinstance(shown, str) else pytest.approx(shown, rel=1e-6))


# -- DL/T 645 --------------------------------------------------------------------------------------


class Tariffs(Instrument):
    protocol = Dlt645(2007)
    total = Reading("0001FF00[0]", unit="kWh")
    last = Reading("0001FF00[40]", unit="kWh")


def tariff_meter(most: int) -> Dlt645Meter:
    registers = {f"0001{n:02X}00": bcd_register(100.25 + n, 4, 2) for n in range(41)}
    return Dlt645Meter("161", registers, most=most)


@pytest.mark.parametrize("most", [200, 60, 7])
def test_a_block_is_read_in_as_many_parts_as_the_meter_sends(
    serve: Make, connected: Make, most: int
) -> None:
    served = serve(dlt645_line(Wire(), [tariff_meter(most)]))
    meter = connected(Tariffs, f"serial://{served.address}?address=161")
    assert meter.read("total", "last") == (100.25, 140.25)


def test_an_element_that_the_block_does_not_have_is_no_value(serve: Make, connected: Make) -> None:
    meter = tariff_meter(200)
    meter.registers = dict(list(meter.registers.items())[:3])
    served = serve(dlt645_line(Wire(), [meter]))
    with pytest.raises(GarbageReplyError, match="0 are there"):
        _ = connected(Tariffs, f"serial://{served.address}?address=161").last


def test_what_a_meter_has_not_it_refuses_by_name_and_is_not_asked_twice(
    serve: Make, connected: Make
) -> None:
    served = serve(dlt645_line(Wire(), [Dlt645Meter("161", {})]))
    meter = connected(Tariffs, f"serial://{served.address}?address=161")
    with pytest.raises(DeviceError, match=r"the meter refuses \(02\): it has no such data"):
        _ = meter.total


def test_the_output_is_told_once_and_confirmed(serve: Make, connected: Make) -> None:
    meter = Dlt645Meter("161", {})
    served = serve(dlt645_line(Wire(), [meter]))
    driver = Shelf([bundled("drivers")]).find("dlt645_meter")
    connected(driver, f"serial://{served.address}?address=161&timeout=0.1").output_demand()
    assert meter.outputs == [1]
    served.server.trouble.set("silent")
    with pytest.raises(NoReplyError):
        connected(driver, f"serial://{served.address}?address=161&timeout=0.1").output_clock()
    assert meter.outputs == [1, 0]


def test_two_meters_that_answer_at_once_are_no_value(serve: Make, connected: Make) -> None:
    meters = [Dlt645Meter(n, {"0001FF00": bcd_register(1.0, 4, 2)}) for n in ("161", "2162")]
    served = serve(dlt645_line(Wire(), meters))
    with pytest.raises(GarbageReplyError):
        _ = connected(Tariffs, f"serial://{served.address}?timeout=0.2").total
    alone = connected(Tariffs, f"serial://{served.address}?timeout=0.2&address=2162")
    assert alone.total == 1.0


# -- M-Bus -----------------------------------------------------------------------------------------


class Heat(Instrument):
    protocol = MBus()
    first = Reading(mbus("volume"), unit="L")
    third = Reading(mbus("energy"), unit="kWh")


def test_telegrams_follow_each_other_and_every_readout_is_fresh(
    serve: Make, connected: Make
) -> None:
    read = iter(range(1, 100))
    telegrams = (
        lambda _: mbus_integer(0x13, next(read)),
        lambda _: mbus_integer(0x2D, 0),
        lambda _: mbus_integer(0x06, 7),
    )
    served = serve(mbus_line(Wire(), [MBusMeter("12345678", "ACW", telegrams, primary=7)]))
    meter = connected(Heat, f"serial://{served.address}?address=7")
    assert meter.read("first", "third") == (1.0, 7.0)
    assert meter.read("first", "third") == (2.0, 7.0)


def test_a_fixed_structure_is_read(serve: Make, connected: Make) -> None:
    fixed = bytes.fromhex("E9 7E 01 00 00 00 35 01 00 00")  # as published: 1 L now, 135 L due
    served = serve(mbus_line(Wire(), [MBusMeter("12345678", "ACW", (), primary=7, fixed=fixed)]))
    meter = connected(Heat, f"serial://{served.address}?address=7")
    assert meter.first == 1.0
    with pytest.raises(GarbageReplyError, match="tells no energy"):
        _ = meter.third


def test_the_selected_meter_answers_and_no_other(serve: Make, connected: Make) -> None:
    meters = [
        MBusMeter(number, "ACW", (lambda _, n=n: mbus_integer(0x13, n),), primary=0)
        for n, number in enumerate(("11111111", "22222222"), 1)
    ]
    served = serve(mbus_line(Wire(), meters))
    for n, number in ((1, "11111111"), (2, "22222222"), (1, "11111111FFFFFFFF")):
        meter = connected(Heat, f"serial://{served.address}?address={number}&timeout=0.3")
        assert meter.first == n
    both = connected(Heat, f"serial://{served.address}?address=0&timeout=0.2")
    with pytest.raises(InstrumentError):
        _ = both.first
    with pytest.raises(NoReplyError):
        _ = connected(Heat, f"serial://{served.address}?address=33333333&timeout=0.1").first


# -- IEC 62056-21 ----------------------------------------------------------------------------------


class Optical(Instrument):
    protocol = Iec62056()
    energy = Reading("1.8.0", unit="kWh")
    number = Reading("0.0.0", kind=text)


LINES = {"0.0.0": "40012345", "1.8.0": "000123.456*MWh"}
HEAD = "serial://{}?baud=300&bits=7&parity=E&timeout=0.5"


@pytest.mark.parametrize("rate", ["0", "3", "5", "6"])
def test_the_line_goes_to_the_rate_that_the_meter_offers_and_back(
    serve: Make, connected: Make, rate: str
) -> None:
    """The simulated meter garbles its data for a client that has not switched with it."""
    served = serve(iec62056_line(Wire(), Iec62056Meter("GRX", "SIM", lambda _: LINES, rate=rate)))
    meter = connected(Optical, HEAD.format(served.address))
    for _ in range(2):
        assert meter.read("energy", "number") == (123456.0, "40012345")


def test_the_rate_can_be_bounded(serve: Make, connected: Make) -> None:
    meter = Iec62056Meter("GRX", "SIM", lambda _: LINES, rate="5")
    served = serve(iec62056_line(Wire(), meter))
    slow = connected(Optical, HEAD.format(served.address) + "&baud_max=300")
    assert slow.energy == 123456.0


def test_a_client_at_another_rate_hears_no_value(
    serve: Make, connected: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(iec62056_line(Wire(), Iec62056Meter("GRX", "SIM", lambda _: LINES)))
    meter = connected(Optical, HEAD.format(served.address))
    monkeypatch.setattr(type(meter.link), "set_baud", lambda _self, _baud: True)
    with pytest.raises(InstrumentError):
        _ = meter.energy


@pytest.mark.parametrize("password", ["", "12345678"])
def test_registers_are_read_in_the_programming_mode(
    serve: Make, connected: Make, password: str
) -> None:
    meter = Iec62056Meter("GRX", "SIM", lambda _: LINES, password=password)
    served = serve(iec62056_line(Wire(), meter))
    options = "&mode=program" + (f"&password={password}" if password else "")
    driver = connected(Optical, HEAD.format(served.address) + options)
    assert driver.connect().serial == "40012345"
    assert driver.energy == 123456.0


def test_a_wrong_or_missing_password_is_named(serve: Make, connected: Make) -> None:
    meter = Iec62056Meter("GRX", "SIM", lambda _: LINES, password="12345678")
    served = serve(iec62056_line(Wire(), meter))
    wrong = connected(Optical, HEAD.format(served.address) + "&mode=program&password=1")
    with pytest.raises(DeviceError, match="does not accept the password"):
        _ = wrong.energy
    missing = connected(Optical, HEAD.format(served.address) + "&mode=program")
    with pytest.raises(DeviceError, match="`ER01`"):
        _ = missing.energy


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ({"1.8.0": "000123.456*V"}, "does not measure"),
        ({"1.8.0": "000123.456"}, "does not measure"),
        ({"1.8.0": "------"}, "no value"),
        ({"2.8.0": "1*kWh"}, "tells no 1.8.0"),
        ({"1.8.0*01": "1*kWh"}, "tells no 1.8.0"),
        ({"1.8.0": "1*kWh", "1-0:1.8.0*255": "2*kWh"}, "stands twice"),
    ],
)
def test_what_is_not_the_register_is_no_value(
    serve: Make, connected: Make, lines: dict[str, str], says: str
) -> None:
    served = serve(iec62056_line(Wire(), Iec62056Meter("GRX", "SIM", lambda _: lines)))
    with pytest.raises(InstrumentError, match=says):
        _ = connected(Optical, HEAD.format(served.address)).energy


# -- DLMS/COSEM ------------------------------------------------------------------------------------


class Cosem(Instrument):
    protocol = Dlms()
    energy = Reading(dlms("1.0.1.8.0.255"), unit="kWh")
    long = Reading(dlms("0.0.96.5.0.255", interface=1), kind=text)
    clock = Reading(dlms("0.0.1.0.0.255", interface=8), kind=text)


CLOCK = cosem_octets(bytes.fromhex("07EA011F06091E0F00FFC400"))
LONG = "0123456789" * 60


def cosem_meter(**known: Any) -> DlmsMeter:
    objects = {
        (3, "1.0.1.8.0.255", 2): lambda _: cosem_unsigned(123456),
        (3, "1.0.1.8.0.255", 3): lambda _: cosem_scaler(1, 30),
        (1, "0.0.96.5.0.255", 2): lambda _: cosem_text(LONG),
        (1, "0.0.96.1.0.255", 2): lambda _: cosem_text("SIM00161"),
        (8, "0.0.1.0.0.255", 2): lambda _: CLOCK,
    }
    return DlmsMeter(objects, password="12345678", public=("0.0.1.0.0.255",), **known)


MANAGER = "client=1&password=12345678"


@pytest.mark.parametrize(("block", "information"), [(1000, 128), (100, 128), (100, 40)])
def test_long_answers_come_in_blocks_and_segments(
    serve: Make, connected: Make, block: int, information: int
) -> None:
    served = serve(hdlc_line(Wire(), cosem_meter(block=block), information=information))
    options = MANAGER if information > 80 else "client=16"
    meter = connected(Cosem, f"serial://{served.address}?{options}&timeout=1")
    if information > 80:  # what an association with a password takes to ask for
        assert meter.long == LONG
        assert meter.energy == 1234.56
    else:
        with pytest.raises(DeviceError, match="the meter takes 40"):
            meter.connect()


def test_the_wrapper_carries_the_same(serve: Make, connected: Make) -> None:
    served = serve(wrapper_line(Wire(), cosem_meter(block=100)))
    meter = connected(Cosem, f"serial+tcp://{served.address}?framing=wrapper&{MANAGER}")
    assert meter.connect().serial == "SIM00161"
    assert meter.read("energy", "long", "clock") == (1234.56, LONG, "2026-01-31 09:30:15")
    other = connected(Cosem, f"serial+tcp://{served.address}?framing=wrapper&server=2&timeout=0.1")
    with pytest.raises(NoReplyError):
        other.connect()


def test_the_public_client_reads_the_clock_only(serve: Make, connected: Make) -> None:
    served = serve(hdlc_line(Wire(), cosem_meter()))
    meter = connected(Cosem, f"serial://{served.address}")
    assert meter.connect().serial == ""
    assert meter.clock == "2026-01-31 09:30:15"
    with pytest.raises(DeviceError, match="read-write-denied"):
        _ = meter.energy


def test_a_wrong_password_is_named(serve: Make, connected: Make) -> None:
    served = serve(hdlc_line(Wire(), cosem_meter()))
    meter = connected(Cosem, f"serial://{served.address}?client=1&password=00000000")
    with pytest.raises(DeviceError, match="authentication failed"):
        meter.connect()


def test_an_hdlc_address_of_four_bytes_is_met(serve: Make, connected: Make) -> None:
    address = bytes.fromhex("00020023")
    served = serve(hdlc_line(Wire(), cosem_meter(), address=address))
    meter = connected(Cosem, f"serial://{served.address}?physical=17&{MANAGER}")
    assert meter.energy == 1234.56
    assert meter.bus_address == "1/17"


def test_an_association_that_was_lost_is_made_again(serve: Make, connected: Make) -> None:
    served = serve(hdlc_line(Wire(), cosem_meter()))
    meter = connected(Cosem, f"serial://{served.address}?{MANAGER}&timeout=0.2")
    assert meter.energy == 1234.56
    served.server.trouble.set("silent", count=1)
    assert meter.energy == 1234.56


def test_the_library_says_nothing(
    serve: Make, connected: Make, capfd: pytest.CaptureFixture[str]
) -> None:
    served = serve(hdlc_line(Wire(), cosem_meter()))
    connected(Cosem, f"serial://{served.address}?{MANAGER}").connect()
    assert capfd.readouterr() == ("", "")


# -- Radian ----------------------------------------------------------------------------------------


def test_a_standard_with_the_other_floats_is_refused(serve: Make, connected: Make) -> None:
    make = find_simulator("radian_rd")
    assert make is not None
    served = serve(make().bus)
    driver = Shelf([bundled("drivers")]).find("radian_rd")
    connected(driver, f"serial://{served.address}").connect()
    other = connected(driver, f"serial://{served.address}?floats=IEEE")
    with pytest.raises(DeviceError, match="floats=IEEE"):
        other.connect()
