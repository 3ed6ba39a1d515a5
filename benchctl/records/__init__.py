"""The durable record: what happened in a run, append-only and hash-chained, and what follows.

`Lab` is a lab's folder, `Journal` takes the events of one run, `fold` makes the result document of
them, `verify` finds what was changed since. Nothing here imports the database before a lab is
opened.
"""

from benchctl.records.attempts import (
    TEST,
    Annulment,
    Attempt,
    annul,
    attempts_of,
    orders,
    standing,
)
from benchctl.records.document import export, result_schema
from benchctl.records.fold import SCHEMA, fold, open_undos
from benchctl.records.folders import user_data_folder
from benchctl.records.history import Entry, chart_document, check_history, unit_history
from benchctl.records.journal import Journal, Listener
from benchctl.records.lab import IN_PROCESS, Lab
from benchctl.records.present import PresentValues, goes_on, present_values
from benchctl.records.rows import RunInfo, StoredEvent
from benchctl.records.run_comparison import compare_runs
from benchctl.records.verify import Problem, verify

__all__ = [
    "IN_PROCESS",
    "SCHEMA",
    "TEST",
    "Annulment",
    "Attempt",
    "Entry",
    "Journal",
    "Lab",
    "Listener",
    "PresentValues",
    "Problem",
    "RunInfo",
    "StoredEvent",
    "annul",
    "attempts_of",
    "chart_document",
    "check_history",
    "compare_runs",
    "export",
    "fold",
    "goes_on",
    "open_undos",
    "orders",
    "present_values",
    "result_schema",
    "standing",
    "unit_history",
    "user_data_folder",
    "verify",
]
