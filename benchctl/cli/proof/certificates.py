"""`benchctl certificate verify FILE`: what a certificate proves, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.errors import BenchctlError, UsageError
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from benchctl.certificates.dcc_reading import Dcc
    from benchctl.records import Lab

GOOD, BAD, OPEN = "proved", "problem", "open"
Finding = tuple[str, Message]


@new_command("verify", "help-certificate-verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option(
    "--schema-dir",
    "schemas",
    type=click.Path(file_okay=False, path_type=Path),
    help="option-schema-dir",
)
@lab_option
@json_flag
@click.pass_context
def verify(
    ctx: click.Context, file: Path, schemas: Path | None, lab: Path | None, as_json: bool
) -> int:
    """Say what a certificate proves; exit code 1 where something is wrong with it."""
    shell = shell_of(ctx)
    found = list(_findings(file, lab, schemas))
    if as_json:
        shell.out.json([{"kind": kind, "text": shell.words(text)} for kind, text in found])
    else:
        for kind, text in found:
            shell.out.line(f"{shell.text(f'certificate-{kind}')}  {shell.words(text)}")
    return int(any(kind == BAD for kind, _ in found))


def _findings(file: Path, folder: Path | None, schemas: Path | None) -> Iterator[Finding]:
    from benchctl.certificates.attached import dcc_in
    from benchctl.certificates.dcc_check import check_dcc
    from benchctl.certificates.dcc_reading import read_dcc, schema_problems

    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(msg("cli.cannot-read", path=str(file), reason=reason)) from error
    pdf = data if data.startswith(b"%PDF-") else None
    xml = data if pdf is None else dcc_in(pdf, str(file))
    dcc = read_dcc(xml, str(file))
    wrong = check_dcc(dcc)
    if schemas is not None:
        wrong += schema_problems(xml, schemas)
    yield from ((BAD, problem) for problem in wrong)
    if not wrong:
        yield GOOD, msg("certificates.shape-good")
    yield from _against_record(dcc, xml, pdf, folder)
    signed = b"Signature" in xml or (pdf is not None and b"/ByteRange" in pdf)
    yield OPEN, msg(f"certificates.{'has-signature' if signed else 'unsigned'}")


def _against_record(
    dcc: Dcc, xml: bytes, pdf: bytes | None, folder: Path | None
) -> Iterator[Finding]:
    """Compare a certificate with the one that the record gives now."""
    from benchctl.cli.commands.records import open_lab
    from benchctl.records import verified

    run, _, serial = next((r for r in dcc.records if "/" in r), "").partition("/")
    if not run:
        yield OPEN, msg("certificates.record-unnamed")
        return
    try:
        lab = open_lab(folder)
        lab.find_run(run)
    except UsageError:
        yield OPEN, msg("certificates.record-none", run=run)
        return
    with lab:
        same, specimen, anchor = _same(lab, run, serial, dcc, xml, pdf)
        whole = not verified(lab, run).problems
    yield (
        (GOOD, msg("certificates.record-good", run=run))
        if same
        else (BAD, msg("certificates.record-bad", run=run))
    )
    if whole:
        yield GOOD, msg("certificates.chain-good", run=run, anchor=anchor)
    else:
        yield BAD, msg("certificates.chain-bad", run=run)
    if specimen:
        yield OPEN, msg("certificates.is-specimen")


def _same(
    lab: Lab, run: str, serial: str, dcc: Dcc, xml: bytes, pdf: bytes | None
) -> tuple[bool, bool, str]:
    """Return whether record and certificate agree, whether it is a specimen, and the anchor."""
    from benchctl.certificates import lab_settings
    from benchctl.core.messages import LANGUAGES

    known = [n for n in dcc.languages if n in LANGUAGES]
    documents = {n: lab.document(run, n) for n in known or ["en"]}
    first = next(iter(documents.values()))
    signature = first["log"]["signature"] or {}
    settings = lab_settings(lab.folder)
    made = _made(documents, serial, settings)
    same = any(
        again == xml and (pdf is None or pdf in _pdfs(documents, serial, settings, kind, again))
        for kind, again in made
    )
    return same, bool(first["simulated"]), str(signature.get("anchor") or first["log"]["root"])


def _made(documents: dict[str, Any], serial: str, settings: Any) -> Iterator[tuple[Any, bytes]]:
    """Give the DCC of every kind that the results may bear."""
    from benchctl.certificates import KINDS
    from benchctl.certificates.dcc import dcc_of

    for kind in KINDS:
        try:
            yield kind, dcc_of(documents, serial, settings, kind=kind)
        except BenchctlError:
            continue


def _pdfs(
    documents: dict[str, Any], serial: str, settings: Any, kind: Any, dcc: bytes
) -> Iterator[bytes]:
    from benchctl.certificates import certificate_with_dcc

    for budget in (None, True):
        yield certificate_with_dcc(documents, serial, settings, kind=kind, budget=budget, dcc=dcc)[
            1
        ]
