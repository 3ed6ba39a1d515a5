"""The report: whole in both languages, safe, the same for the same results; and the commands."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys

import pytest
from counted_runs import record
from lxml import etree

from benchctl.cli.counting.sample import draw
from benchctl.core.errors import UsageError
from benchctl.records import Lab

CAST = {f"W-{n}": 0.1 * n - 1.0 for n in range(20)}


def benchctl(*args, cwd):
    return subprocess.run(
        [sys.executable, "-m", "benchctl", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", "BENCHCTL_LAB": str(cwd / "nobodys")},
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A lab with meters of two batches, the older ones drifted, and a name that is markup."""
    lab_folder = tmp_path_factory.mktemp("statistics")
    with Lab.open(lab_folder / "lab") as lab:
        for n, year in enumerate((2018, 2024)):
            units = {
                f"{year}-{serial}": (
                    {"型号规格": "<b>LXS & 15E", "批次": f"{year}-A", "安装日期": f"{year}-06-01"},
                    {"Q3": error + (1.5 if year == 2018 else 0.0), "Q1": error},
                )
                for serial, error in CAST.items()
            }
            left = {"2018-W-19": {"Q3": 0.0, "Q1": 0.0}}
            record(lab, f"R{n}", units, finished=f"2026-0{n + 5}-01T03:00:00.000Z", left=left)
        record(lab, "S1", {"sim": ({}, {"Q3": 9.0})}, simulated=True)
    sample = "sample: [2018-W-18, 2018-W-17, 2018-W-16]"
    lots = f"lots:\n  - {{lot: '2018', size: 20, {sample}, sampling: {{aql: 4.0}}}}\n"
    (lab_folder / "lots.yaml").write_text(lots, "utf-8")
    return lab_folder


def counted(folder, *args):
    done = benchctl("records", "statistics", "--lab", folder / "lab", "--json", *args, cwd=folder)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_results_are_counted_over_runs_and_simulated_ones_left_out(folder):
    code, found = counted(folder)
    assert code == 0
    assert (found["units"], found["runs"], found["simulated"]) == (40, 2, False)
    failed = sum(e + 1.5 > 2.0 + 1e-12 for e in CAST.values()) - 1  # one was adjusted
    assert [(r["passed"], r["failed"]) for r in found["rates"]["procedure"]] == [
        (40 - failed, failed)
    ]
    assert [r["group"][2] for r in found["rates"]["batch"]] == ["2018-A", "2024-A"]
    assert found["first_pass"][0]["passed_after_adjustment"] == 1


def test_what_is_asked_for_is_what_is_counted(folder):
    assert counted(folder, "--batch", "2024-A")[1]["units"] == 20
    assert counted(folder, "--type", "other")[1]["units"] == 0
    assert counted(folder, "--since", "2026-06-01")[1]["runs"] == 1
    assert counted(folder, "--until", "2026-05-31", "--stage", "in_service")[1]["runs"] == 1
    wrong = ("records", "statistics", "--since", "x", "--lab", folder / "lab")
    assert benchctl(*wrong, cwd=folder).returncode == 2


def test_a_rejected_lot_is_an_exit_code(folder):
    code, found = counted(folder, "--lots", folder / "lots.yaml")
    assert (code, found["lots"][0]["verdict"]) == (1, "rejected")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_report_is_a_page_and_a_pdf_that_need_nothing_else(folder, tmp_path, language):
    pytest.importorskip("typst", reason="the extra `certificates` is not installed")
    wanted = ("--lots", folder / "lots.yaml", "--out", tmp_path, "--language", language)
    for _ in range(2):
        done = benchctl("records", "statistics", "--lab", folder / "lab", *wanted, cwd=folder)
        assert done.returncode == 1, done.stderr
    page = (tmp_path / "statistics.html").read_text("utf-8")
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", page)
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "<b>LXS" not in page
    assert "&lt;b&gt;LXS &amp; 15E" in page
    for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        etree.fromstring(drawing)
    assert page.count("<svg") >= 9
    chinese = len(re.findall(r"[\u4e00-\u9fff]", page))
    assert chinese > 300 if language == "zh" else chinese == 0
    first = (tmp_path / "statistics.pdf").read_bytes()
    assert first.startswith(b"%PDF-1.7")
    benchctl("records", "statistics", "--lab", folder / "lab", *wanted, "--pdf", cwd=folder)
    assert (tmp_path / "statistics.pdf").read_bytes() == first


def test_simulated_results_are_reported_as_such(tmp_path):
    with Lab.open(tmp_path / "lab") as lab:
        record(lab, "S1", {"W-1": ({}, {"Q3": 0.5})}, simulated=True)
    out = ("--html", "--language", "en", "--out", tmp_path)
    done = benchctl("records", "statistics", "--lab", tmp_path / "lab", *out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "SIMULATED" in (tmp_path / "statistics.html").read_text("utf-8")
    assert not (tmp_path / "statistics.pdf").exists()


def test_nothing_to_report_is_said(folder, tmp_path):
    none = ("records", "statistics", "--lab", folder / "lab", "--type", "other")
    assert benchctl(*none, cwd=folder).returncode == 0
    assert benchctl(*none, "--out", tmp_path, cwd=folder).returncode == 2


# random samples ----------------------------------------------------------------------------------


def test_a_sample_follows_from_the_seed_and_from_nothing_else():
    serials = [f"W-{n:04}" for n in range(1000)]
    drawn = draw(serials, 80, "2026-A")
    assert drawn == draw(serials[::-1], 80, "2026-A")
    assert len(set(drawn)) == 80
    assert drawn != draw(serials, 80, "2026-B")
    by_hand = sorted(serials, key=lambda s: hashlib.sha256(f"2026-A\n{s}".encode()).hexdigest())
    assert drawn == by_hand[:80]
    with pytest.raises(UsageError):
        draw(serials, 1001, "a")


def test_every_unit_is_drawn_equally_often():
    serials = [f"W-{n}" for n in range(20)]
    times = dict.fromkeys(serials, 0)
    for n in range(2000):
        for serial in draw(serials, 5, str(n)):
            times[serial] += 1
    spread = (2000 * 0.25 * 0.75) ** 0.5
    assert all(abs(n - 500) < 4.5 * spread for n in times.values())


def test_a_sample_is_drawn_from_a_batch_file_and_is_one(tmp_path):
    batch = tmp_path / "installed.csv"
    batch.write_text("serial,批次\n" + "".join(f"00{n},A\n" for n in range(50)), "utf-8")
    wanted = ("records", "sample", batch, "--size", 13, "--seed", "x")
    said = json.loads(benchctl(*wanted, "--json", cwd=tmp_path).stdout)
    assert (len(said["sample"]), said["of"], said["seed"]) == (13, 50, "x")
    assert benchctl(*wanted, "--out", tmp_path / "drawn.csv", cwd=tmp_path).returncode == 0
    with (tmp_path / "drawn.csv").open(encoding="utf-8") as file:
        assert [row["serial"] for row in csv.DictReader(file)] == said["sample"]
    assert benchctl("records", "sample", batch, "--size", 51, cwd=tmp_path).returncode == 2
