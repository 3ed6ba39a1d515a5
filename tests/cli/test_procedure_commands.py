"""`benchctl procedures new`, `diff` and `gallery`, as a person calls them."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_procedure_checks_at_once(benchctl):
    done = benchctl("procedures", "new", "my-gauges", "--lab", "lab")
    assert done.returncode == 0
    assert "benchctl check" in done.stdout
    checked = benchctl("check", "lab/procedures/my-gauges.yaml")
    assert checked.returncode == 0, checked.stdout


def test_a_copy_has_a_name_of_its_own_and_differs_in_nothing(benchctl):
    made = benchctl("procedures", "new", "ours", "--like", "water-meter", "--lab", "lab")
    assert made.returncode == 0
    done = benchctl("procedures", "diff", "water-meter", "ours", "--lab", "lab")
    assert (done.returncode, done.stdout.strip()) == (0, "no difference")
    listed = json.loads(benchctl("procedures", "list", "--json", "--lab", "lab").stdout)
    assert "ours" in [row["name"] for row in listed]


@pytest.mark.parametrize("name", ["Water", "../x", "a b", "-x", "x_y"])
def test_what_is_no_name_is_refused(benchctl, name):
    done = benchctl("procedures", "new", "--lab", "lab", "--", name)
    assert done.returncode == 2
    assert name in done.stderr


def test_nothing_that_is_there_is_touched(benchctl):
    benchctl("procedures", "new", "ours", "--lab", "lab")
    done = benchctl("procedures", "new", "ours", "--lab", "lab")
    assert done.returncode == 2


def test_two_ways_of_one_procedure_are_compared_in_words_and_as_data(benchctl):
    ways = ("water-meter:method=flying", "water-meter:method=gravimetric")
    done = benchctl("procedures", "diff", *ways)
    assert done.returncode == 1
    assert "each_point totalise start: flying → standing" in done.stdout
    assert f"needs reference_volume: only in {ways[0]}: {{unit: L}}" in done.stdout
    found = json.loads(benchctl("procedures", "diff", *ways, "--json").stdout)
    role = {"part": "needs", "path": ["needs", "reference_volume"]}
    assert role | {"before": {"unit": "L"}, "after": None} in found
    zh = benchctl("procedures", "diff", *ways, "--lang", "zh").stdout
    assert f"needs reference_volume：仅 {ways[0]} 有" in zh


def test_two_editions_of_one_procedure_are_compared(benchctl):
    editions = ("electricity-meter:edition=2012", "electricity-meter:edition=2026")
    done = benchctl("procedures", "diff", *editions)
    assert done.returncode == 1
    assert "standard edition: 2012 → 2026" in done.stdout
    assert "where creep_voltage: 1.15 * Un → 1.1 * Un" in done.stdout


@pytest.mark.parametrize("way", ["method=weighing", "metod=flying", "Q3=flying"])
def test_a_way_that_cannot_be_chosen_is_named(benchctl, way):
    done = benchctl("procedures", "diff", f"water-meter:{way}", "water-meter")
    assert done.returncode == 2
    assert way in done.stderr


def test_the_gallery_is_what_the_files_say(benchctl):
    made = benchctl("procedures", "gallery").stdout
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert made == page, "make it anew: benchctl procedures gallery > docs/gallery.md"
    names = {path.stem for path in (ROOT / "procedures").glob("*.yaml")}
    assert {line[3:] for line in page.splitlines() if line.startswith("## ")} == names


def test_a_copy_has_its_pictures_beside_it(benchctl):
    made = benchctl("procedures", "new", "ours", "--like", "price-computing-scale", "--lab", "lab")
    assert made.returncode == 0
    assert benchctl("check", "lab/procedures/ours.yaml").returncode == 0


def test_a_procedure_shows_every_edition_and_its_bench(benchctl):
    shown = benchctl("procedures", "show", "electricity-meter").stdout.splitlines()
    assert [line.split(" (")[0] for line in shown if line.startswith("standard: ")] == [
        "standard: JJG 596-2012",
        "standard: JJG 596-2026",
    ]
    assert "bench: energy_bench" in shown
