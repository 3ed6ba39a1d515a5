"""`init`: a lab folder in which everything is right from the first moment, in both languages."""

import csv
import fnmatch
import io
import json
import re
from functools import cache
from pathlib import Path

import pytest
from calling import ROOT

from benchctl.bench import load_bench
from benchctl.cli.app import command_line
from benchctl.cli.commands.check import check_files
from benchctl.cli.commands.init import write
from benchctl.cli.commands.schema import KINDS, schema_of_kind
from benchctl.cli.starter import Order, starter_files
from benchctl.cli.starter.yaml_text import with_comments, with_schema, without_comments
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.places import search_path
from benchctl.driver import describe
from benchctl.drivers import Shelf
from benchctl.engine import RunRequest, prepare
from benchctl.language import Diagnostics, FileError, Source, parse_document, read_batch, render
from benchctl.procedure import check_file, load_procedure

SIMULATED = ROOT / "sim_instruments" / "water_bench" / "bench.yaml"
PROCEDURE = ROOT / "procedures" / "water-meter.yaml"
CHINESE = re.compile("[\u4e00-\u9fff]")
COMMENT = re.compile(r"(?m)(?:^| )# (?!yaml-language-server)(.*)$")
OWN = """\
# ours, and it stays so
# yaml-language-server: $schema=elsewhere.json
procedure: scale-meter  # named by us
title: A meter that is read
standard: {name: JJG 1, edition: 2020}
parameters:
  span: {unit: L, choices: [10, 20]}
needs:
  reference_volume: {unit: L}
  reference_flow: {unit: m³/h}
  flow_setpoint: {unit: m³/h, settable: true}
  meter_volume: {unit: L, per: uut}
measurand:
  error: {unit: "%", model: 100 * (meter_volume - reference_volume) / reference_volume}
  uncertainty: {meter_volume: [{resolution: 0.1 L}], reference_volume: [{certificate: true}]}
limits: [{mpe: ±2 %}]
stages: {initial: mpe}
decision: {rule: simple acceptance}
items: [error]
points: [{point: P, flow: 1.0, keep: [0.9, 1.1]}]
each_point:
  set: {flow_setpoint: flow}
  settle: {reference_flow: within 2.5 % for 10 s, timeout: 120 s}
  totalise: {until: reference_volume >= span, start: flying}
  runs: 1
"""


bundled_files = cache(starter_files)


def made(folder, *, language="en", procedure="water-meter", copied=True, simulated=False, lab=None):
    order = Order(procedure, copied, simulated, language, lab)
    files = bundled_files(order) if lab is None and procedure == "water-meter" else None
    files = files or starter_files(order)
    write(folder, {name: file.data for name, file in files.items()})
    return folder


def checked(folder, screen):
    """What `check` finds in every file of a lab that it can read."""
    diagnostics = Diagnostics()
    files = [folder / "bench.yaml", *sorted((folder / "procedures").iterdir())]
    check_files(screen.shell, [*files, folder / "batch.csv"], diagnostics)
    return render(diagnostics.items, format="concise")


def text_of(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_in_it_passes_check(tmp_path, screen, language, simulated):
    lab = made(tmp_path / "lab", language=language, simulated=simulated)
    assert checked(lab, screen) == ""


@pytest.fixture
def init(tmp_path, monkeypatch, capsys):
    """Call `benchctl init` here; return the exit code and what was written to the two outputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(*args):
        return command_line(["init", *args]), *capsys.readouterr()

    return call


def test_a_run_works_in_it_at_once(init, benchctl, tmp_path):
    code, out, err = init("lab", "--procedure", "water-meter")
    assert (code, err) == (0, "")
    assert "benchctl run water-meter --lab lab --simulate" in out
    run = ["run", "water-meter", "--lab", "lab", "--simulate", "--json", "-"]
    done = benchctl(*run, "--batch", "lab/batch.csv", "--points", "Q3")
    document = json.loads(done.stdout)
    assert document["outcome"] == "finished"
    assert [p["verdict"] for uut in document["uuts"] for p in uut["points"]].count("fail") == 0
    copy = load_procedure(tmp_path / "lab" / "procedures" / "water-meter.yaml", Diagnostics())
    assert document["procedure"]["sha256"] == copy.sha256
    assert (tmp_path / "lab" / "lab.sqlite").is_file()


def test_nothing_is_written_over_and_what_is_there_is_named(init, tmp_path):
    lab = tmp_path / "lab"
    (lab / "drivers").mkdir(parents=True)
    (lab / "bench.yaml").write_text("mine")
    (lab / "notes.txt").write_text("mine too")
    code, _, err = init("lab", "--lang", "zh")
    assert code == 2
    assert str(Path("lab") / "bench.yaml") in err
    assert "batch.csv" not in err
    assert CHINESE.search(err)
    there = sorted(str(p.relative_to(lab)) for p in lab.rglob("*"))
    assert there == ["bench.yaml", "drivers", "notes.txt"]
    (lab / "bench.yaml").unlink()
    (lab / "bench.yaml").symlink_to(tmp_path / "nowhere")
    assert init("lab")[0] == 2
    assert not (tmp_path / "nowhere").exists()


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    lab = tmp_path / "deep" / "lab"
    files = {"a.txt": b"a", "below/b.txt": b"b", "a.txt/c.txt": b"c"}
    with pytest.raises(UsageError, match=r"a\.txt"):
        write(lab, files)
    assert list(tmp_path.iterdir()) == []
    lab.parent.write_text("a file")
    with pytest.raises(UsageError, match="deep"):
        write(lab, {"a.txt": b"a"})
    assert text_of(lab.parent) == "a file"


# the bench file


def test_the_example_names_no_simulated_thing_and_no_run_starts_on_it(tmp_path):
    lab = made(tmp_path / "lab")
    text = text_of(lab / "bench.yaml")
    assert "sim." not in text
    bench = load_bench(lab / "bench.yaml", Diagnostics())
    assert bench.simulated is None
    request = RunRequest("water-meter", batch=lab / "batch.csv", lab=lab)
    with pytest.raises(RefusedError, match="2000-01-01"):
        prepare(request)


def test_the_example_says_of_roles_what_the_simulated_bench_says(tmp_path):
    lab = made(tmp_path / "lab")
    example = load_bench(lab / "bench.yaml", Diagnostics())
    real = load_bench(SIMULATED, Diagnostics())
    drivers = {name: i.driver for name, i in real.instruments.items()}
    assert {name: i.driver for name, i in example.instruments.items()} == drivers
    assert list(example.roles) == list(real.roles)
    setpoint, meant = example.roles["flow_setpoint"], real.roles["flow_setpoint"]
    assert [r.with_ for r in setpoint.ranges] == [r.with_ for r in meant.ranges]
    assert [r.via.channel for r in setpoint.ranges] == [r.via.channel for r in meant.ranges]
    assert example.keep_alive == real.keep_alive


def test_instruments_on_one_bus_have_one_place_and_others_have_another(tmp_path):
    bench = load_bench(made(tmp_path / "lab") / "bench.yaml", Diagnostics())
    real = load_bench(SIMULATED, Diagnostics())

    def grouped(file):
        groups = {}
        for name, instrument in file.instruments.items():
            place = re.sub(r"^(visa:|[a-z+]+://)|\?.*", "", instrument.at)
            groups.setdefault(place, set()).add(name)
        return sorted(map(sorted, groups.values()))

    assert grouped(bench) == grouped(real)
    meters = bench.each().at
    assert not any(meters.split("?")[0] in i.at for i in bench.instruments.values())


def test_the_simulated_bench_is_a_copy(tmp_path):
    lab = made(tmp_path / "lab", simulated=True)
    data = parse_document(Source("", text_of(lab / "bench.yaml")), Diagnostics()).data
    meant = parse_document(Source("", text_of(SIMULATED)), Diagnostics()).data
    for role in (*data["roles"]["flow_setpoint"], data["roles"]["test_pressure"]):
        assert (lab / role["via"]).is_file()
        role["via"] = Path(role["via"]).name
    assert data == meant
    assert prepare(RunRequest("water-meter", lab=lab)).simulated


def test_a_procedure_without_a_simulated_bench_gets_a_bench_that_binds_nothing(tmp_path, screen):
    (tmp_path / "scale-meter.yaml").write_text(OWN, encoding="utf-8")
    given = str(tmp_path / "scale-meter.yaml")
    lab = made(tmp_path / "lab", procedure=given)
    told = checked(lab, screen).splitlines()  # check says what is yet to be bound, and nothing else
    assert told
    assert all(" E204 the bench Bench 1 binds nothing to the role " in line for line in told)
    text = text_of(lab / "bench.yaml")
    assert "#   reference_volume: INSTRUMENT.CHANNEL  # L\n" in text
    assert load_bench(lab / "bench.yaml", Diagnostics()).roles == {}
    with pytest.raises(UsageError, match="scale-meter"):
        made(tmp_path / "other", procedure=given, simulated=True)
    assert not (tmp_path / "other").exists()


# the procedure


def test_the_copy_of_a_bundled_procedure_says_the_same(tmp_path):
    copies = [
        text_of(made(tmp_path / language, language=language) / "procedures" / "water-meter.yaml")
        for language in ("en", "zh")
    ]
    data = [parse_document(Source("", text), Diagnostics()).data for text in copies]
    assert data[0] == data[1] == parse_document(Source("", text_of(PROCEDURE)), Diagnostics()).data


def test_a_person_s_own_procedure_keeps_its_comments(tmp_path):
    (tmp_path / "procedures").mkdir()
    (tmp_path / "procedures" / "scale-meter.yaml").write_text(OWN, encoding="utf-8")
    lab = made(tmp_path / "lab", procedure="scale-meter", lab=tmp_path)
    text = text_of(lab / "procedures" / "scale-meter.yaml")
    first, rest = text.split("\n", 1)
    assert first == "# yaml-language-server: $schema=../.benchctl/procedure.schema.json"
    assert rest == OWN.replace("# yaml-language-server: $schema=elsewhere.json\n", "")


def test_a_procedure_with_mistakes_is_not_begun_with(tmp_path):
    (tmp_path / "bad.yaml").write_text("procedure: bad\n")
    with pytest.raises(FileError):
        made(tmp_path / "lab", procedure=str(tmp_path / "bad.yaml"))
    assert not (tmp_path / "lab").exists()


def test_without_a_name_no_procedure_is_copied(tmp_path, screen):
    lab = made(tmp_path / "lab", copied=False)
    assert list((lab / "procedures").iterdir()) == []
    assert checked(lab, screen) == ""


# the batch, the driver, the editor


@pytest.mark.parametrize(("language", "own"), [("en", "serial position"), ("zh", "序列号 表位")])
def test_the_batch_opens_in_excel_and_asks_for_every_parameter(tmp_path, language, own):
    lab = made(tmp_path / "lab", language=language)
    data = (lab / "batch.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    headers = next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    procedure = load_procedure(PROCEDURE, Diagnostics())
    assert headers[:2] == own.split()
    assert [h.split(" ")[0] for h in headers[2:]] == list(procedure.parameters)
    diagnostics = Diagnostics()
    batch = read_batch(lab / "batch.csv", diagnostics)
    assert len(batch.rows) == 2
    texts = {h.split(" ")[0]: c.text for h, c in batch.rows[0].cells.items()}
    given = {name: texts[name] for name in procedure.parameters}
    assert procedure.parameters_from(given) == procedure.parameters_from({})
    assert check_file(lab / "batch.csv", procedure) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_example_driver_is_one_that_the_shelf_can_show(tmp_path, language):
    lab = made(tmp_path / "lab", language=language)
    driver = Shelf(search_path("drivers", lab)).find("example_bath")
    told = describe(driver)
    assert [c["name"] for c in told["channels"]] == ["temperature", "setpoint"]
    topics = (told[t] for t in ("summary", "bus", "reading", "safe", "document", "hardware"))
    assert all(bool(CHINESE.search(t)) == (language == "zh") for t in topics)


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_comments_are_in_the_language_that_was_asked_for(tmp_path, language, simulated):
    lab = made(tmp_path / "lab", language=language, simulated=simulated)
    for name in ("bench.yaml", "procedures/water-meter.yaml", "drivers/example_bath.py"):
        comments = [c for c in COMMENT.findall(text_of(lab / name)) if len(c.strip()) > 3]
        assert len(comments) > 1
        chinese = [c for c in comments if CHINESE.search(c)]
        if language == "en":
            assert chinese == []
        else:  # but for names of commands and addresses
            assert [c for c in comments if c not in chinese and "://" not in c] == []


def test_schemas_are_those_that_schema_prints_and_every_file_finds_its_own(tmp_path):
    lab = made(tmp_path / "lab", language="zh")
    for kind in KINDS:
        written = json.loads(text_of(lab / ".benchctl" / f"{kind}.schema.json"))
        assert written == schema_of_kind(kind, "zh")
    settings = json.loads(text_of(lab / ".vscode" / "settings.json"))["yaml.schemas"]
    for file in ("bench.yaml", "procedures/water-meter.yaml"):
        (named,) = {s for s, globs in settings.items() for g in globs if fnmatch.fnmatch(file, g)}
        modeline = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text_of(lab / file))[1]
        assert (lab / named).is_file()
        assert (lab / file).parent.joinpath(modeline).resolve() == (lab / named).resolve()


def test_the_problem_matcher_reads_what_check_prints(tmp_path, benchctl):
    lab = made(tmp_path / "lab")
    bench = text_of(lab / "bench.yaml").replace("driver: abb_acs580", "driver: abb_acs58")
    (lab / "bench.yaml").write_text(bench, encoding="utf-8")
    lab_task, file_task = json.loads(text_of(lab / ".vscode" / "tasks.json"))["tasks"]
    assert file_task["args"][-1] == "${file}"
    found = benchctl(*lab_task["args"], cwd=lab, env={"BENCHCTL_LAB": str(lab)})
    pattern = lab_task["problemMatcher"]["pattern"]
    matches = [m for line in found.stdout.splitlines() if (m := re.match(pattern["regexp"], line))]
    line = next(n for n, text in enumerate(bench.splitlines(), 1) if "abb_acs58," in text)
    (problem,) = matches
    assert problem[pattern["file"]] == "bench.yaml"
    assert int(problem[pattern["line"]]) == line
    assert int(problem[pattern["column"]]) == bench.splitlines()[line - 1].index("abb_acs58") + 1
    assert (problem[pattern["code"]], "abb_acs58" in problem[pattern["message"]]) == ("E301", True)
    assert found.returncode == 2


# the text of YAML files


def test_comments_go_and_what_only_looks_like_one_stays():
    text = """\
# head
a: "x # y"   # gone
b: it's#1 # gone too
  # a line
c: |
  # not a comment
d: 'e # f'
#end"""
    assert (
        without_comments(text) == "a: \"x # y\"\nb: it's#1\nc: |\n  # not a comment\nd: 'e # f'\n"
    )


@pytest.mark.parametrize("path", [SIMULATED, PROCEDURE], ids=lambda path: path.stem)
def test_a_file_without_comments_says_the_same(path):
    text = text_of(path)
    bare = without_comments(text)
    assert "#" not in bare
    pair = [parse_document(Source("", t), Diagnostics()).data for t in (text, bare)]
    assert pair[0] == pair[1]


def test_a_comment_stands_above_its_part_and_the_modeline_first():
    text = with_comments("a: 1\nb:\n  c: 2\nbc: 3\n", {"b": "one\ntwo"}.get)
    assert text == "a: 1\n\n# one\n# two\nb:\n  c: 2\nbc: 3\n"
    assert with_schema(f"# x\n# yaml-language-server: $schema=a\n{text}", "b") == (
        f"# yaml-language-server: $schema=b\n# x\n{text}"
    )
