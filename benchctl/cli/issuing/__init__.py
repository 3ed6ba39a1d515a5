"""Commands of `certificate` about many certificates: issue, list, reissue, labels."""

from benchctl.cli.issuing.issue import issue
from benchctl.cli.issuing.labels import labels
from benchctl.cli.issuing.listing import list_
from benchctl.cli.issuing.reissue import reissue
from benchctl.cli.options import Group


def add_to(group: Group) -> None:
    """Add the commands to a group."""
    for command in (issue, reissue, list_, labels):
        group.add_command(command)


__all__ = ["add_to"]
