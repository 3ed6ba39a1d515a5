"""Merkle trees as RFC 9162 section 2.1 defines them, over any hash function.

    peaks = Peaks(digest)
    for entry in entries:
        peaks.push(leaf(digest, entry))
    peaks.root()                      # the tree head of what was pushed so far

`Peaks` holds the roots of the full subtrees (at most one per power of two), so that a log grows by
O(log n) hashes and little memory. `inclusion` and `consistency` give the proofs of sections 2.1.3
and 2.1.4, `included` and `consistent` check them.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.verifier.hashing import Digest


def leaf(digest: Digest, entry: bytes) -> bytes:
    """Return the hash of a leaf: H(0x00 ‖ entry)."""
    return digest(b"\x00" + entry)


def node(digest: Digest, left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: H(0x01 ‖ left ‖ right)."""
    return digest(b"\x01" + left + right)


class Peaks:
    """The full subtrees of a growing tree, largest first; `size` leaves were pushed."""

    __slots__ = ("_digest", "_peaks", "size")

    def __init__(self, digest: Digest, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self._digest = digest
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(f"{len(self._peaks)} peaks do not belong to {size} leaves")

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the full subtrees, largest first."""
        return tuple(self._peaks)

    def copy(self) -> Peaks:
        """Return a tree that grows on its own from here."""
        return Peaks(self._digest, self.size, self._peaks)

    def push(self, leaf_hash: bytes) -> None:
        """Add a leaf, given by its hash."""
        digest, peaks, size = self._digest, self._peaks, self.size
        while size & 1:
            leaf_hash = digest(b"\x01" + peaks.pop() + leaf_hash)
            size >>= 1
        peaks.append(leaf_hash)
        self.size += 1

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Add leaves, given by their hashes, in the largest subtrees that fit in at this size."""
        at = 0
        while at < len(hashes):
            largest = 1 << (len(hashes) - at).bit_length() - 1
            fits = self.size & -self.size or largest
            count = min(largest, fits)
            self._push_subtree(hashes[at : at + count])
            at += count

    def root(self) -> bytes:
        """Return the tree head; that of the empty tree is the hash of nothing."""
        if not self._peaks:
            return self._digest(b"")
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node(self._digest, peak, root)
        return root

    def _push_subtree(self, level: Sequence[bytes]) -> None:
        """Add a full subtree, hashed level by level, which is faster than leaf by leaf."""
        digest, count = self._digest, len(level)
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=True)
            level = [digest(b"\x01" + left + right) for left, right in pairs]
        subtree, above = level[0], self.size // count
        while above & 1:
            subtree = node(digest, self._peaks.pop(), subtree)
            above >>= 1
        self._peaks.append(subtree)
        self.size += count


def root(digest: Digest, hashes: Sequence[bytes]) -> bytes:
    """Return the tree head over leaves given by their hashes."""
    peaks = Peaks(digest)
    peaks.extend(hashes)
    return peaks.root()


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(digest: Digest, hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `hashes` (RFC 9162, 2.1.3.1).

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    if len(hashes) == 1:
        return []
    k = _split(len(hashes))
    if index < k:
        return [*inclusion(digest, hashes[:k], index), root(digest, hashes[k:])]
    return [*inclusion(digest, hashes[k:], index - k), root(digest, hashes[:k])]


def included(
    digest: Digest, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes
) -> bool:
    """Return whether a proof shows that a leaf is in the tree with this head (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf_hash
    for step in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node(digest, step, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node(digest, found, step)
        first, last = first >> 1, last >> 1
    return last == 0 and found == head


def consistency(digest: Digest, hashes: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that the tree of the first `size` leaves is the beginning (2.1.4.1).

    Raises:
        IndexError: the tree never had that size.
    """
    if not 0 < size <= len(hashes):
        raise IndexError(size)
    return _subproof(digest, hashes, size, whole=True)


def _subproof(digest: Digest, hashes: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    if size == len(hashes):
        return [] if whole else [root(digest, hashes)]
    k = _split(len(hashes))
    if size <= k:
        return [*_subproof(digest, hashes[:k], size, whole=whole), root(digest, hashes[k:])]
    return [
        *_subproof(digest, hashes[k:], size - k, whole=False),
        root(digest, hashes[:k]),
    ]


def consistent(
    digest: Digest, first: int, second: int, proof: Sequence[bytes], heads: tuple[bytes, bytes]
) -> bool:
    """Return whether a proof shows that a tree of `first` leaves grew to one of `second` (2.1.4.2).

    `heads` are the tree heads of the two.
    """
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and heads[0] == heads[1]
    steps = [heads[0], *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        return False
    small, large = first - 1, second - 1
    while small & 1:
        small, large = small >> 1, large >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if large == 0:
            return False
        if small & 1 or small == large:
            old, new = node(digest, step, old), node(digest, step, new)
            while not small & 1 and small:
                small, large = small >> 1, large >> 1
        else:
            new = node(digest, new, step)
        small, large = small >> 1, large >> 1
    return large == 0 and (old, new) == heads
