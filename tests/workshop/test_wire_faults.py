"""A small share of the campaign `benchmarks/wire_faults.py`: each protocol meets a few faults."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CAMPAIGN = ROOT / "benchmarks" / "wire_faults.py"
ONE_OF_EACH = (
    *("keysight_34465a", "endress_proline", "pulse_counter_16", "mettler_mtsics", "fluke_7341"),
    *("vaisala_hmt330", "dlt645_meter", "cjt188_meter", "mbus_meter", "iec62056_meter"),
    *("dlms_meter", "radian_rd", "zera_rmm3006", "gfuve_gf333b", "rotronic_hc2", "julabo_fp"),
)
GULLIBLE = '''
import re
from benchctl.driver import Instrument, Line, Reading


class Anything(Line):
    name = "gullible"

    def checked(self, reply):
        return reply

    def parse(self, command, reply, unit):
        found = re.search(r"[0-9.]+", reply)
        return float(found[0]) if found else 0.0


class Gullible(Instrument):
    """Takes whatever comes for a value."""

    protocol = Anything()
    level = Reading("L", unit="mm", doc="Level.")
    depth = Reading("D", unit="mm", doc="Depth.")
'''
SIMULATED = """
from benchctl.simulation import SimulatedInstrument, TextBus, Wire


class Gauge:
    def answer(self, line, t):
        return {"L": "L 12.75 mm", "D": "D 48.5 mm"}.get(line)


def simulator():
    return SimulatedInstrument(
        TextBus(Wire(9600), Gauge()),
        at="serial://{location}?baud=9600",
        shows=lambda: {"level": 12.75, "depth": 48.5},
        units={"level": "mm", "depth": "mm"},
    )
"""


def campaign(folder: Path, *arguments: object) -> tuple[int, dict[str, object]]:
    told = folder / "campaign.json"
    argv = [sys.executable, CAMPAIGN, "--json", told, *arguments]
    done = subprocess.run(
        [str(a) for a in argv], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(told.read_text())


def test_no_fault_on_the_wire_of_any_protocol_becomes_a_wrong_value(tmp_path: Path) -> None:
    faults = 4 * len(ONE_OF_EACH)
    code, told = campaign(tmp_path, *ONE_OF_EACH, "--faults", faults, "--seed", 11)
    assert told["violations"] == []
    assert code == 0
    assert told["faults"] == faults


def test_a_driver_that_takes_whatever_comes_is_found_out(tmp_path: Path) -> None:
    for folder, text in (("drivers", GULLIBLE), ("sim_instruments", SIMULATED)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "gullible.py").write_text(text)
    code, told = campaign(
        tmp_path,
        "gullible",
        "--lab",
        tmp_path,
        *("--faults", 40, "--jobs", 1, "--timeout", 0.05),
        *("--seed", 3),
    )
    assert code == 1
    assert any("wrong" in line and "gullible" in line for line in told["violations"])
