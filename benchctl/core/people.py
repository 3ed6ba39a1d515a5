"""Who sits at the keyboard, as the system knows it."""

from __future__ import annotations

from collections.abc import Mapping


def name_of_user(environment: Mapping[str, str]) -> str:
    """Return the name of the person who is logged in, "" where the system does not say."""
    return environment.get("USER") or environment.get("USERNAME") or ""
