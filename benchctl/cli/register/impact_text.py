"""What a standard stood behind, as a person or a program wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import table
from benchctl.cli.wording import verdict_text
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.engine.impact import Affected

JSON = dict[str, Any]


def impact_json(shell: Shell, name: str, since: str, affected: Sequence[Affected]) -> JSON:
    """Return the answer of `assets impact --json`."""
    from benchctl.engine.impact import counts

    return {
        "standard": name,
        "since": since or None,
        **counts(affected),
        "affected": [_point(shell, a) for a in affected],
    }


def _point(shell: Shell, a: Affected) -> JSON:
    return {
        "run": a.use.run,
        "utc": a.use.utc,
        "procedure": a.use.procedure,
        "service": a.use.service,
        "simulated": a.use.simulated,
        "certificate": a.use.certificate,
        "roles": list(a.use.roles),
        "direct": a.use.direct,
        "uut": a.use.uut,
        "point": a.use.point,
        "unit": a.unit or None,
        "error": a.use.error,
        "U": a.U,
        "verdict": a.use.verdict or None,
        "new_error": a.new_error,
        "new_U": a.new_U,
        "new_verdict": a.new_verdict,
        "changes": a.changes,
        "why": None if a.why is None else {"id": a.why.id, "text": shell.words(a.why)},
        "problem": None if a.problem is None else shell.words(a.problem),
    }


def impact_lines(
    shell: Shell, name: str, affected: Sequence[Affected], *, judged: bool
) -> Iterator[str]:
    """Give the lines that tell it: the sum, then every point, those that change first."""
    from benchctl.engine.impact import counts

    total = counts(affected)
    if not affected:
        yield shell.words(msg("assets.impact-none", name=name))
        return
    sum_ = {key: total[key] for key in ("runs", "uuts", "points", "direct")}
    yield shell.words(msg("assets.impact-sum", name=name, **sum_))
    if judged:
        colour = "red" if total["changed"] else "green"
        changed = shell.words(msg("assets.impact-changed", count=total["changed"]))
        yield shell.out.paint(changed, colour, "bold")
    yield ""
    names = ["run", "when", "unit", "point", "error", "verdict"]
    names += ["new-error", "new-verdict"] if judged else ["direct"]
    rows = [_row(shell, a, judged=judged) for a in sorted(affected, key=lambda a: not a.changes)]
    yield from table([shell.words(msg(f"assets.impact-{n}")) for n in names], rows, right={4, 6})
    for text in dict.fromkeys(shell.words(a.problem) for a in affected if a.problem):
        yield shell.words(msg("assets.impact-unknown", why=text))


def _row(shell: Shell, a: Affected, *, judged: bool) -> list[str]:
    simulated = f" ({shell.text('simulated')})" if a.use.simulated else ""
    row = [
        f"{a.use.run}{simulated}",
        a.use.utc[:10],
        a.use.uut,
        a.use.point,
        "-" if a.use.error is None else f"{a.use.error:+.3g} {a.unit}".strip(),
        verdict_text(shell, a.use.verdict or None),
    ]
    if not judged:
        return [*row, shell.words(msg(f"assets.impact-is-{'direct' if a.use.direct else 'not'}"))]
    new = "-" if a.new_error is None else f"{a.new_error:+.3g} {a.unit}".strip()
    verdict = verdict_text(shell, a.new_verdict) if a.new_verdict else "-"
    if a.problem is not None:
        verdict = "?"
    return [*row, new, f"{verdict} <-" if a.changes else verdict]
