"""Merkle trees against the test vectors of certificate transparency and against the definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.verifier.hashing import UnknownHashError, digest_of, hash_name
from benchctl.verifier.merkle import (
    Peaks,
    consistency,
    consistent,
    included,
    inclusion,
    leaf,
    root,
)

SHA256 = digest_of("sha256")

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The leaves of the reference tests of RFC 6962 (google/certificate-transparency, merkletree)."""

ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their tree heads after each leaf."""

LEAVES = [leaf(SHA256, entry) for entry in ENTRIES]


def by_definition(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    left, right = by_definition(hashes[:k]), by_definition(hashes[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaves(count: int) -> list[bytes]:
    return [leaf(SHA256, n.to_bytes(4)) for n in range(count)]


@pytest.mark.parametrize(("size", "head"), list(enumerate(ROOTS, 1)))
def test_the_reference_trees_have_the_published_heads(size: int, head: str) -> None:
    assert root(SHA256, LEAVES[:size]).hex() == head


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert Peaks(SHA256).root() == hashlib.sha256(b"").digest()


def test_published_proofs_of_inclusion_hold() -> None:
    # RFC 6962 2.1.3 with the reference leaves: leaf 5 of 8
    proof = [step.hex() for step in inclusion(SHA256, LEAVES, 5)]
    assert proof == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 1023, 1024, 1025, 2048, 3001])
def test_leaves_one_by_one_and_level_by_level_make_the_same_tree(size: int) -> None:
    hashes = leaves(size)
    one = Peaks(SHA256)
    for entry in hashes:
        one.push(entry)
    many = Peaks(SHA256)
    many.extend(hashes[: size // 3])
    many.extend(hashes[size // 3 :])
    assert one.root() == many.root() == by_definition(hashes)
    assert one.peaks == many.peaks


@given(size=st.integers(1, 70), data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_leaf_is_proved_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof, head = inclusion(SHA256, hashes, index), by_definition(hashes)
    assert included(SHA256, hashes[index], index, size, proof, head)
    other = data.draw(st.integers(0, size))
    if other != index:
        assert not included(SHA256, hashes[index], other, size, proof, head)
    assert not included(SHA256, leaf(SHA256, b"forged"), index, size, proof, head)
    if proof:
        assert not included(SHA256, hashes[index], index, size, proof[:-1], head)
    assert not included(SHA256, hashes[index], index, size, [*proof, head], head)


@given(size=st.integers(1, 70), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_tree_that_grew_is_proved_and_one_that_changed_is_not(
    size: int, data: st.DataObject
) -> None:
    hashes = leaves(size)
    first = data.draw(st.integers(1, size))
    old, new = by_definition(hashes[:first]), by_definition(hashes)
    proof = consistency(SHA256, hashes, first)
    assert consistent(SHA256, first, size, proof, (old, new))
    changed = [leaf(SHA256, b"forged"), *hashes[1:]]
    forged = by_definition(changed[:first])
    assert not consistent(SHA256, first, size, proof, (forged, new))
    assert not consistent(SHA256, first, size, [*proof, old], (old, new))


def test_a_tree_goes_on_from_its_peaks() -> None:
    whole, part = leaves(100), Peaks(SHA256)
    part.extend(whole[:77])
    on = Peaks(SHA256, 77, part.peaks)
    on.extend(whole[77:])
    assert on.root() == by_definition(whole)
    with pytest.raises(ValueError, match="do not belong"):
        Peaks(SHA256, 76, part.peaks)


def test_sm3_is_the_hash_of_its_standard() -> None:
    try:
        sm3 = digest_of("sm3")
    except UnknownHashError:
        pytest.skip("this machine's OpenSSL has no SM3")
    # GB/T 32905-2016, annex A.1
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abc").hex() == expected


@pytest.mark.parametrize("name", ["none", "md5/json-1", "sha256/json-2", "sha256", ""])
def test_an_algorithm_that_is_none_of_ours_is_refused(name: str) -> None:
    with pytest.raises(UnknownHashError):
        hash_name(name)
