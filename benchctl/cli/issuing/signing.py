"""Who signs what is issued, before a number is given away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchctl.cli.options import option
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchctl.certificates import LabSettings
    from benchctl.certificates.signing import Signing
    from benchctl.records import Lab


SEALED = ""
"""What `--sign` says where it names no key: the lab's seal of the role, or `--key`."""

sign_option = option(
    "--sign", "signs", is_flag=False, flag_value=SEALED, metavar="[KEY]", help="option-sign"
)


def signing_wanted(
    lab: Lab, settings: LabSettings, options: Mapping[str, Any], *, simulated: bool
) -> Signing | None:
    """Return who signs, None where nobody is to.

    Raises:
        UsageError: a seal is named without `--sign`, or none is known.
        RefusedError: specimens are never signed, or the seal cannot sign now.
    """
    from benchctl.certificates.signing.seal import require_usable
    from benchctl.cli.proof.sealing import signing_of

    if options["signs"] is None:
        if any(options[name] is not None for name in ("role", "key", "chain")):
            raise UsageError(msg("cli.sign-missing"))
        return None
    if simulated:
        raise RefusedError(msg("signing.simulated"))
    if options["signs"] != SEALED:
        if options["key"] is not None:
            raise UsageError(msg("cli.sign-twice"))
        options = {**options, "key": options["signs"]}
    same_person = lab.notary.settings.review.same_person
    signing = signing_of(settings, dict(options), same_person=same_person)
    require_usable(signing.seal, signing.at)
    return signing
