"""`benchctl certificate issue`: the certificates of a day, of an order, of runs, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.failures import STOPPED
from benchctl.cli.files import write_bytes
from benchctl.cli.issuing.choosing import (
    Chosen,
    choose,
    chosen_runs,
    output_folder,
    require_units,
    selection,
)
from benchctl.cli.issuing.signing import sign_option, signing_wanted
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.proof.sealing import seal_options
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.cli.issuing.batch import Done
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}
SUMMARY, LABELS = "summary.pdf", "labels.pdf"


@new_command("issue", "help-certificate-issue")
@selection
@option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("certificates"),
    help="option-issue-out",
)
@option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default="both",
    help="option-certificate-language",
)
@option(
    "--kind",
    type=click.Choice(("verification", "notice", "calibration")),
    help="option-certificate-kind",
)
@option("--budget", is_flag=True, help="option-certificate-budget")
@option("--dcc", is_flag=True, help="option-issue-dcc")
@option("--labels", is_flag=True, help="option-issue-labels")
@option("--start", type=click.IntRange(1), default=1, help="option-labels-start")
@option("--no-summary", is_flag=True, help="option-issue-no-summary")
@option("--processes", type=click.IntRange(1, 64), help="option-issue-processes")
@sign_option
@seal_options
@by_option
@lab_option
@json_flag
@click.pass_context
def issue(ctx: click.Context, /, **options: Any) -> int:
    """Issue certificates; exit code 1 where one could not be issued, 4 where it was stopped."""
    from benchctl.certificates import lab_settings
    from benchctl.cli.commands.records import open_lab

    shell = shell_of(ctx)
    with open_lab(options["lab"]) as lab:
        settings = lab_settings(lab.folder)
        done = _issue(shell, lab, settings, options)
    if done.stopped:
        shell.err.line(shell.words(msg("issuing.stopped", made=done.made)))
        return STOPPED
    folder = options["out"]
    files = _sheets(done, settings, folder, options)
    if options["as_json"]:
        shell.out.json(done.entries)
    else:
        _show(shell, done, folder, files)
    for run, uut, problem in done.problems:
        told = msg("issuing.problem", run=run, uut=uut, reason=problem)
        shell.err.line(shell.words(told))
    return int(bool(done.problems))


def _issue(shell: Shell, lab: Lab, settings: LabSettings, options: Mapping[str, Any]) -> Done:
    """Choose and issue, while no other process of this lab issues real certificates."""
    from benchctl.cli.issuing.batch import Batch, Wish
    from benchctl.records.issued import alone_issuing

    runs = chosen_runs(lab, options, settings)
    chosen = _choose(lab, runs, options)
    real = any(not c.simulated for c in chosen)
    if real and not settings.name:
        from benchctl.certificates.settings import FILE

        raise UsageError(
            msg("certificates.no-lab", path=str(lab.folder / FILE)),
            hint=msg("certificates.no-lab-hint"),
        )
    wish = Wish(
        languages=LANGUAGES[options["language"]],
        kind=options["kind"],
        budget=True if options["budget"] else None,
        with_dcc=options["dcc"],
        by=person(options["by"]),
        processes=options["processes"],
        signing=signing_wanted(lab, settings, options, simulated=not real),
    )
    folder = output_folder(options["out"])
    with alone_issuing(lab) if real else nullcontext():
        if real:  # another process may have issued some meanwhile
            chosen = _choose(lab, runs, options)
        batch = Batch(lab, settings, folder, wish)
        try:
            return batch.issue(chosen, lambda n, of: _progress(shell, n, of))
        except KeyboardInterrupt:
            batch.done.stopped = True
            return batch.done
        finally:
            shell.err.clear()


def _choose(lab: Lab, runs: Sequence[str], options: Mapping[str, Any]) -> list[Chosen]:
    from benchctl.records.issued import originals

    known = originals(lab)
    chosen = [choose(lab, r, known, order=options["order"], kind=options["kind"]) for r in runs]
    require_units(chosen)
    return chosen


def _progress(shell: Shell, n: int, of: int) -> None:
    shell.err.status([(shell.words(msg("issuing.progress", n=n, of=of)), ())])


def _sheets(
    done: Done, settings: LabSettings, folder: Path, options: Mapping[str, Any]
) -> list[Path]:
    """Write the summary sheet and the labels, where they are wanted; return their files."""
    from benchctl.certificates.labels import labels_pdf
    from benchctl.certificates.summary import summary_pdf

    files = []
    languages = LANGUAGES[options["language"]]
    if done.rows and not options["no_summary"]:
        files.append(folder / SUMMARY)
        rows = sorted(done.rows, key=lambda r: (r.day, r.number == "", r.number))
        write_bytes(files[-1], summary_pdf(rows, settings, languages=languages))
    if done.labels and options["labels"]:
        files.append(folder / LABELS)
        labels = sorted(done.labels, key=lambda label: (label.day, label.number))
        start = options["start"]
        write_bytes(files[-1], labels_pdf(labels, settings, start=start, languages=languages))
    return files


def _show(shell: Shell, done: Done, folder: Path, files: Sequence[Path]) -> None:
    for entry in done.entries:
        if entry["known"]:
            continue
        kind = shell.words(msg(f"certificates.title-{entry['kind']}"))
        told = {"path": str(folder / entry["file"]), "kind": kind, "uut": entry["uut"]}
        shell.out.line(shell.text("certificate-written", **told))
    for file in files:
        shell.out.line(str(file))
    counted = msg("issuing.done", made=done.made, known=done.known, problems=len(done.problems))
    shell.out.line(shell.words(counted))
    without = [row.serial for row in done.rows if not row.number]
    if without:
        shell.out.prose(shell.words(msg("issuing.without", uuts=", ".join(without))), indent=2)
    if any(entry["specimen"] for entry in done.entries):
        shell.out.line(shell.text("certificate-specimen"))
