"""For all tests: the processes that they start need not compile the program each time anew."""

import os


def pytest_configure(config):
    """Keep bytecode in pytest's own folder where the caller wants none beside the sources."""
    unwanted = os.environ.get("PYTHONDONTWRITEBYTECODE") and "PYTHONPYCACHEPREFIX" not in os.environ
    if unwanted and (cache := getattr(config, "cache", None)) is not None:
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = str(cache.mkdir("bytecode"))
