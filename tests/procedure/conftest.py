"""The water-meter procedure, loaded, and a way to spoil it."""

import pytest
from procedure_samples import WATER, Loaded


@pytest.fixture(scope="session")
def water_text():
    return WATER.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def water(water_text):
    loaded = Loaded(water_text)
    assert loaded.mistakes == []
    return loaded.procedure


@pytest.fixture
def spoilt(water_text):
    """Return a function: the water procedure with one piece replaced, loaded."""

    def load(old, new, *more):
        text = water_text
        for a, b in [(old, new), *zip(more[::2], more[1::2], strict=True)]:
            assert text.count(a) >= 1, a
            text = text.replace(a, b, 1)
        return Loaded(text)

    return load
