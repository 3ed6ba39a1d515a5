"""For all tests: how many run at a time, and what the processes that they start find."""

import os

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Half again as many as there are cores: much of the time a test waits for a wire."""
    return max(1, (os.cpu_count() or 1) * 3 // 2)


def pytest_configure(config):
    """Keep bytecode in pytest's own folder where the caller wants none beside the sources.

    A process that compiles the whole program each time anew spends most of its time on that.
    """
    unwanted = os.environ.get("PYTHONDONTWRITEBYTECODE") and "PYTHONPYCACHEPREFIX" not in os.environ
    if unwanted and (cache := getattr(config, "cache", None)) is not None:
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = str(cache.mkdir("bytecode"))
