"""What a procedure, or the gate, wants of the roles of a bench."""

from __future__ import annotations

from typing import Protocol


class Need(Protocol):
    """What a procedure wants of a role."""

    @property
    def unit(self) -> str:
        """Unit in which the procedure has it; "" for a switch or a pure number."""

    @property
    def settable(self) -> bool:
        """Whether the procedure sets it."""

    @property
    def per_uut(self) -> bool:
        """Whether every unit under test has its own."""

    @property
    def optional(self) -> bool:
        """Whether the procedure can do without."""

    @property
    def switch(self) -> bool:
        """Whether it is on or off."""

    @property
    def constant(self) -> bool:
        """Whether the bench file states it as a figure."""
