"""Compile procedure, bench and batch into a plan; execute it; make safe on every way out."""

from benchctl.engine.control import Control
from benchctl.engine.fit import check_fit, check_on_bench
from benchctl.engine.gate_alone import run_gate
from benchctl.engine.gate_state import GateFailedError
from benchctl.engine.identity import software, software_of
from benchctl.engine.lineup import SPOOL, Lineup
from benchctl.engine.one_run import RunReport
from benchctl.engine.prepare import Prepared, default_operator, prepare, read_files, shelf_for
from benchctl.engine.recovery import (
    close_cut_off,
    close_left_simulated,
    close_simulated,
    left_energised,
    note_open_runs,
    recover_bench,
)
from benchctl.engine.register import LabRegister
from benchctl.engine.request import SERVICES, STAGES, RunRequest
from benchctl.engine.run import resume, run
from benchctl.engine.scanning import lineup_for, placed
from benchctl.engine.so_far import SoFar
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
    "SoFar",
    "check_fit",
    "check_on_bench",
    "close_cut_off",
    "close_left_simulated",
    "close_simulated",
    "default_operator",
    "left_energised",
    "lineup_for",
    "note_open_runs",
    "placed",
    "prepare",
    "read_files",
    "recover_bench",
    "resume",
    "run",
    "run_gate",
    "shelf_for",
    "software",
    "software_of",
    "truth",
]
