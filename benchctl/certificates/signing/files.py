"""Signs certificates: the DCC before it goes into the PDF, the PDF around it, the next role later.

made, pdf = signed_certificate(documents, "W-1", lab, Signing(seal, "calibrated", at=now))
sign_files([Path("W-1.pdf")], Signing(seal, "checked", at=now), write_bytes)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchctl.certificates.attached import dcc_in
from benchctl.certificates.dcc import dcc_of
from benchctl.certificates.dcc_elements import DCC
from benchctl.certificates.dcc_reading import parse, read_dcc
from benchctl.certificates.issuing import certificate_with_dcc
from benchctl.certificates.model import JSON, Certificate, Kind
from benchctl.certificates.sealing import ROLES, Role
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.signing.beside import path_beside, sign_beside
from benchctl.certificates.signing.found import Found
from benchctl.certificates.signing.pades import sign_pdf
from benchctl.certificates.signing.pades_reading import pdf_signatures
from benchctl.certificates.signing.seal import Seal, require_usable
from benchctl.certificates.signing.stamping import Authority, token_of
from benchctl.certificates.signing.xades import sign_dcc
from benchctl.certificates.signing.xades_reading import dcc_signatures
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs as what, when, and who states the time where somebody else does.

    `same_person` lets one certificate sign in two roles. It goes to other processes as it is, for
    many certificates at once.
    """

    seal: Seal
    role: Role
    at: datetime
    authority: Authority | None = None
    same_person: bool = False


def signed_certificate(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    signing: Signing,
    *,
    kind: Kind | None = None,
    budget: bool | None = None,
    dcc: bytes | None = None,
) -> tuple[Certificate, bytes]:
    """Return a certificate and its signed PDF, in which the signed DCC lies.

    Args:
        documents: the result document of the run in each language, in the certificate's order.
        serial: the unit's serial number.
        lab: the lab's data.
        signing: who signs.
        kind: what is wanted; by default what the results bear.
        budget: whether every point's budget is printed.
        dcc: the DCC, where `signed_dcc` made it already.

    Raises:
        UsageError: the run has no such unit, or the extra `certificates` is not installed.
        RefusedError: the run is simulated, the results bear no such certificate, or the seal
            cannot sign.
    """
    if dcc is None:
        dcc = signed_dcc(documents, serial, lab, signing, kind=kind)
    made, pdf = certificate_with_dcc(documents, serial, lab, kind=kind, budget=budget, dcc=dcc)
    return made, sign_pdf(
        pdf, signing.seal, signing.role, at=signing.at, authority=signing.authority
    )


def signed_dcc(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    signing: Signing,
    *,
    kind: Kind | None = None,
) -> bytes:
    """Return the signed DCC of a unit.

    Raises:
        RefusedError: the run is simulated, the results bear none, or the seal cannot sign.
    """
    if any(d["simulated"] for d in documents.values()):
        raise RefusedError(msg("signing.simulated"))
    require_usable(signing.seal, signing.at)
    return _dcc(dcc_of(documents, serial, lab, kind=kind), signing)


def signed_file(data: bytes, name: str, signing: Signing) -> bytes:
    """Return a certificate, PDF or DCC, with the signature of one more role.

    Raises:
        UsageError: it is no certificate.
        RefusedError: it is a specimen, it was changed since it was signed, the role or the person
            signed already or a later role did, or the seal cannot sign.
    """
    is_pdf = data.startswith(b"%PDF-")
    require_real(dcc_in(data, name) if is_pdf else data, name)
    earlier = pdf_signatures(data, name) if is_pdf else dcc_signatures(data, name)
    _require_next(earlier, signing)
    require_usable(signing.seal, signing.at)
    if is_pdf:
        return sign_pdf(
            data, signing.seal, signing.role, at=signing.at, authority=signing.authority
        )
    return _dcc(data, signing)


def sign_files(
    paths: Iterable[Path], signing: Signing, write: Callable[[Path, bytes], None]
) -> list[Path]:
    """Sign certificate files in place, all or none of them; return them.

    Raises:
        UsageError: one cannot be read, or is no certificate.
        RefusedError: one must not be signed, as `signed_file` says.
    """
    made = []
    for path in paths:
        made.append((path, signed_file(_read(path), str(path), signing)))
    for path, signed in made:
        write(path, signed)
    return [path for path, _ in made]


def sign_files_beside(
    paths: Iterable[Path], signing: Signing, write: Callable[[Path, bytes], None]
) -> list[Path]:
    """Sign certificate files beside them, all or none; return the files with the signatures.

    Raises:
        UsageError: one cannot be read, or is no certificate.
        RefusedError: one is a specimen, or the seal cannot sign.
    """
    require_usable(signing.seal, signing.at)
    made = []
    for path in paths:
        data = _read(path)
        require_real(dcc_in(data, str(path)) if data.startswith(b"%PDF-") else data, str(path))
        signature = sign_beside(data, path.name, signing.seal, signing.role, signing.at)
        made.append((path_beside(path, signing.role), signature))
    for where, signature in made:
        write(where, signature)
    return [where for where, _ in made]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(msg("signing.cannot-read", path=str(path), reason=reason)) from error


def require_real(xml: bytes, name: str) -> None:
    """Refuse the DCC of a simulated run.

    Raises:
        UsageError: it is no DCC.
        RefusedError: it is a specimen.
    """
    from benchctl.certificates.content import SPECIMEN

    void = (e.text for e in parse(xml, name).iter(f"{{{DCC}}}valid"))
    if read_dcc(xml, name).number.startswith(SPECIMEN) or "false" in void:
        raise RefusedError(msg("signing.simulated"))


def _dcc(data: bytes, signing: Signing) -> bytes:
    authority = signing.authority
    stamp = None if authority is None else (lambda value: token_of(authority, value))
    return sign_dcc(data, signing.seal, signing.role, at=signing.at, stamp=stamp)


def _require_next(earlier: list[Found], signing: Signing) -> None:
    """Refuse a signature that does not come next, or under something that was changed."""
    for found in earlier:
        if found.problem is not None:
            raise RefusedError(msg("signing.not-under", by=found.by, problem=found.problem))
        if found.role not in ROLES or ROLES.index(found.role) >= ROLES.index(signing.role):
            raise RefusedError(
                msg(
                    "signing.out-of-order",
                    role=msg(f"signing.role-{signing.role}"),
                    by=found.by,
                )
            )
        if found.chain[0] == signing.seal.chain[0] and not signing.same_person:
            raise RefusedError(msg("signing.twice", by=found.by))
