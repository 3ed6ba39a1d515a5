"""What was heard is packed and comes back entry by entry; damage is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.core.heard import packed, unpacked


@given(st.lists(st.binary(max_size=40), max_size=50))
def test_entries_come_back_as_they_were(said):
    assert unpacked(packed(said), len(said)) == said


def test_where_nothing_was_heard_nothing_is_kept():
    assert packed([b"", b""]) == b""
    assert unpacked(b"", 3) == [b"", b"", b""]


def test_alike_replies_take_little_room():
    said = [b"+1.2345%03dE+00\n" % n for n in range(1000)]
    assert len(packed(said)) < sum(map(len, said)) / 3


@pytest.mark.parametrize("rows", [0, 1, 3, 10_000])
def test_another_number_of_rows_is_refused(rows):
    with pytest.raises(ValueError, match="entries"):
        unpacked(packed([b"+1\n", b"+2\n"]), rows)


def test_damage_is_refused():
    blob = bytearray(packed([b"+1\n", b"+2\n"]))
    blob[len(blob) // 2] ^= 0xFF
    with pytest.raises(ValueError, match="entries"):
        unpacked(bytes(blob), 2)
