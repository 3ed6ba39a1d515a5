"""What the register of issued certificates says of one that somebody holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.certificates.signing import Finding
    from benchctl.records import Lab


def register_findings(lab: Lab, number: str, dcc: bytes) -> Iterator[Finding]:
    """Tell whether a certificate was issued, and whether it still stands.

    Args:
        lab: the records.
        number: the certificate's number.
        dcc: its DCC.
    """
    from benchctl.certificates.signing import GOOD, OPEN, WRONG, Finding
    from benchctl.cli.issuing.listing import VALID, standings

    for entry, state in standings(lab):
        if entry.issued.number != number or entry.issued.copy:
            continue
        if state != VALID:
            told = msg(f"issuing.void-{state}", number=number, by=entry.replaced_by)
            yield Finding(WRONG, "register", told)
        elif hashlib.sha256(dcc).hexdigest() == entry.issued.dcc_sha256:
            told = msg("issuing.registered", number=number, at=entry.at)
            yield Finding(GOOD, "register", told)
        else:
            yield Finding(OPEN, "register", msg("issuing.other-file", number=number))
        return
    yield Finding(OPEN, "register", msg("issuing.not-registered", number=number))
