"""Compile procedure, bench and batch into a plan; execute it; make safe on every way out."""

from benchctl.engine.control import Control
from benchctl.engine.fit import check_fit, check_on_bench
from benchctl.engine.gate_alone import run_gate
from benchctl.engine.gate_state import GateFailedError
from benchctl.engine.identity import software
from benchctl.engine.lineup import SPOOL, Lineup
from benchctl.engine.prepare import Prepared, default_operator, prepare, read_files, shelf_for
from benchctl.engine.recovery import (
    close_left_simulated,
    close_open_runs,
    left_energised,
    recover_bench,
)
from benchctl.engine.register import LabRegister
from benchctl.engine.request import SERVICES, STAGES, RunRequest
from benchctl.engine.run import RunReport, run
from benchctl.engine.scanning import lineup_for, placed
from benchctl.engine.truth import truth

__all__ = [
    "SERVICES",
    "SPOOL",
    "STAGES",
    "Control",
    "GateFailedError",
    "LabRegister",
    "Lineup",
    "Prepared",
    "RunReport",
    "RunRequest",
    "check_fit",
    "check_on_bench",
    "close_left_simulated",
    "close_open_runs",
    "default_operator",
    "left_energised",
    "lineup_for",
    "placed",
    "prepare",
    "read_files",
    "recover_bench",
    "run",
    "run_gate",
    "shelf_for",
    "software",
    "truth",
]
