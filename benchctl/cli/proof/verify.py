"""`benchctl records verify`: is the record still what was written?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.proof.reading import Trusted, anchors_of, certificates_of, keys_of
from benchctl.core.errors import RecordError
from benchctl.core.messages import Message

if TYPE_CHECKING:
    from benchctl.cli.shell import Shell
    from benchctl.records import Checked, Problem

file_path = click.Path(dir_okay=False, path_type=Path)


@new_command("verify", "help-records-verify")
@click.argument("run", required=False, shell_complete=known.runs)
@lab_option
@option("--key", "keys", type=file_path, multiple=True, help="option-key")
@option("--anchor", "anchors", multiple=True, metavar="HEAD|FILE", help="option-anchor")
@option("--tsa-ca", "authorities", type=file_path, multiple=True, help="option-tsa-ca")
@option("--document", type=file_path, help="option-document")
@option("--recompute", is_flag=True, help="option-recompute")
@json_flag
@click.pass_context
def verify(
    ctx: click.Context,
    run: str | None,
    lab: Path | None,
    keys: tuple[Path, ...],
    anchors: tuple[str, ...],
    authorities: tuple[Path, ...],
    document: Path | None,
    recompute: bool,
    as_json: bool,
) -> int:
    """Check that nothing was changed since it was written; exit code 1 where something was."""
    shell = shell_of(ctx)
    if recompute:
        return _recomputed(shell, lab, run, as_json=as_json)
    trusted = Trusted(keys_of(keys), anchors_of(anchors), certificates_of(authorities))
    if run is not None and run.endswith(".zip"):
        from benchctl.records import verified_pack

        found = verified_pack(Path(run), **trusted.given())
    else:
        found = _of_lab(lab, run, trusted, document)
    _show(shell, found, as_json=as_json)
    return int(bool(found.problems))


def _recomputed(shell: Shell, lab: Path | None, run: str | None, *, as_json: bool) -> int:
    """Make every result again from what was recorded."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.cli.recomputing import show_recomputed

    with open_lab(lab) as records:
        return show_recomputed(shell, records, run, as_json=as_json)


def _of_lab(lab: Path | None, run: str | None, trusted: Trusted, document: Path | None) -> Checked:
    """Check the records of a lab, and a document against them.

    Raises:
        RecordError: the records cannot be looked at.
    """
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import Checked, Problem, document_problems, verified

    try:
        with open_lab(lab) as records:
            wanted = records.find_run(run) if run else None
            differing: list[Problem] = []
            if document is not None:
                wanted, differing, carried = document_problems(records, document)
                trusted = replace(trusted, anchors=[*trusted.anchors, *carried])
            found = verified(records, wanted, **trusted.given())
            return replace(found, problems=(*found.problems, *differing))
    except RecordError as error:
        if error.message.id != "records.damaged":
            raise
        return Checked((Problem(run or "-", 0, error.message),), (), (), 0, 0)


def _show(shell: Shell, found: Checked, *, as_json: bool) -> None:
    if as_json:
        shell.out.json(
            {
                "runs": found.runs,
                "heads": found.heads,
                "problems": [_data(shell, p) for p in found.problems],
                "notes": [_data(shell, p) for p in found.notes],
                "unseen": [_said(shell, message) for message in found.unseen],
            }
        )
        return
    for p in found.problems:
        shell.out.line(f"{p.run} #{p.seq}: {plain(shell.words(p.message))}")
    for p in found.notes:
        shell.out.prose(f"{shell.text('note')}: {plain(shell.words(p.message))}", indent=2)
    name = "verify-failed" if found.problems else "verify-passed"
    shell.out.line(shell.text(name, problems=len(found.problems), runs=found.runs))
    for message in found.unseen:
        shell.out.prose(plain(shell.words(message)), indent=2)


def _data(shell: Shell, problem: Problem) -> dict[str, Any]:
    return {"run": problem.run, "seq": problem.seq, **_said(shell, problem.message)}


def _said(shell: Shell, message: Message) -> dict[str, Any]:
    return {"id": message.id, "text": shell.words(message)}
