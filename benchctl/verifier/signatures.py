"""Checking signatures, with the public key only. Ed25519, and ECDSA for keys in hardware."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

ED25519, ECDSA = "ed25519", "ecdsa-sha256"


class KeyFormatError(ValueError):
    """A text that is not a public key of a kind that can be checked here."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key as PEM text; `id` is the first 16 hex digits of the SHA-256 of its DER form."""

    id: str
    algorithm: str
    pem: str

    def fits(self, signature: bytes, data: bytes) -> bool:
        """Return whether a signature was made over `data` with this key's private half."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        key = _load(self.pem)
        try:
            if self.algorithm == ED25519:
                key.verify(signature, data)
            else:
                key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def public_key(pem: str) -> PublicKey:
    """Return the key that a PEM text holds.

    Raises:
        KeyFormatError: it holds none, or one of another kind.
    """
    from cryptography.hazmat.primitives import serialization as form

    key = _load(pem)
    der = key.public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    text = key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(hashlib.sha256(der).hexdigest()[:16], _algorithm(key), text)


def _load(pem: str) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFormatError(pem[:60]) from error


def _algorithm(key: Any) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ed25519.Ed25519PublicKey):
        return ED25519
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ECDSA
    raise KeyFormatError(type(key).__name__)
