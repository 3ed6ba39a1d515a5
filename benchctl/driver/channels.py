"""The words a driver is declared in: `Reading`, `Setting`, `Action`.

A channel is an address, a unit and limits. The address is whatever the driver's protocol
understands: a SCPI header, a Modbus register, a vendor's command.

    volume = Reading(holding(260, "f32"), unit="L", doc="Volume total.")
    speed = Setting(holding(1, "i16", scale=1 / 200), unit="%", low=0, high=100, safe=0)
    reset = Action(coil(2), doc="Set the totals to zero.")
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Never, Self, TypeVar, overload

from benchctl.core.messages import msg
from benchctl.driver.errors import SettingRefused
from benchctl.driver.values import Word, flag, real, shown_unit, text, whole

if TYPE_CHECKING:
    from benchctl.driver.instrument import Instrument

T = TypeVar("T")


class Reading(Generic[T]):
    """A value the instrument reports, in a fixed unit.

    Args:
        address: Whatever the protocol understands.
        unit: Unit of the number that the driver returns ("1" for a pure number); a number without
            one is refused when the class is made.
        kind: Makes the value of a raw answer; without one it is a float.
        resolution: One step of the indication, in `unit`, where it is fixed and known.
        doc: What it is, in a few words.
    """

    writable: ClassVar[bool] = False
    name: str

    @overload
    def __init__(
        self: Reading[float],
        address: Any,
        *,
        unit: str,
        resolution: float | None = ...,
        doc: str = ...,
    ) -> None: ...
    @overload
    def __init__(
        self,
        address: Any,
        *,
        unit: str | None = ...,
        kind: Callable[[Any], T],
        resolution: float | None = ...,
        doc: str = ...,
    ) -> None: ...
    def __init__(
        self,
        address: Any,
        *,
        unit: str | None = None,
        kind: Any = real,
        resolution: float | None = None,
        doc: str = "",
    ) -> None:
        if kind is float:
            kind = real
        self.address = address
        self.unit = unit or ""
        self.lacks_unit = unit is None and kind is real
        """Whether nobody said in which unit a number is: its driver cannot be made."""
        self.kind: Callable[[Any], T] = kind
        self.resolution = resolution
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, inst: None, owner: type) -> Self: ...
    @overload
    def __get__(self, inst: Instrument, owner: type) -> T: ...
    def __get__(self, inst: Instrument | None, owner: type) -> Self | T:
        if inst is None:
            return self
        value: T = inst.read(self.name)[0]
        return value

    def __set__(self, inst: Instrument, value: Never) -> None:
        raise AttributeError(f"{type(inst).__name__}.{self.name} can only be read")


class Setting(Reading[T]):
    """A value that can be read and set, within `low`..`high` or one of `choices`.

    `safe` is the value that is safe to leave the bench with, where there is one.
    """

    writable = True

    @overload
    def __init__(
        self: Setting[float],
        address: Any,
        *,
        unit: str,
        low: float | None = ...,
        high: float | None = ...,
        choices: Sequence[float] = ...,
        safe: float | None = ...,
        resolution: float | None = ...,
        doc: str = ...,
    ) -> None: ...
    @overload
    def __init__(
        self,
        address: Any,
        *,
        unit: str = ...,
        kind: Callable[[Any], T],
        low: float | None = ...,
        high: float | None = ...,
        choices: Sequence[T] = ...,
        safe: T | None = ...,
        resolution: float | None = ...,
        doc: str = ...,
    ) -> None: ...
    def __init__(
        self,
        address: Any,
        *,
        unit: str | None = None,
        kind: Any = real,
        low: float | None = None,
        high: float | None = None,
        choices: Sequence[Any] = (),
        safe: Any = None,
        resolution: float | None = None,
        doc: str = "",
    ) -> None:
        super().__init__(address, unit=unit, kind=kind, resolution=resolution, doc=doc)
        self.low = low
        self.high = high
        self.choices: tuple[Any, ...] = tuple(choices) or (
            kind.known if isinstance(kind, Word) else ()
        )
        self.safe = safe

    def __set__(self, inst: Instrument, value: T) -> None:
        inst.write(self.name, value)

    def check(self, value: Any) -> Any:
        """Return `value` as it is to be sent.

        Raises:
            SettingRefused: it is not a number (or a flag), or lies outside the limits.
        """
        if self.kind is flag:
            if value not in (False, True):
                raise SettingRefused(msg("driver.want-flag", value=str(value)))
            return bool(value)
        words = self.kind is text or isinstance(self.kind, Word)
        if words and isinstance(value, str):
            self._one_of(value)
            return value
        if self.kind is whole:
            value = self._whole(value)
        elif not _finite(value):
            name = "want-number-of" if self.unit not in ("", "1") else "want-number"
            raise SettingRefused(msg(f"driver.{name}", value=str(value), unit=self.unit))
        self._one_of(value)
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        if not low <= value <= high:
            raise SettingRefused(
                msg(
                    "driver.beyond",
                    value=f"{value:g}",
                    low=low,
                    high=high,
                    unit=shown_unit(self.unit),
                )
            )
        return value

    def _whole(self, value: Any) -> int:
        if not _finite(value) or value != int(value):
            raise SettingRefused(msg("driver.no-whole-number", text=str(value)))
        return int(value)

    def _one_of(self, value: Any) -> None:
        if self.choices and value not in self.choices:
            raise SettingRefused(
                msg(
                    "driver.no-choice",
                    value=str(value),
                    choices=", ".join(map(str, self.choices)),
                    unit=shown_unit(self.unit),
                )
            )


def _finite(value: Any) -> bool:
    """Return whether it is a number that can be sent; no flag, text, NaN or infinity is."""
    if isinstance(value, bool):
        return False
    return isinstance(value, Real | Decimal) and math.isfinite(value)


class Action:
    """A command without a value, called like a method; never sent twice."""

    name: str

    def __init__(self, address: Any, *, doc: str = "") -> None:
        self.address = address
        self.__doc__ = doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, inst: None, owner: type) -> Self: ...
    @overload
    def __get__(self, inst: Instrument, owner: type) -> Callable[[], None]: ...
    def __get__(self, inst: Instrument | None, owner: type) -> Self | Callable[[], None]:
        if inst is None:
            return self
        return lambda: inst.act(self.name)

    def __set__(self, inst: Instrument, value: Never) -> None:
        raise AttributeError(f"{type(inst).__name__}.{self.name} is an action: call it")
