"""Load what the loop needs before anything moves: an import in the loop holds up every bus."""

from __future__ import annotations

from importlib import import_module


def warm_up() -> None:
    """Import the libraries that settling and uncertainties load at their first use."""
    import_module("scipy.special")
