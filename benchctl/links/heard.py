r"""Lets links keep the bytes that they hand out, until somebody takes them.

take = listen([link])
reader()
take()            # b"+1.2345E+00\n"
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from benchctl.links.link import Link

MOST = 1024
"""Pieces that a link keeps at most, where nobody takes them."""


def listen(links: Iterable[Link]) -> Callable[[], bytes]:
    """Return what gives the bytes that the links handed out since it was last called.

    Bytes of a block of numbers are not among them: the numbers are those bytes.
    """
    kept: list[deque[bytes]] = []
    for link in links:
        if link.heard is None:
            link.heard = deque(maxlen=MOST)
        if all(link.heard is not other for other in kept):
            kept.append(link.heard)

    def take() -> bytes:
        said = b"".join([piece for pieces in kept for piece in pieces])
        for pieces in kept:
            pieces.clear()
        return said

    return take
