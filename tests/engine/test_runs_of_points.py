"""Items over the single runs of points: repeatability from the range, as regulations have it."""

import math

import pytest
from reading_lab import ReadingLab, point

from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure

REPEAT = ", {repeatability: 0.1 kPa}"
ITEM = """
repeatability:
  title: {en: repeatability, zh: 重复性}
  value: largest(range_deviation(error.runs))
  unit: "%"
  across: value <= 0.2
"""


@pytest.fixture
def lab(tmp_path):
    return ReadingLab(tmp_path)


def written(lab, item=ITEM, runs=3, **more):
    lab.write("1 reading", more=f"  runs: {runs}", repeatability=REPEAT, **more)
    text = lab.procedure.read_text(encoding="utf-8").replace("[error]", "[error, repeatability]")
    lab.procedure.write_text(text + item, encoding="utf-8")
    return lab


def item_of(report, serial):
    uut = next(u for u in report.document["uuts"] if u["serial"] == serial)
    return next(p for p in uut["points"] if p["item"] == "repeatability")


@pytest.mark.parametrize(("sigma", "verdict"), [(0.05, "pass"), (6.0, "fail")])
def test_repeatability_of_three_runs_is_their_range_over_1_69(lab, sigma, verdict):
    lab.setup = {"sigma": sigma, "units": 2}
    report = written(lab).run()
    for serial in ("G-1", "G-2"):
        item = item_of(report, serial)
        ranges = []
        for name in ("zero", "mid"):
            runs = [r["error"] for r in point(report, serial, name)["runs"]]
            assert len(runs) == 3
            ranges.append((max(runs) - min(runs)) / 1.69)
        assert item["observed"]["value"] == pytest.approx(max(ranges))
        assert item["verdict"] == verdict == ("pass" if max(ranges) <= 0.2 else "fail")
        assert [len(r) for r in item["observed"]["runs"]] == [3, 3]


def test_the_limit_may_be_that_of_each_point_and_the_deviation_that_of_bessel(lab):
    item = """
repeatability:
  across: all(deviation_of_runs(error.runs) <= mpe / 3) and all(spread_of_runs(error.runs) <= mpe)
"""
    report = written(lab, item).run()
    assert item_of(report, "G-1")["verdict"] == "pass"
    runs = item_of(report, "G-1")["observed"]["runs"][0]
    mean = sum(runs) / 3
    assert math.sqrt(sum((r - mean) ** 2 for r in runs) / 2) < 1.6 / 3


def test_one_run_has_no_repeatability_and_is_refused_when_the_file_is_read(lab):
    written(lab, runs=1)
    diagnostics = Diagnostics()
    load_procedure(lab.procedure, diagnostics)
    assert [d.code for d in diagnostics.items] == ["E501"]


@pytest.mark.parametrize("value", ["range_deviation(error)", "largest(error.runs) * span"])
def test_what_is_no_repeatability_is_refused(lab, value):
    written(lab, ITEM.replace("largest(range_deviation(error.runs))", value))
    diagnostics = Diagnostics()
    assert load_procedure(lab.procedure, diagnostics) is None
