"""What the check of a driver finds: every mistake that was planted, and none in a good driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted import DRIVER, LINE, LINE_SIMULATOR, SIMULATOR, lab_with

from benchctl.core.places import bundled
from benchctl.drivers import Shelf
from benchctl.workshop import Report, check_driver, subject_of


def checked(path: Path) -> Report:
    return check_driver(subject_of(str(path), Shelf([bundled("drivers")])))


def found(report: Report) -> set[tuple[str, str]]:
    return {(step.name, step.channel) for step in report.failed}


def spoilt(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_a_good_driver_passes(tmp_path: Path) -> None:
    report = checked(lab_with(tmp_path, "acme_x100", DRIVER, SIMULATOR))
    assert [(s.name, s.channel, str(s.what)) for s in report.failed] == []
    done = {step.name for step in report.steps if step.outcome == "ok"}
    assert {"other-model", "other-serial", "make-safe", "act", "stop", "late"} <= done
    line = checked(lab_with(tmp_path, "acme_l1", LINE, LINE_SIMULATOR))
    assert [(s.name, s.channel, str(s.what)) for s in line.failed] == []


PLANTED = {
    "wrong word order": (
        'holding(10, "f32")',
        'holding(10, "f32", "CDAB")',
        {("read", "measured")},
    ),
    "a register too far": ('holding(12, "i16"', 'holding(13, "i16"', {("read", "current")}),
    "wrong scale of a reading": ("scale=0.01", "scale=0.1", {("read", "current")}),
    "wrong scale both ways": ("scale=0.1", "scale=0.2", {("set", "level")}),
    "unsigned for signed": ('holding(20, "i16"', 'holding(21, "i16"', {("read", "level")}),
    "another multiple of the unit": (
        'unit="V", doc="Voltage at',
        'unit="mV", doc="Voltage at',
        {("read", "measured")},
    ),
    "a unit of another quantity": (
        'unit="V", doc="Voltage at',
        'unit="W", doc="Power at',
        {("read", "measured")},
    ),
    "an unknown unit": ('unit="A"', 'unit="amps"', {("declaration", "current")}),
    "no upper limit": ("high=60.0, ", "", {("declaration", "level")}),
    "a limit that the instrument has not": ("high=60.0", "high=80.0", {("set", "")}),
    "a choice that the instrument has not": ("[1, 2, 5]", "[1, 2, 7]", {("set", "")}),
    "a safe value beyond the limits": ("safe=0.0", "safe=-1.0", {("declaration", "level")}),
    "a setting that make_safe forgets": (
        "        self.level = 0.0\n",
        "",
        {("make-safe", "level")},
    ),
    "a make_safe that switches on": (
        "self.output = False",
        "self.output = True",
        {("make-safe", "output")},
    ),
    "an identity that any model has": ('"^300$"', 'r"\\d+"', {("other-model", "")}),
    "an identity that fits all": ('"^300$"', 'r"\\d*"', {("declaration", "")}),
    "no document": ("    Document: none, it is invented.\n", "", {("declaration", "")}),
    "a private import": (
        "from __future__ import annotations\n",
        "from __future__ import annotations\nfrom benchctl.links import Link\n",
        {("declaration", "")},
    ),
}
LIMITLESS = '''
    def write(self, name, value):
        """Send without a look at the limits."""
        self._session.write(self._channel(name), value)
'''
PEEKS = '''
    def write(self, name, value):
        """Read before anything else."""
        self.read(name)
        super().write(name, value)
'''
TWICE = '''
    def act(self, name):
        """Try twice."""
        try:
            super().act(name)
        except Exception:
            super().act(name)
'''
FORGETFUL = '''
    def connect(self):
        """Take whoever answers."""
        found = self._session.identify(list(self.channels.values()))
        return found
'''
SWALLOWS = '''
    def read(self, *names):
        """Give what was read last where it fails."""
        try:
            self._last = super().read(*names)
        except Exception:
            pass
        return self._last
'''
METHODS = {
    "limits are not looked at": (LIMITLESS, ("refuse", "level")),
    "bytes are sent before the limits are looked at": (PEEKS, ("refuse", "level")),
    "an action is sent twice": (TWICE, ("act", "clear")),
    "identity is ignored": (FORGETFUL, ("other-model", "")),
    "a failed reading is the last one": (SWALLOWS, ("silent", "measured")),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_found(tmp_path: Path, name: str) -> None:
    old, new, expected = PLANTED[name]
    report = checked(lab_with(tmp_path, "acme_x100", spoilt(DRIVER, old, new), SIMULATOR))
    assert expected <= found(report), report.failed


@pytest.mark.parametrize("name", METHODS)
def test_a_driver_that_does_it_its_own_way_is_found_out(tmp_path: Path, name: str) -> None:
    method, expected = METHODS[name]
    report = checked(lab_with(tmp_path, "acme_x100", DRIVER + method, SIMULATOR))
    assert expected in found(report), report.failed
    if name == "a failed reading is the last one":
        assert ("stop", "measured") in found(report) or ("stop", "") in found(report)


def test_a_scpi_driver_without_identity_is_found(tmp_path: Path) -> None:
    text = spoilt(
        DRIVER, 'Modbus(order="ABCD", identity=holding(0), serial=holding(1, "u32"))', "Scpi()"
    )
    for old in ('holding(10, "f32")', 'holding(12, "i16", scale=0.01)'):
        text = spoilt(text, old, '"READ?"')
    text = spoilt(text, 'holding(20, "i16", scale=0.1)', '"VOLT"')
    text = spoilt(text, "holding(21)", '"MODE"').replace("holding(22, bit=0)", '"OUTP"')
    text = spoilt(text, "send(holding(23), 1)", '"CLE"').replace('"^300$"', '""')
    text = text.replace("Modbus, ", "Scpi, ").replace("holding, send", "text")
    report = checked(lab_with(tmp_path, "acme_x100", text, SIMULATOR))
    assert any("no identity" in str(step.what) for step in report.failed), report.failed


ACCEPTS = (
    ("return rest[0]", 'return re.findall(r"[0-9.]+", reply)[0] if unit else rest[0]'),
    ("if word !=", "if not unit and word !="),
)


def test_a_driver_that_accepts_garbage_is_found(tmp_path: Path) -> None:
    text = spoilt(LINE, "if unit and", "if False and unit and")
    for old, new in ACCEPTS:
        text = spoilt(text, old, new)
    wrong = found(checked(lab_with(tmp_path, "acme_l1", text, LINE_SIMULATOR)))
    assert {("garbled", "temperature"), ("garbled", "pressure")} <= wrong


UNDRAINED = '''

class Deaf(Acme):
    """Leaves what came late where it lies."""

    def session(self, link, options):
        session = super().session(link, options)

        def ask(command):
            with link.bus:
                link.write(command.encode() + b"\\r")
                return link.read_until(b"\\r")

        session._ask = ask
        return session


class AcmeL1('''


def test_a_driver_that_takes_a_late_reply_for_the_next_answer_is_found(tmp_path: Path) -> None:
    text = spoilt(LINE, "\n\nclass AcmeL1(", UNDRAINED)
    text = spoilt(text, "protocol = Acme()", "protocol = Deaf()")
    text = spoilt(text, "if word !=", "if False and word !=")  # one letter would give it away
    wrong = found(checked(lab_with(tmp_path, "acme_l1", text, LINE_SIMULATOR)))
    assert {("twice", "pressure"), ("late", "pressure")} & wrong, wrong


def test_two_channels_that_are_mixed_up_are_found(tmp_path: Path) -> None:
    text = LINE.replace('"T?"', '"X?"').replace('"P?"', '"T?"').replace('"X?"', '"P?"')
    wrong = found(checked(lab_with(tmp_path, "acme_l1", text, LINE_SIMULATOR)))
    assert {("read", "temperature"), ("read", "pressure")} <= wrong


def test_a_simulator_that_proves_nothing_is_found(tmp_path: Path) -> None:
    zero = spoilt(SIMULATOR, '"i16", 1.25', '"i16", 0.0')
    report = checked(lab_with(tmp_path, "acme_x100", DRIVER, zero))
    assert ("telling", "current") in found(report)
    silent = spoilt(SIMULATOR, "**device.shows(), ", "")
    report = checked(lab_with(tmp_path / "b", "acme_x100", DRIVER, silent))
    assert ("read", "level") in found(report)


def test_a_driver_without_simulator_or_with_a_broken_one_is_told(tmp_path: Path) -> None:
    path = lab_with(tmp_path, "acme_x100", DRIVER, "x = 1 / 0\n\ndef simulator(): ...\n")
    assert "ZeroDivisionError" in str(checked(path).failed[0].what)
    (tmp_path / "sim_instruments" / "acme_x100.py").unlink()
    assert "there is no sim_instruments/acme_x100.py" in str(checked(path).failed[0].what)


def test_a_driver_file_that_cannot_be_loaded_is_one_failed_step(tmp_path: Path) -> None:
    report = checked(lab_with(tmp_path, "acme_x100", "import nowhere_at_all\n", SIMULATOR))
    assert [step.name for step in report.failed] == ["declaration"]
    assert "ModuleNotFoundError" in str(report.failed[0].what)


def test_a_driver_with_a_bug_is_told_as_such(tmp_path: Path) -> None:
    text = spoilt(DRIVER, "self.level = 0.0", "self.nothing()")
    report = checked(lab_with(tmp_path, "acme_x100", text, SIMULATOR))
    assert any("AttributeError" in str(step.what) for step in report.failed)


CARELESS = '''

class Careless(Modbus):
    """Reads one block itself: whoever answers, or however much of it is there."""

    def session(self, link, options):
        session = super().session(link, options)
        careful = session.reader

        def reader(channels):
            if [c.name for c in channels] != ["measured"]:
                return careful(channels)

            def read():
                with link.bus:
                    link.drain()
                    link.write(bytes.fromhex("0103000a0002e409"))
                    reply = TAKEN
                body, crc = reply[:-2], int.from_bytes(reply[-2:], "little")
                if len(reply) != 9 or crc != checksum(body):
                    raise GarbageReplyError(msg("driver.no-text"), wire=reply)
                return struct.unpack(">f", body[3:7])

            return read

        session.reader = reader
        return session


def checksum(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


class AcmeX100('''
IMPORTS = """import struct

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver"""
CARELESSNESS = {
    "the address of a reply is not looked at": ("link.read_exactly(9)", {"foreign"}),
    "what is there at once is taken for all": (
        "link.read_exactly(1) + link.drain()",
        {"foreign", "dribbled"},
    ),
}


@pytest.mark.parametrize("name", CARELESSNESS)
def test_a_protocol_that_is_careless_on_a_shared_line_is_found(tmp_path: Path, name: str) -> None:
    taken, steps = CARELESSNESS[name]
    text = spoilt(DRIVER, "\n\nclass AcmeX100(", CARELESS.replace("TAKEN", taken))
    text = spoilt(text, "from benchctl.driver", IMPORTS)
    text = spoilt(text, "protocol = Modbus(", "protocol = Careless(")
    over_tcp = spoilt(SIMULATOR, "{1: device.unit})", '{1: device.unit}, medium="tcp")')
    over_tcp = spoilt(
        over_tcp, "modbus+rtu://{location}?baud=9600&", "modbus+rtu+tcp://{location}?"
    )
    wrong = found(checked(lab_with(tmp_path, "acme_x100", text, over_tcp)))
    assert wrong == {(step, "measured") for step in steps}


def test_replies_without_addresses_cannot_be_foreign(tmp_path: Path) -> None:
    report = checked(lab_with(tmp_path, "acme_l1", LINE, LINE_SIMULATOR))
    (step,) = [step for step in report.steps if step.name == "foreign"]
    assert step.outcome == "skipped"
    report = checked(lab_with(tmp_path, "acme_x100", DRIVER, SIMULATOR))
    assert [s.outcome for s in report.steps if s.name == "foreign"] == ["ok", "ok"]
