"""Lets the thread that calls wake when it asked to, as far as the system allows."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading

_SET_TIMERSLACK = 29
"""PR_SET_TIMERSLACK of prctl(2)."""
SLACK_NS = 1000
PRIORITY = 10
"""Of SCHED_FIFO, 1 to 99: before every ordinary program, behind the kernel's own threads."""


def may_be_urgent() -> bool:
    """Return whether the system lets a thread come before every ordinary program.

    A thread of its own tries, so that the one that asks stays as it is.
    """
    answers: list[bool] = []
    trial = threading.Thread(target=lambda: answers.append(be_punctual(urgent=True)))
    trial.start()
    trial.join()
    return answers == [True]


def be_punctual(*, urgent: bool = False) -> bool:
    """Let sleeps of this thread end within 1 µs of their instant, where nobody is in the way.

    `urgent`: let nobody be. Returns whether that was allowed; the rest does not matter enough to
    be told.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            prctl = ctypes.CDLL(None, use_errno=True).prctl
            prctl(_SET_TIMERSLACK, ctypes.c_ulong(SLACK_NS), 0, 0, 0)
    if not urgent or not hasattr(os, "sched_setscheduler"):
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except OSError:
        return False
    return True
