"""Text goes to terminals, pipes and full disks without ever ending a run."""

import io
import json
import os
import pty

import pytest

from benchctl.cli.terminal import Terminal


@pytest.fixture
def tty():
    """A terminal's far end and a stream on its near end."""
    master, slave = pty.openpty()
    stream = os.fdopen(slave, "w", encoding="utf-8")
    yield master, stream
    stream.close()
    os.close(master)


def test_there_is_colour_on_a_terminal_and_none_elsewhere(tty):
    _, stream = tty
    assert "\x1b[" in Terminal(stream, {"TERM": "xterm"}).paint("FAIL", "red")
    assert Terminal(io.StringIO(), {"TERM": "xterm"}).paint("FAIL", "red") == "FAIL"


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_color_and_dumb_terminals_are_respected(tty, environ):
    assert Terminal(tty[1], environ).paint("FAIL", "red") == "FAIL"


def test_an_empty_no_color_does_not_count(tty):
    assert Terminal(tty[1], {"NO_COLOR": ""}).paint("FAIL", "red") != "FAIL"


def test_a_line_stays_above_the_status_line(tty):
    master, stream = tty
    terminal = Terminal(stream, {})
    terminal.status([("settling", ())])
    terminal.line("Q3 FAIL")
    shown = os.read(master, 4096).decode()
    assert shown == "settling\r\x1b[2KQ3 FAIL\r\nsettling"


def test_a_status_line_drops_whole_items_and_never_crops_a_word(tty):
    master, stream = tty
    terminal = Terminal(stream, {"TERM": "xterm"})
    terminal.status([("合格 12", ("green",)), ("x" * 60, ()), ("y" * 20, ()), ("z", ())])
    assert terminal.columns == 80
    assert os.read(master, 4096).decode() == f"\x1b[32m合格 12\x1b[0m  {'x' * 60}"


def test_a_pipe_gets_no_status_line(tmp_path):
    with (tmp_path / "out").open("w+") as stream:
        terminal = Terminal(stream, {})
        terminal.status([("settling", ())])
        terminal.line("done")
        stream.seek(0)
        assert stream.read() == "done\n"


def test_a_reader_that_goes_away_is_not_an_error():
    reading, writing = os.pipe()
    stream = os.fdopen(writing, "w")
    terminal = Terminal(stream, {})
    os.close(reading)
    terminal.line("one")
    terminal.line("two")
    assert terminal.trouble is not None
    assert terminal.lost is None
    stream.close()


def test_a_full_disk_is_remembered():
    with open("/dev/full", "w") as stream:  # noqa: PTH123 - a device, not a file
        terminal = Terminal(stream, {})
        terminal.line("one")
        assert terminal.lost is not None


def test_json_fits_the_encoding_of_the_stream(tmp_path):
    for encoding in ("utf-8", "ascii", "gbk"):
        path = tmp_path / encoding
        with path.open("w", encoding=encoding) as stream:
            Terminal(stream, {}).json({"unit": "m³/h", "结论": "合格"})
        assert json.loads(path.read_text(encoding=encoding)) == {"unit": "m³/h", "结论": "合格"}


def test_json_never_holds_what_is_no_number():
    with pytest.raises(ValueError, match="Out of range"):
        Terminal(io.StringIO(), {}).json({"u": float("nan")})
