"""A line of a work order: one unit to be measured, and what the order says of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.exchange.fields import FIELDS

_HASHED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One unit of an order: its `fields` by name, `extra` columns as they stand in the file.

    `row` is its row in the file that it came from. Fields that say nothing are left out.
    """

    fields: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)
    row: int = 0

    @property
    def order(self) -> str:
        """The number of the order."""
        return self.fields["order_no"]

    @property
    def serial(self) -> str:
        """The serial number of the unit."""
        return self.fields["serial_no"]

    def as_json(self) -> dict[str, dict[str, str]]:
        """Return the content of the line, in the order of our fields."""
        known = {name: self.fields[name] for name in FIELDS if name in self.fields}
        return {"fields": known, "extra": dict(sorted(self.extra.items()))}

    @property
    def sha256(self) -> str:
        """The hash of the content: the same line in another file, or row, has the same."""
        return content_hash(self.as_json())


def content_hash(content: Mapping[str, Mapping[str, str]]) -> str:
    """Return the hash of what `OrderLine.as_json` gave."""
    return hashlib.sha256(_HASHED.encode(content).encode()).hexdigest()


def line_from_json(data: Mapping[str, Mapping[str, str]]) -> OrderLine:
    """Return the line that `as_json` wrote."""
    return OrderLine(dict(data["fields"]), dict(data["extra"]))
