"""The commands, as a keeper, a clerk and a bench type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from record_samples import ROOT

from benchctl.records import Lab
from benchctl.records.central import Central

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def benchctl(tmp_path: Path) -> Call:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BENCHCTL_", "PG", "LC_"))}
    env = kept | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    def call(*argv: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "benchctl", *map(str, argv)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )

    return call


def test_a_bench_syncs_and_a_reader_sees_what_is_there(
    benchctl: Call, lab: Lab, central: Central, database: Callable[[str], str]
) -> None:
    from test_central_sync import measure

    measure(lab, "Line 2", "R1")
    bench, reader, keeper = database("bench_2"), database("reader_2"), database("keeper")
    granted = benchctl(
        "central", "grant", keeper, "--login", "bench_2", "--role", "bench", "--for-bench", "Line 2"
    )
    assert granted.returncode == 0, granted.stderr
    assert (
        benchctl("central", "grant", keeper, "--login", "reader_2", "--role", "reader").returncode
        == 0
    )
    synced = benchctl("records", "sync", bench, "--lab", lab.folder, "--json")
    assert synced.returncode == 0, synced.stderr
    assert json.loads(synced.stdout)["runs"] == 1
    (there,) = json.loads(benchctl("central", "status", reader, "--json").stdout)
    assert (there["name"], there["runs"], there["last"]) == ("Line 2", 1, "R1")
    assert "Line 2" in benchctl("central", "status", reader).stdout
    chinese = benchctl("records", "sync", bench, "--lab", lab.folder, "--lang", "zh")
    assert "已上传" in chinese.stdout


def test_an_order_goes_from_a_clerks_file_to_a_benchs_batch(
    benchctl: Call, tmp_path: Path, central: Central, database: Callable[[str], str]
) -> None:
    def order(*argv: object) -> subprocess.CompletedProcess[str]:
        return benchctl("central", "order", *argv)

    url = database("keeper")
    units = "表号,Q3,owner\nW-1,2.5,水司\nW-2,4.0,\n"
    (tmp_path / "order.csv").write_text(units, encoding="utf-8")
    add = ("add", url, "order.csv", "--name", "WO-7", "--procedure", "water-meter")
    assert order(*add).returncode == 0
    assert "already" in order(*add).stdout
    claim = ("claim", url, "--as-bench", "Line 2", "--out")
    claimed = order(*claim, "batch.csv")
    assert claimed.returncode == 0, claimed.stderr
    lines = (tmp_path / "batch.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == ["W-1,2.5,水司", "W-2,4.0,"]
    assert benchctl("check", "batch.csv").returncode == 0
    again = order(*claim, "b.csv")
    assert (again.returncode, again.stdout) == (1, "there is no order for Line 2\n")
    assert order("done", url, "WO-7", "R1", "--as-bench", "Line 2").returncode == 0
    (listed,) = json.loads(order("list", url, "--json").stdout)
    assert (listed["claimed_by"], listed["run"]) == ("Line 2", "R1")


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("records", "sync", "sqlite:///x"), 2, "postgresql://"),
        (("records", "sync", "postgresql://a@127.0.0.1:1/x"), 3, "cannot be reached"),
        (
            ("central", "grant", "postgresql://a/x", "--login", "a", "--role", "bench"),
            2,
            "--for-bench",
        ),
    ],
)
def test_what_cannot_be_done_is_told(
    benchctl: Call, lab: Lab, argv: tuple[str, ...], code: int, said: str
) -> None:
    from test_central_sync import measure

    measure(lab, "Line 2", "R1")
    more = ("--lab", lab.folder) if argv[0] == "records" else ()
    done = benchctl(*argv, *more)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
