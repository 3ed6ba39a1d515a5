"""Other programs that read an instrument, in a process and an environment of their own.

    /tmp/peers/bin/python others.py pymeasure TCPIP::127.0.0.1::5025::SOCKET @py

Every line on standard input is a number of readings; the answer is CPU and wall time in s. They are
not ours and need not be installed where benchctl is: `run.py --peers PYTHON` names the interpreter
of an environment that has them (pip install pymeasure qcodes pyvisa-py pyvisa-sim).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUERY = "MEAS:A?"
PROGRAMS = {"pymeasure": "PyMeasure", "qcodes": "QCoDeS"}


def pymeasure(address: str, library: str) -> Callable[[], float]:
    from pymeasure.instruments import Instrument

    class Meter(Instrument):
        a = Instrument.measurement(QUERY, "First.")

    ends = {"read_termination": "\n", "write_termination": "\n"}
    meter = Meter(address, "meter", includeSCPI=False, visa_library=library, **ends)
    return lambda: meter.a


def qcodes(address: str, library: str) -> Callable[[], float]:
    from qcodes.instrument import VisaInstrument

    meter = VisaInstrument("meter", address, visalib=library, terminator="\n")
    meter.add_parameter("a", get_cmd=QUERY, get_parser=float, unit="V")
    return meter.a


class Other:
    """Another program that was set up; `measure` lets it read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def measure(self, n: int) -> tuple[float, float]:
        """Return CPU and wall time of `n` readings, in s.

        Raises:
            RuntimeError: it ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{n}\n")
        self._process.stdin.flush()
        told = self._process.stdout.readline().split()
        if len(told) != 2:
            raise RuntimeError("the other program ended")
        return float(told[0]), float(told[1])


@contextmanager
def other(python: str, program: str, address: str, library: str) -> Iterator[Other | None]:
    """Give a program that reads the first channel at an address, None where it cannot be had."""
    argv = [python, __file__, program, address, library]
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        ready = process.stdout.readline().strip() == "ready"
        yield Other(process) if ready else None
    finally:
        process.kill()
        process.wait()


def main() -> None:
    program, address, library = sys.argv[1:]
    read = {"pymeasure": pymeasure, "qcodes": qcodes}[program](address, library)
    assert read() == 1.23456789
    print("ready", flush=True)
    for line in sys.stdin:
        n = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(n):
            read()
        print(time.process_time() - cpu, time.perf_counter() - wall, flush=True)


if __name__ == "__main__":
    main()
