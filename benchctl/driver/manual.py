"""An instrument that a person reads: the bench asks instead of the wire.

Whoever runs the procedure puts the prompt and hands the answer back:

    prompt = meter.prompt("volume", uut="W-0001", position=3)
    volume = meter.accept(prompt, answer)

Options in the address line: `low` and `high`, the window in which an answer is plausible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from benchctl.core.errors import DeviceError, GarbageReplyError, UsageError
from benchctl.core.messages import msg
from benchctl.core.ports import Answer, Prompt
from benchctl.driver.channels import Reading
from benchctl.driver.errors import placed
from benchctl.driver.instrument import Instrument
from benchctl.driver.protocol import Identity, Protocol, Session
from benchctl.driver.values import shown_unit
from benchctl.links import Link

QUANTITIES = (
    "volume",
    "flow",
    "mass",
    "energy",
    "temperature",
    "pressure",
    "humidity",
    "length",
)
"""Addresses that have words in the catalog."""


class Manual(Protocol):
    """No wire; a channel's address is what is asked for."""

    name: ClassVar[str] = "manual"
    options: ClassVar[frozenset[str]] = frozenset({"low", "high"})

    def session(self, link: Link, options: Mapping[str, str]) -> Session:
        """Return a session that refuses to be read like an instrument."""
        del link, options
        return _ManualSession()


class _ManualSession(Session):
    def reader(self, channels: Sequence[Reading[Any]]) -> Callable[[], tuple[Any, ...]]:
        names = ", ".join(c.name for c in channels)

        def read() -> tuple[Any, ...]:
            raise DeviceError(
                msg("driver.asks-a-person", channel=names),
                hint=msg("driver.hint-asks-a-person"),
            )

        return read

    def identify(self, proof: Sequence[Reading[Any]]) -> Identity:
        del proof
        return Identity("read by a person")


class ManualInstrument(Instrument):
    """Base of drivers whose channels a person reads."""

    protocol = Manual()
    asks = True

    def window(self) -> tuple[float | None, float | None]:
        """Return the plausible window that the address line gives.

        Raises:
            UsageError: a bound is no number.
        """
        return self._bound("low"), self._bound("high")

    def _bound(self, name: str) -> float | None:
        text = self.options.get(name)
        if text is None:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(msg("driver.bad-option", option=name, value=text, allowed="a number"))
        return value

    def prompt(self, channel: str, uut: str = "", position: int = 0) -> Prompt:
        """Return the question for a channel of the unit `uut` at `position`."""
        reading = self._channel(channel)
        known = reading.address in QUANTITIES
        low, high = self.window()
        what = msg(f"driver.quantity-{reading.address}") if known else reading.__doc__ or channel
        name = "ask-uut" if uut else "ask"
        return Prompt(
            id=".".join(filter(None, (self.name, channel, uut))),
            kind="number",
            question=msg(
                f"driver.{name}", what=what, unit=reading.unit, uut=uut, position=position
            ),
            uut=uut,
            position=position,
            unit=reading.unit,
            low=low,
            high=high,
        )

    def accept(self, prompt: Prompt, answer: Answer) -> float:
        """Return the number that was answered, in the unit of the prompt.

        Raises:
            GarbageReplyError: it is no number, or not plausible.
        """
        value = answer.value
        if isinstance(value, bool | str) or not math.isfinite(value):
            raise placed(
                GarbageReplyError(msg("driver.no-number", text=str(value)[:80])), prompt.id, ""
            )
        low = -math.inf if prompt.low is None else prompt.low
        high = math.inf if prompt.high is None else prompt.high
        if not low <= value <= high:
            message = msg(
                "driver.beyond",
                value=f"{value:g}",
                low=low,
                high=high,
                unit=shown_unit(prompt.unit),
            )
            raise placed(GarbageReplyError(message), prompt.id, "")
        return float(value)
