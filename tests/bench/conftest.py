"""The water bench's file, read once, and the bench itself, simulated and open."""

import pytest
from bench_samples import LoadedBench, opened_rig

from benchctl.simulation import find_bench


@pytest.fixture(scope="session")
def bench_path():
    return find_bench("water_bench").bench_file


@pytest.fixture(scope="session")
def bench_text(bench_path):
    return bench_path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def water_file(bench_text, bench_path):
    loaded = LoadedBench(bench_text, bench_path.parent)
    assert loaded.mistakes == []
    return loaded.file


@pytest.fixture
def spoilt_bench(bench_text, bench_path):
    """Return a function: the bench file with one piece replaced, loaded."""

    def load(old, new, *more):
        text = bench_text
        for a, b in [(old, new), *zip(more[::2], more[1::2], strict=True)]:
            assert a in text, a
            text = text.replace(a, b, 1)
        return LoadedBench(text, bench_path.parent)

    return load


@pytest.fixture
def rig():
    with opened_rig() as opened:
        yield opened


@pytest.fixture
def water_line(rig):
    """The rig with everything opened."""
    rig.open()
    return rig
