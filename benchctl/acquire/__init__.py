"""The acquisition loop: scheduler, samplers, settling, estimates, flying totals.

Readings are pushed into a `Series` by samplers that run as tasks of a scheduler; what a window of
them says comes out as an `Estimate` or a `Total`.
"""

from benchctl.acquire.blocks import Block, Part, blocks
from benchctl.acquire.by_hand import by_hand
from benchctl.acquire.comparing import Difference, drift_free
from benchctl.acquire.digitising import digitised
from benchctl.acquire.estimates import estimate
from benchctl.acquire.how_many import (
    Count,
    Early,
    HowMany,
    Look,
    Precise,
    Screening,
    Span,
    Stages,
)
from benchctl.acquire.outliers import outliers as suspected_readings
from benchctl.acquire.pairs import Pairs, side_by_side, usable
from benchctl.acquire.pulse_comparison import PulseComparison, pulse_comparison
from benchctl.acquire.punctual import may_be_urgent
from benchctl.acquire.real_time import RealScheduler
from benchctl.acquire.rounds import Station, rounds
from benchctl.acquire.sampling import (
    ANEW,
    OnError,
    Reader,
    Tally,
    read_row,
    round_robin,
    sample,
)
from benchctl.acquire.schedule import scheduler_for
from benchctl.acquire.settling import SettleOutcome, SettleState, settle, settled
from benchctl.acquire.standing import mean_by_volume, standing_total
from benchctl.acquire.stats import describe
from benchctl.acquire.totals import Total, flying_total
from benchctl.acquire.tracks import MeterTrack, ReferenceTrack
from benchctl.acquire.virtual_time import VirtualScheduler
from benchctl.acquire.waits import Ask, Job, Scheduler, Task, Until, Wait, When
from benchctl.acquire.warm import warm_up

__all__ = [
    "ANEW",
    "Ask",
    "Block",
    "Count",
    "Difference",
    "Early",
    "HowMany",
    "Job",
    "Look",
    "MeterTrack",
    "OnError",
    "Pairs",
    "Part",
    "Precise",
    "PulseComparison",
    "Reader",
    "RealScheduler",
    "ReferenceTrack",
    "Scheduler",
    "Screening",
    "SettleOutcome",
    "SettleState",
    "Span",
    "Stages",
    "Station",
    "Tally",
    "Task",
    "Total",
    "Until",
    "VirtualScheduler",
    "Wait",
    "When",
    "blocks",
    "by_hand",
    "describe",
    "digitised",
    "drift_free",
    "estimate",
    "flying_total",
    "may_be_urgent",
    "mean_by_volume",
    "pulse_comparison",
    "read_row",
    "round_robin",
    "rounds",
    "sample",
    "scheduler_for",
    "settle",
    "settled",
    "side_by_side",
    "standing_total",
    "suspected_readings",
    "usable",
    "warm_up",
]
