"""A technician's hour at the bench, on a pseudo-terminal, in both languages.

The bench is a process of its own; the technician scans, mistypes, drops a meter, pauses, goes on,
hands over and stops. Every screen is kept and must be whole and in one language.
"""

import json
import os
import re
import select
import subprocess
import termios
from collections import deque
from pathlib import Path

import pytest
from calling import BENCHCTL, environment
from spoken_words import foreign
from technician import Technician

from benchctl.core.clock import Deadline
from benchctl.core.places import bundled

RATE = 12
"""Bench seconds per real second."""
UNKNOWN = "26110000039999"
ERROR = re.compile(r" [+-][0-9]\.[0-9]{2} ")
STEADY_S = 0.4
"""Real seconds for which the view must be there before somebody types."""
UNITS = 10
"""Eleven are scanned, one is dropped."""
SAID = {
    "en": {
        "name": "Li Wei",
        "relief": "Wang Fang",
        "reason": "glass broken",
        "position": "position {}:",
        "undo": "undo",
        "undone": "taken back",
        "start?": "[Enter = that is the line",
        "paused?": "paused",
        "stopping": "the bench is made safe",
        "pause": "pause",
        "drop": "drop 5",
        "operator": "operator",
        "stop": "stop",
        "help": "help",
        "mistyped": "paus",
        "twice": "26110000030001 is already at position 1",
        "unknown": "26110000039999 is not in the order",
        "not taken": "'paus' is no command; nothing was done",
        "helped": "another person is responsible from now on",
        "dropped": "position 5",
        "no number": "is not a number",
        "swapped": "may be swapped",
        "will pause": "when the present action ends",
        "paused": "paused by Li Wei",
        "relieved": "from now on Wang Fang is responsible",
        "stopped": "stopped by a person",
        "keys": "Ctrl-C: stop safely",
    },
    "zh": {
        "name": "李伟",
        "relief": "王芳",
        "reason": "玻璃破损",
        "position": "{} 号表位：",
        "undo": "撤销",
        "undone": "已撤销",
        "start?": "[回车 = 按此装表",
        "paused?": "暂停",
        "stopping": "台架正在转入安全状态",
        "pause": "暂停",
        "drop": "撤下 5",
        "operator": "操作员",
        "stop": "停止",
        "help": "帮助",
        "mistyped": "暂仃",
        "twice": "26110000030001 已在 1 号表位",
        "unknown": "委托单中没有 26110000039999",
        "not taken": "“暂仃”不是命令；未执行任何操作",
        "helped": "此后由另一人负责",
        "dropped": "5 号表位",
        "no number": "不是数字",
        "swapped": "相邻两位数字颠倒",
        "will pause": "待当前动作结束",
        "paused": "李伟 暂停了运行",
        "relieved": "此后由 王芳 负责",
        "stopped": "被人员停止",
        "keys": "Ctrl-C：安全停止",
    },
}


class Served:
    """A bench whose meters are read by a person, in a process of its own, with its order."""

    def __init__(self, folder):
        self.folder = folder
        self._write_procedure()
        self.bench, self.order = folder / "bench.yaml", folder / "order.csv"
        argv = ["water_bench", "--seed", "3", "--rate", RATE]
        argv += ["--bench-file", self.bench, "--batch-file", self.order]
        self._process = subprocess.Popen(
            [*BENCHCTL, "sim", "serve", *map(str, argv)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=environment(folder),
        )
        self._answer()

    def _write_procedure(self):
        """The bundled procedure with fewer litres, so that nobody waits."""
        text = (bundled("procedures") / "water-meter.yaml").read_text(encoding="utf-8")
        assert "Q3: 100, Q2: 20" in text
        (self.folder / "procedures").mkdir()
        path = self.folder / "procedures" / "water-meter.yaml"
        path.write_text(text.replace("Q3: 100, Q2: 20", "Q3: 20, Q2: 20"), encoding="utf-8")

    def _answer(self):
        ready, _, _ = select.select([self._process.stdout], [], [], 20.0)
        assert ready, "the served bench said nothing"
        return json.loads(self._process.stdout.readline())

    def say(self, command):
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    @property
    def litres(self):
        """What has passed the line, as a perfect meter shows it."""
        return self.say("state")["state"]["volume"]

    def close(self):
        self._process.terminate()
        self._process.wait(20)
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture
def bench(tmp_path):
    served = Served(tmp_path)
    yield served
    served.close()


@pytest.fixture
def seat(bench):
    """Sit down at the bench: start a run in a language."""
    people = []

    def start(language):
        argv = ["run", "water-meter", "--bench", bench.bench, "--batch", bench.order]
        argv += ["--scan", "--by-hand", "--speed", RATE, "--lab", bench.folder]
        argv += ["--set", "method=gravimetric", "--set", "reading=person"]
        argv += ["--lang", language, "--operator", SAID[language]["name"]]
        argv += ["--json", bench.folder / "out.json", "--sheet", bench.folder / "sheet.html"]
        people.append(Technician(bench.folder, argv))
        return people[-1]

    yield start
    for person in people:
        person.close()


def scan(person, said):
    """Scan the line full; return the serial number at each position, "" for the spool piece.

    One comes twice, one is not in the order, one is taken back.
    """
    serials = [f"2611000003{n:04d}" for n in range(1, 13)]
    line = [*serials[:6], "", *serials[7:]]
    wrong = {3: (serials[0], said["twice"]), 5: (UNKNOWN, said["unknown"])}
    for n, serial in enumerate(line, 1):
        place = said["position"].format(n)
        person.stands_at(place)
        if n in wrong:
            person.type(wrong[n][0])
            person.sees(wrong[n][1])
            person.stands_at(place)
        if n == 9:
            person.type(serials[11])
            person.stands_at(said["position"].format(10))
            person.type(said["undo"])
            person.sees(said["undone"])
            person.stands_at(place)
        person.type(serial or "-")
    person.sees(said["start?"])
    person.capture("1-scanned")
    person.type("")
    return line


class Session:
    """What the technician does: answers what is asked, gives orders while nothing is."""

    def __init__(self, bench, person, said):
        self.bench, self.person, self.said = bench, person, said
        self.mistyped = ["abc"]
        self.read = 0
        self.uncounted = None
        self.orders = deque(
            [
                (said["mistyped"], said["not taken"], "4-not-taken"),
                (said["help"], said["helped"], "5-help"),
                (f"{said['drop']} {said['reason']}", said["reason"], "6-dropped"),
                (said["pause"], said["will pause"], "7-will-pause"),
            ]
        )

    def run(self):
        """Go on until the run is over; the view and the questions take turns."""
        person = self.person
        steady = Deadline(STEADY_S)
        while person.process.poll() is None and person.look():
            if not person.screen.alternate:
                steady = Deadline(STEADY_S)
            if person.screen.alternate and steady.over:
                if self.orders and self.said["keys"] in person.text and self.is_time():
                    self.give(*self.orders[0])
            elif not person.screen.alternate:
                question = person.screen.before_cursor()
                if question.endswith("]"):
                    self.answer(question)
        return person.finish()

    def is_time(self):
        """Whether the next order is due: the stop comes after the first errors."""
        stops = self.orders[0][0] == self.said["stop"]
        return not stops or ERROR.search(self.person.text) is not None

    def give(self, order, expected, name):
        """Type an order while the view is there; if a question comes in between, once more."""
        person = self.person
        if "3-typing" not in person.captures:
            person.capture("2-view")
            person.type(order[:3], enter=False)
            person.wait(lambda: f"> {order[:3]}_" in person.text or not person.screen.alternate)
            if not person.screen.alternate:
                return
            person.capture("3-typing")
            person.type("\x15", enter=False)
        person.type(order)
        person.wait(lambda: expected in person.text or not person.screen.alternate)
        if expected in person.text:
            person.capture(name)
            self.orders.popleft()

    def answer(self, question):
        person, said = self.person, self.said
        if said["paused?"] in question.casefold():
            person.answer(f"/{said['operator']} {said['relief']}")
            person.sees(said["relieved"])
            person.capture("8-paused")
            person.answer("")
        elif question.endswith("L]"):
            if self.mistyped:
                person.answer(self.mistyped.pop())
                person.sees(said["no number"])
                return
            shown = f"{1000 + 1.003 * self.bench.litres:.2f}"
            if self.read == UNITS and self.uncounted is None:  # the first end reading
                self.uncounted = 1  # of the three entries that it takes now one counts
                person.answer(swapped(shown))
                person.sees(said["swapped"])
                person.capture("9-mistyped")
                return
            person.answer(shown)
            if self.uncounted:
                self.uncounted -= 1
                return
            self.read += 1
            if self.read == 2 * UNITS:
                self.orders.append((said["stop"], said["stopping"], "10-stopping"))
        else:
            person.answer("y")


def swapped(number):
    """Two neighbouring digits of the tens of litres, swapped as one mistypes."""
    assert number[1] != number[2], number
    return number[0] + number[2] + number[1] + number[3:]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_technicians_session_is_whole_and_in_one_language(bench, seat, language):
    said = SAID[language]
    person = seat(language)
    serials = scan(person, said)
    code = Session(bench, person, said).run()
    person.capture("11-ended")
    keep(person, language)
    assert code == 4
    assert termios.tcgetattr(person.terminal) == person.usual

    document = json.loads((bench.folder / "out.json").read_text(encoding="utf-8"))
    assert document["outcome"] == "aborted"
    places = {u["position"]: u["serial"] for u in document["uuts"]}
    assert places == {n: s for n, s in enumerate(serials, 1) if s}
    by_position = {u["position"]: u for u in document["uuts"]}
    assert said["reason"] in by_position[5]["dropped"]["text"]
    measured = [p for u in document["uuts"] for p in u["points"] if p["point"] == "Q3"]
    errors = [p["error"] for p in measured if p["error"] is not None]
    assert len(errors) == UNITS
    assert all(0.0 < error < 0.6 for error in errors), errors

    allowed = [
        "person",
        "master.volume_flow",
        "check.volume_flow",
        "balance.mass",
        "water-meter",
        "JJG 162-2019",
        "Simulated water line DN 15-20",
        UNKNOWN,
    ]
    allowed += ["accuracy_class", "scale_interval", str(bench.folder), "lab.sqlite"]
    allowed += [said["name"], said["relief"], said["reason"]]
    allowed += [said["mistyped"], said["mistyped"][:3], "abc", *titles(language)]
    for name, lines in person.captures.items():
        assert foreign(lines, language, *allowed) == [], "\n".join([name, *lines])
        assert not any(person.broken[name]), "\n".join([name, *lines])
    assert len(person.captures) == 11, sorted(person.captures)
    sheet = (bench.folder / "sheet.html").read_text(encoding="utf-8")
    assert said["relief"] in sheet


def titles(language):
    """The words of procedure and bench in a language: their own questions, titles and reasons."""
    files = (
        bundled("procedures") / "water-meter.yaml",
        bundled("sim_instruments") / "water_bench" / "bench.yaml",
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    quoted = re.findall(rf'\b{language}: (?:"([^"]*)"|([^,}}\n]*))', text)
    return [a or b for a, b in quoted]


def keep(person, language):
    """Write the captures where somebody wants to look at them."""
    folder = os.environ.get("BENCHCTL_TEST_CAPTURES")
    for name, lines in person.captures.items() if folder else ():
        path = Path(folder) / f"session-{language}-{name}.txt"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
