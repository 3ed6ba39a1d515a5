"""Opening a bench outside of a run: to identify it, or to make it safe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchctl.core.errors import BenchctlError, RecordError, UsageError
from benchctl.core.events import Event, InstrumentOpened
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench import Bench, BenchFile
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab


def find_bench_file(bench: Path | None, lab: Path | None) -> Path:
    """Return the bench file that is meant: the one given, the lab's, or the one here.

    Raises:
        UsageError: there is none.
    """
    if bench is not None:
        return bench
    for folder in (lab, Path()):
        if folder is not None and (folder / "bench.yaml").is_file():
            return folder / "bench.yaml"
    raise UsageError(msg("cli.no-bench-file"), hint=msg("cli.no-bench-file-hint"))


def read_bench_file(path: Path, lab: Path | None) -> BenchFile:
    """Read a bench file.

    Raises:
        FileError: it has mistakes.
    """
    from benchctl.bench import load_bench
    from benchctl.engine import LabRegister, shelf_for
    from benchctl.language import Diagnostics

    diagnostics = Diagnostics()
    names = [driver.name for driver in shelf_for(lab, path.parent).list()]
    file = load_bench(path, diagnostics, drivers=names, register=LabRegister(lab))
    diagnostics.raise_if_failed()
    assert file is not None
    return file


@dataclass(slots=True)
class Found:
    """What came of opening each instrument: what it said, or why it cannot be used.

    `lost` is why the records cannot be used.
    """

    answers: dict[str, InstrumentOpened] = field(default_factory=dict)
    errors: dict[str, BenchctlError] = field(default_factory=dict)
    lost: RecordError | None = None

    def emit(self, event: Event) -> None:
        """Take what the bench tells."""
        if isinstance(event, InstrumentOpened):
            self.answers[event.instrument] = event


@contextmanager
def opened(
    shell: Shell, file: BenchFile, lab: Path | None, *, in_need: bool = False
) -> Iterator[tuple[Bench, Found, Lab | None]]:
    """Hold a bench and open every instrument that answers; the units' own are left out.

    `in_need` the bench is opened even where the records cannot be; there is no `Lab` then.

    Raises:
        RefusedError: another process holds the bench.
        RecordError: the records cannot be used.
    """
    from benchctl.bench import Bench, Wiring
    from benchctl.core.clock import RealClock
    from benchctl.engine import shelf_for
    from benchctl.links import LinkFactory
    from benchctl.records import Lab
    from benchctl.simulation import find_bench

    clock, found = RealClock(), Found()
    with ExitStack() as stack:
        records = None
        try:
            records = stack.enter_context(Lab.open(lab))
            stack.enter_context(records.lock_bench(file.name, file.addresses()))
        except RecordError as lost:
            if not in_need:
                raise
            found.lost = lost
        simulation = None
        if file.simulated is not None and not file.simulated.served:
            plant = find_bench(file.simulated.bench, lab, shell.extra)
            simulation = stack.enter_context(plant(clock, seed=file.simulated.seed or 0, uuts=()))
        links = LinkFactory(
            clock,
            found,
            visa_library=simulation.visa_library if simulation else None,
            locations=simulation.locations if simulation else {},
        )
        stack.callback(links.close)
        bench = Bench(Wiring(file, shelf_for(lab, file.folder), {}), links, found, clock)
        stack.callback(bench.close)
        for name in file.instruments:
            try:
                for step in bench.opening(only={name}):
                    step()
            except BenchctlError as error:  # told with its instrument; the others are opened
                found.errors[name] = error
        yield bench, found, records
