"""Raw readings of a run as they were committed: numbers, and what the instruments said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.events import HEARD, RawBlock
from benchctl.core.heard import unpacked
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.core.series import Floats
    from benchctl.records.lab import Lab


def raw(lab: Lab, run: str, series: str) -> Floats:
    """Return the raw readings of a series; see `Lab.raw`.

    Raises:
        UsageError: the run has no such series.
        RecordError: a block is damaged, or the database cannot be read.
    """
    blocks: list[Floats] = []
    for stored in lab.events(run, kind=RawBlock.KIND):
        block = stored.event
        if not isinstance(block, RawBlock) or block.series != series:
            continue
        with lab.store.reading() as reader:
            data = reader.blob(run, stored.seq) or b""
        columns = len(block.channels) + 3
        if len(data) != 8 * columns * block.rows:
            raise RecordError(msg("records.block-damaged", run=run, seq=stored.seq))
        blocks.append(np.frombuffer(data, dtype=np.float64).reshape(columns, block.rows))
    if not blocks:
        raise UsageError(msg("records.no-series", run=run, series=series))
    whole: Floats = np.concatenate(blocks, axis=1)
    return whole


def heard(lab: Lab, run: str, series: str) -> list[bytes]:
    """Return what the instruments said, row by row; see `Lab.heard`.

    Raises:
        RecordError: a block is damaged, or the database cannot be read.
    """
    said: list[bytes] = []
    for stored in lab.events(run, kind=RawBlock.KIND):
        block = stored.event
        if not isinstance(block, RawBlock) or block.series != f"{series}/{HEARD}":
            continue
        with lab.store.reading() as reader:
            data = reader.blob(run, stored.seq) or b""
        try:
            said += unpacked(data, block.rows)
        except ValueError as error:
            raise RecordError(msg("records.block-damaged", run=run, seq=stored.seq)) from error
    return said
