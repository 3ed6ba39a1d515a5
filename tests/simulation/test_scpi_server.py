"""SCPI instruments in process through pyvisa, and on a socket."""

import pytest
import pyvisa

from benchctl.core.clock import VirtualClock, monotonic
from benchctl.simulation import ScpiError, ScpiInstrument, ScpiServer, TcpPort, Timed, Wire
from benchctl.simulation.visa import SimulatedVisa, VisaDevice

NAME = "TCPIP0::meter::inst0::INSTR"


def instrument(log=None):
    levels = {}

    def set_level(call):
        if call.number() > 10:
            raise ScpiError(-222)
        levels[call.suffixes[0]] = call.number()

    def measure(call):
        if log is not None:
            log.append(call.t)
        return Timed("1.5", 2.0)

    return ScpiInstrument(
        "MAKER,MODEL,1,2",
        {
            "INPut#:LEVel[:ABSolute]": set_level,
            "INPut#:LEVel[:ABSolute]?": lambda call: f"{levels.get(call.suffixes[0], 0):g}",
            "MEASure:FREQuency?": measure,
            "[SENSe:]FREQuency:GATE:TIME?": lambda call: f"{call.t:g}",
        },
        reset=lambda t: levels.clear(),
    )


def ask(scpi, message, t=0.0):
    return scpi.execute(message, t)[0]


def test_headers_are_known_in_both_forms_in_any_case_and_with_optional_parts():
    scpi = instrument()
    for header in ("INP2:LEV", "inp2:level", "INPUT2:LEV:ABS", ":input2:LEVEL:ABSOLUTE"):
        ask(scpi, f"{header} 3")
        assert ask(scpi, f"{header}?") == "3"
        ask(scpi, "*RST")
        assert ask(scpi, f"{header}?") == "0"
    assert ask(scpi, "SYST:ERR?") == '+0,"No error"'


@pytest.mark.parametrize("header", ["INPU2:LEV?", "LEV?", "INP2?", "INP2:LEVE?", "SENS:FREQ?"])
def test_what_is_no_form_of_a_header_is_undefined(header):
    scpi = instrument()
    assert ask(scpi, header) is None
    assert ask(scpi, "SYSTEM:ERROR:NEXT?") == '-113,"Undefined header"'


def test_a_message_may_hold_several_commands_below_one_level():
    scpi = instrument()
    assert ask(scpi, "INP2:LEV 4;LEV?;:INP3:LEV 5;*OPC?;LEV?") == "4;1;5"


def test_errors_queue_up_and_show_in_the_status():
    scpi = instrument()
    ask(scpi, "INP1:LEV 99;:NONSENSE;:INP1:LEV;:INP1:LEV high")
    assert scpi.status() == 4
    codes = [ask(scpi, "SYST:ERR?").split(",")[0] for _ in range(5)]
    assert codes == ["-222", "-113", "-109", "-104", "+0"]
    assert ask(scpi, "*ESR?") == str(0x10 | 0x20)
    assert ask(scpi, "*ESR?") == "0"
    ask(scpi, "X")
    ask(scpi, "*CLS")
    assert ask(scpi, "SYST:ERR?") == '+0,"No error"'


def test_a_reply_that_takes_time_delays_what_stands_behind_it():
    assert instrument().execute("MEAS:FREQ? (@1),2;:FREQ:GATE:TIME?", 10.0) == ("1.5;12", 2.0)


@pytest.fixture
def library(nothing_left_behind):
    clock = VirtualClock()
    device = VisaDevice(clock, Wire(9600, turnaround=0.5), instrument())
    library = SimulatedVisa.of({NAME: device})
    library.device, library.clock = device, clock
    manager = pyvisa.ResourceManager(library)
    library.manager = manager
    yield library
    manager.close()


@pytest.fixture
def session(library):
    with library.manager.open_resource(NAME) as opened:
        opened.read_termination = opened.write_termination = "\n"
        opened.timeout = 60
        yield opened


def test_a_query_takes_the_bench_time_of_its_exchange_before_it_returns(library, session):
    session.write("MEAS:FREQ?")
    request, reply = 11, 4
    assert library.clock.now() == pytest.approx((request + reply) * 10 / 9600 + 0.5 + 2.0)
    assert session.read() == "1.5"


def test_a_resource_that_is_not_there_fails_at_open(library):
    with pytest.raises(pyvisa.errors.VisaIOError) as refused:
        library.manager.open_resource("TCPIP0::other::inst0::INSTR")
    assert refused.value.error_code == pyvisa.constants.StatusCode.error_resource_not_found


def test_an_unplugged_instrument_cannot_be_opened_and_is_lost_to_open_sessions(library, session):
    library.device.unplug()
    with pytest.raises(pyvisa.errors.VisaIOError) as lost:
        session.query("*IDN?")
    assert lost.value.error_code == pyvisa.constants.StatusCode.error_connection_lost
    with pytest.raises(pyvisa.errors.VisaIOError):
        library.manager.open_resource(NAME)
    library.device.plug()
    assert session.query("*IDN?") == "MAKER,MODEL,1,2"


def test_an_unread_answer_is_never_taken_for_the_next_one(session):
    session.write("*IDN?")
    assert session.query("*OPC?") == "1"
    assert session.query("SYST:ERR?") == '-410,"Query INTERRUPTED"'


def test_clear_drops_an_answer_and_the_status_byte_tells_of_one(session):
    session.write("*IDN?")
    assert session.read_stb() == 0x10
    session.clear()
    assert session.read_stb() == 0
    with pytest.raises(pyvisa.errors.VisaIOError):
        session.read()


def test_faults_spoil_replies_in_process_too(library, session):
    trouble = library.device.trouble
    trouble.set("silent", count=1)
    with pytest.raises(pyvisa.errors.VisaIOError):
        session.query("*IDN?")
    trouble.set("late", count=1, delay=0.15)
    session.write("*OPC?")
    with pytest.raises(pyvisa.errors.VisaIOError):
        session.read()
    session.timeout = 1000
    began = monotonic()
    assert session.read() == "1"
    assert 0.02 < monotonic() - began < 0.5


def test_bytes_are_read_one_by_one_where_a_program_wants_that(session):
    session.write("*IDN?")
    assert session.read_bytes(5) == b"MAKER"
    assert session.read() == ",MODEL,1,2"


def test_two_libraries_know_their_own_instruments_only(library):
    other = SimulatedVisa.of({})
    assert other is not library
    with pytest.raises(pyvisa.errors.VisaIOError):
        other.open(0, NAME)


def test_a_socket_serves_lines(wire, nothing_left_behind):
    log = []
    clock = VirtualClock()
    wire_ = Wire(turnaround=0.25)
    with ScpiServer(clock, TcpPort(), wire_, instrument(log)) as server:
        client = wire(server.location)
        assert client.ask(b"*IDN?\n*OPC?\n", 18) == b"MAKER,MODEL,1,2\n1\n"
        assert client.ask(b"INP1:LEV 3\nMEAS:FR", timeout=0.1) == b""
        assert client.ask(b"EQ?\r\n", 4) == b"1.5\n"
        assert log == [pytest.approx(1.0)]
        assert clock.now() == pytest.approx(3.0)
