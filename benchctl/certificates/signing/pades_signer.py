"""What pyHanko calls while it signs a PDF: our seal, our time, our timestamp authority."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from asn1crypto import tsp, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from benchctl.certificates.signing.keys import public_in
from benchctl.certificates.signing.seal import Seal, known

if TYPE_CHECKING:
    from benchctl.certificates.signing.stamping import Authority

LONGEST_EC = 16
"""Bytes of DER around r and s."""


class SealSigner(Signer):
    """A seal as pyHanko wants it."""

    def __init__(self, seal: Seal) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # of pyHanko
        certificates = [x509.Certificate.load(c) for c in seal.chain]
        store.register_multiple(certificates)
        super().__init__(
            signing_cert=certificates[0],
            cert_registry=store,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": known(seal).cms}),
        )
        self._seal = seal

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002  # pyHanko calls it so; the seal's algorithm has it
        dry_run: bool = False,
    ) -> bytes:
        """Return the seal's signature; as many bytes as it has at most where it is only tried."""
        if not dry_run:
            return self._seal.sign(data)
        size = (public_in(self._seal.chain[0]).key_size + 7) // 8
        return bytes(2 * size + LONGEST_EC)


class TimedSigner(PdfSigner):
    """Signs at a given time instead of that of the computer."""

    def __init__(
        self,
        meta: PdfSignatureMetadata,
        signer: Signer,
        *,
        timestamper: TimeStamper | None,
        at: datetime,
    ) -> None:
        super().__init__(meta, signer, timestamper=timestamper)
        self._at = at

    def register_extensions(
        self,
        pdf_out: BasePdfFileWriter,
        *,
        md_algorithm: str,  # noqa: ARG002  # pyHanko calls it so
    ) -> None:
        """Name the extension for PAdES only: PDF/A-3 is PDF 1.7, and stays that."""
        pdf_out.register_extension(ESIC_EXTENSION_1)

    def init_signing_session(
        self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
    ) -> PdfSigningSession:
        """Return a session of that time."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


class _Stamper(TimeStamper):
    """Hands pyHanko's requests to an authority."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # of pyHanko
        self._authority = authority

    async def async_request_tsa_response(self, req: Any) -> Any:
        """Return what the authority answers."""
        return tsp.TimeStampResp.load(self._authority(req.dump()))


def time_stamper(authority: Authority) -> TimeStamper:
    """Return an authority as pyHanko wants it."""
    return _Stamper(authority)


__all__ = ["SealSigner", "TimedSigner", "time_stamper"]
