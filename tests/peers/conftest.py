"""Programs that nobody here wrote; where one cannot be had its tests are skipped and say why.

`PEERS_PYTHON` is the interpreter of an environment with lewis, sinstruments, gepace and
python-vxi11 (some are GPL: they run as processes of their own), `PEERS_NODE` the folder in which
npm installed modbus-serial. `.ci/run` makes both.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from peer_processes import Cable, PeerProcess

from benchctl.core.clock import RealClock
from benchctl.core.events import Event, LinkNoted
from benchctl.driver import Instrument
from benchctl.links import LinkFactory

HERE = Path(__file__).parent


class Notes:
    """A sink that keeps what links and instruments tell."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def what(self) -> list[str]:
        return [e.what for e in self.events if isinstance(e, LinkNoted)]


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def connected(notes: Notes) -> Iterator[Callable[..., Any]]:
    """Make an instrument of a driver at an address; nothing is sent."""
    factory = LinkFactory(RealClock(), notes)

    def make(
        cls: type[Instrument], address: str, options: Mapping[str, str] | None = None
    ) -> Instrument:
        link, given = factory.open(address, "meter")
        return cls(link, given | dict(options or {}), name="meter", sink=notes)

    yield make
    factory.close()


@pytest.fixture
def started() -> Iterator[Callable[..., PeerProcess]]:
    """Start a peer as a process, which ends with the test."""
    processes: list[PeerProcess] = []

    def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> PeerProcess:
        processes.append(PeerProcess(command, environment))
        return processes[-1]

    yield start
    for process in processes:
        process.close()


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    """A serial line with two ends."""
    cable = Cable(tmp_path)
    yield cable
    cable.close()


@pytest.fixture(scope="session")
def libmodbus_device(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Compile the server on libmodbus; return the program."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (gcc) to build the libmodbus peer with")
    program = tmp_path_factory.mktemp("libmodbus") / "device"
    probe = [compiler, "-E", "-include", "modbus/modbus.h", "-x", "c", "/dev/null"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("libmodbus is not there (Debian: libmodbus-dev)")
    source = str(HERE / "libmodbus_device.c")
    subprocess.run(
        [compiler, "-Wall", "-Werror", "-O1", "-o", str(program), source, "-lmodbus"], check=True
    )
    return str(program)
