"""Signs a PDF: PAdES-B-B, as an addition at its end; several roles sign one after the other.

    signed = sign_pdf(data, seal, "calibrated", at=utc_now())

The first signature certifies the document and makes the fields of the roles that may follow; from
then on only those may be filled. The last role locks it: nothing may be added any more.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchctl.certificates.pdf import missing
from benchctl.certificates.sealing import ROLES, Role
from benchctl.certificates.signing.seal import Seal, known, name_of
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg, words

if TYPE_CHECKING:
    from benchctl.certificates.signing.stamping import Authority


def sign_pdf(
    data: bytes, seal: Seal, role: Role, *, at: datetime, authority: Authority | None = None
) -> bytes:
    """Return a PDF with one more signature.

    Args:
        data: the PDF.
        seal: who signs.
        role: as what.
        at: the time that the signature states.
        authority: who states the time, where somebody else does.

    Raises:
        UsageError: it is no PDF, or pyHanko is not installed.
        RefusedError: it cannot be signed in this role, or the seal refuses.
    """
    known(seal)
    try:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign.general import SigningError
    except ImportError as error:
        raise missing(error) from error
    try:
        return _signed(data, seal, role, at, authority)
    except SigningError as error:
        raise RefusedError(msg("signing.failed", reason=str(error))) from error
    except PdfError as error:
        raise UsageError(msg("certificates.no-pdf", path="PDF", reason=str(error))) from error


def _signed(
    data: bytes, seal: Seal, role: Role, at: datetime, authority: Authority | None
) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    from benchctl.certificates.signing.pades_signer import SealSigner, TimedSigner, time_stamper

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    first = "/AcroForm" not in writer.root
    last = role == ROLES[-1]
    if first:
        _make_fields(writer, role)
    meta = PdfSignatureMetadata(
        field_name=role,
        md_algorithm=known(seal).digest,
        name=name_of(seal.chain[0]),
        reason=_said(role),
        subfilter=SigSeedSubFilter.PADES,
        certify=first,
        docmdp_permissions=MDPPerm.NO_CHANGES if last else MDPPerm.FILL_FORMS,
    )
    signer = TimedSigner(
        meta,
        SealSigner(seal),
        timestamper=None if authority is None else time_stamper(authority),
        at=at,
    )
    out = io.BytesIO()
    signer.sign_pdf(writer, existing_fields_only=True, output=out)
    return out.getvalue()


def _make_fields(writer: Any, role: Role) -> None:
    """Make the fields of a role and of those that may follow."""
    from pyhanko.sign.fields import (
        FieldMDPAction,
        FieldMDPSpec,
        MDPPerm,
        SigFieldSpec,
        append_signature_field,
    )

    for name in ROLES[ROLES.index(role) :]:
        locks = name == ROLES[-1]
        spec = SigFieldSpec(
            name,
            field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if locks else None,
            doc_mdp_update_value=MDPPerm.NO_CHANGES if locks else None,
            readable_field_name=_said(name),
        )
        append_signature_field(writer, spec)


def _said(role: Role) -> str:
    """Return what a role is called, in both languages."""
    return " ".join(words(msg(f"signing.role-{role}"), n) for n in ("zh", "en"))
