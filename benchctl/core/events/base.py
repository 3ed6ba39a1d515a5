"""What all events are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
