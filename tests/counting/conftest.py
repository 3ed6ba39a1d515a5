"""An empty lab."""

import pytest

from benchctl.records import Lab


@pytest.fixture
def lab(tmp_path):
    with Lab.open(tmp_path / "lab") as made:
        yield made
