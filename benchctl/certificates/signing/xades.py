"""Signs a DCC: XAdES-B-B, enveloped; whoever signs next countersigns the signature before.

    signed = sign_dcc(data, seal, "calibrated", at=utc_now())

The form is that of ETSI EN 319 132-1. Every reference says how it is canonicalised, so that the
place of a signature in the document does not matter. A countersignature signs the value of the
signature before it, and stands in a part of that one which it does not cover: so none breaks
another. That signxml cannot write (it verifies, see `xades_reading`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchctl.certificates.dcc_reading import parse
from benchctl.certificates.sealing import Role
from benchctl.certificates.signing.keys import public_in
from benchctl.certificates.signing.seal import Seal, known
from benchctl.certificates.signing.xml_parts import (
    COUNTERSIGNED_TYPE,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    NAMES,
    PROPERTIES_TYPE,
    XADES,
    canonical,
    document,
    innermost,
    require_plain,
)
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
Stamp = Callable[[bytes], bytes]
"""Returns the timestamp token (DER) of an authority for bytes."""


def sign_dcc(
    data: bytes, seal: Seal, role: Role, *, at: datetime, stamp: Stamp | None = None
) -> bytes:
    """Return a DCC with one more signature.

    Args:
        data: the DCC.
        seal: who signs.
        role: as what.
        at: the time that the signature states.
        stamp: asks an authority for the time.

    Raises:
        UsageError: it is no DCC.
        RefusedError: it holds what a signature does not cover, or the seal cannot sign it.
    """
    algorithm, root = known(seal), parse(data, "DCC")
    require_plain(root)
    before = innermost(root)
    ids = _Ids(root, role)
    if before is None:
        first = _Reference("", digest(canonical(root)), (ENVELOPED, EXCLUSIVE), id=ids("content"))
        signature = _element(root, "ds:Signature")
    else:
        value = before.find("ds:SignatureValue", NAMES)
        first = _Reference(
            f"#{value.get('Id')}", digest(canonical(value)), (EXCLUSIVE,), COUNTERSIGNED_TYPE
        )
        signature = _element(
            _element(_unsigned_of(before), "xades:CounterSignature"), "ds:Signature"
        )
    signature.set("Id", ids("signature"))
    info = _element(signature, "ds:SignedInfo")
    value = _element(signature, "ds:SignatureValue", Id=ids("value"))
    key = _key_info(signature, seal, ids)
    properties = _properties(signature, seal, role, at, first.id, ids)
    _element(info, "ds:CanonicalizationMethod", Algorithm=EXCLUSIVE)
    _element(info, "ds:SignatureMethod", Algorithm=algorithm.xml)
    first.write(info)
    _Reference(f"#{ids('key')}", digest(canonical(key)), (EXCLUSIVE,)).write(info)
    _Reference(
        f"#{ids('properties')}", digest(canonical(properties)), (EXCLUSIVE,), PROPERTIES_TYPE
    ).write(info)
    value.text = _encoded(bare(seal, seal.sign(canonical(info))))
    if stamp is not None:
        _add_stamp(signature, value, stamp)
    return document(root)


class _Ids:
    """Names of the parts of a signature: its role, where nothing else in the document has it."""

    def __init__(self, root: Any, role: str) -> None:
        self._prefix = f"signature-{role}"
        taken = {e.get(n) for e in root.iter() for n in ("Id", "ID", "id") if e.get(n)}
        if any(str(t).startswith(self._prefix) for t in taken):
            raise RefusedError(msg("signing.signed-already", role=msg(f"signing.role-{role}")))

    def __call__(self, part: str) -> str:
        return self._prefix if part == "signature" else f"{self._prefix}-{part}"


class _Reference:
    """One thing that a signature covers."""

    def __init__(
        self, uri: str, value: str, transforms: tuple[str, ...], kind: str = "", id: str = ""
    ) -> None:
        self.uri, self.value, self.transforms, self.kind, self.id = (
            uri,
            value,
            transforms,
            kind,
            id,
        )

    def write(self, info: Any) -> None:
        attributes = {"Id": self.id, "Type": self.kind}
        made = _element(info, "ds:Reference", **{k: v for k, v in attributes.items() if v})
        made.set("URI", self.uri)
        transforms = _element(made, "ds:Transforms")
        for name in self.transforms:
            _element(transforms, "ds:Transform", Algorithm=name)
        _element(made, "ds:DigestMethod", Algorithm=SHA256)
        _element(made, "ds:DigestValue").text = self.value


def _element(parent: Any, name: str, **attributes: str) -> Any:
    from lxml import etree

    prefix, _, tag = name.partition(":")
    space = NAMES[prefix]
    found = etree.SubElement(parent, f"{{{space}}}{tag}", nsmap={prefix: space})
    for key, text in attributes.items():
        found.set(key, text)
    return found


def _key_info(signature: Any, seal: Seal, ids: _Ids) -> Any:
    key = _element(signature, "ds:KeyInfo", Id=ids("key"))
    held = _element(key, "ds:X509Data")
    for certificate in seal.chain:
        _element(held, "ds:X509Certificate").text = _encoded(certificate)
    return key


def _properties(
    signature: Any, seal: Seal, role: str, at: datetime, content: str, ids: _Ids
) -> Any:
    """Write what else is signed: the time, which certificate, as what, and what kind of thing."""
    held = _element(_element(signature, "ds:Object"), "xades:QualifyingProperties")
    held.set("Target", f"#{ids('signature')}")
    properties = _element(held, "xades:SignedProperties", Id=ids("properties"))
    of_signature = _element(properties, "xades:SignedSignatureProperties")
    time = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    _element(of_signature, "xades:SigningTime").text = time
    certificate = _element(_element(of_signature, "xades:SigningCertificateV2"), "xades:Cert")
    named = _element(certificate, "xades:CertDigest")
    _element(named, "ds:DigestMethod", Algorithm=SHA256)
    _element(named, "ds:DigestValue").text = digest(seal.chain[0])
    claimed = _element(_element(of_signature, "xades:SignerRoleV2"), "xades:ClaimedRoles")
    _element(claimed, "xades:ClaimedRole").text = role
    if content:
        of_object = _element(properties, "xades:SignedDataObjectProperties")
        form = _element(of_object, "xades:DataObjectFormat", ObjectReference=f"#{content}")
        _element(form, "xades:MimeType").text = "application/xml"
    return properties


def _unsigned_of(signature: Any) -> Any:
    """Return the part of a signature that it does not cover, and in which later ones stand."""
    held = signature.find("ds:Object/xades:QualifyingProperties", NAMES)
    if held is None:
        raise RefusedError(msg("signing.no-xades"))
    unsigned = held.find("xades:UnsignedProperties", NAMES)
    if unsigned is None:
        unsigned = _element(held, "xades:UnsignedProperties")
    found = unsigned.find("xades:UnsignedSignatureProperties", NAMES)
    return _element(unsigned, "xades:UnsignedSignatureProperties") if found is None else found


def _add_stamp(signature: Any, value: Any, stamp: Stamp) -> None:
    """Add an authority's time over the signature's value: XAdES-B-T."""
    made = _element(_unsigned_of(signature), "xades:SignatureTimeStamp")
    _element(made, "ds:CanonicalizationMethod", Algorithm=EXCLUSIVE)
    _element(made, "xades:EncapsulatedTimeStamp").text = _encoded(stamp(canonical(value)))


def bare(seal: Seal, signature: bytes) -> bytes:
    """Return a signature as XML has it: r and s of ECDSA side by side (RFC 9231, 2.3.6)."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    public = public_in(seal.chain[0])
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return signature
    size = (public.key_size + 7) // 8
    return b"".join(n.to_bytes(size, "big") for n in decode_dss_signature(signature))


def digest(data: bytes) -> str:
    """Return SHA-256 as XML signatures write it."""
    return _encoded(hashlib.sha256(data).digest())


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


__all__ = ["DS", "XADES", "Stamp", "sign_dcc"]
