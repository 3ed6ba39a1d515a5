"""What the signatures of a certificate prove, line by line: unchanged, by whom, trusted how far.

for finding in signature_findings(data, "W-1.pdf", Reader(now, roots)): ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchctl.certificates.attached import dcc_in
from benchctl.certificates.sealing import ROLES
from benchctl.certificates.signing.beside import signatures_beside
from benchctl.certificates.signing.found import DCC, PDF, Found
from benchctl.certificates.signing.pades_reading import pdf_signatures, signed_first
from benchctl.certificates.signing.seal import ALGORITHMS
from benchctl.certificates.signing.stamping import StampError, stamped_at
from benchctl.certificates.signing.trust import TrustError, trusted_root
from benchctl.certificates.signing.xades_reading import dcc_signatures
from benchctl.core.messages import Message, msg

GOOD, WRONG, OPEN = "proved", "problem", "open"
LATE = timedelta(minutes=10)
"""So far ahead may another computer's clock be."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a certificate proves, does not prove, or that is wrong with it.

    `aspect` is what it is about: form, integrity, signer, time, attachment, record, anchor.
    """

    kind: str
    aspect: str
    text: Message


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a certificate: whose roots they trust (DER), for signers and for timestamps."""

    now: datetime
    roots: Sequence[bytes] = ()
    authorities: Sequence[bytes] = ()


def signature_findings(data: bytes, name: str, reader: Reader) -> Iterator[Finding]:
    """Give what the signatures of a certificate prove.

    Args:
        data: the certificate, PDF or DCC.
        name: what it is called where it cannot be read.
        reader: who asks, when, and whom they trust.

    Raises:
        UsageError: it is neither PDF nor DCC.
    """
    if not data.startswith(b"%PDF-"):
        yield from _all(dcc_signatures(data, name), reader)
        return
    on_pdf = pdf_signatures(data, name)
    xml = dcc_in(data, name)
    on_dcc = dcc_signatures(xml, name)
    yield from _all([*on_pdf, *on_dcc], reader)
    if on_pdf:
        yield _attachment(data, xml, [*on_pdf, *on_dcc], signed=bool(on_dcc))
    elif on_dcc:
        yield Finding(WRONG, "integrity", msg("signing.pdf-unsigned"))


def beside_findings(
    path: Path, data: bytes, reader: Reader, verifier: Sequence[str] = ()
) -> Iterator[Finding]:
    """Give what the signatures prove that lie beside a file.

    Args:
        path: the file.
        data: what is in it.
        reader: who asks, when, and whom they trust.
        verifier: a program that checks signatures by algorithms that are not known here.
    """
    for beside in signatures_beside(path, data, verifier):
        if beside.found.problem is not None or beside.algorithm in ALGORITHMS:
            yield from _of(beside.found, reader)
            continue
        said = _said(beside.found) | {"algorithm": beside.algorithm}
        if beside.checked:
            yield Finding(GOOD, "integrity", msg("signing.beside-whole", **said))
        else:
            yield Finding(OPEN, "integrity", msg("signing.beside-unchecked", **said))


def _all(found: Sequence[Found], reader: Reader) -> Iterator[Finding]:
    if not found:
        yield Finding(OPEN, "signer", msg("certificates.unsigned"))
    for signature in found:
        yield from _of(signature, reader)
    for form in dict.fromkeys(f.form for f in found):
        roles = [f.role for f in found if f.form == form]
        if any(r not in ROLES for r in roles) or roles != sorted(roles, key=_place):
            yield Finding(
                OPEN, "signer", msg("signing.roles", roles=", ".join(r or "?" for r in roles))
            )


def _place(role: str) -> int:
    return ROLES.index(role) if role in ROLES else len(ROLES)


def _of(found: Found, reader: Reader) -> Iterator[Finding]:
    said = _said(found)
    if found.problem is not None:
        yield Finding(WRONG, "integrity", msg("signing.not-whole", **said, problem=found.problem))
        return
    yield Finding(GOOD, "integrity", msg("signing.whole", **said))
    at, lines = _time(found, reader)
    yield from lines
    if at is None:
        return
    try:
        root = trusted_root(found.chain, reader.roots, at) if reader.roots else ""
    except TrustError as error:
        yield Finding(WRONG, "signer", msg("signing.untrusted", **said, reason=str(error)))
        return
    if root:
        yield Finding(GOOD, "signer", msg("signing.trusted", **said, root=root))
    else:
        yield Finding(OPEN, "signer", msg("signing.no-roots", **said))


def _said(found: Found) -> dict[str, Message | str]:
    """Return who signed what as what and when, for a sentence."""
    return {
        "form": msg(f"signing.form-{found.form}"),
        "by": found.by,
        "role": _role(found.role),
        "at": "?" if found.at is None else _text(found.at),
    }


def _time(found: Found, reader: Reader) -> tuple[datetime | None, list[Finding]]:
    """Return when something was signed, by a trusted stamp or else its signer; and findings."""
    if found.at is None:
        return None, [Finding(WRONG, "time", msg("signing.no-time", by=found.by))]
    if found.at > reader.now + LATE:
        told = msg("signing.future", by=found.by, at=_text(found.at))
        return None, [Finding(WRONG, "time", told)]
    if not found.stamp:
        return found.at, []
    try:
        at, trusted = stamped_at(found.stamp, found.stamped, reader.authorities)
    except StampError as error:
        return None, [Finding(WRONG, "time", msg("signing.bad-stamp", reason=str(error)))]
    if at < found.at - LATE:
        return None, [Finding(WRONG, "time", msg("signing.bad-stamp", reason=_text(at)))]
    name = "signing.stamped" if trusted else "signing.stamped-unknown"
    kind = GOOD if trusted else OPEN
    finding = Finding(kind, "time", msg(name, by=found.by, at=_text(at)))
    return at if trusted else found.at, [finding]


def _attachment(data: bytes, xml: bytes, found: Sequence[Found], *, signed: bool) -> Finding:
    """Tell whether the DCC in a signed PDF is the one that was in it when it was signed."""
    if any(f.problem is not None for f in found):
        return Finding(WRONG, "attachment", msg("signing.attached-unsure"))
    if dcc_in(signed_first(data)) != xml:
        return Finding(WRONG, "attachment", msg("signing.attached-other"))
    if not signed:
        return Finding(OPEN, "attachment", msg("signing.attached-unsigned"))
    on_dcc, on_pdf = ({f.chain[0] for f in found if f.form == form} for form in (DCC, PDF))
    if not on_dcc & on_pdf:
        return Finding(WRONG, "attachment", msg("signing.attached-other-signer"))
    return Finding(GOOD, "attachment", msg("signing.attached"))


def _role(name: str) -> Message | str:
    return msg(f"signing.role-{name}") if name in ROLES else name or "?"


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
