"""What becomes of a run when something goes wrong: killed, a cable pulled, a full disk, the clock.

Each trial is a run in a process and a lab folder of its own, spoilt at a certain place, gone on
with by `benchctl resume` where it was cut off, and compared with the same run unspoilt.
"""

from benchctl.faults.accuracy import Agreement, Excess, agreements, excesses
from benchctl.faults.allowance import allowed
from benchctl.faults.campaign import Campaign, Trial, run_campaign
from benchctl.faults.report import markdown
from benchctl.faults.validation import validation

__all__ = [
    "Agreement",
    "Campaign",
    "Excess",
    "Trial",
    "agreements",
    "allowed",
    "excesses",
    "markdown",
    "run_campaign",
    "validation",
]
