"""The shelf of simulated benches, and what every bench can do, on one that a lab wrote."""

import subprocess
import sys

import pytest

from benchctl.core.clock import VirtualClock
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt
from benchctl.simulation import SimulatedBench, find_bench, list_benches, uuts_from_rows

BENCH = '''"""A bath with a thermometer on an RS-232 line."""

from pathlib import Path

from benchctl.simulation import CustomBus, LineServer, SimulatedBench, Wire
{extra}

class Thermometer(LineServer):
    def take(self, buffer):
        if b"\\r" not in buffer:
            return None
        line, _, rest = bytes(buffer).partition(b"\\r")
        buffer[:] = rest
        return line

    def respond(self, request, t):
        return b"%.1f\\r" % {value} if request == b"t" else None


class Bath(SimulatedBench):
    name = "bath"
    bench_file = Path(__file__).with_name("bench.yaml")

    @classmethod
    def default_uuts(cls, seed):
        return [{{"serial": f"T{{seed}}-{{n}}", "position": str(n)}} for n in (1, 2)]

    def buses(self):
        return {{"sim.bath": CustomBus(lambda clock, port: Thermometer(clock, port, Wire(9600)))}}

    def truth(self, serial, item, quantity, point):
        return self.uut(serial).position == 1 if not quantity else 0.1

    def state(self):
        return {{"temperature": {value}}}
'''


def write_bench(folder, *, value="20.0", as_folder=True):
    home = folder / "sim_instruments"
    home.mkdir(parents=True, exist_ok=True)
    if as_folder:
        (home / "bath").mkdir(exist_ok=True)
        (home / "bath" / "heat.py").write_text(f"VALUE = {value}\n")
        extra = "from .heat import VALUE\n"
        text = BENCH.format(value="VALUE", extra=extra)
        (home / "bath" / "bench.py").write_text(text)
    else:
        (home / "bath.py").write_text(BENCH.format(value=value, extra=""))
    return folder


def started(cls, **args):
    units = uuts_from_rows(cls.default_uuts(3))
    return cls(VirtualClock(), seed=3, uuts=units, **args)


@pytest.mark.parametrize("as_folder", [True, False])
def test_a_lab_s_bench_is_found_and_served(tmp_path, wire, as_folder, nothing_left_behind):
    cls = find_bench("bath", lab=write_bench(tmp_path, as_folder=as_folder))
    assert issubclass(cls, SimulatedBench)
    with started(cls) as bench:
        client = wire(bench.locations["sim.bath"])
        assert client.ask(b"t\r", 5) == b"20.0\r"
        bench.fault("garbage", bus="bath", count=1)
        assert client.ask(b"t\r", 5) != b"20.0\r"
        assert client.ask(b"t\r", 5) == b"20.0\r"
        bench.unplug("sim.bath")
        bench.plug("sim.bath")
        assert wire(bench.locations["sim.bath"]).ask(b"t\r", 5) == b"20.0\r"


def test_two_labs_in_one_process_have_their_own_benches(tmp_path):
    warm = find_bench("bath", lab=write_bench(tmp_path / "a", value="30.0"))
    cold = find_bench("bath", lab=write_bench(tmp_path / "b", value="10.0"))
    assert started(warm).state() == {"temperature": 30.0}
    assert started(cold).state() == {"temperature": 10.0}
    assert "bath" not in sys.modules
    assert "bench" not in sys.modules


def test_the_lab_comes_before_extra_folders_and_those_before_what_is_bundled(tmp_path):
    lab, extra = tmp_path / "lab", tmp_path / "extra"
    write_bench(extra, value="5.0")
    assert started(find_bench("bath", extra=[extra])).state() == {"temperature": 5.0}
    write_bench(lab, value="7.0")
    assert started(find_bench("bath", lab=lab, extra=[extra])).state() == {"temperature": 7.0}
    own = extra / "sim_instruments" / "water_bench.py"
    own.write_text((extra / "sim_instruments" / "bath" / "bench.py").read_text())
    listed = {info.name: info.origin for info in list_benches(lab, [extra])}
    bundled = {info.name for info in list_benches()} - {"water_bench"}
    assert {name: origin for name, origin in listed.items() if name not in bundled} == {
        "bath": str(lab / "sim_instruments" / "bath"),
        "water_bench": str(extra / "sim_instruments"),
    }


def test_listing_runs_no_bench_and_tells_what_is_broken(tmp_path):
    home = tmp_path / "sim_instruments"
    home.mkdir()
    (home / "loud.py").write_text('"""A bench.\n\nMore."""\nraise SystemExit("ran")\n')
    (home / "broken.py").write_text("def (:\n")
    (home / "_private.py").write_text("raise SystemExit\n")
    listed = {info.name: info for info in list_benches(tmp_path)}
    own = {"loud", "broken"}
    assert set(listed) == own | {info.name for info in list_benches()}
    assert "water_bench" in listed
    assert listed["loud"].summary == "A bench."
    assert "invalid syntax" in listed["broken"].problem
    assert listed["water_bench"].origin == "bundled"
    assert listed["water_bench"].summary.startswith("A water line")


def test_an_unknown_bench_is_named_with_what_was_probably_meant():
    with pytest.raises(UsageError) as unknown:
        find_bench("water_bensh")
    assert "'water_bench'" in unknown.value.words("en").splitlines()[1]
    assert "water_bench" in unknown.value.words("zh")
    assert unknown.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import nowhere_to_be_found\n", "ModuleNotFoundError"),
        ("x = 1 / 0\n", "ZeroDivisionError"),
        ("def (:\n", "SyntaxError"),
        ("x = 1\n", "exactly one"),
    ],
)
def test_a_bench_that_cannot_be_loaded_says_why(tmp_path, text, problem):
    home = tmp_path / "sim_instruments"
    home.mkdir()
    (home / "bad.py").write_text(text)
    before = set(sys.modules)
    with pytest.raises(UsageError) as refused:
        find_bench("bad", lab=tmp_path)
    assert problem in str(refused.value)
    assert "bad.py" in str(refused.value)
    left = {name for name in set(sys.modules) - before if "bad" in name}
    assert problem == "exactly one" or left == set()


def test_the_operator_answers_what_is_true(tmp_path):
    bench = started(find_bench("bath", lab=write_bench(tmp_path)))
    one, two = (u.serial for u in bench.uuts)

    def answer(kind, **more):
        return bench.answer(Prompt("p", kind, msg("simulation.no-bus", name="", known=""), **more))

    assert answer("confirm").value is True
    assert answer("confirm", about={"mount": [1, 2]}).after > answer("confirm").after > 0
    assert answer("yes_no", uut=one).value is True
    assert answer("yes_no", uut=two).value is False
    assert answer("yes_no").value is False  # of the whole line
    with pytest.raises(UsageError):
        answer("text")
    with pytest.raises(KeyError):
        bench.truth("T99", "", "", {})


def test_a_bus_or_fault_that_is_not_there_is_refused(tmp_path, nothing_left_behind):
    with started(find_bench("bath", lab=write_bench(tmp_path))) as bench:
        for act in (bench.unplug, bench.plug):
            with pytest.raises(UsageError, match=r"sim\.bath"):
                act("sim.pump")
        with pytest.raises(UsageError, match="late"):
            bench.fault("lat")


def test_units_come_from_rows_of_a_batch():
    rows = [
        {"serial": "0012", "position": "4", "Q3": "2.5", "note": "x"},
        {"serial": "0013", "R": "100"},
    ]
    first, second = uuts_from_rows(rows)
    assert (first.serial, first.position, first.address) == ("0012", 4, "0012")
    assert dict(first.parameters) == {"Q3": 2.5}
    assert (second.position, dict(second.parameters)) == (2, {"R": 100.0})
    with pytest.raises(KeyError):
        uuts_from_rows([{"position": "1"}])


def test_nothing_heavy_is_imported_before_a_bench_is_started():
    program = (
        "import sys\n"
        "from benchctl.simulation import find_bench, list_benches\n"
        "find_bench('water_bench'); list_benches()\n"
        "print(sorted({'pymodbus', 'pyvisa', 'pyvisa_sim', 'numpy', 'yaml'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "[]"
