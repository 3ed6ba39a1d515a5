"""Procedures are found by path, in ./, in the lab, in further folders, among the bundled ones."""

from pathlib import Path

import pytest

from benchctl.core.errors import UsageError
from benchctl.procedure import find_procedure, list_procedures


@pytest.fixture
def lab(tmp_path):
    folder = tmp_path / "lab"
    (folder / "procedures").mkdir(parents=True)
    (folder / "procedures" / "taxi-meter.yaml").write_text("procedure: taxi-meter\n")
    (folder / "procedures" / "water-meter.yml").write_text("procedure: water-meter\n")
    (folder / "procedures" / "notes.txt").write_text("none")
    return folder


@pytest.mark.parametrize("name", ["water-meter", "water-meter.yaml"])
def test_the_bundled_ones_are_there_without_a_lab(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_procedure(name).name == "water-meter.yaml"


def test_the_lab_comes_before_the_bundled_ones(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_procedure("water-meter", lab=lab) == lab / "procedures" / "water-meter.yml"
    assert find_procedure("taxi-meter", extra=[lab]).parent.parent == lab


def test_here_comes_before_the_lab_and_a_path_is_a_path(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("taxi-meter.yaml").write_text("procedure: mine\n")
    assert find_procedure("taxi-meter", lab=lab) == Path("taxi-meter.yaml")
    path = lab / "procedures" / "taxi-meter.yaml"
    assert find_procedure(str(path)) == path


def test_a_misspelt_name_is_told_the_one_that_is_meant(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        find_procedure("waterr-meter.yaml", lab=lab)
    assert caught.value.hint.args == {"name": "water-meter"}
    with pytest.raises(UsageError) as caught:
        find_procedure("zzz", lab=lab)
    assert "taxi-meter, water-meter" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", ".", "a\0b", "x" * 5000, "../../etc/passwd"])
def test_what_is_no_name_is_not_found(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        find_procedure(name)


def test_the_shelf_lists_each_name_once(lab):
    found = {p.name: p.path for p in list_procedures(lab)}
    assert found["water-meter"].parent.parent == lab
    assert set(found) >= {"taxi-meter", "water-meter"}
    assert "notes" not in found
