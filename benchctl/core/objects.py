"""Very many objects at once, without the search for cycles among them.

with many_objects():
    rows = [...]            # a million tuples that refer to nothing before them
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def many_objects() -> Iterator[None]:
    """Let Python not look for cycles of objects while many are made that form none.

    It would look through all of them again and again as they become more, which takes as long as
    making them. What nobody refers to any more is freed all the same.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
