"""Checks the signatures of a PDF by pyHanko, and that nothing in the file escapes them.

Accepted is a file as `pades` makes it: after what was signed first come additions that are one
signature each, the last of which covers the whole file. What was added otherwise, also where a
viewer would call it harmless, is told as a change.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchctl.certificates.attached import BROKEN
from benchctl.certificates.pdf import missing
from benchctl.certificates.signing.der import der_value
from benchctl.certificates.signing.found import PDF, Found
from benchctl.certificates.signing.seal import name_of
from benchctl.certificates.signing.trust import quietly
from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg

if TYPE_CHECKING:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import EmbeddedPdfSignature, PdfSignatureStatus

MARK = b"/ByteRange"
"""What stands in a file that has a signature."""
SIGNED_BY = "/ETSI.CAdES.detached"
STAMP = "signature_time_stamp_token"
HEX = re.compile(rb"<((?:[0-9A-Fa-f]{2})+)>")


def pdf_signatures(data: bytes, name: str = "PDF") -> list[Found]:
    """Return the signatures of a PDF, each with what came of checking it, in their order.

    Raises:
        UsageError: it cannot be read, or pyHanko is not installed.
    """
    try:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError as error:
        raise missing(error) from error
    try:
        with quietly():
            reader = PdfFileReader(io.BytesIO(data))
            found = list(_each(reader))
    except (PdfError, *BROKEN) as error:
        if MARK in data:  # it was signed, and now nobody can tell what it is
            return [Found(PDF, "", "?", None, (), msg("signing.broken", reason=_said(error)))]
        raise UsageError(msg("certificates.no-pdf", path=name, reason=_said(error))) from error
    if not found and MARK in data:
        return [Found(PDF, "", "?", None, (), msg("signing.taken-out"))]
    return found


def signed_first(data: bytes) -> bytes:
    """Return the PDF as it was when it was signed first; all of it where it bears no signature."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    signatures = PdfFileReader(io.BytesIO(data)).embedded_signatures
    ends = [int(n[2]) + int(n[3]) for n in (s.byte_range for s in signatures)]
    return data[: min(ends)] if ends else data


def _each(reader: PdfFileReader) -> Iterator[Found]:
    signatures = list(reader.embedded_signatures)
    for n, signature in enumerate(signatures):
        yield _found(reader, signature, n, len(signatures))


def _found(reader: PdfFileReader, signature: EmbeddedPdfSignature, n: int, of: int) -> Found:
    chain = (signature.signer_cert.dump(), *(c.dump() for c in signature.other_embedded_certs))
    info = signature.signer_info
    return Found(
        PDF,
        str(signature.field_name or ""),
        name_of(chain[0]),
        signature.self_reported_timestamp,
        chain,
        _problem(reader, signature, n, of),
        _stamp(info),
        info["signature"].native,
    )


def _problem(
    reader: PdfFileReader, signature: EmbeddedPdfSignature, n: int, of: int
) -> Message | None:
    """Return what is wrong with a signature but for the trust in it, None where nothing is."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import CMSExtractionError
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    if str(signature.sig_object.get("/SubFilter")) != SIGNED_BY:
        return msg("signing.form", what=str(signature.sig_object.get("/SubFilter")))
    if not _is_strict(reader, signature):
        return msg("signing.form", what="CMS")
    leaf = signature.signer_cert  # believed here: whose it is, `trust` asks
    itself = ValidationContext(
        trust_roots=[leaf], moment=leaf.not_valid_before, allow_fetching=False
    )
    try:
        status = asyncio.run(
            async_validate_pdf_signature(
                signature, itself, key_usage_settings=KeyUsageConstraints()
            )
        )
    except (SignatureValidationError, CMSExtractionError, PdfError, ValueError) as error:
        return msg("signing.broken", reason=_said(error))
    if not (status.intact and status.valid):
        return msg("signing.changed")
    return _beyond(reader, signature, status, n, of)


def _is_strict(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether the place that no signature covers holds this one and nothing else.

    What a signature in CMS leaves open is what it must be: DER, one signer, the same hash
    throughout, no more attributes than a timestamp, and zeros behind it.
    """
    from asn1crypto import cms

    start, end = signature.byte_range[1], signature.byte_range[2]
    reader.stream.seek(start)
    held = HEX.fullmatch(reader.stream.read(end - start))
    if held is None:
        return False
    raw = bytes.fromhex(held[1].decode())
    der = der_value(raw)
    if der is None or any(raw[len(der) :]):
        return False
    signed, info = cms.ContentInfo.load(der, strict=True)["content"], signature.signer_info
    unsigned = [a["type"].native for a in info["unsigned_attrs"] or ()]
    return (
        signed["version"].native == "v1"
        and len(signed["signer_infos"]) == 1
        and signed["digest_algorithms"].native == [info["digest_algorithm"].native]
        and signed["crls"].native is None
        and unsigned in ([], [STAMP])
    )


def _beyond(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus,
    n: int,
    of: int,
) -> Message | None:
    """Return what was added to the file besides later signatures."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import SignatureCoverageLevel

    last = n == of - 1
    wanted = SignatureCoverageLevel.ENTIRE_FILE if last else SignatureCoverageLevel.ENTIRE_REVISION
    revision = reader.xrefs.total_revisions - of + n
    levels = ModificationLevel
    covered = (
        status.coverage == wanted
        and signature.signed_revision == revision
        and status.modification_level in (levels.NONE, levels.LTA_UPDATES, levels.FORM_FILLING)
        and status.docmdp_ok
        and status.seed_value_ok
    )
    return None if covered else msg("signing.added")


def _stamp(info: Any) -> bytes:
    """Return the timestamp token over a signature, b"" where it has none."""
    unsigned = info["unsigned_attrs"]
    for attribute in unsigned or ():
        if attribute["type"].native == STAMP:
            token: bytes = attribute["values"][0].dump()
            return token
    return b""


def _said(error: Exception) -> str:
    return f"{type(error).__name__} {error}".strip()
