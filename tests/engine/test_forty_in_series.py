"""A line of forty water meters, by the bench file that lies beside the bench's own."""

import pytest

from benchctl.core.places import bundled
from benchctl.engine import RunRequest, run, truth

PLACES = 40


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    lab = tmp_path_factory.mktemp("lab")
    rows = [
        f"2611{n:010d},{n},{'pulse' if n in (17, 40) else 'register'}" for n in range(1, PLACES + 1)
    ]
    batch = lab / "batch.csv"
    batch.write_text("\n".join(["serial,position,reading", *rows]) + "\n")
    bench = bundled("sim_instruments") / "water_bench" / "bench-40.yaml"
    return RunRequest("water-meter", bench=bench, batch=batch, lab=lab, seed=3, points=("Q3",))


def test_forty_meters_are_measured_in_one_load_each_rightly(asked):
    report = run(asked)
    assert report.outcome == "finished", report.document["reason"]
    true = {r["serial"]: r["error"] for r in truth(asked) if r["point"] == "Q3"}
    found = {
        u["serial"]: p
        for u in report.document["uuts"]
        for p in u["points"]
        if p["point"] == "Q3" and p["item"] == "error of indication"
    }
    assert len(found) == PLACES
    for serial, point in found.items():
        assert point["error"] == pytest.approx(true[serial], abs=2 * point["U"])
        if abs(abs(true[serial]) - 2.0) > 2 * point["U"]:
            assert point["verdict"] == ("pass" if abs(true[serial]) < 2.0 else "fail")
    items = [p for u in report.document["uuts"] for p in u["points"]]
    functions = [p["verdict"] for p in items if p["item"] == "function"]
    assert functions == ["pass"] * PLACES  # each by the relay of its own place
