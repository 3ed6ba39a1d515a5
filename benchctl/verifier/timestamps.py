"""RFC 3161 timestamps: did an authority see a tree head at a time? Needs `asn1crypto`.

What is stamped is the SHA-256 of the anchor as text (`head1:sha256:17:...`). A token holds if its
imprint is that hash, its signature is that of the certificate in it (ESSCertID binds the two in RFC
3161; here the signature itself is checked with it), the certificate may sign timestamps, and it was
issued, at that time, by a certificate that the reader trusts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

GRANTED = ("granted", "granted_with_mods")
STAMPING = "1.3.6.1.5.5.7.3.8"
"""The extended key usage of a certificate that may sign timestamps."""
LONGEST = 8
"""Certificates in a chain."""


class StampError(ValueError):
    """A timestamp that does not hold; the text says why."""


class StampUncheckedError(ValueError):
    """A timestamp that could not be checked; the text says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a timestamp says: the authority's name, the time, the imprint (hex), its hash."""

    by: str
    at: str
    imprint: str
    hash: str


def imprint_of(anchor: str) -> bytes:
    """Return the hash of an anchor that is stamped."""
    return hashlib.sha256(anchor.encode()).digest()


def query(anchor: str, nonce: int) -> bytes:
    """Return the DER form of a request that an authority answers (RFC 3161, 2.4.1)."""
    from asn1crypto import tsp

    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint_of(anchor)}
    request = tsp.TimeStampReq(
        {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    )
    encoded: bytes = request.dump()
    return encoded


def read_stamp(response: bytes, nonce: int | None = None) -> Stamp:
    """Return what a response says, unchecked but for its form (and `nonce`, where one was sent).

    Raises:
        StampError: it is no response, or the authority did not grant one.
    """
    with _well_formed():
        return _said(response, nonce)


def _said(response: bytes, nonce: int | None) -> Stamp:
    _, info, signed = _parsed(response)
    if nonce is not None and info["nonce"].native != nonce:
        raise StampError("it answers another request")
    imprint = info["message_imprint"]
    return Stamp(
        by=_name_of(signed, info),
        at=info["gen_time"].native.isoformat(timespec="seconds").replace("+00:00", "Z"),
        imprint=imprint["hashed_message"].native.hex(),
        hash=imprint["hash_algorithm"]["algorithm"].native,
    )


def check_stamp(response: bytes, anchor: str, trusted: Sequence[bytes]) -> Stamp:
    """Check a response against an anchor; `trusted` are certificates (PEM) of authorities.

    Raises:
        StampError: it does not hold, or is for something else.
        StampUncheckedError: no trusted certificate was given.
    """
    with _well_formed():
        return _checked(response, anchor, trusted)


def _checked(response: bytes, anchor: str, trusted: Sequence[bytes]) -> Stamp:
    stamp = _said(response, None)
    if (stamp.hash, stamp.imprint) != ("sha256", imprint_of(anchor).hex()):
        raise StampError("foreign")
    content, info, signed = _parsed(response)
    signer = _signer(signed)
    _check_signature(signed, content, signer)
    if not trusted:
        raise StampUncheckedError("no certificate of the authority was given")
    _check_chain(signer, signed, trusted, info["gen_time"].native)
    return stamp


def _parsed(response: bytes) -> tuple[bytes, Any, Any]:
    """Return the signed content, what it says, and the signed data around it."""
    from asn1crypto import tsp

    answer = tsp.TimeStampResp.load(response, strict=True)
    status = answer["status"]["status"].native
    if status not in GRANTED:
        raise StampError(f"the authority refused: {status}")
    signed = answer["time_stamp_token"]["content"]
    content = signed["encap_content_info"]["content"]
    if len(signed["signer_infos"]) != 1:
        raise StampError("it has not one signer")
    return content.contents, content.parsed, signed


@contextmanager
def _well_formed() -> Iterator[None]:
    """Tell of everything that cannot be parsed as of a response that is none."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        yield
    except (StampError, StampUncheckedError):
        raise
    except (ValueError, TypeError, LookupError, AttributeError, UnsupportedAlgorithm) as error:
        raise StampError("it is no timestamp response") from error


def _signer(signed: Any) -> Any:
    """Return the certificate whose key signed, from those that the token brings."""
    from cryptography import x509

    sid = signed["signer_infos"][0]["sid"]
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if sid.name == "subject_key_identifier":
            meant = sid.chosen.native == certificate.key_identifier
        else:
            named = (sid.chosen["issuer"].native, sid.chosen["serial_number"].native)
            meant = named == (certificate.issuer.native, certificate.serial_number)
        if meant:
            return x509.load_der_x509_certificate(certificate.dump())
    raise StampError("it does not bring the certificate of its signer")


def _check_signature(signed: Any, content: bytes, signer: Any) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    info = signed["signer_infos"][0]
    name = info["digest_algorithm"]["algorithm"].native
    if name not in ("sha256", "sha384", "sha512"):
        raise StampError(f"its hash {name} is not good enough")
    attributes = {a["type"].native: a["values"] for a in info["signed_attrs"]}
    if "message_digest" not in attributes or "content_type" not in attributes:
        raise StampError("its signature does not cover its content")
    digest = hashlib.new(name, content).digest()
    if attributes["message_digest"][0].native != digest:
        raise StampError("its content was changed")
    if attributes["content_type"][0].native != "tst_info":
        raise StampError("it signs something that is no timestamp")
    covered = info["signed_attrs"].untag().dump()
    algorithm = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    key, signature = signer.public_key(), info["signature"].native
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, covered, padding.PKCS1v15(), algorithm[name])
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, covered, ec.ECDSA(algorithm[name]))
        else:
            raise StampUncheckedError(f"its key is a {type(key).__name__}")
    except InvalidSignature:
        raise StampError("its signature does not fit") from None


def _check_chain(signer: Any, signed: Any, trusted: Sequence[bytes], at: Any) -> None:
    """Follow the issuers of the signer to a certificate that is trusted."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usage = ()
    if STAMPING not in [one.dotted_string for one in usage]:
        raise StampError("its certificate is not one for timestamps")
    roots = [c for pem in trusted for c in x509.load_pem_x509_certificates(pem)]
    brought = [x509.load_der_x509_certificate(c.chosen.dump()) for c in signed["certificates"]]
    present = signer
    for _ in range(LONGEST):
        if not present.not_valid_before_utc <= at <= present.not_valid_after_utc:
            raise StampError("its certificate was not valid at that time")
        if present in roots:
            return
        for issuer in (*roots, *brought):
            try:
                present.verify_directly_issued_by(issuer)
            except (ValueError, TypeError, InvalidSignature):
                continue
            if issuer != present and _may_issue(issuer):
                present = issuer
                break
        else:
            break
    raise StampError("it is not signed under a certificate that is trusted")


def _may_issue(certificate: Any) -> bool:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return bool(found.value.ca)


def _name_of(signed: Any, info: Any) -> str:
    """Return the name of the authority: as the token says, else as its certificate."""
    if info["tsa"].native is not None:
        name = info["tsa"].chosen
        return str(name.human_friendly if hasattr(name, "human_friendly") else name.native)
    certificates = signed["certificates"]
    return str(certificates[0].chosen.subject.human_friendly) if len(certificates) else "-"
