"""What instruments said, byte for byte, packed to be kept beside the numbers made of it.

One entry per row of a series: the text of a SCPI instrument, the frames of a Modbus one, with all
their registers. Lengths as unsigned 32-bit numbers, low byte first, then the bytes; compressed,
since replies of one instrument are much alike.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate, pairwise


def packed(said: Sequence[bytes]) -> bytes:
    """Return the entries as one blob, b"" where nothing was heard at all."""
    if not any(said):
        return b""
    import zlib

    lengths = struct.pack(f"<{len(said)}I", *map(len, said))
    return zlib.compress(lengths + b"".join(said))


def unpacked(blob: bytes, rows: int) -> list[bytes]:
    """Return the entries of so many rows.

    Raises:
        ValueError: the blob is damaged, or of another number of rows.
    """
    if not blob:
        return [b""] * rows
    import zlib

    try:
        data = zlib.decompress(blob)
        lengths = struct.unpack_from(f"<{rows}I", data)
    except (zlib.error, struct.error) as error:
        raise ValueError(f"no {rows} entries") from error
    ends = list(accumulate(lengths, initial=4 * rows))
    if ends[-1] != len(data):
        raise ValueError(f"no {rows} entries")
    return [data[begin:end] for begin, end in pairwise(ends)]
