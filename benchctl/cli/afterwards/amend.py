"""`benchctl records amend|history`: corrections with their reason, and every state of a record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchctl.cli import names as known
from benchctl.cli.cells import plain
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.wording import verdict_text
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.core.people import name_of_user
from benchctl.core.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchctl.core.events import ItemJudged, PointJudged
    from benchctl.records import Fact

by_option = option("--by", metavar="NAME", help="option-by")


def person(name: str | None) -> str:
    """Return who acts: as named, or as the system knows the person at the keyboard."""
    return name if name is not None else name_of_user(os.environ)


@new_command("amend", "help-records-amend")
@click.argument("run", shell_complete=known.runs)
@lab_option
@option("--because", metavar="TEXT", required=True, help="option-because")
@by_option
@option("--second", metavar="NAME", default="", help="option-second")
@option("--fact", "facts", metavar="UUT:NAME=VALUE", multiple=True, help="option-fact")
@option("--answer", "answers", metavar="UUT:ITEM=VERDICT", multiple=True, help="option-answer")
@option("--void", "voids", metavar="UUT:POINT", multiple=True, help="option-void")
@click.pass_context
def amend(
    ctx: click.Context,
    run: str,
    lab: Path | None,
    because: str,
    by: str | None,
    second: str,
    facts: tuple[str, ...],
    answers: tuple[str, ...],
    voids: tuple[str, ...],
) -> int:
    """Correct the record of a run; what was recorded stays."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import Amendment, amend, answered, voided

    shell = shell_of(ctx)
    name = person(by)
    if not (facts or answers or voids):
        raise UsageError(msg("cli.amend-what"))
    with open_lab(lab) as records:
        found = records.find_run(run)
        judgements: list[PointJudged | ItemJudged] = []
        for uut, point in _pairs(voids):
            judgements += voided(records, found, uut, point, because)
        for uut, item, text in _triples(answers):
            verdict = _verdict(text)
            judgements.append(
                answered(records, found, uut, item, verdict, by=name, because=because)
            )
        amendment = Amendment(name, because, _facts(facts), judgements, second)
        document = amend(records, found, amendment)
    said = verdict_text(shell, document["verdict"])
    shell.out.line(shell.text("amended", n=document["revision"], run=found, verdict=said))
    return 0


def _facts(texts: Iterable[str]) -> list[Fact]:
    from benchctl.records import Fact

    return [Fact(uut, name, value) for uut, name, value in _triples(texts)]


def _pairs(texts: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in texts:
        uut, colon, name = text.rpartition(":")
        if not (uut and colon and name):
            raise UsageError(msg("cli.amend-form", text=text, form="UUT:POINT"))
        yield uut, name


def _triples(texts: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    for text in texts:
        place, equals, value = text.partition("=")
        uut, colon, name = place.rpartition(":")
        if not (uut and colon and name and equals):
            raise UsageError(msg("cli.amend-form", text=text, form="UUT:NAME=VALUE"))
        yield uut, name, value


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError as error:
        choices = ", ".join(v.value for v in Verdict)
        raise UsageError(msg("cli.amend-verdict", text=text, choices=choices)) from error


@new_command("history", "help-records-history")
@click.argument("run", default="latest", shell_complete=known.runs)
@lab_option
@json_flag
@click.pass_context
def history(ctx: click.Context, run: str, lab: Path | None, as_json: bool) -> int:
    """Show every state of a run's record."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import states

    shell = shell_of(ctx)
    with open_lab(lab) as records:
        found = list(states(records, records.find_run(run)))
    if as_json:
        shell.out.json(
            [
                {
                    "name": str(s.revision),
                    "revision": s.revision,
                    "by": s.by,
                    "at": s.at,
                    "because": s.because,
                    "verdict": s.verdict,
                    "changed": list(s.changed),
                    "document": s.document,
                }
                for s in found
            ]
        )
        return 0
    for s in found:
        verdict = verdict_text(shell, s.verdict)
        name = "state-amended" if s.revision else "state-first"
        line = shell.text(name, n=s.revision, at=s.at, by=s.by, verdict=verdict, because=s.because)
        shell.out.prose(plain(line), indent=2)
        for place in s.changed:
            shell.out.line(f"    {plain(place)}")
    return 0
