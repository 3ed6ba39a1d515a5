"""A run in a process of its own that kills itself with SIGKILL once a certain event is on the disk.

    python killed_run.py LAB PROCEDURE UNITS N [RUN]

The N-th event that the listener is told is the last; it was acknowledged, so it must not be lost.
With RUN that run goes on instead.
"""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lab_folder import LabFolder

from benchctl.engine import resume, run


def main():
    lab, procedure, units, n, *again = sys.argv[1:]
    told = 0

    def listener(stored):
        nonlocal told
        told += stored.seq > 0
        if told == int(n):
            print(stored.seq, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    request = LabFolder(Path(lab)).request(procedure, units=int(units))
    if again:
        resume(again[0], request, listeners=[listener])
    else:
        run(request, listeners=[listener])


if __name__ == "__main__":
    main()
