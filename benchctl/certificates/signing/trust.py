"""Whose key signed: the way from a certificate to a root that the reader trusts (RFC 5280).

Asked for the time at which it signed. Whether a certificate was revoked is not asked: nothing is
fetched from anywhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from benchctl.certificates.pdf import missing
from benchctl.certificates.signing.seal import may_sign, name_of

if TYPE_CHECKING:
    from pyhanko_certvalidator import ValidationContext


class TrustError(ValueError):
    """A certificate that does not lead to a trusted root; the text says why."""


@contextmanager
def quietly() -> Iterator[None]:
    """Keep the libraries from writing to the terminal what is told as a finding."""
    loggers = [logging.getLogger(n) for n in ("pyhanko", "pyhanko_certvalidator")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def context(roots: Sequence[bytes], at: datetime) -> ValidationContext:
    """Return what certificates are checked by: roots (DER), the time, nothing from the network."""
    from asn1crypto.x509 import Certificate
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=[Certificate.load(r) for r in roots],
        moment=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
        weak_hash_algos=("md2", "md5", "sha1"),
    )


def trusted_root(chain: Sequence[bytes], roots: Sequence[bytes], at: datetime) -> str:
    """Return the name of the root that a chain leads to.

    Args:
        chain: certificates in DER, the signer's first.
        roots: certificates in DER that the reader trusts.
        at: when it signed.

    Raises:
        TrustError: there is no such way, or the certificate is not one for signatures.
    """
    try:
        from asn1crypto.x509 import Certificate
        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import PathError, ValidationError
    except ImportError as error:
        raise missing(error) from error
    try:
        leaf, *others = (Certificate.load(c, strict=True) for c in chain)
        validator = CertificateValidator(leaf, others, validation_context=context(roots, at))
        with quietly():
            path = asyncio.run(validator.async_validate_path())
    except (ValueError, ValidationError, PathError) as error:
        raise TrustError(str(error)) from error
    if not may_sign(leaf):
        raise TrustError("keyUsage")
    return name_of(path.first.dump())
