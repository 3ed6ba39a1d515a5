"""`benchctl certificate reissue`: a certificate once more, marked as a duplicate."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.files import write_bytes
from benchctl.cli.issuing.choosing import output_folder
from benchctl.cli.issuing.signing import sign_option, signing_wanted
from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.proof.sealing import seal_options
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.records import Lab
    from benchctl.records.issued import Issuance


@new_command("reissue", "help-certificate-reissue")
@click.argument("number")
@option("--because", metavar="TEXT", required=True, help="option-reissue-because")
@option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="option-certificate-out",
)
@sign_option
@seal_options
@by_option
@lab_option
@json_flag
@click.pass_context
def reissue(ctx: click.Context, /, **options: Any) -> int:
    """Write a duplicate of a certificate and enter it in the register."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records.issued import alone_issuing

    shell = shell_of(ctx)
    if not options["because"].strip():
        raise UsageError(msg("issuing.needs-reason"))
    with open_lab(options["lab"]) as lab, alone_issuing(lab):
        path, made = _duplicate(lab, options)
    if options["as_json"]:
        shell.out.json([{"name": made.number, "path": str(path), "copy": made.copy}])
        return 0
    shell.out.line(shell.words(msg("issuing.duplicate", path=str(path), n=made.copy)))
    return 0


def _duplicate(lab: Lab, options: dict[str, Any]) -> tuple[Path, Issuance]:
    """Make a duplicate of what is in the register; return its file and its entry.

    Raises:
        UsageError: it was never issued.
        RefusedError: another certificate stands in its place.
    """
    from benchctl.certificates import lab_settings
    from benchctl.certificates.copies import duplicate
    from benchctl.certificates.dates import local_day
    from benchctl.certificates.signing import signed_file
    from benchctl.core.clock import utc_now
    from benchctl.records.issued import Kept, issued, kept, register

    number = options["number"]
    found = [e for e in issued(lab) if e.issued.number == number]
    if not found:
        raise UsageError(msg("issuing.not-issued", number=number))
    if found[0].replaced_by:
        raise RefusedError(msg("issuing.is-replaced", number=number, by=found[0].replaced_by))
    settings, was = lab_settings(lab.folder), kept(lab, number)
    n = len(found)
    day = local_day(utc_now().isoformat(), settings.utc_offset).isoformat()
    pdf = duplicate(was.content, was.dcc, settings, n=n, day=day)
    stem = re.sub(r"[^\w.-]+", "_", number).strip(".") or "certificate"
    path = output_folder(options["out"]) / f"{stem}-duplicate-{n}.pdf"
    signing = signing_wanted(lab, settings, options, simulated=False)
    if signing is not None:
        pdf = signed_file(pdf, path.name, signing)
    made = replace(
        found[0].issued,
        copy=n,
        by=person(options["by"]),
        because=options["because"].strip(),
        replaces="",
        file=path.name,
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        signed=signing is not None,
    )
    write_bytes(path, pdf)
    register(lab, [(made, Kept(was.content, was.dcc))])
    return path, made
