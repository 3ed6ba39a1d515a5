"""Frames of GFUVE GF333B reference meters: text in hexadecimal.

    $$ command(2) length(4) data checksum(2) !!         to the meter
    ## command(2) length(4) data checksum(2) !!         from it

`length` is the number of characters of data; `checksum` the low byte of the sum of all characters
before it (the published request $$00000068!! and two commands in public bench code agree). That a
reply begins with ## is what that code waits for; vectors print it with $$: both are taken.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import msg
from benchctl.driver.framed import checked, sum8

ASKS, TELLS, END = b"$$", b"##", b"!!"
READ_ALL = "00"
_HEAD, _TAIL = 8, 4
_PHASES = ("l1", "l2", "l3")
FLOATS = (
    *(f"voltage_{p}" for p in _PHASES),
    *("voltage_l12", "voltage_l23", "voltage_l31"),
    *(f"current_{p}" for p in _PHASES),
    *(f"phase_angle_{p}" for p in _PHASES),
    "phase_angle",
    *(f"angle_u_{p}" for p in _PHASES),
    *(f"angle_i_{p}" for p in _PHASES),
    *(f"active_power_{p}" for p in _PHASES),
    "active_power",
    *(f"reactive_power_{p}" for p in _PHASES),
    "reactive_power",
    "frequency",
)
"""28 measured values: V, A, °, W, var, Hz."""
STATUS = ("voltage_status", "current_status", "status")
REST = (
    *(("active_energy", "f"), ("reactive_energy", "f"), ("apparent_energy", "f")),
    *(("time", "i"), ("constant", "f"), ("turns", "h"), ("error", "f"), ("meter_constant", "f")),
)
"""What follows the three status words."""
DATA_SIZE = 8 * len(FLOATS) + 4 * len(STATUS) + 8 * 7 + 4


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; `data` as characters."""

    start: bytes
    command: str
    data: str = ""


def encode(frame: Frame) -> bytes:
    """Return the frame's bytes."""
    body = frame.start + f"{frame.command}{len(frame.data):04X}{frame.data}".encode("ascii")
    return body + f"{sum8(body):02X}".encode("ascii") + END


def size(start: bytes) -> int:
    """Return how many bytes a frame that begins so has, as far as is known; 0 if it is none."""
    if len(start) < _HEAD:
        return _HEAD if len(start) < 2 or start[:2] in (ASKS, TELLS) else 0
    told = _hex(start[4:_HEAD])
    return 0 if told is None or start[:2] not in (ASKS, TELLS) else _HEAD + told + _TAIL


def decode(wire: bytes) -> Frame:
    """Return the frame in `wire`.

    Raises:
        GarbageReplyError: no start or end, wrong length, wrong checksum, no hexadecimal digits.
    """
    if len(wire) < _HEAD + _TAIL or not size(wire):
        raise GarbageReplyError(msg("meter.no-frame", protocol="GFUVE"), wire=wire)
    if len(wire) != size(wire):
        raise GarbageReplyError(msg("meter.length", told=size(wire), got=len(wire)), wire=wire)
    told, digits = _hex(wire[-4:-2]), _hex(wire[2:-4])
    if wire[-2:] != END or told is None or digits is None:
        raise GarbageReplyError(msg("meter.no-frame", protocol="GFUVE"), wire=wire)
    checked(told, sum8(wire[:-4]), wire)
    return Frame(wire[:2], wire[2:4].decode(), wire[_HEAD:-4].decode())


def values(frame: Frame) -> dict[str, float]:
    """Return all values of a reply: SI units, energies in kWh, kvar·h and kVA·h, time in ms.

    Raises:
        GarbageReplyError: it has another length.
    """
    data = frame.data
    if len(data) != DATA_SIZE:
        raise GarbageReplyError(msg("meter.length", told=DATA_SIZE, got=len(data)))
    fields = [(name, "f") for name in FLOATS] + [(name, "h") for name in STATUS] + list(REST)
    told, at = {}, 0
    for name, kind in fields:
        width = 4 if kind == "h" else 8
        field = bytes.fromhex(data[at : at + width])
        at += width
        told[name] = (
            struct.unpack(">f", field)[0] if kind == "f" else float(int.from_bytes(field, "big"))
        )
    return told


def _hex(field: bytes) -> int | None:
    """Return the number in upper-case hexadecimal digits, None if there is another character."""
    good = field and all(c in b"0123456789ABCDEF" for c in field)
    return int(field, 16) if good else None
