"""The port through which a certificate is signed: a key with its X.509 chain, wherever it lives.

Whoever has `algorithm`, `chain` and `sign` is a seal: a file, a token, a program, a service. The
signature forms of this version are those of `ALGORITHMS`; a seal of another algorithm (SM2 with
SM3) signs files from outside only, see `detached`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from datetime import datetime

LEAST_RSA = 2048
"""Bits that an RSA key must have."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A way to sign: its name in XML signatures and in CMS, and the hash of what is signed."""

    xml: str
    cms: str
    digest: str


_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ALGORITHMS: Mapping[str, Algorithm] = {
    "ecdsa-sha256": Algorithm(f"{_MORE}ecdsa-sha256", "sha256_ecdsa", "sha256"),
    "ecdsa-sha384": Algorithm(f"{_MORE}ecdsa-sha384", "sha384_ecdsa", "sha384"),
    "rsa-sha256": Algorithm(f"{_MORE}rsa-sha256", "sha256_rsa", "sha256"),
}
"""RFC 9231 and RFC 5758; what XAdES and PAdES have no name for does not stand here."""
SM2 = "sm2-sm3"
"""Signs files from outside only."""


class Seal(Protocol):
    """A key that signs, and the certificates that say whose it is."""

    @property
    def algorithm(self) -> str:
        """A name of `ALGORITHMS`, or another one for signatures beside the file."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates in DER: the signer's first, then those that issued it."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`: DER of r and s for ECDSA and SM2, PKCS #1 for RSA.

        Raises:
            RefusedError: it cannot be made.
        """
        ...


def known(seal: Seal) -> Algorithm:
    """Return the algorithm of a seal that signs inside of files.

    Raises:
        RefusedError: XAdES and PAdES have no name for it.
    """
    found = ALGORITHMS.get(seal.algorithm)
    if found is None:
        raise RefusedError(
            msg("signing.no-algorithm", algorithm=seal.algorithm),
            hint=msg("signing.no-algorithm-hint"),
        )
    return found


def algorithm_of(public: Any) -> str:
    """Return the algorithm by which a key signs.

    Raises:
        RefusedError: keys of its kind or length are not used.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= LEAST_RSA:
        return "rsa-sha256"
    if isinstance(public, ec.EllipticCurvePublicKey):
        name = {"secp256r1": "ecdsa-sha256", "secp384r1": "ecdsa-sha384"}.get(public.curve.name)
        if name:
            return name
    size = getattr(public, "key_size", "")
    raise RefusedError(msg("signing.bad-key", key=f"{type(public).__name__} {size}".strip()))


def name_of(certificate: bytes) -> str:
    """Return whom a certificate (DER) names: its common name, else all of its subject."""
    from asn1crypto.x509 import Certificate

    subject = Certificate.load(certificate).subject
    given = subject.native.get("common_name")
    found = given[0] if isinstance(given, list) else given
    return str(found or subject.human_friendly)


def require_usable(seal: Seal, at: datetime) -> None:
    """Refuse a seal whose certificate does not hold now or is for another use.

    Raises:
        RefusedError: it is not valid at `at`, or its key usage excludes signatures.
    """
    from asn1crypto.x509 import Certificate

    certificate = Certificate.load(seal.chain[0])
    first, last = certificate.not_valid_before, certificate.not_valid_after
    if not first <= at <= last:
        raise RefusedError(
            msg(
                "signing.not-valid-now",
                by=name_of(seal.chain[0]),
                first=first.date().isoformat(),
                last=last.date().isoformat(),
            )
        )
    if not may_sign(certificate):
        raise RefusedError(msg("signing.no-usage", by=name_of(seal.chain[0])))


def may_sign(certificate: Any) -> bool:
    """Tell whether a certificate's key may sign documents, as far as it says (RFC 5280)."""
    usage = certificate.key_usage_value
    return usage is None or bool({"digital_signature", "non_repudiation"} & set(usage.native))
