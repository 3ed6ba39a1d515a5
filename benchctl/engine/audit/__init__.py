"""What a record says for itself: traced, recomputed, judged again. Nothing here touches a bench.

evidence = Evidence.read(lab, run)
trace(evidence, "W-0001", "Q3")         # from printed numbers back to raw bytes
recompute(evidence)                     # every result again, from raw readings and budgets
rejudge(evidence, rule="jcgm-106")      # what another rule or edition would have said
"""

from benchctl.engine.audit.evidence import Evidence
from benchctl.engine.audit.recompute import Difference, Recomputed, recompute
from benchctl.engine.audit.rejudge import Rejudged, Unit, rejudge, units_of
from benchctl.engine.audit.trace import NUMBERS, overview, trace

__all__ = [
    "NUMBERS",
    "Difference",
    "Evidence",
    "Recomputed",
    "Rejudged",
    "Unit",
    "overview",
    "recompute",
    "rejudge",
    "trace",
    "units_of",
]
