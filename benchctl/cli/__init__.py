"""The command line: thin commands over the Python API.

`main` is the entry point of `benchctl`. Importing this package imports click and nothing heavier; a
command's module is imported when the command is run.
"""

from benchctl.cli.app import main

__all__ = ["main"]
