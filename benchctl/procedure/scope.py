"""The names that an expression may use at some place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchctl.core.messages import Message
from benchctl.procedure.dimensions import Dim


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use at some place, with what is known of each.

    `elsewhere` has names that exist but cannot be used there, each with the reason.
    """

    names: Mapping[str, Dim]
    elsewhere: Mapping[str, Message] = field(default_factory=dict)

    def with_names(self, more: Mapping[str, Dim]) -> Scope:
        """Return the scope with further names."""
        elsewhere = {k: v for k, v in self.elsewhere.items() if k not in more}
        return Scope({**self.names, **more}, elsewhere)
