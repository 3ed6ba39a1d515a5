"""A bench in a process of its own, driven by its standard input."""

import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from benchctl.core.clock import Deadline, pause

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from benchctl.simulation import serve
folder = Path(sys.argv[1])
serve("water_bench", seed=11, stdin=sys.stdin, stdout=sys.stdout, rate=5.0,
      bench_file=folder / "bench.yaml", batch_file=folder / "batch.csv")
"""


class Served:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self.hello = self.line()
        self.locations = self.hello["locations"]

    def line(self, timeout=15.0):
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        assert ready, "the served bench said nothing"
        return json.loads(self.process.stdout.readline())

    def say(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        return self.line()

    def ended(self, timeout=10.0):
        """Return exit code and what stood on standard error."""
        code = self.process.wait(timeout)
        return code, self.process.stderr.read().decode()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()


@pytest.fixture
def served(tmp_path):
    one = Served(tmp_path)
    yield one
    one.close()


@pytest.fixture
def serve_again(tmp_path):
    opened = []

    def start():
        opened.append(Served(tmp_path))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def modbus(unit, pdu):
    return struct.pack(">HHHB", 1, 0, len(pdu) + 1, unit) + pdu


def test_a_served_bench_says_where_it_is_obeys_and_quits(served, wire):
    assert served.hello["bench"] == "water_bench"
    assert served.hello["seed"] == 11
    drive = wire(served.locations["sim.drive"])
    for word in ("047E", "047F"):
        request = modbus(1, bytes.fromhex(f"06 0000 {word}"))
        assert drive.ask(request, 12) == request
    state = served.say("state")
    assert state["ok"] is True
    assert state["state"]["drive"]["running"] is True
    assert served.say("fault stuck_meter on position=3") == {"ok": True}
    assert served.say("fault air on share=0.5") == {"ok": True}
    assert served.say("state")["state"]["faults"] == {"stuck_meter": [3], "air": 0.5}
    assert served.say("fault stuck_meter off position=3") == {"ok": True}
    assert served.say("mount 1 4") == {"ok": True}
    assert served.say("state")["state"]["mounted"] == [1, 4]
    assert served.say("gate check_weight on") == {"ok": True}
    assert served.say("state")["state"]["check_weight"] is True
    # the drive trips when its bus is gone for five seconds of bench time
    assert served.say("unplug sim.drive") == {"ok": True}
    with pytest.raises(OSError, match="refused"):
        wire(served.locations["sim.drive"])
    limit = Deadline(5.0)
    while not served.say("state")["state"]["drive"]["tripped"]:
        assert not limit.over
        pause(0.05)
    assert served.say("plug drive") == {"ok": True}
    again = wire(served.locations["sim.drive"])
    reply = again.ask(modbus(1, bytes.fromhex("03 0003 0001")), 11)
    assert reply[-2:] == bytes.fromhex("0238")
    assert served.say("quit") == {"ok": True}
    assert served.ended() == (0, "")
    assert not Path(served.locations["sim.master"]).exists()


def test_a_wrong_command_is_answered_with_what_can_be_said(served):
    for text in (
        "jump",
        "fault",
        "fault leek on",
        "fault leak maybe",
        "unplug moon",
        "mount x",
        "gate x",
    ):
        said = served.say(text)
        assert said["ok"] is False
        assert said["error"]
    assert "quit" in served.say("help")["error"]
    assert "'leak'" in served.say("fault leek on")["error"]
    assert served.say("fault air on share")["ok"] is False
    assert served.say("state")["ok"] is True


def test_the_files_it_writes_are_ready_to_use(served):
    text = (served.folder / "bench.yaml").read_text(encoding="utf-8")
    assert "simulated: {bench: water_bench, seed: 11, served: true, hands: " in text
    assert re.findall(r"(?:://|visa:)sim\..*", text) == []
    for name, location in served.locations.items():
        assert location in text, name
    assert f"modbus+rtu://{served.locations['sim.master']}?baud=38400" in text
    assert 'at: "TCPIP::127.0.0.1::' in text
    curve = re.search(r"via: (\S+pump-line-1\.csv)", text)[1]
    assert Path(curve).is_file()
    batch = (served.folder / "batch.csv").read_text(encoding="utf-8").splitlines()
    assert batch[0] == "serial,position"
    assert batch[1] == "26110000110001,1"
    assert len(batch) == 13
    from benchctl.bench import load_bench
    from benchctl.language import Diagnostics, render

    diagnostics = Diagnostics()
    bench = load_bench(served.folder / "bench.yaml", diagnostics)
    assert render(diagnostics.items) == ""
    assert bench.simulated.served is True
    assert bench.simulated.seed == 11


def test_the_end_of_its_input_does_not_stop_it_and_a_signal_does(serve_again):
    for number in (signal.SIGTERM, signal.SIGINT):
        one = serve_again()
        one.process.stdin.close()
        pause(0.5)
        assert one.process.poll() is None
        assert os.path.lexists(one.locations["sim.meters"])
        one.process.send_signal(number)
        code = one.process.wait(10.0)
        assert (code, one.process.stderr.read()) == (0, b"")
        assert not os.path.lexists(one.locations["sim.meters"])


def test_its_meters_answer_on_a_real_terminal(served, wire):
    client = wire(served.locations["sim.meters"])
    body = (
        bytes.fromhex("68 10")
        + bytes.fromhex("00000000000001")[::-1]  # its position, as the bench file says
        + bytes.fromhex("01 03 90 1F 00")
    )
    reply = client.ask(body + bytes([sum(body) % 256, 0x16]), 37, timeout=2.0)
    assert reply.startswith(bytes.fromhex("FE FE 68 10"))
