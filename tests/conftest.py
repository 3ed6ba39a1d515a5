"""For all tests: how many run at a time, and what the processes that they start find."""

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

SOFTHSM = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)


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


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory):
    """Empty PKCS #11 tokens `lab` and `office` of SoftHSM: `.pkcs11`, `.module`, `.pin`.

    One for all tests: a process reads the settings of SoftHSM once, when it loads the module.
    """
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
    tool = shutil.which("softhsm2-util")
    module = next((path for path in SOFTHSM if Path(path).exists()), "")
    if not module or tool is None:
        pytest.skip("SoftHSM is not installed (softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    pin = "1234"
    for label in ("lab", "office"):
        argv = ["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", pin]
        subprocess.run([tool, *argv], check=True, capture_output=True)
    return SimpleNamespace(pkcs11=pkcs11, module=module, pin=pin)
