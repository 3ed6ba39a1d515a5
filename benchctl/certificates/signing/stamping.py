"""Time by an authority (RFC 3161): asked for when something is signed, checked afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from benchctl.certificates.pdf import missing
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

Authority = Callable[[bytes], bytes]
"""Hands a request (DER) to an authority and returns its response."""


def token_of(authority: Authority, data: bytes) -> bytes:
    """Return an authority's token (DER) that `data` was there.

    Raises:
        RefusedError: it does not answer, or answers something else.
    """
    from asn1crypto import tsp

    digest, nonce = hashlib.sha256(data).digest(), secrets.randbits(63)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    request = tsp.TimeStampReq(
        {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    )
    try:
        answer = tsp.TimeStampResp.load(authority(request.dump()), strict=True)
        status = str(answer["status"]["status"].native)
        token = answer["time_stamp_token"]
        said = token["content"]["encap_content_info"]["content"].parsed
        good = (
            status in ("granted", "granted_with_mods")
            and said["nonce"].native == nonce
            and said["message_imprint"]["hashed_message"].native == digest
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError(msg("signing.no-stamp", reason=str(error))) from error
    if not good:
        raise RefusedError(msg("signing.no-stamp", reason=status))
    found: bytes = token.dump()
    return found


class StampError(ValueError):
    """A timestamp that does not hold; the text says why."""


def stamped_at(token: bytes, data: bytes, roots: Sequence[bytes]) -> tuple[datetime, bool]:
    """Return the time of a token over `data`, and whether its authority is trusted.

    Raises:
        StampError: it is not for this, or not that of the authority in it.
    """
    try:
        from asn1crypto import cms
        from pyhanko.sign.general import CMSExtractionError
        from pyhanko.sign.validation.errors import SignatureValidationError
        from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    except ImportError as error:
        raise missing(error) from error
    from benchctl.certificates.signing.trust import context, quietly

    try:
        signed = cms.ContentInfo.load(token, strict=True)["content"]
        at: datetime = signed["encap_content_info"]["content"].parsed["gen_time"].native
        name = signed["signer_infos"][0]["digest_algorithm"]["algorithm"].native
        imprint = signed["encap_content_info"]["content"].parsed["message_imprint"]
        hash_ = imprint["hash_algorithm"]["algorithm"].native
        if {name, hash_} - {"sha256", "sha384", "sha512"}:
            raise StampError(f"{name} {hash_}")
        with quietly():
            found: dict[str, Any] = asyncio.run(
                validate_tst_signed_data(
                    signed, context(roots, at), lambda name: hashlib.new(name, data).digest()
                )
            )
    except StampError:
        raise
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        SignatureValidationError,
        CMSExtractionError,
    ) as error:
        raise StampError(f"{type(error).__name__} {error}".strip()) from error
    if not (found["intact"] and found["valid"]):
        raise StampError("changed")
    trusted = found.get("validation_path") is not None and not found.get("trust_problem_indic")
    return at, trusted
