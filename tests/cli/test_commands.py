"""The commands that need no bench, called as people call them; and what all commands share."""

import json
import os
import re
import subprocess

import click
import pytest
from calling import BENCHCTL

from benchctl.cli import app
from benchctl.cli.commands import stats
from benchctl.cli.options import Option
from benchctl.cli.requests import SERVICES, STAGES, assignments, request_from
from benchctl.core.catalog.en.cli import TEXTS as ENGLISH
from benchctl.core.catalog.zh.cli import TEXTS as CHINESE
from benchctl.core.errors import UsageError
from benchctl.core.verdicts import Outcome, Verdict


def commands():
    """Every command with its name as it is typed."""
    root = app.root()
    ctx = click.Context(root)
    for name in app.COMMANDS:
        command = root.get_command(ctx, name)
        yield name, command
        if isinstance(command, click.Group):
            for sub in command.commands.values():
                yield f"{name} {sub.name}", sub


ALL = dict(commands())


# what all commands share --------------------------------------------------------------------


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_help_is_worded_for_every_command_and_option(texts):
    ids = {c.help for c in ALL.values()} | {f"help-{name}" for name in app.COMMANDS}
    ids |= {p.help for c in ALL.values() for p in c.params if isinstance(p, Option)}
    assert None not in ids
    assert ids <= texts.keys()


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_every_verdict_outcome_action_and_stage_has_a_word(texts):
    kinds = ("mount", "ask", "hold", "set", "settle", "read", "totalise", "retest")
    assert {f"verdict-{v}" for v in Verdict} <= texts.keys()
    assert {f"outcome-{o}" for o in Outcome} <= texts.keys()
    assert {f"action-{k}" for k in kinds} <= texts.keys()
    assert {f"service-{name}" for name in SERVICES} <= texts.keys()
    assert {f"stage-{name}" for name in STAGES} <= texts.keys()


def test_every_option_that_takes_a_value_can_come_from_the_environment():
    for name, command in ALL.items():
        for option in command.params:
            if isinstance(option, click.Option) and not option.is_flag and option.name != "help":
                longest = max(option.opts, key=len).lstrip("-").upper().replace("-", "_")
                assert option.envvar == f"BENCHCTL_{longest}", f"{name} {option.opts}"


def test_every_command_takes_a_language():
    assert all(
        "--lang" in [o for p in c.params for o in p.opts]
        for c in ALL.values()
        if not isinstance(c, click.Group)
    )


def test_the_choices_that_help_shows_are_those_of_the_engine():
    from benchctl import engine

    assert (SERVICES, STAGES) == (engine.SERVICES, engine.STAGES)


@pytest.mark.parametrize(
    "args", [["rum"], ["run"], ["run", "x", "--nope"], ["run", "x", "--seed", "a"], []]
)
def test_a_wrong_command_line_is_2_and_says_where_to_look(benchctl, args):
    done = benchctl(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_command_is_suggested(benchctl):
    assert "did you mean 'records'?" in benchctl("recods", "list").stderr


def test_messages_come_in_the_language_of_the_locale_or_of_the_option(benchctl):
    assert benchctl("rum", env={"LANG": "zh_CN.UTF-8"}).stderr.startswith("错误：没有命令“rum”")
    assert benchctl("--lang", "zh", "rum").stderr.startswith("错误：")
    assert benchctl("stats", "nowhere.csv", "--lang=zh").stderr.startswith("错误：")
    assert benchctl("rum", env={"LANG": "zh_CN.UTF-8", "BENCHCTL_LANG": "en"}).stderr.startswith(
        "error:"
    )


def test_a_reader_that_stops_reading_is_no_error(call_environment):
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(BENCHCTL)} schema batch | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        env=call_environment,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_output_that_a_full_disk_lost_is_told(call_environment):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a file
        done = subprocess.run(
            [*BENCHCTL, "schema", "batch"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=call_environment,
            timeout=60,
            check=False,
        )
    assert done.returncode == 5
    assert (
        done.stderr == "error: standard output could not take everything: No space left on device\n"
    )


def test_our_own_mistake_is_a_short_block_with_the_traceback_in_a_file(
    monkeypatch, capsys, tmp_path
):
    def broken(_file):
        raise ZeroDivisionError("by \x1b[2J zero")

    monkeypatch.setattr(stats, "text_of", broken)
    monkeypatch.setenv("BENCHCTL_LAB", str(tmp_path))
    assert app.command_line(["--lang", "en", "stats", "x"]) == 3
    told = capsys.readouterr().err
    (file,) = tmp_path.glob("benchctl-error-*.txt")
    assert told == (
        "benchctl itself made a mistake: ZeroDivisionError: by [2J zero\n"
        f"  details for its developers are in {file}\n"
    )
    assert 'raise ZeroDivisionError("by' in file.read_text(encoding="utf-8")


def test_a_mistake_while_the_bench_is_made_safe_says_look_now(monkeypatch, capsys, tmp_path):
    from benchctl.cli.commands import bench

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(bench, "find_bench_file", broken)
    monkeypatch.setenv("BENCHCTL_LAB", str(tmp_path))
    assert app.command_line(["bench", "safe"]) == 5
    assert app.command_line(["bench", "show"]) == 3
    assert "Traceback" not in capsys.readouterr().err


# options of a run -----------------------------------------------------------------------------


def request_of(monkeypatch, *args, **env):
    """Parse `plan ARGS` and return the request that it makes."""
    made = []
    for name in [n for n in os.environ if n.startswith("BENCHCTL_")]:
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    ctx = ALL["plan"].make_context("plan", ["water-meter", *args], obj=app.open_shell([]))
    with ctx:
        made.append(request_from(ctx, ctx.params))
    return made[0]


def test_what_is_typed_wins_over_the_environment(monkeypatch):
    request = request_of(
        monkeypatch, "--stage", "in_service", BENCHCTL_STAGE="initial", BENCHCTL_SEED="7"
    )
    assert (request.stage, request.seed) == ("in_service", 7)


def test_several_values_come_from_one_variable(monkeypatch):
    request = request_of(monkeypatch, BENCHCTL_SET="Q3=2.5 m³/h; R=100", BENCHCTL_UUT="0012345;W-2")
    assert request.sets == {"Q3": "2.5 m³/h", "R": "100"}
    assert request.uuts == ("0012345", "W-2")


def test_units_that_are_typed_replace_a_batch_of_the_environment(monkeypatch):
    request = request_of(monkeypatch, "--uut", "W-1", BENCHCTL_BATCH="batch.csv")
    assert (request.batch, request.uuts) == (None, ("W-1",))


def test_simulate_replaces_a_bench_of_the_environment(monkeypatch):
    request = request_of(monkeypatch, "--simulate", BENCHCTL_BENCH="line2.yaml")
    assert (request.bench, request.simulate) == (None, True)


@pytest.mark.parametrize(
    "args", [["--uut", "W-1", "--batch", "b.csv"], ["--bench", "b.yaml", "--simulate"]]
)
def test_options_that_exclude_each_other_are_refused(monkeypatch, args):
    with pytest.raises(UsageError, match="exclude each other"):
        request_of(monkeypatch, *args)


def test_points_are_a_list_with_commas(monkeypatch):
    assert request_of(monkeypatch, "--points", "Q3, Q1,").points == ("Q3", "Q1")


@pytest.mark.parametrize("text", ["Q3", "Q3=", "=2.5", ""])
def test_a_set_that_is_no_assignment_is_refused(text):
    with pytest.raises(UsageError, match="not NAME=VALUE"):
        assignments((text,))


def test_a_parameter_set_twice_to_different_values_is_refused():
    with pytest.raises(UsageError, match="Q3 is set twice"):
        assignments(("Q3=2.5", "Q3=4"))
    assert assignments(("Q3=2.5", "Q3 = 2.5")) == {"Q3": "2.5"}


# stats ----------------------------------------------------------------------------------------


def test_stats_describes_readings_from_standard_input(benchctl):
    done = benchctl("stats", "-", "--json", stdin="9.98\n10.02\n10.00\n10.04\n")
    found = json.loads(done.stdout)
    assert found["n"] == 4
    assert found["mean"] == pytest.approx(10.01, rel=1e-12)
    assert found["s"] == pytest.approx(0.025819888974716, rel=1e-9)


def test_stats_takes_times_from_the_first_of_two_columns(benchctl, tmp_path):
    (tmp_path / "r.csv").write_text(
        "t,value\n" + "".join(f"{t},{5 + 0.5 * t}\n" for t in range(0, 20, 2))
    )
    found = json.loads(benchctl("stats", "r.csv", "--json").stdout)
    assert found["drift"]["slope"] == pytest.approx(0.5, rel=1e-9)
    assert found["settled"] is False


def test_stats_is_a_table_for_people(benchctl):
    shown = benchctl("stats", "-", stdin="1\n2\n3\n")
    assert shown.returncode == 0
    assert "mean                                         2" in shown.stdout


@pytest.mark.parametrize(
    ("text", "values", "times"),
    [
        ("1\n2\n", [1, 2], None),
        ("value\n1\n2\n", [1, 2], None),
        ("\ufeffvalue\r\n1\r\n\r\n2\r\n", [1, 2], None),
        ("0;1.5\n1;2\n", [1.5, 2], [0, 1]),
        ("t\tv\n0\t1\n", [1], [0]),
    ],
)
def test_readings_come_with_and_without_header_times_and_other_separators(text, values, times):
    assert stats.readings(text.removeprefix("\ufeff"), "x") == (values, times)


@pytest.mark.parametrize(
    "text", ["1\nabc\n", "1\nnan\n", "1\ninf\n", "1,2\n3\n", "1,2,3\n", "1;2;3\n4;5;6\n"]
)
def test_a_line_that_is_no_reading_is_named(text):
    with pytest.raises(UsageError, match=r"x:\d: '.*' is not a reading"):
        stats.readings(text, "x")


@pytest.mark.parametrize("text", ["", "\n\n", "value\n"])
def test_no_readings_at_all_are_refused(text):
    with pytest.raises(UsageError, match="holds no readings"):
        stats.readings(text, "x")


def test_a_file_that_is_not_there_is_2(benchctl):
    done = benchctl("stats", "nowhere.csv")
    assert done.returncode == 2
    assert "nowhere.csv cannot be read: No such file" in done.stderr


# schemas, shelves, records --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["procedure", "bench", "batch", "result"])
def test_a_schema_is_one_json_document(benchctl, kind):
    done = benchctl("schema", kind)
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("what", ["procedures", "drivers", "sim", "records"])
def test_every_list_is_an_array_of_objects_with_a_name(benchctl, what):
    done = benchctl(what, "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert isinstance(rows, list)
    assert all(row["name"] for row in rows)
    assert rows or what == "records"


def test_a_procedure_of_the_lab_comes_first_and_a_broken_one_is_listed(benchctl, tmp_path):
    folder = tmp_path / "lab" / "procedures"
    folder.mkdir(parents=True)
    (folder / "water-meter.yaml").write_text("procedure: water-meter\n")
    rows = json.loads(benchctl("procedures", "list", "--json", "--lab", "lab").stdout)
    row = next(r for r in rows if r["name"] == "water-meter")
    assert row["path"] == "lab/procedures/water-meter.yaml"
    assert "benchctl check" in row["problem"]


def test_a_procedure_is_shown_in_the_language_of_the_person(benchctl):
    shown = benchctl("procedures", "show", "water-meter", "--lang", "zh").stdout
    assert "water-meter: 冷水水表" in shown
    assert "JJG 162-2019" in shown


def test_a_procedure_is_shown_with_the_limits_of_every_item(benchctl):
    shown = benchctl("procedures", "show", "electricity-meter", "--lang", "en").stdout
    assert re.search(r"^creep +\[-0\.5, 1\.5\] imp$", shown, re.MULTILINE)
    assert re.search(r"^clock +±0\.5 s/d$", shown, re.MULTILINE)
    assert re.search(r"^ +±\(b\) % +point\.factor == 1$", shown, re.MULTILINE)
    told = json.loads(benchctl("procedures", "show", "electricity-meter", "--json").stdout)
    (clock,) = [m for m in told["measured"] if m["item"] == "clock"]
    assert clock["limits"] == [{"when": "", "mpe": "±0.5"}]


def test_records_of_a_lab_that_has_none_are_an_empty_list_and_a_mistake_to_show(benchctl):
    assert json.loads(benchctl("records", "list", "--json").stdout) == []
    assert benchctl("records", "list").returncode == 0
    assert benchctl("records", "show").returncode == 2


def test_there_is_nothing_to_resume_where_nothing_ran(benchctl, tmp_path):
    done = benchctl("resume")
    assert (done.returncode, done.stdout) == (0, "nothing to resume: no run was cut off\n")
    assert not (tmp_path / "data").exists()


# check ----------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path, pytestconfig):
    """The bundled procedure with two mistakes, and on which lines."""
    text = (pytestconfig.rootpath / "procedures" / "water-meter.yaml").read_text(encoding="utf-8")
    wrong = text.replace("simulated_bench:", "simulated_bensh:", 1).replace(
        "[1, 2], default", "[1, 2], defualt", 1
    )
    assert wrong.count("bensh") == wrong.count("defualt") == 1
    file = tmp_path / "broken.yaml"
    file.write_text(wrong, encoding="utf-8")
    lines = wrong.split("\n")
    return file, [n for n, line in enumerate(lines, 1) if "bensh" in line or "defualt" in line]


def test_a_good_file_is_0(benchctl, pytestconfig):
    done = benchctl("check", pytestconfig.rootpath / "procedures" / "water-meter.yaml")
    assert (done.returncode, done.stdout) == (0, "files checked: 1; no mistakes; warnings: 0\n")


def test_a_procedure_of_the_shelf_is_checked_by_its_name(benchctl):
    assert benchctl("check", "water-meter").returncode == 0
    assert benchctl("check", "water-metre").returncode == 2


def test_all_mistakes_of_a_file_come_at_once_each_with_its_place(benchctl, broken):
    _, lines = broken
    done = benchctl("check", "broken.yaml", "--format", "concise")
    assert done.returncode == 2
    for line in lines:
        assert f"broken.yaml:{line}:" in done.stdout
    assert done.stdout.endswith("; warnings: 0\n")
    assert "simulated_bench" in benchctl("check", "broken.yaml").stdout


def test_mistakes_for_programs_are_one_document(benchctl, broken):
    done = benchctl("check", "broken.yaml", "--format", "json")
    assert {d["location"]["row"] for d in json.loads(done.stdout)} >= set(broken[1])
    github = benchctl("check", "broken.yaml", "--format", "github").stdout.strip().split("\n")
    assert all(line.startswith("::error file=broken.yaml,line=") for line in github)


def test_a_batch_is_checked_against_the_procedure_beside_it(benchctl, tmp_path, pytestconfig):
    procedure = pytestconfig.rootpath / "procedures" / "water-meter.yaml"
    (tmp_path / "batch.csv").write_text("serial,position,Q3\n0012345,1,2.5\n0012346,2,2.6\n")
    assert benchctl("check", "batch.csv").returncode == 0
    done = benchctl("check", procedure, "batch.csv", "--format", "concise")
    assert done.returncode == 2
    assert "batch.csv:3:" in done.stdout


@pytest.mark.parametrize("text", ["", "just words\n", "a: [1\n", "prosedure: x\n"])
def test_what_is_no_file_of_ours_is_said_and_not_a_crash(benchctl, tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    done = benchctl("check", "x.yaml", "--format", "concise")
    assert done.returncode == 2
    assert re.search(r"^x\.yaml:[12]:\d+: E\d+ ", done.stdout)


def test_a_file_that_is_not_there_is_a_mistake_at_its_place(benchctl):
    done = benchctl("check", "nowhere.yaml", "nowhere.csv", "--format", "concise")
    assert done.returncode == 2
    assert "nowhere.yaml" in done.stdout
    assert "nowhere.csv" in done.stdout


def test_a_bench_file_that_names_an_unknown_driver_is_wrong(benchctl, tmp_path):
    (tmp_path / "bench.yaml").write_text(
        "bench: Line\n"
        "instruments:\n"
        "  a: {driver: no_such_driver, at: 'modbus+tcp://127.0.0.1:1?unit=1'}\n"
        "roles:\n"
        "  x: a.y\n"
    )
    done = benchctl("check", "bench.yaml", "--format", "concise")
    assert done.returncode == 2
    assert "bench.yaml:3:" in done.stdout
    assert "no_such_driver" in done.stdout
