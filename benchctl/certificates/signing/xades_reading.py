"""Checks the signatures of a DCC: strictly in form, then by signxml.

Programs differ in what they take for signed: comments, processing instructions, elements that
stand beside what was signed, signatures of some part only. So a form is accepted in which they
cannot: one signature that is the last child of the root, covers all of the document and its own
properties, and holds nothing else than those, its certificates, timestamps and countersignatures.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from benchctl.certificates.dcc_reading import parse
from benchctl.certificates.pdf import missing
from benchctl.certificates.sealing import ROLES
from benchctl.certificates.signing.found import DCC, Found
from benchctl.certificates.signing.seal import name_of
from benchctl.certificates.signing.xml_parts import (
    COUNTER,
    COUNTERSIGNED_TYPE,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    NAMES,
    PROPERTIES_TYPE,
    SIGNATURE,
    STAMP,
    UNSIGNED,
    XADES,
    canonical,
    require_plain,
)
from benchctl.core.errors import RefusedError
from benchctl.core.messages import Message, msg

CANONICAL = (
    EXCLUSIVE,
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
)
"""Canonical forms, all without comments."""
MOST = len(ROLES)
"""Signatures in one DCC."""
NESTED = f"{COUNTER}/"
PROPERTIES = "ds:Object/xades:QualifyingProperties/xades:SignedProperties"
CERTIFICATE = "ds:X509Certificate"
INSIDE = {
    "ds:KeyInfo": {"ds:X509Data"},
    "ds:KeyInfo/ds:X509Data": {CERTIFICATE},
    "ds:Object": {"xades:QualifyingProperties"},
    "ds:Object/xades:QualifyingProperties": {"xades:SignedProperties", "xades:UnsignedProperties"},
    "ds:Object/xades:QualifyingProperties/xades:UnsignedProperties": {
        "xades:UnsignedSignatureProperties"
    },
    UNSIGNED: {"xades:CounterSignature", "xades:SignatureTimeStamp"},
    COUNTER: {"ds:Signature"},
}
"""What may stand in the parts of a signature; each once, certificates excepted."""


def dcc_signatures(data: bytes, name: str = "DCC") -> list[Found]:
    """Return the signatures of a DCC, each with what came of checking it, in their order.

    Raises:
        UsageError: it is no DCC, or signxml is not installed.
    """
    root = parse(data, name)
    all_ = list(root.iter(SIGNATURE))
    if not all_:
        return []
    try:
        require_plain(root)
        chained = list(_chained(root, len(all_)))
    except RefusedError as error:
        return [_unreadable(all_[0], error.message)]
    return [_checked(root, element, depth) for depth, element in enumerate(chained)]


def _chained(root: Any, count: int) -> Iterator[Any]:
    """Give the signatures of a document: one at its end, each next one within the one before.

    Raises:
        RefusedError: they stand elsewhere, or there is something else in them.
    """
    present = root[-1]
    if present.tag != SIGNATURE or len(root.findall("ds:Signature", NAMES)) != 1:
        raise RefusedError(msg("signing.misplaced"))
    found = 0
    while present is not None:
        found += 1
        _require_form(root, present, first=found == 1)
        yield present
        present = present.find(f"{COUNTER}/ds:Signature", NAMES)
    if not found == count <= MOST:
        raise RefusedError(msg("signing.misplaced"))


def _require_form(root: Any, signature: Any, *, first: bool) -> None:
    """Refuse a signature with parts that no reference covers, or that covers something else."""
    parts = [_local(e) for e in signature]
    if parts != ["ds:SignedInfo", "ds:SignatureValue", "ds:KeyInfo", "ds:Object"]:
        raise RefusedError(msg("signing.form", what=", ".join(parts)))
    for path, names in INSIDE.items():
        for element in signature.findall(path, NAMES):
            inside = [_local(e) for e in element]
            again = {n for n in inside if inside.count(n) > 1} - {CERTIFICATE}
            if not set(inside) <= names or again:
                raise RefusedError(msg("signing.form", what=", ".join(inside)))
    _require_references(root, signature, first=first)


def _require_references(root: Any, signature: Any, *, first: bool) -> None:
    """Refuse a signature that does not cover all of the content and its own properties."""
    references = signature.findall("ds:SignedInfo/ds:Reference", NAMES)
    kinds = [r.get("Type") for r in references[1:]]
    if sorted(map(str, kinds)) not in ([PROPERTIES_TYPE], ["None", PROPERTIES_TYPE]):
        raise RefusedError(msg("signing.covers"))
    content, transforms = references[0], _transforms(references[0])
    if first:
        if content.get("URI") != "" or transforms.pop(0) != ENVELOPED:
            raise RefusedError(msg("signing.covers"))
    else:
        above = next(a for a in signature.iterancestors() if a.tag == SIGNATURE)
        _require_target(root, content, above.find("ds:SignatureValue", NAMES))
        if content.get("Type") != COUNTERSIGNED_TYPE:
            raise RefusedError(msg("signing.covers"))
    _require_canonical(transforms)
    for reference, kind in zip(references[1:], kinds, strict=True):
        path = "ds:KeyInfo" if kind is None else PROPERTIES
        _require_target(root, reference, signature.find(path, NAMES))
        _require_canonical(_transforms(reference))


def _transforms(reference: Any) -> list[str]:
    found = reference.findall("ds:Transforms/ds:Transform", NAMES)
    if any(len(t) for t in found):
        raise RefusedError(msg("signing.covers"))
    return [str(t.get("Algorithm")) for t in found]


def _require_canonical(names: list[str]) -> None:
    if len(names) != 1 or names[0] not in CANONICAL:
        raise RefusedError(msg("signing.covers"))


def _require_target(root: Any, reference: Any, element: Any) -> None:
    """Refuse a reference that another program might take for one to another element."""
    uri = str(reference.get("URI") or "")
    named = [e for e in root.iter() for n in ("Id", "ID", "id") if uri[1:] and e.get(n) == uri[1:]]
    if not uri.startswith("#") or len(named) != 1 or named[0] is not element:
        raise RefusedError(msg("signing.covers"))


def _checked(root: Any, signature: Any, depth: int) -> Found:
    """Return a signature with what signxml says of it."""
    try:
        chain = tuple(
            base64.b64decode(e.text, validate=False)
            for e in signature.findall("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NAMES)
        )
        by = name_of(chain[0])
    except (ValueError, TypeError, IndexError) as error:
        return _unreadable(signature, msg("signing.broken", reason=str(error)))
    value = signature.find("ds:SignatureValue", NAMES)
    token = signature.find(f"{STAMP}/xades:EncapsulatedTimeStamp", NAMES)
    return Found(
        DCC,
        _role(signature),
        by,
        _time(signature),
        chain,
        _problem(root, chain[0], depth),
        b"" if token is None else base64.b64decode(token.text or ""),
        canonical(value),
    )


def _problem(root: Any, certificate: bytes, depth: int) -> Message | None:
    """Return what signxml finds wrong in a signature, None where nothing is."""
    try:
        from cryptography import x509
        from lxml.etree import DocumentInvalid, LxmlError
        from signxml.algorithms import DigestAlgorithm, SignatureMethod
        from signxml.exceptions import SignXMLException
        from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier
    except ImportError as error:
        raise missing(error) from error
    strong = ("SHA256", "SHA384", "SHA512")
    try:
        leaf = x509.load_der_x509_certificate(certificate)
        config = XAdESSignatureConfiguration(
            expect_references=False,
            location="./" + f"ds:Signature/{NESTED}" * depth,
            signature_methods=frozenset(
                m for m in SignatureMethod if m.name.endswith(strong) and "HMAC" not in m.name
            ),
            digest_algorithms=frozenset(d for d in DigestAlgorithm if d.name in strong),
            verification_time=leaf.not_valid_before_utc,  # when it was valid is asked elsewhere
        )
        XAdESVerifier().verify(canonical_document(root), x509_cert=leaf, expect_config=config)
    except (SignXMLException, DocumentInvalid, LxmlError, ValueError, TypeError) as error:
        return msg("signing.broken", reason=f"{type(error).__name__}: {error}")
    return None


def canonical_document(root: Any) -> bytes:
    """Return the document as it is read again by who verifies it."""
    from lxml import etree

    data: bytes = etree.tostring(root)
    return data


def _unreadable(signature: Any, problem: Message) -> Found:
    return Found(DCC, _role(signature), "?", _time(signature), (), problem)


def _role(signature: Any) -> str:
    return str(signature.findtext(f"{PROPERTIES}//xades:ClaimedRole", "", NAMES)).strip()


def _time(signature: Any) -> datetime | None:
    text = signature.findtext(f"{PROPERTIES}//xades:SigningTime", "", NAMES)
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _local(element: Any) -> str:
    for prefix, space in (("ds", DS), ("xades", XADES)):
        if str(element.tag).startswith(f"{{{space}}}"):
            return f"{prefix}:{str(element.tag).partition('}')[2]}"
    return str(element.tag)
