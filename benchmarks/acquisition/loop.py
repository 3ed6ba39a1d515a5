"""What one sample costs: asked, decoded, stamped, stored, summed and checked against limits.

The same reading by bare libraries and, where an environment has them, by PyMeasure and QCoDeS, on
the same server; and what the loop itself costs where the instrument costs nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from fleet import Nobody
from measure import Way
from others import PROGRAMS, QUERY, other
from peers import served
from tasks import Meter, ours

from benchctl.acquire import ANEW, Until, VirtualScheduler, sample
from benchctl.core.clock import RealClock, VirtualClock
from benchctl.core.ports import NullSink
from benchctl.core.running import Running
from benchctl.core.series import Series
from benchctl.driver import Instrument
from benchctl.links import LinkFactory

OURS = "benchctl"
SIMULATED = """
spec: "1.1"
devices:
  meter:
    eom:
      GPIB INSTR: {q: "\\\\n", r: "\\\\n"}
    dialogues:
      - {q: "MEAS:A?", r: "+1.23456789E+00"}
resources:
  GPIB0::7::INSTR: {device: meter}
"""


def sampled(meter: Instrument) -> Callable[[], object]:
    """Return one turn of a sampler: the exchange, and all that is done with its value."""
    series = Series("a", ("a",), ("V",), capacity=8192, keep=1024, running=(Running(0.0, 10.0),))
    return sample(meter.reader("a"), series, RealClock(), period=ANEW).__next__


@contextmanager
def others(python: str | None, address: str, library: str) -> Iterator[dict[str, Way]]:
    """Give the other programs that can be had, each set up."""
    with ExitStack() as stack:
        found: dict[str, Way] = {}
        for program, name in PROGRAMS.items() if python else ():
            assert python is not None
            if it := stack.enter_context(other(python, program, address, library)):
                found[name] = it
        yield found


@contextmanager
def over_tcp(python: str | None, cpu: int) -> Iterator[dict[str, Way]]:
    """Give the ways to read over a socket; the first is the baseline."""
    import pyvisa

    with ExitStack() as stack:
        port = stack.enter_context(served("lines", cpu=cpu))
        address = f"TCPIP::127.0.0.1::{port}::SOCKET"
        manager = pyvisa.ResourceManager("@py")
        stack.callback(manager.close)
        bare: Any = manager.open_resource(address)
        bare.read_termination = bare.write_termination = "\n"
        found = stack.enter_context(others(python, address, "@py"))
        yield {
            "pyvisa-py": lambda: float(bare.query(QUERY)),
            OURS: sampled(ours(stack, Meter, address)),
            **found,
        }


@contextmanager
def over_serial(cpu: int) -> Iterator[dict[str, Way]]:
    """Give the ways to read over a terminal."""
    import pyvisa
    import serial

    with ExitStack() as stack:
        path = stack.enter_context(served("lines", medium="pty", cpu=cpu))
        line = stack.enter_context(serial.Serial(path, 115200, timeout=1))

        def bare() -> float:
            line.write(b"MEAS:A?\n")
            return float(line.readline())

        manager = pyvisa.ResourceManager("@py")
        stack.callback(manager.close)
        third = stack.enter_context(served("lines", medium="pty", cpu=cpu))
        resource: Any = manager.open_resource(f"ASRL{third}::INSTR")
        resource.read_termination = resource.write_termination = "\n"
        second = stack.enter_context(served("lines", medium="pty", cpu=cpu))
        yield {
            "pyserial write + readline": bare,
            OURS: sampled(ours(stack, Meter, f"serial://{second}?baud=115200")),
            "pyvisa-py": lambda: float(resource.query(QUERY)),
        }


@contextmanager
def over_visa(python: str | None) -> Iterator[dict[str, Way]]:
    """Give the ways to read a VISA resource that is no socket: pyvisa-sim's GPIB."""
    import pyvisa

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = folder / "bench.yaml"
        file.write_text(SIMULATED, encoding="utf-8")
        library, address = f"{file}@sim", "GPIB0::7::INSTR"
        manager = pyvisa.ResourceManager(library)
        stack.callback(manager.close)
        bare: Any = manager.open_resource(address)
        bare.read_termination = bare.write_termination = "\n"
        factory = LinkFactory(RealClock(), NullSink(), visa_library=library)
        link, options = factory.open(address, "it")  # closed with the manager, which is the same
        found = stack.enter_context(others(python, address, library))
        yield {
            "pyvisa query": lambda: float(bare.query(QUERY)),
            OURS: sampled(Meter(link, options, name="it")),
            **found,
        }


def virtual_cost(n: int, repeats: int) -> float:
    """Return the CPU s of a sample on the virtual clock where reading costs nothing."""
    took = []
    for _ in range(repeats):
        clock = VirtualClock()
        scheduler = VirtualScheduler(clock, Nobody())
        series = [Series(f"{i}", ("a",), ("V",), capacity=8192, keep=64) for i in range(4)]
        for i, one in enumerate(series):
            task = sample(lambda: (1.0,), one, clock, period=0.1, phase=0.025 * i)
            scheduler.spawn(task, bus=f"bus {i}", name=one.name)

        def main(clock: VirtualClock = clock) -> Any:
            yield Until(clock.now() + 0.1 * n / 4)

        began = time.process_time()
        scheduler.run(main())
        took.append((time.process_time() - began) / sum(s.n for s in series))
    return sorted(took)[len(took) // 2]


def memory_growth(n: int) -> tuple[int, int]:
    """Return bytes that are there after a hundredth of `n` samples, and how many more at the end.

    The samples are spilled as they would be to a journal, with what was heard.
    """
    spilled = 0

    def spill(series: Series) -> None:
        nonlocal spilled
        blob = series.block(spilled).tobytes()
        assert len(blob) == 8 * 4 * len(series.said(spilled))
        spilled = series.n

    reply = b"+1.23456789E+00\n"
    series = Series(
        "a",
        ("a",),
        ("V",),
        capacity=8192,
        keep=1024,
        spill=spill,
        running=(Running(0.0, 2.0),),
        heard=lambda: reply,
    )
    push = series.push
    for _ in range(max(100_000, n // 100)):
        push(1.0, 1.0, (1.5,))
    before = resident()
    for _ in range(n - series.n):
        push(1.0, 1.0, (1.5,))
    assert series.n == n
    return before, resident() - before


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("no VmRSS")
