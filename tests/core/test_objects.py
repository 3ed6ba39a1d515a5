"""Many objects at once: the search for cycles rests meanwhile, and goes on as it was."""

import gc

import pytest

from benchctl.core.objects import many_objects


@pytest.fixture(autouse=True)
def _collecting():
    was = gc.isenabled()
    yield
    (gc.enable if was else gc.disable)()


def test_cycles_are_not_looked_for_meanwhile_and_are_again_after_a_mistake():
    seen = []

    @many_objects()
    def wrong():
        seen.append(gc.isenabled())
        with many_objects():
            pass
        seen.append(gc.isenabled())
        raise KeyError

    gc.enable()
    with pytest.raises(KeyError):
        wrong()
    assert (seen, gc.isenabled()) == ([False, False], True)


def test_what_was_switched_off_before_stays_off():
    gc.disable()
    with many_objects():
        pass
    assert not gc.isenabled()
