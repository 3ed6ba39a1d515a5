"""Compile procedure, bench and batch into a plan; execute it; make safe on every way out."""

from benchctl.engine.gate_alone import run_gate
from benchctl.engine.gate_state import GateFailedError
from benchctl.engine.prepare import Prepared, prepare, read_files, shelf_for
from benchctl.engine.recovery import close_open_runs, left_energised, recover_bench
from benchctl.engine.request import SERVICES, STAGES, RunRequest
from benchctl.engine.run import RunReport, run
from benchctl.engine.truth import truth

__all__ = [
    "SERVICES",
    "STAGES",
    "GateFailedError",
    "Prepared",
    "RunReport",
    "RunRequest",
    "close_open_runs",
    "left_energised",
    "prepare",
    "read_files",
    "recover_bench",
    "run",
    "run_gate",
    "shelf_for",
    "truth",
]
