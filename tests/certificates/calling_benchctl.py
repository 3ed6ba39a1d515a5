"""Calls the program as a process of its own."""

import os
import subprocess
import sys


def call(*args, cwd, **env):
    return subprocess.run(
        [sys.executable, "-m", "benchctl", *map(str, args)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        timeout=100,
        check=False,
    )
