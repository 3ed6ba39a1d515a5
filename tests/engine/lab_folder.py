"""A lab's folder with a simulated bench and procedures of its own, as a lab would write them."""

import json
import re
import shutil
import textwrap
from dataclasses import dataclass
from pathlib import Path

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, run

BENCH = '''
"""The bundled water line with quick people and troubles of its own."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from benchctl.core.ports import Answer
from benchctl.simulation import find_bench


class LabBench(find_bench("water_bench")):
    name = "lab_bench"
    bench_file = Path(__file__).with_name("bench.yaml")

    def start(self):
        super().start()
        if "lab_folder" in sys.modules:
            sys.modules["lab_folder"].BENCHES.append(self)
{at_start}

    def answer(self, prompt):
{at_question}
        return replace(super().answer(prompt), after=1.0)

    def close(self):
        if self.locations:
            Path(__file__).with_name("left.json").write_text(json.dumps(self.state()))
        super().close()
'''
TIGHTNESS = {"tightness": ("test_pressure", "line_pressure", "line_inlet")}
FUNCTION = {"function": ("meter_pulse_rate",)}
BENCHES = []
"""The benches of this process, the present one last: a test reaches into it while a run goes on."""
UNPRESSED = TIGHTNESS | {"venting": (), "mounting": (), "after_leak": (), "resume": ()}
PROCEDURES = {"whole": {}, "pulses": UNPRESSED, "quick": UNPRESSED | FUNCTION}
"""What each procedure of the lab leaves out of the bundled one: parts, and what only they need."""
TIMED = re.compile(r"(sim\.(?:relays\?unit|drive\?unit|meters\?baud)=\d+)")
SERIALS = tuple(f"2611000007{n:04d}" for n in range(1, 9))
DRIVE_SAFE = {"running": False, "reference": 0.0}
VALVES_SAFE = {"inlet": False, "outlet": False, "lines": []}


def is_safe(state):
    """Whether nothing is driven or stands open, as the plant says."""
    drive = {name: state["drive"][name] for name in DRIVE_SAFE}
    return (drive, state["valves"], state["selected"]) == (DRIVE_SAFE, VALVES_SAFE, [])


@dataclass(frozen=True)
class LabFolder:
    """A lab's folder: its bench `lab_bench`, its procedures `whole`, `pulses` and `quick`.

    In `pulses` and `quick` water flows after a few seconds.
    """

    path: Path

    def write(self, *, at_start="", at_question="", timeout=None, gate=False):
        """Write the files; `timeout` is that of relays, drive and meters, in s.

        Without `gate` the bench has none, so that a run begins with its own actions.
        """
        folder = self.path / "sim_instruments" / "lab_bench"
        shutil.copytree(bundled("sim_instruments") / "water_bench", folder)
        lines = {"at_start": at_start or "pass", "at_question": at_question or "pass"}
        code = BENCH.format(**{k: textwrap.indent(v, " " * 8) for k, v in lines.items()})
        (folder / "bench.py").write_text(code.lstrip(), encoding="utf-8")
        bench = folder / "bench.yaml"
        text = bench.read_text(encoding="utf-8").replace(
            "{bench: water_bench}", "{bench: lab_bench}"
        )
        if not gate:
            text, count = re.subn(r"^gate:.*\n(?:[ \t]+.*\n)*", "", text, flags=re.MULTILINE)
            assert count == 1
        if timeout is not None:
            text = re.sub(
                r"(sim\.(?:relays\?unit|drive\?unit|meters\?baud)=\d+)",
                rf"\1&timeout={timeout}",
                text,
            )
        bench.write_text(text, encoding="utf-8")
        self._write_procedures()
        return self

    def _write_procedures(self):
        folder = self.path / "procedures"
        folder.mkdir()
        text = (bundled("procedures") / "water-meter.yaml").read_text(encoding="utf-8")
        text = text.replace("simulated_bench: water_bench", "simulated_bench: lab_bench")
        for name, left_out in PROCEDURES.items():
            own = text.replace("procedure: water-meter", f"procedure: {name}")
            for item, roles in left_out.items():
                own = re.sub(rf"^{item}:.*\n(?:[ \t]+.*\n)*", "", own, flags=re.MULTILINE)
                own = re.sub(rf"\b{item}, ", "", own)
                for role in roles:
                    own = re.sub(rf"^  {role}: .*\n", "", own, flags=re.MULTILINE)
            (folder / f"{name}.yaml").write_text(own, encoding="utf-8")

    def request(self, procedure, *, units=2, **more):
        named = {"seed": 7, "uuts": SERIALS[:units]} | more
        return RunRequest(procedure, lab=self.path, **named)

    def run(self, procedure, *, units=2, on_event=None, on_scheduler=None, on_control=None, **more):
        """Run in this process and virtual time; `on_event` is told every event of the record."""
        listeners = [] if on_event is None else [on_event]
        request = self.request(procedure, units=units, **more)
        hooks = {"on_scheduler": on_scheduler, "on_control": on_control}
        return run(request, listeners=listeners, **hooks)

    @property
    def left(self):
        """The state of the plant when the run let go of it."""
        path = self.path / "sim_instruments" / "lab_bench" / "left.json"
        return json.loads(path.read_text(encoding="utf-8"))
