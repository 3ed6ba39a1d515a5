"""The durable record: what happened in a run, append-only and hash-chained, and what follows.

`Lab` is a lab's folder, `Journal` takes the events of one run, `fold` makes the result document of
them, `verify` finds what was changed since. Nothing here imports the database before a lab is
opened.
"""

from benchctl.records.afterwards import APPROVED, CHECKED, RETURNED
from benchctl.records.amending import Amendment, Fact, State, amend, answered, states, voided
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
from benchctl.records.evidence import (
    document_problems,
    verified_pack,
    write_pack,
    write_verifier,
)
from benchctl.records.fold import SCHEMA, fold, open_undos
from benchctl.records.folders import user_data_folder
from benchctl.records.history import Entry, chart_document, check_history, unit_history
from benchctl.records.journal import Journal, Listener
from benchctl.records.lab import IN_PROCESS, Lab
from benchctl.records.numbering import issue, issue_all
from benchctl.records.present import PresentValues, goes_on, present_values
from benchctl.records.reliance import Reliance, reliance
from benchctl.records.reviewing import Waiting, queue, review
from benchctl.records.rows import RunInfo, StoredEvent
from benchctl.records.run_comparison import compare_runs
from benchctl.records.signed_documents import document_problem, sign_document
from benchctl.records.statements import anchor, note, public_key, rotate_key
from benchctl.records.subgroup_chart import grouped, run_history, subgroup_document
from benchctl.records.valid_numbers import kept_numbers, valid_numbers
from benchctl.records.verify import Checked, Problem, verified, verify
from benchctl.records.work_orders import (
    Taken,
    WorkLine,
    WorkOrder,
    compare_lines,
    lines_of,
    take_lines,
    work_orders,
)

__all__ = [
    "APPROVED",
    "CHECKED",
    "IN_PROCESS",
    "RETURNED",
    "SCHEMA",
    "TEST",
    "Amendment",
    "Annulment",
    "Attempt",
    "Checked",
    "Entry",
    "Fact",
    "Journal",
    "Lab",
    "Listener",
    "PresentValues",
    "Problem",
    "Reliance",
    "RunInfo",
    "State",
    "StoredEvent",
    "Taken",
    "Waiting",
    "WorkLine",
    "WorkOrder",
    "amend",
    "anchor",
    "annul",
    "answered",
    "attempts_of",
    "chart_document",
    "check_history",
    "compare_lines",
    "compare_runs",
    "document_problem",
    "document_problems",
    "export",
    "fold",
    "goes_on",
    "grouped",
    "issue",
    "issue_all",
    "kept_numbers",
    "lines_of",
    "note",
    "open_undos",
    "orders",
    "present_values",
    "public_key",
    "queue",
    "reliance",
    "result_schema",
    "review",
    "rotate_key",
    "run_history",
    "sign_document",
    "standing",
    "states",
    "subgroup_document",
    "take_lines",
    "unit_history",
    "user_data_folder",
    "valid_numbers",
    "verified",
    "verified_pack",
    "verify",
    "voided",
    "work_orders",
    "write_pack",
    "write_verifier",
]
