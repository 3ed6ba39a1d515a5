"""Procedures: the YAML language in which a verification is written, read, checked and resolved.

    diagnostics = Diagnostics()
    procedure = load_procedure(find_procedure("water-meter"), diagnostics)
    diagnostics.raise_if_failed()
    values, problems = procedure.parameters_from({"Q3": "2.5"})
    resolved = procedure.resolve(values, stage="initial")

Expressions are evaluated on plain floats in the units that the file declares.
"""

from benchctl.procedure.across_values import across_env
from benchctl.procedure.batch_check import BatchUnit, check_batch
from benchctl.procedure.check import check_file
from benchctl.procedure.declared import (
    CYCLE,
    Band,
    Component,
    Decision,
    EachPoint,
    Limit,
    LineRule,
    Measurand,
    Need,
    Parameter,
    Point,
    Retest,
    Settle,
    Standard,
    Standing,
    Totalise,
    Where,
)
from benchctl.procedure.declared_by_hand import ByPerson, Prompting
from benchctl.procedure.declared_items import (
    AcrossItem,
    Adjust,
    AfterGap,
    AfterLeak,
    AskItem,
    Bound,
    HoldItem,
    Item,
    PointsItem,
    ReadItem,
    Suspend,
    VentItem,
)
from benchctl.procedure.declared_readings import COUNTING, WAITING, HowMany, Readings, Timed
from benchctl.procedure.differences import Difference, differences
from benchctl.procedure.equation import CONTEXT, Derived, Model
from benchctl.procedure.find import FoundProcedure, find_procedure, list_procedures
from benchctl.procedure.load import load_procedure
from benchctl.procedure.parameters import shown_value
from benchctl.procedure.pictures import picture_files, pictures_of
from benchctl.procedure.procedure import Procedure, choice_text
from benchctl.procedure.resolved import ResolvedHowMany, ResolvedPoint, ResolvedUut
from benchctl.procedure.schema import procedure_schema

__all__ = [
    "CONTEXT",
    "COUNTING",
    "CYCLE",
    "WAITING",
    "AcrossItem",
    "Adjust",
    "AfterGap",
    "AfterLeak",
    "AskItem",
    "Band",
    "BatchUnit",
    "Bound",
    "ByPerson",
    "Component",
    "Decision",
    "Derived",
    "Difference",
    "EachPoint",
    "FoundProcedure",
    "HoldItem",
    "HowMany",
    "Item",
    "Limit",
    "LineRule",
    "Measurand",
    "Model",
    "Need",
    "Parameter",
    "Point",
    "PointsItem",
    "Procedure",
    "Prompting",
    "ReadItem",
    "Readings",
    "ResolvedHowMany",
    "ResolvedPoint",
    "ResolvedUut",
    "Retest",
    "Settle",
    "Standard",
    "Standing",
    "Suspend",
    "Timed",
    "Totalise",
    "VentItem",
    "Where",
    "across_env",
    "check_batch",
    "check_file",
    "choice_text",
    "differences",
    "find_procedure",
    "list_procedures",
    "load_procedure",
    "picture_files",
    "pictures_of",
    "procedure_schema",
    "shown_value",
]
