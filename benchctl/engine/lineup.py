"""Which unit stands where: serial numbers scanned into the positions of a line, one by one.

    lineup = Lineup(positions=12, order=("W-1", "W-2"))
    lineup = lineup.scan("W-1").scan(SPOOL).scan("W-2")
    lineup.places                       # ((1, "W-1"), (3, "W-2"))

A position without a unit gets a spool piece and keeps its number. Nothing here reads a file or asks
anybody: a scan that must not be taken raises, and the line-up stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest

SPOOL = "-"
"""What is scanned for a position that stays empty; nothing at all means the same."""

Place = tuple[int, str]
"""A position, from 1, and the serial number that stands there."""


def no_address(_serial: str, _position: int) -> str:
    """Return the bus address of a unit on a line where nothing is addressed: none."""
    return ""


@dataclass(frozen=True, slots=True)
class Lineup:
    """What was scanned so far; a scan makes the next one of it.

    `positions` is how many the line has, None where nobody says; `order` the serial numbers that
    may come, None where any may; `address` tells the bus address of a serial number at a position
    ("" where it has none) and raises `UsageError` where there can be none.
    """

    positions: int | None = None
    order: tuple[str, ...] | None = None
    address: Callable[[str, int], str] = no_address
    scanned: tuple[str, ...] = ()
    """Serial numbers by position, from the first; "" is a spool piece."""

    @property
    def next_position(self) -> int | None:
        """The position that is scanned next, None where the line is full."""
        following = len(self.scanned) + 1
        return following if self.positions is None or following <= self.positions else None

    @property
    def places(self) -> tuple[Place, ...]:
        """The positions that have a unit."""
        return tuple((n, serial) for n, serial in enumerate(self.scanned, 1) if serial)

    @property
    def spools(self) -> tuple[int, ...]:
        """The positions that need a spool piece; to the end of the line where it is known."""
        last = self.positions or len(self.scanned)
        filled = {position for position, _ in self.places}
        return tuple(n for n in range(1, last + 1) if n not in filled)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The serial numbers of the order that were not scanned, as the order has them."""
        here = {serial for _, serial in self.places}
        return tuple(serial for serial in self.order or () if serial not in here)

    def scan(self, text: str) -> Lineup:
        """Return the line-up with `text` at the next position.

        Raises:
            UsageError: the line is full, or the unit must not stand there.
        """
        position = self.next_position
        if position is None:
            raise UsageError(msg("lineup.full", positions=self.positions))
        serial = serial_in(text)
        if serial:
            self._check(serial, position)
        return replace(self, scanned=(*self.scanned, serial))

    def undo(self) -> Lineup:
        """Return the line-up without the last scan.

        Raises:
            UsageError: nothing was scanned.
        """
        if not self.scanned:
            raise UsageError(msg("lineup.nothing-to-undo"))
        return replace(self, scanned=self.scanned[:-1])

    def _check(self, serial: str, position: int) -> None:
        for at, other in self.places:
            if other == serial:
                raise UsageError(msg("lineup.twice", serial=serial, position=at))
        if self.order is not None and serial not in self.order:
            raise UsageError(msg("lineup.not-ordered", serial=serial), hint=self._meant(serial))
        address = self.address(serial, position)
        for at, other in self.places if address else ():
            if self.address(other, at) == address:
                twin = msg("bench.twin", one=other, other=serial, address=address)
                raise UsageError(twin, hint=msg("lineup.is-at", serial=other, position=at))

    def _meant(self, serial: str) -> Message | None:
        """Return the unit of the order that was probably meant and is not yet in the line."""
        near = closest(serial, self.left_out)
        return msg("lineup.did-you-mean", serial=near) if near else None


def serial_in(text: str) -> str:
    """Return the serial number that a scanner or a person gave; "" for a spool piece.

    Blanks around it and characters that cannot be seen do not count: some scanners send them.
    """
    shown = "".join(c for c in text if c.isprintable()).strip()
    return "" if shown == SPOOL else shown
