"""The table of a campaign, as text for a page."""

from __future__ import annotations

from collections.abc import Sequence

from benchctl.faults.campaign import Trial


def markdown(trials: Sequence[Trial], title: str) -> str:
    """Return the trials as a page in Markdown."""
    broken = sum(bool(t.broken) for t in trials)
    lines = [
        f"# {title}",
        "",
        f"{len(trials)} trials, {broken} with a promise that did not hold.",
        "",
        "| fault | where | exit | outcome | gone on | lost | promises |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {t.fault} | {t.place} | {t.exit_code} | {t.outcome} | {'yes' if t.resumed else '-'} "
        f"| {t.lost} | {'; '.join(t.broken) or 'held'} |"
        for t in trials
    ]
    return "\n".join(lines) + "\n"
