"""`benchctl certificate sign FILE ... --as ROLE`, and the options by which others sign too."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of
from benchctl.core.clock import utc_now
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.certificates.sealing import Role, SealSettings
    from benchctl.certificates.signing import Signing

ROLES: tuple[Role, ...] = ("calibrated", "checked", "approved")
F = TypeVar("F", bound=Callable[..., Any])
file_path = click.Path(dir_okay=False, path_type=Path)


def seal_options(function: F) -> F:
    """Declare by what and as what something is signed."""
    role = option("--as", "role", type=click.Choice(ROLES), help="option-as")
    key = option("--key", metavar="FILE|pkcs11:...", help="option-seal-key")
    chain = option("--chain", type=file_path, help="option-chain")
    return role(key(chain(function)))


def signing_of(
    settings: LabSettings, options: dict[str, Any], *, same_person: bool = False
) -> Signing:
    """Return who signs, from the options of a command and the lab's settings.

    Raises:
        UsageError: nobody is named, or a file is missing.
        RefusedError: the key cannot be used.
    """
    from benchctl.certificates.signing import Signing, seal_of

    role: Role = options["role"] or next((r for r in ROLES if r in settings.signers), ROLES[-1])
    named, folder = _named(settings, role, options)
    return Signing(
        seal_of(named, folder, os.environ),
        role,
        utc_now(),
        partial(_ask, settings.tsa) if settings.tsa else None,
        same_person,
    )


def _ask(url: str, request: bytes) -> bytes:
    """Return what a timestamp authority answers; a function that goes to other processes too."""
    from benchctl.records.stamping import ask_by_http

    return ask_by_http(url)(request)


def _named(settings: LabSettings, role: str, options: dict[str, Any]) -> tuple[SealSettings, Path]:
    """Return the seal that is meant, and the folder that its names are from."""
    from benchctl.certificates.sealing import SealSettings

    if options["key"]:
        return SealSettings(key=options["key"], chain=str(options["chain"] or "")), Path()
    if role not in settings.signers:
        raise UsageError(msg("signing.no-key"))
    return settings.signers[role], settings.folder or Path()


@new_command("sign", "help-certificate-sign")
@click.argument("files", nargs=-1, required=True, type=file_path, metavar="FILE...")
@seal_options
@option("--beside", is_flag=True, help="option-sign-beside")
@lab_option
@json_flag
@click.pass_context
def sign(ctx: click.Context, /, **options: Any) -> int:
    """Add the signature of the next role to certificates."""
    from benchctl.certificates.signing import sign_files, sign_files_beside
    from benchctl.cli.files import write_bytes

    shell = shell_of(ctx)
    if options["role"] is None:
        raise UsageError(msg("cli.sign-as-what"))
    settings, same_person = _of_lab(options["lab"])
    signing = signing_of(settings, options, same_person=same_person)
    act = sign_files_beside if options["beside"] else sign_files
    signed = act(options["files"], signing, write_bytes)
    if options["as_json"]:
        shell.out.json([{"name": p.name, "path": str(p), "role": signing.role} for p in signed])
        return 0
    said = shell.words(msg(f"signing.role-{signing.role}"))
    for path in signed:
        shell.out.line(shell.text("certificate-signed", path=str(path), role=said))
    return 0


def _of_lab(folder: Path | None) -> tuple[LabSettings, bool]:
    """Return a lab's settings, and whether one person may sign in two roles there."""
    from benchctl.certificates import LabSettings, lab_settings
    from benchctl.cli.commands.records import open_lab

    try:
        with open_lab(folder) as lab:
            return lab_settings(lab.folder), lab.notary.settings.review.same_person
    except UsageError:
        if folder is not None:
            raise
        return LabSettings(), False  # a certificate can be signed where no records are
