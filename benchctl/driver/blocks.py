"""Many numbers in one reply: definite-length blocks and comma-separated lists, as arrays.

    trace = Reading("TRACE:DATA?", unit="V", kind=array(">f4"), doc="The last sweep.")
    log = Reading("FETC?", unit="V", kind=array("ascii"), doc="Readings in memory.")

No list is made in between: the array looks into the bytes that were received.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from benchctl.core.errors import GarbageReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.values import LARGEST, block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchctl.driver.channels import Reading

ASCII: Final = "ascii"
_SHOWN = 64


class Array:
    """A kind of channel: the numbers of one reply, shape (n,), float64 or as the block has them.

    Args:
        dtype: numpy's name of what the block holds: ">f4", "<f8", ">i2"; "ascii" for decimal
            numbers with commas between them.
    """

    __slots__ = ("dtype",)

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype

    @property
    def in_block(self) -> bool:
        """Whether the reply is a definite-length block."""
        return self.dtype != ASCII

    def __call__(self, raw: Any) -> NDArray[Any]:
        """Return the numbers.

        Raises:
            GarbageReplyError: it is no whole number of numbers, or something else stands in it.
            NotANumberError: overload, NaN or infinity among them.
        """
        values = self._from_block(raw) if self.in_block else _from_text(raw)
        if values.dtype.kind == "f" and values.size:
            low, high = values.min(), values.max()  # NaN where one is NaN; no array in between
            if not (low > -LARGEST and high < LARGEST):
                worst = high if low > -LARGEST else low
                raise NotANumberError(msg("driver.overload", value=str(worst)))
        return values

    def _from_block(self, raw: Any) -> NDArray[Any]:
        import numpy as np

        if not isinstance(raw, bytes | bytearray):
            raise GarbageReplyError(msg("driver.no-block", text=str(raw)[:_SHOWN]))
        try:
            return np.frombuffer(raw, dtype=self.dtype)
        except ValueError as error:
            wire = bytes(raw[:_SHOWN])
            raise GarbageReplyError(
                msg("driver.block-length", n=len(raw), dtype=self.dtype), wire=wire
            ) from error


def _from_text(raw: Any) -> NDArray[Any]:
    import numpy as np

    text = str(raw).strip()
    values = np.empty(0)
    with contextlib.suppress(ValueError):  # said below, with the text
        values = np.fromstring(text, sep=",")
    if not text or values.size != text.count(",") + 1:
        raise GarbageReplyError(
            msg("driver.no-number", text=text[:80]), wire=text[:_SHOWN].encode("latin-1", "replace")
        )
    return values


def in_block(channel: Reading[Any]) -> bool:
    """Return whether a channel is answered by a definite-length block."""
    kind = channel.kind
    return kind is block or (isinstance(kind, Array) and kind.in_block)


def array(dtype: str) -> Array:
    """Return the kind of a channel that gives many numbers at once; see `Array`.

    Raises:
        TypeError: numpy knows no such type.
    """
    if dtype != ASCII:
        import numpy as np

        np.dtype(dtype)
    return Array(dtype)
