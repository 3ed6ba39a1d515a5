"""Documents of the lab that are no record of a run, signed with the lab's key: a validation report.

    signed = sign_document(lab, report, "validation")
    problem = document_problem(signed, [public_key(pem)])      # None where it is as it was signed

The signature is over the canonical JSON of everything else in the document. The lab's signed log
tells of the document's hash, so that an anchor made later fixes when it existed at the latest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError
from benchctl.core.messages import Message, msg
from benchctl.records.canonical import canonical
from benchctl.records.statements import note

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.verifier.signatures import PublicKey

PURPOSE = b"benchctl-document-1\n"


def sign_document(lab: Lab, document: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return a document with its signature, and note its hash in the lab's log.

    Raises:
        RecordError: the key cannot be used, or the lab not be written.
    """
    data = _signed(document)
    signature, key = lab.notary.sign(PURPOSE + data)
    if not signature or key is None:
        raise RecordError(lab.notary.failure or msg("records.document-unsigned"))
    note(lab, what, sha256=hashlib.sha256(data).hexdigest(), key=key.id)
    of_key = {"key": key.id, "algorithm": key.algorithm, "public": key.pem}
    return {**document, "signature": {**of_key, "signature": signature.hex()}}


def document_problem(document: Mapping[str, Any], keys: Sequence[PublicKey]) -> Message | None:
    """Return what is wrong with a signed document; None where one of the keys signed it as it is.

    Without keys its own is used, which shows only that it is whole: anybody can make a key.
    """
    from benchctl.verifier.signatures import KeyFormatError, public_key

    signature = document.get("signature")
    try:
        assert isinstance(signature, Mapping)
        known = keys or [public_key(str(signature["public"]))]
        data, told = PURPOSE + _signed(document), bytes.fromhex(str(signature["signature"]))
    except (AssertionError, KeyError, ValueError, KeyFormatError):
        return msg("records.document-unsigned")
    if not any(key.fits(told, data) for key in known):
        return msg("records.document-altered", keys=", ".join(key.id for key in known))
    return None


def _signed(document: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed."""
    return canonical({k: v for k, v in document.items() if k != "signature"}).encode()
