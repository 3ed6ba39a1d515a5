"""Files of work orders, and labs with runs: simulated, and recorded as on real instruments."""

import dataclasses

import pytest
from order_samples import CHINESE, call, row, text_of

from benchctl.core.clock import VirtualClock
from benchctl.core.events import RawBlock, RunOpened
from benchctl.records import Lab


@pytest.fixture
def benchctl(tmp_path):
    return lambda *args, **env: call(*args, cwd=tmp_path, **env)


@pytest.fixture(scope="session")
def simulated_lab(tmp_path_factory):
    """A lab whose order WO-118 of three water meters was imported and run (simulated, seed 7)."""
    folder = tmp_path_factory.mktemp("exchange")
    rows = [row(n, usage="贸易结算", asset_no=f"A-{n}") for n in (1, 2, 3)]
    (folder / "orders.csv").write_text(text_of(rows, CHINESE), "utf-8")
    taken = call("orders", "import", "orders.csv", "--lab", "lab", "--by", "Zhao", cwd=folder)
    assert taken.returncode == 0, taken.stderr
    run = call(
        *("run", "water-meter.yaml", "--simulate", "--seed", 7, "--order", "WO-118"),
        *("--operator", "Li Wei", "--lab", "lab", "--quiet", "--plain"),
        cwd=folder,
    )
    assert run.returncode in (0, 1), run.stderr
    return folder / "lab"


@pytest.fixture
def real_lab(simulated_lab, tmp_path):
    """A lab with the same events, recorded as those of a run on real instruments."""
    with Lab.open(simulated_lab, create=False) as source, Lab.open(tmp_path / "real") as lab:
        events = [stored.event for stored in source.events(source.find_run("latest"))]
        journal = lab.begin_run("Line 2", "R1", clock=VirtualClock())
        for event in events:
            if isinstance(event, RawBlock):
                continue  # read without its bytes
            if isinstance(event, RunOpened):
                event = dataclasses.replace(event, run="R1", simulated=False)
            journal.emit(event)
    return tmp_path / "real"
