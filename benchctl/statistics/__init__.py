"""Statistics over many results, for the quality manager: rates, errors, drift with age, sampling.

    units = [u for d in documents for u in units_of(d, fact)]
    found = statistics_of(units)
    report = report_of(found, "zh")           # sections with tables and charts
    html_of(report); report_data(report)      # a page that needs nothing else; data for the PDF

Nothing here knows the database: what is counted are result documents.
"""

from benchctl.statistics.attributes import DoublePlan, SinglePlan, two_point_single
from benchctl.statistics.gathering import Measured, Unit, units_of
from benchctl.statistics.html import html_of
from benchctl.statistics.lots import Lot, LotResult, judge_lot
from benchctl.statistics.plans import FoundPlan, Sampling, find_plan, load_plans
from benchctl.statistics.report import Report, report_data, report_of
from benchctl.statistics.summing import statistics_of
from benchctl.statistics.variables import VariablesPlan, matched, two_point_variables

__all__ = [
    "DoublePlan",
    "FoundPlan",
    "Lot",
    "LotResult",
    "Measured",
    "Report",
    "Sampling",
    "SinglePlan",
    "Unit",
    "VariablesPlan",
    "find_plan",
    "html_of",
    "judge_lot",
    "load_plans",
    "matched",
    "report_data",
    "report_of",
    "statistics_of",
    "two_point_single",
    "two_point_variables",
    "units_of",
]
