"""Metrology: uncertainty of a result, decision rules, rounding, density of water.

Plain functions over frozen data; nothing here knows an instrument or a file.
"""

from benchctl.metrology.charts import Chart, Drift, Signal, drift_of, ewma, individuals, interval
from benchctl.metrology.comparisons import normalized_error
from benchctl.metrology.components import (
    Component,
    Input,
    arcsine,
    bounded,
    ctrap,
    dof_of_reliability,
    from_certificate,
    from_readings,
    normal,
    pooled,
    rectangular,
    resolution,
    trapezoid,
    triangular,
)
from benchctl.metrology.consensus import Shift, Step, common_shift, step
from benchctl.metrology.correlation import Correlation, observed_together
from benchctl.metrology.coverage import (
    P_TWO,
    coverage_factor,
    effective_dof,
    shape_factor,
)
from benchctl.metrology.decision import Chances, Decision, chances_of, decide, inside, judge
from benchctl.metrology.derivatives import Model, second_order_u, sensitivity
from benchctl.metrology.interlaboratory import Comparison, Participant, score_all
from benchctl.metrology.platinum import iec60751_resistance, iec60751_temperature
from benchctl.metrology.retests import JudgedRuns, Retest, judge_runs, reference_adequate
from benchctl.metrology.rounding import (
    decimal,
    format_value,
    reported,
    rounded_to_u,
)
from benchctl.metrology.rules import PARAMETERS, RULES, SIMPLE_ACCEPTANCE, Rule, find_rule
from benchctl.metrology.sentences import limits_text, value_text
from benchctl.metrology.subgroups import Subgroups, subgroups
from benchctl.metrology.uncertainty import propagate
from benchctl.metrology.water import (
    air_density,
    buoyancy_factor,
    reference_volume,
    water_density,
)
from benchctl.metrology.zones import Statement

__all__ = [
    "PARAMETERS",
    "P_TWO",
    "RULES",
    "SIMPLE_ACCEPTANCE",
    "Chances",
    "Chart",
    "Comparison",
    "Component",
    "Correlation",
    "Decision",
    "Drift",
    "Input",
    "JudgedRuns",
    "Model",
    "Participant",
    "Retest",
    "Rule",
    "Shift",
    "Signal",
    "Statement",
    "Step",
    "Subgroups",
    "air_density",
    "arcsine",
    "bounded",
    "buoyancy_factor",
    "chances_of",
    "common_shift",
    "coverage_factor",
    "ctrap",
    "decide",
    "decimal",
    "dof_of_reliability",
    "drift_of",
    "effective_dof",
    "ewma",
    "find_rule",
    "format_value",
    "from_certificate",
    "from_readings",
    "iec60751_resistance",
    "iec60751_temperature",
    "individuals",
    "inside",
    "interval",
    "judge",
    "judge_runs",
    "limits_text",
    "normal",
    "normalized_error",
    "observed_together",
    "pooled",
    "propagate",
    "rectangular",
    "reference_adequate",
    "reference_volume",
    "reported",
    "resolution",
    "rounded_to_u",
    "score_all",
    "second_order_u",
    "sensitivity",
    "shape_factor",
    "step",
    "subgroups",
    "trapezoid",
    "triangular",
    "value_text",
    "water_density",
]
