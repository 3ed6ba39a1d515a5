"""The README is true: its commands exist, its sample output is what is printed, its files work.

`python tests/test_readme.py` writes the sample output anew.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest

from benchctl.cli import app
from benchctl.core.clock import RealClock
from benchctl.language import Diagnostics
from benchctl.simulation import Cell, ModbusServer, ModbusUnit, TcpPort, Wire

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BENCHCTL = [sys.executable, "-m", "benchctl"]


def blocks(language, text=TEXT):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def commands():
    """Every `benchctl ...` in shell blocks and in running text, as words."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    lines += re.findall(r"`(benchctl [^`\n]+)`", TEXT)
    found = [line[line.index("benchctl ") :] for line in lines if "benchctl " in line]
    return sorted({re.split(r" (?:>|\|) ", command)[0] for command in found})


def call(*args, cwd, **env):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BENCHCTL_", "COLUMNS"))}
    paths = {"PYTHONPATH": str(ROOT), "HOME": str(cwd), "XDG_DATA_HOME": str(cwd / "data")}
    return subprocess.run(
        [*BENCHCTL, *map(str, args)],
        cwd=cwd,
        env=kept | paths | {"LANG": "C.UTF-8"} | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=100,
        check=False,
    )


def test_it_opens_with_the_two_commands():
    first, second = blocks("sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.endswith("benchctl run water-meter.yaml\n")
    assert "pytest" in second


@pytest.mark.parametrize("line", commands())
def test_every_command_in_it_exists_with_these_options(line):
    words = shlex.split(line)[1:]
    command = app.root()
    ctx = click.Context(command, obj=app.open_shell([]))
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(ctx, words)
        assert name is not None
    command.make_context(line, words, parent=ctx)


def sample_of(printed):
    """What the README shows of a run: its head, then everything from the table on."""
    head, _, rest = printed.partition("\n   0:00")
    table = rest[rest.index("\npos ") + 1 :]
    text = re.sub(r"in \S+lab\.sqlite", "in ~/.local/share/benchctl/lab.sqlite", table)
    return f"{head}\n...\n{text}"


def test_the_sample_output_is_what_the_first_command_prints(tmp_path):
    done = call("run", "water-meter.yaml", cwd=tmp_path)
    assert done.returncode == 1
    (sample,) = blocks("text")
    run = r"[0-9A-Z]{26}"
    assert re.sub(run, "RUN", sample) == re.sub(run, "RUN", sample_of(done.stdout))


@pytest.fixture
def lab(tmp_path):
    """The lab of the README, its transmitter served on a socket of this computer."""
    folder = tmp_path / "lab"
    (folder / "drivers").mkdir(parents=True)
    (driver,) = blocks("python")
    (folder / "drivers" / "acme_t100.py").write_text(driver, encoding="utf-8")
    clock = RealClock()
    unit = ModbusUnit(inputs=[Cell(0, "i16", lambda _t: -12.3, scale=0.1)])
    with ModbusServer(clock, TcpPort(), Wire(), {1: unit}, rtu=False) as server:
        (bench,) = blocks("yaml")
        assert "192.168.1.20" in bench
        text = bench.replace("192.168.1.20", server.location)
        (folder / "bench.yaml").write_text(text, encoding="utf-8")
        yield folder


def test_its_driver_is_at_most_25_lines_and_reads_a_real_wire(lab):
    from benchctl.core.ports import NullSink
    from benchctl.drivers import Shelf
    from benchctl.links import LinkFactory

    (driver,) = blocks("python")
    assert driver.count("\n") <= 25
    address = re.search(r'"(modbus\S+)"', (lab / "bench.yaml").read_text()).group(1)
    links = LinkFactory(RealClock(), NullSink())
    instrument = Shelf([lab / "drivers"]).find("acme_t100")(*links.open(address, "water"))
    instrument.connect()
    assert instrument.temperature == pytest.approx(-12.3)
    links.close()


def test_its_bench_is_without_mistakes_and_answers(lab, tmp_path):
    assert call("check", "lab/bench.yaml", cwd=tmp_path).returncode == 0
    done = call("bench", "check", "--lab", "lab", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["problem"]) == ("water", None)
    shown = call("drivers", "show", "acme_t100", "--lab", "lab", cwd=tmp_path)
    assert "T100 manual, p. 12" in shown.stdout


def test_a_copied_and_edited_procedure_checks_plans_and_runs(tmp_path):
    text = (ROOT / "procedures" / "water-meter.yaml").read_text(encoding="utf-8")
    edited = text.replace("procedure: water-meter", "procedure: my-meter", 1)
    (tmp_path / "my-meter.yaml").write_text(edited, encoding="utf-8")
    assert call("check", "my-meter.yaml", cwd=tmp_path).returncode == 0
    plan = call("plan", "my-meter.yaml", "--json", cwd=tmp_path)
    assert json.loads(plan.stdout)["procedure"] == "my-meter"
    done = call("run", "my-meter.yaml", "--simulate", "--points", "Q3", "--json", "-", cwd=tmp_path)
    assert json.loads(done.stdout)["procedure"]["name"] == "my-meter"


def test_its_exit_codes_are_those_of_the_errors():
    from benchctl.core import errors

    codes = {int(code) for code in re.findall(r"^\| (\d) \|", TEXT, re.M)}
    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)]
    assert codes == {0, 1, 2, 3, 4, 5}
    assert {k.exit_code for k in kinds} <= codes


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_in_the_documents_leads_somewhere(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_files_that_the_architecture_names_exist():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)/` \|[^|]*\| (.*?) \|$", text, re.M)
    assert len(rows) >= 13
    for room, files in rows:
        for file in re.findall(r"`([\w/]+\.py)`", files):
            assert (ROOT / "benchctl" / room / file).is_file(), f"{room}/{file}"


def test_procedures_that_are_shown_are_the_bundled_ones():
    from benchctl.procedure import load_procedure

    diagnostics = Diagnostics()
    assert load_procedure(ROOT / "procedures" / "water-meter.yaml", diagnostics) is not None
    assert diagnostics.items == ()


def write_sample_anew():
    """Put what the first command prints now into the README."""
    with tempfile.TemporaryDirectory() as folder:
        done = call("run", "water-meter.yaml", cwd=Path(folder))
    if done.returncode != 1:
        sys.exit(done.stdout + done.stderr)
    (sample,) = blocks("text")
    now = TEXT.replace(sample, sample_of(done.stdout))
    (ROOT / "README.md").write_text(now, encoding="utf-8")


if __name__ == "__main__":
    write_sample_anew()
