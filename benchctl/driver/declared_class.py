"""What the class of a YAML driver has beside its channels: a docstring, a way to make it safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import BenchctlError
from benchctl.driver.instrument import Instrument

if TYPE_CHECKING:
    from benchctl.driver.declared_model import DriverPart

_TOPICS = ("bus", "reading", "safe", "document", "hardware")


def making_safe(
    order: Sequence[str], safe: Mapping[str, Any], said: str
) -> Callable[[Instrument], None]:
    """Return a `make_safe` that sets, or does, everything of `order`, whatever fails on the way."""

    def make_safe(self: Instrument) -> None:
        first: BenchctlError | None = None
        for name in order:
            try:
                self.write(name, safe[name]) if name in safe else self.act(name)
            except BenchctlError as error:  # the others have their turn first
                first = first or error
        if first is not None:
            raise first

    make_safe.__doc__ = said
    return make_safe


def docstring_of(part: DriverPart) -> str:
    """Return the docstring: the summary, then each topic with what the file says of it."""
    topics = [f"{name.capitalize()}: {getattr(part, name)}" for name in _TOPICS]
    return "\n".join([part.summary, "", *topics])
