"""Commands of `benchctl assets` that have a module of their own."""

from benchctl.cli.register.impact import impact
from benchctl.cli.register.importing import import_

COMMANDS = (impact, import_)

__all__ = ["COMMANDS"]
