"""`records verify --recompute` on a screen: which numbers of a record are not what it gives."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import plain
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.engine.audit import Recomputed
    from benchctl.records import Lab


def show_recomputed(shell: Shell, lab: Lab, run: str | None, *, as_json: bool) -> int:
    """Recompute one run, or all that were closed; return 1 where a number differs.

    Raises:
        UsageError: there is no such run.
    """
    runs = [lab.find_run(run)] if run else [i.run for i in reversed(lab.runs(None)) if i.outcome]
    documents: list[dict[str, Any]] = []
    bad = False
    for each in runs:
        found = _recomputed(lab, each)
        bad |= isinstance(found, Message) or bool(found.differences)
        if as_json:
            documents.append(_document(shell, each, found))
        else:
            for message in _sentences(each, found):
                shell.out.line(plain(shell.words(message)))
    if as_json:
        shell.out.json(documents)
    return int(bad)


def _recomputed(lab: Lab, run: str) -> Recomputed | Message:
    from benchctl.engine.audit import Evidence, recompute

    try:
        return recompute(Evidence.read(lab, run))
    except BenchctlError as error:
        return msg("audit.not-recomputed", run=run, reason=error.message)


def _sentences(run: str, found: Recomputed | Message) -> list[Message]:
    if isinstance(found, Message):
        return [found]
    said = [d.message for d in found.differences]
    if found.unread:
        said.append(msg("audit.unread", run=run, roles=", ".join(found.unread)))
    if found.own:
        said.append(msg("audit.own", run=run, count=found.own))
    if found.old:
        said.append(msg("audit.no-inputs", run=run))
    counts = {
        "numbers": sum(found.compared.values()),
        "results": found.results,
        "differences": len(found.differences),
    }
    return [*said, msg("audit.recomputed", run=run, oracle=found.oracle, **counts)]


def _document(shell: Shell, run: str, found: Recomputed | Message) -> dict[str, Any]:
    if isinstance(found, Message):
        return {"name": run, "run": run, "problem": shell.words(found)}
    return {
        "name": run,
        "run": run,
        "oracle": found.oracle,
        "results": found.results,
        "compared": dict(found.compared),
        "unread": dict(found.unread),
        "own": found.own,
        "differences": [{**asdict(d), "text": shell.words(d.message)} for d in found.differences],
    }
