"""The pieces of XML signatures that writing and reading share: names, paths, canonical bytes."""

from __future__ import annotations

from typing import Any

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
NAMES = {"ds": DS, "xades": XADES}
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
COUNTERSIGNED_TYPE = "http://uri.etsi.org/01903#CountersignedSignature"
SIGNATURE = f"{{{DS}}}Signature"
QUALIFYING = "ds:Object/xades:QualifyingProperties"
UNSIGNED = f"{QUALIFYING}/xades:UnsignedProperties/xades:UnsignedSignatureProperties"
COUNTER = f"{UNSIGNED}/xades:CounterSignature"
STAMP = f"{UNSIGNED}/xades:SignatureTimeStamp"


def canonical(element: Any) -> bytes:
    """Return an element in exclusive canonical XML without comments."""
    from lxml import etree

    data: bytes = etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    return data


def document(root: Any) -> bytes:
    """Return a document as bytes, with what stands before and after its root."""
    from lxml import etree

    data: bytes = etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def require_plain(root: Any) -> None:
    """Refuse what signatures do not cover alike in all programs.

    Raises:
        RefusedError: a document type, a processing instruction, a comment that cuts a text.
    """
    from lxml import etree

    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise RefusedError(msg("signing.extra", what="DOCTYPE"))
    if next(root.iter(etree.ProcessingInstruction), None) is not None:
        raise RefusedError(msg("signing.extra", what="<?…?>"))
    for comment in root.iter(etree.Comment):
        around = comment.getparent()
        if "".join([around.text or "", *(e.tail or "" for e in around)]).strip():
            raise RefusedError(msg("signing.extra", what="<!--…-->"))
    around = [*root.itersiblings(preceding=True), *root.itersiblings()]
    if any(e.tag is etree.ProcessingInstruction for e in around):
        raise RefusedError(msg("signing.extra", what="<?…?>"))


def innermost(root: Any) -> Any:
    """Return the last of the signatures that countersign one another, None where there is none."""
    found = root.find("ds:Signature", NAMES)
    while found is not None:
        later = found.find(f"{COUNTER}/ds:Signature", NAMES)
        if later is None:
            return found
        found = later
    return None


def unsigned_root(root: Any) -> Any:
    """Return a copy of a document's root without its signature."""
    import copy

    bare = copy.deepcopy(root.getroottree()).getroot()
    for element in bare.findall("ds:Signature", NAMES):
        before = element.getprevious()
        if element.tail and before is not None:
            before.tail = (before.tail or "") + element.tail
        bare.remove(element)
    return bare


def same_content(one: Any, other: Any) -> bool:
    """Tell whether two documents are the same, comments and all, but for their signatures."""
    from lxml import etree

    first, second = (
        etree.tostring(unsigned_root(r).getroottree(), method="c14n", with_comments=True)
        for r in (one, other)
    )
    return bool(first == second)
