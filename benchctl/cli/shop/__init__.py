"""The commands of `benchctl drivers` that make, check, record and look at drivers."""

from benchctl.cli.shop.check import check
from benchctl.cli.shop.decode import decode
from benchctl.cli.shop.new import new
from benchctl.cli.shop.record import record

COMMANDS = (new, check, record, decode)
"""What `benchctl drivers` has beside `list` and `show`."""

__all__ = ["COMMANDS"]
