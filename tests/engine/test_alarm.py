"""A channel that must keep a value ends the run when it does not."""

from __future__ import annotations

from pathlib import Path

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, run


def test_a_channel_that_is_not_as_the_bench_file_says_ends_the_run(tmp_path: Path) -> None:
    bench = bundled("sim_instruments") / "water_bench"
    text = (bench / "bench.yaml").read_text(encoding="utf-8")
    for curve in bench.glob("*.csv"):
        (tmp_path / curve.name).write_bytes(curve.read_bytes())
    file = tmp_path / "bench.yaml"
    assert "expect: false" in text
    file.write_text(text.replace("expect: false", "expect: true"), encoding="utf-8")
    report = run(RunRequest("water-meter", bench=file, lab=tmp_path / "lab"))
    assert (report.exit_code, report.document["verdict"]) == (3, "not_measured")
    assert report.document["reason"]["id"] == "engine.alarm"
    assert "pump.tripped" in report.document["reason"]["text"]
    assert report.document["made_safe"]["failed"] == []
