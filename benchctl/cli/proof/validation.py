"""`benchctl records validate|validated`: a signed validation report of this software.

What is run here are rehearsals in a folder of their own; only the report's hash goes to the lab.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.cells import plain
from benchctl.cli.files import require_writable, write_text
from benchctl.cli.options import json_flag, new_command, option, shell_of
from benchctl.cli.requests import request_from, request_options
from benchctl.cli.shell import Shell
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.faults import Agreement, Trial

USUAL_RUNS, USUAL_ACTIONS, USUAL_EVENTS = 5, 8, 8
_file = click.Path(dir_okay=False, path_type=Path)


@new_command("validate", "help-records-validate")
@request_options
@option("--out", type=_file, metavar="FILE.json", required=True, help="option-validation-out")
@by_option
@option("--runs", type=click.IntRange(1), default=USUAL_RUNS, help="option-validation-runs")
@option("--actions", type=click.IntRange(1), default=USUAL_ACTIONS, help="option-actions")
@option("--every-action", is_flag=True, help="option-every-action")
@option("--random", "events", type=click.IntRange(0), default=USUAL_EVENTS, help="option-random")
@click.pass_context
def validate(ctx: click.Context, /, **options: Any) -> int:
    """Compare simulated runs with the truth, inject faults, and sign what came of it."""
    from benchctl.cli.commands.faults import with_seed
    from benchctl.faults import Campaign, validation
    from benchctl.records import Lab, sign_document

    shell, out = shell_of(ctx), options["out"]
    require_writable(out)
    request = with_seed(request_from(ctx, options, yes=True))
    with Lab.open(request.lab) as lab, tempfile.TemporaryDirectory(prefix="benchctl-val-") as name:
        campaign = Campaign(
            request,
            Path(name),
            actions=None if options["every_action"] else options["actions"],
            events=options["events"],
        )
        report = validation(
            campaign,
            runs=options["runs"],
            by=person(options["by"]),
            told=lambda part: _tell(shell, part),
        )
        signed = sign_document(lab, report, "validation")
    write_text(out, json.dumps(signed, ensure_ascii=False, indent=2) + "\n")
    told = {"path": str(out), "key": signed["signature"]["key"]}
    shell.out.line(shell.text("validation-signed", wrong=report["wrong"], **told))
    return int(not report["passed"])


def _tell(shell: Shell, part: Agreement | Trial) -> None:
    from benchctl.cli.commands.faults import tell
    from benchctl.faults import Trial

    if isinstance(part, Trial):
        tell(shell, part)
        return
    told = {"seed": part.seed, "results": part.results, "within": part.within}
    line = shell.text("validation-run", largest=f"{part.largest:.2f}", **told)
    wrong = "; ".join(part.wrong) or shell.text("faults-held")
    shell.out.line(f"{line}  {plain(wrong)}")


@new_command("validated", "help-records-validated")
@click.argument("file", type=_file)
@option("--key", "keys", type=_file, multiple=True, metavar="FILE", help="option-validated-key")
@json_flag
@click.pass_context
def validated(ctx: click.Context, file: Path, keys: tuple[Path, ...], as_json: bool) -> int:
    """Check a validation report: its signature, and whether it is of this very software."""
    from benchctl.engine import software
    from benchctl.records import document_problem
    from benchctl.verifier.signatures import KeyFormatError, public_key

    shell = shell_of(ctx)
    try:
        known = [public_key(path.read_text(encoding="utf-8")) for path in keys]
    except (KeyFormatError, OSError, ValueError) as error:
        raise UsageError(msg("cli.validated-key", reason=str(error))) from error
    report = _read(file)
    problem = document_problem(report, known)
    same = report["software"].get("id") == software()["id"]
    passed = bool(report.get("passed"))
    if as_json:
        why = None if problem is None else shell.words(problem)
        found = {"problem": why, "same_software": same, "passed": passed}
        shell.out.json({**found, "by": report.get("by"), "ended": report.get("ended")})
    else:
        if problem is not None:
            shell.out.line(shell.words(problem))
        elif not known:
            shell.out.line(shell.text("validated-own-key"))
        name = "validated-same" if same else "validated-other"
        shell.out.line(shell.text(name, version=plain(str(report["software"].get("version")))))
        told = {"by": plain(str(report.get("by"))), "at": plain(str(report.get("ended")))}
        shell.out.line(shell.text("validated-passed" if passed else "validated-failed", **told))
    return int(problem is not None or not same or not passed)


def _read(file: Path) -> dict[str, Any]:
    """Return a validation report.

    Raises:
        UsageError: it is none.
    """
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(msg("cli.no-validation", path=str(file))) from error
    known = isinstance(report, dict) and str(report.get("schema", "")).startswith(
        "benchctl.validation/"
    )
    if not known or not isinstance(report.get("software"), dict):
        raise UsageError(msg("cli.no-validation", path=str(file)))
    return dict(report)
