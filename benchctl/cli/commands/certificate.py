"""`benchctl certificate`: certificates of a finished run, and what a certificate proves."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli import names as known
from benchctl.cli.afterwards.amend import by_option, person
from benchctl.cli.files import write_bytes
from benchctl.cli.issuing import add_to as add_issuing
from benchctl.cli.issuing.entering import enter
from benchctl.cli.issuing.signing import sign_option, signing_wanted
from benchctl.cli.options import Group, json_flag, lab_option, new_command, option, shell_of
from benchctl.cli.proof.certificates import verify
from benchctl.cli.proof.sealing import seal_options, sign
from benchctl.cli.results_export import TABLES, tables_written
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.certificates.many import Made
    from benchctl.certificates.signing import Signing
    from benchctl.cli.shell import Shell
    from benchctl.records import Lab

MAKE = "make"
LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


class _Certificate(Group):
    """A group in which `certificate RUN` stands for `certificate make RUN`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command before what is none."""
        if args and args[0] not in (*self.commands, "--help"):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


command = _Certificate("certificate", help="help-certificate", no_args_is_help=True)
command.add_command(sign)
command.add_command(verify)
add_issuing(command)


@new_command(MAKE, "help-certificate-make", command)
@click.argument("run", shell_complete=known.runs)
@option("--uut", "uuts", metavar="SERIAL", multiple=True, help="option-certificate-uut")
@option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="option-certificate-out",
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
@option(
    "--format",
    "form",
    type=click.Choice(("pdf", "dcc", "json", *TABLES)),
    default="pdf",
    help="option-certificate-format",
)
@option("--budget", is_flag=True, help="option-certificate-budget")
@sign_option
@seal_options
@by_option
@lab_option
@json_flag
@click.pass_context
def make(ctx: click.Context, /, **options: Any) -> int:
    """Write the certificates of a run."""
    from benchctl.cli.commands.records import open_lab

    shell = shell_of(ctx)
    with open_lab(options["lab"]) as lab:
        written = _written(shell, lab, options)
    if options["as_json"]:
        shell.out.json(written)
        return 0
    for entry in written:
        kind = shell.words(msg(f"certificates.title-{entry['kind']}"))
        told = {"path": entry["path"], "kind": kind, "uut": entry["uut"]}
        shell.out.line(shell.text("certificate-written", **told))
    if any(entry["specimen"] for entry in written):
        shell.out.line(shell.text("certificate-specimen"))
    return 0


def _written(shell: Shell, lab: Lab, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Write every certificate that is asked for and return what was written."""
    from benchctl.certificates import kind_of, lab_settings
    from benchctl.certificates.choosing import unit_of

    run, settings = lab.find_run(options["run"]), lab_settings(lab.folder)
    document = lab.document(run, shell.language)
    serials = _serials(lab, document, options["uuts"])
    for serial in serials:  # all or none: a number is for ever
        kind_of(document, unit_of(document, serial), options["kind"])
    signing = _signing(lab, document, settings, options)
    folder = _folder(options["out"])
    if not document["simulated"]:
        _number(lab, run, serials, settings.name, options["by"])
    if options["form"] in TABLES:
        return tables_written(lab, serials, {**options, "run": run, "out": folder})
    documents = {n: lab.document(run, n) for n in LANGUAGES[options["language"]]}
    written: list[dict[str, Any]] = []
    for serial in serials:
        if options["form"] == "pdf":
            made = _made(documents, serial, settings, options, signing)
            number, kind, data = made.number, made.kind, made.pdf
        else:
            number, kind, data = _certificate(documents, serial, settings, options, signing)
        path = _path(folder, number, options["form"], [str(w["path"]) for w in written])
        write_bytes(path, data)
        if options["form"] == "pdf" and not document["simulated"]:
            about = {"by": person(options["by"]), "file": path.name}
            enter(lab, documents, made, settings, **about, signed=signing is not None)
        entry: dict[str, Any] = {"name": number, "path": str(path), "uut": serial, "kind": kind}
        entry |= {"number": number, "specimen": bool(document["simulated"])}
        written.append(entry | ({"signed": signing.role} if signing else {}))
    return written


def _signing(
    lab: Lab, document: dict[str, Any], settings: LabSettings, options: dict[str, Any]
) -> Signing | None:
    """Return who signs, before a number is given away; None where nobody does."""
    real = not document["simulated"]
    if options["signs"] is not None and real and options["form"] not in ("pdf", "dcc"):
        raise UsageError(msg("cli.sign-what"))
    return signing_wanted(lab, settings, options, simulated=not real)


def _serials(lab: Lab, document: dict[str, Any], wanted: Sequence[str]) -> list[str]:
    """Return the units; not named, those of which no earlier certificate holds."""
    from benchctl.certificates import certifiable, kind_of
    from benchctl.records import kept_numbers

    if wanted:
        return list(dict.fromkeys(wanted))
    kept = {} if document["simulated"] else kept_numbers(lab, document["run"], document)
    found = [serial for serial in certifiable(document) if serial not in kept]
    if not found and kept:
        raise RefusedError(msg("certificates.all-hold", run=str(document["run"])))
    if not found and document["uuts"]:
        kind_of(document, document["uuts"][0])  # says why, where there is one reason
    if not found:
        raise RefusedError(msg("certificates.none", run=str(document["run"])))
    return found


def _number(lab: Lab, run: str, serials: list[str], name: object, by: str | None) -> None:
    """Give the results their numbers, where they have none yet."""
    from benchctl.certificates.settings import FILE
    from benchctl.records import issue

    if not name:
        raise UsageError(
            msg("certificates.no-lab", path=str(lab.folder / FILE)),
            hint=msg("certificates.no-lab-hint"),
        )
    for serial in serials:
        issue(lab, run, serial, by=person(by))


def _made(
    documents: dict[str, Any],
    serial: str,
    settings: LabSettings,
    options: dict[str, Any],
    signing: Signing | None,
) -> Made:
    """Return a certificate as PDF, signed where somebody signs.

    Raises:
        RefusedError: it cannot be set.
    """
    from benchctl.certificates.many import Job, make

    budget = True if options["budget"] else None
    made = make(Job(documents, (serial,), options["kind"], budget, signing), settings)[0]
    if made.problem is not None:
        raise RefusedError(made.problem)
    return made


def _certificate(
    documents: dict[str, Any],
    serial: str,
    settings: LabSettings,
    options: dict[str, Any],
    signing: Signing | None,
) -> tuple[str, str, bytes]:
    """Return number, kind and bytes of a certificate as DCC or JSON."""
    from benchctl.certificates import certificate_of
    from benchctl.certificates.dcc import dcc_of
    from benchctl.certificates.signing import signed_dcc

    kind, budget = options["kind"], True if options["budget"] else None
    made = certificate_of(documents, serial, settings, kind=kind, budget=budget)
    if options["form"] == "dcc" and signing is not None:
        data = signed_dcc(documents, serial, settings, signing, kind=kind)
        return made.number, made.kind, data
    if options["form"] == "dcc":
        return made.number, made.kind, dcc_of(documents, serial, settings, kind=kind)
    text = json.dumps(made.as_json(), ensure_ascii=False, indent=2)
    return made.number, made.kind, f"{text}\n".encode()


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(msg("cli.no-folder", path=str(path))) from error
    return path


def _path(folder: Path, number: str, form: str, taken: Sequence[str]) -> Path:
    """Return the file of a certificate: its number, without what no file name holds."""
    stem = re.sub(r"[^\w.-]+", "_", number).strip(".") or "certificate"
    ending = {"pdf": "pdf", "dcc": "xml", "json": "json"}[form]
    path, n = folder / f"{stem}.{ending}", 1
    while str(path) in taken:
        n += 1
        path = folder / f"{stem}-{n}.{ending}"
    return path
