"""`check` of a procedure with the bench that is to serve it: found from the files, at its place."""

import json
import re
import shutil
from pathlib import Path

import pytest

from benchctl.cli import app
from benchctl.core.catalog.en import __path__ as english
from benchctl.core.catalog.zh import __path__ as chinese
from benchctl.core.places import bundled
from benchctl.records.schema import ResultDocument


@pytest.fixture
def bench(tmp_path):
    """A copy of the bundled bench file, with its curves."""
    shutil.copytree(bundled("sim_instruments") / "water_bench", tmp_path, dirs_exist_ok=True)
    return tmp_path / "bench.yaml"


def spoilt(bench, *pairs):
    text = bench.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    bench.write_text(text, encoding="utf-8")
    return next(n for n, line in enumerate(text.split("\n"), 1) if pairs[0][1] in line)


def checked(capsys, *files):
    code = app.command_line(["check", *map(str, files), "--format", "concise", "--lang", "en"])
    return code, capsys.readouterr().out


MISFITS = [
    ("reference_flow: master.volume_flow", "reference_flow: master.mass_flow", "m³/h"),
    ("ambient_humidity: room.humidity", "# no humidity here", "ambient_humidity"),
    ("test_pressure:  ", "test_pressure:  ", ""),
    ("line_inlet: valves.k1", "line_inlet: valves.k99", "k99"),
    ("prepare: [pump.reset_fault]", "prepare: [pump.reset_fold]", "reset_fold"),
    ("volume_flow:  {U: 0.20 %", "volume_flow:  {U: 0.20 kg", "U (MM-014)"),
]


@pytest.mark.parametrize(("old", "new", "said"), [m for m in MISFITS if m[2]])
def test_what_does_not_fit_is_found_without_opening_anything(bench, capsys, old, new, said):
    assert checked(capsys, "water-meter", bench)[0] == 0
    line = spoilt(bench, (old, new))
    code, told = checked(capsys, "water-meter", bench)
    assert code == 2
    assert said in told
    if not new.startswith("#"):
        assert f"bench.yaml:{line}:" in told
    argv = ["run", "water-meter", "--bench", str(bench), "--lab", str(bench.parent / "lab")]
    assert app.command_line([*argv, "--uut", "A1"]) == 2
    assert said in capsys.readouterr().err
    assert not (bench.parent / "lab").exists()


def test_a_driver_that_is_broken_is_told_at_the_bench_that_names_it(bench, capsys, tmp_path):
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers" / "abb_acs580.py").write_text("this is no python\n")
    code, told = checked(capsys, "water-meter", bench)
    assert code == 2
    assert "abb_acs580" in told


def test_a_batch_is_checked_against_the_bench_beside_it(bench, capsys, tmp_path):
    (tmp_path / "b.csv").write_text("serial,position\nA1,1\nA2,13\n", encoding="utf-8")
    code, told = checked(capsys, "water-meter", bench, tmp_path / "b.csv")
    assert code == 2
    assert "b.csv:3:4" in told


def test_a_role_may_be_bound_through_a_curve_in_one_line(bench, capsys):
    text = bench.read_text(encoding="utf-8")
    begin = text.index("  test_pressure:  ")
    end = text.index("  line_pressure:")
    (bench.parent / "curves").mkdir()
    shutil.move(bench.parent / "pump-head.csv", bench.parent / "curves")
    one = "  test_pressure: pump.speed via curves/pump-head.csv\n"
    bench.write_text(text[:begin] + one + text[end:], encoding="utf-8")
    assert checked(capsys, "water-meter", bench)[0] == 0
    spoilt(bench, ("via curves/pump-head.csv", "via curves/pump-heat.csv"))
    code, told = checked(capsys, bench)
    assert code == 2
    assert "pump-heat.csv" in told


def test_a_simulated_bench_that_is_not_there_is_named_with_the_one_that_is_meant(
    bench, capsys, tmp_path
):
    procedure = tmp_path / "own.yaml"
    text = (bundled("procedures") / "water-meter.yaml").read_text(encoding="utf-8")
    procedure.write_text(
        text.replace("simulated_bench: water_bench", "simulated_bench: water_bend")
    )
    code, told = checked(capsys, procedure)
    assert (code, "own.yaml:5:18" in told, "water_bend" in told) == (2, True, True)
    spoilt(bench, ("simulated: {bench: water_bench}", "simulated: {bench: waterbench}"))
    code, told = checked(capsys, bench)
    assert (code, "waterbench" in told) == (2, True)


def replaced(text, old, new):
    assert text.count(old) == 1
    return text.replace(old, new)


def test_an_item_that_was_taken_out_of_the_list_is_a_warning(capsys, tmp_path):
    text = (bundled("procedures") / "water-meter.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(replaced(text, "items: [appearance, ", "items: ["))
    code, told = checked(capsys, own)
    assert code == 0
    assert "appearance" in told
    own.write_text(replaced(text, "items: [appearance, ", "items: [apearance, "))
    assert checked(capsys, own)[0] == 2


@pytest.mark.parametrize(
    ("stated", "code"), [("2 %", 2), ("2 pp", 0), ("2 % of value", 0), ("2 % of the reading", 0)]
)
def test_percent_of_what_is_in_percent_must_say_what_it_means(bench, capsys, stated, code):
    spoilt(
        bench,
        ('unit=3"}', 'unit=3", standard: HY-1}'),
        ("  BAL-021:  ", _HYGROMETER.format(U=stated) + "  BAL-021:  "),
    )
    found, told = checked(capsys, "water-meter", bench)
    assert found == code, told
    assert ("percentage points" in told) == bool(code)


_HYGROMETER = """  HY-1:
    model: a hygrometer
    serial: "1"
    certificate: C-1
    due: in 200 d
    channels: {{humidity: {{U: {U}, k: 2}}}}
"""


def test_hints_name_only_commands_that_there_are():
    known = {c: getattr(app.root().get_command(None, c), "commands", {}) for c in app.COMMANDS}
    texts = [
        path.read_text(encoding="utf-8")
        for folder in (*english, *chinese)
        for path in Path(folder).glob("*.py")
    ]
    named = [m for text in texts for m in re.findall(r"`benchctl ([a-z]+)(?: ([a-z]+))?", text)]
    assert len(named) > 5
    for command, sub in named:
        assert command in known, command
        assert not (sub and known[command]) or sub in known[command], f"{command} {sub}"


# the document of what never began -----------------------------------------------------------------


def test_the_document_of_a_wrong_request_has_every_member_of_the_schema(benchctl, tmp_path):
    schema = json.loads(benchctl("schema", "result").stdout)
    (tmp_path / "b.csv").write_text("serial,position,Q3\nA1,1,2.5\nA2,2,2.6\n", encoding="utf-8")
    for wrong in (["--batch", "b.csv"], ["--uut", "A1", "--uut", "A2", "--set", "Q3=2.6"]):
        done = benchctl("run", "water-meter", *wrong, "--json", "-")
        assert done.returncode == 2
        document = json.loads(done.stdout)
        assert set(schema["required"]) <= document.keys()
        ResultDocument.model_validate(document)
        assert [(u["serial"], u["position"]) for u in document["uuts"]] == [("A1", 1), ("A2", 2)]
        assert {u["verdict"] for u in document["uuts"]} == {"not_measured"}
        assert document["uuts"][0]["dropped"]["text"]
