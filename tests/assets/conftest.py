from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchctl.records import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with Lab.open(tmp_path / "lab") as lab:
        yield lab
