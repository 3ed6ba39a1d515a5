"""Commands of `records` that count: statistics, sampling plans, random samples."""

from benchctl.cli.counting.sample import sample
from benchctl.cli.counting.sampling import sampling
from benchctl.cli.counting.statistics import statistics
from benchctl.cli.options import Group


def add_to(group: Group) -> None:
    """Add the commands to a group."""
    for command in (statistics, sampling, sample):
        group.add_command(command)


__all__ = ["add_to"]
