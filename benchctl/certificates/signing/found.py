"""A signature as it was found in a file, whatever the form: who, as what, when, and what of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from benchctl.core.messages import Message

DCC, PDF, BESIDE = "dcc", "pdf", "beside"


@dataclass(frozen=True, slots=True)
class Found:
    """A signature and what came of checking it.

    `problem` is None where what it covers is unchanged and the signature is that of the key in its
    own certificate; whose key that is, is another question (`trust`). `at` is what the signer says,
    `stamp` a timestamp token (DER) over the signature and `stamped` the bytes that it is of.
    """

    form: str
    role: str
    by: str
    at: datetime | None
    chain: tuple[bytes, ...] = ()
    problem: Message | None = None
    stamp: bytes = b""
    stamped: bytes = b""
