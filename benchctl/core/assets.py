"""The register of standards as it is kept: one entry per word that was ever said of an asset.

Nothing is changed: a new certificate is a new entry, so is taking an asset out of service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

ENTERED = "entered"
WITHDRAWN = "withdrawn"
RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """One entry; `what` is entered (with `text`, the asset's file), withdrawn or returned.

    `issued` and `due` are ISO dates of the certificate, "" where there is none; `utc` is when the
    entry was made, `because` why, `file_sha256` that of the certificate's own file. `number` and
    `hash` (over the entry and all before it) are given by the store.
    """

    name: str
    what: str
    serial: str
    model: str
    certificate: str
    issuer: str
    issued: str
    due: str
    by: str
    because: str
    utc: str
    text: str
    file_name: str = ""
    file_sha256: str = ""
    number: int = 0
    hash: str = ""


class StandardsStore(Protocol):
    """Keeps the register; append-only."""

    def entries(self, name: str | None = None) -> list[AssetEntry]:
        """Return the entries of an asset, or all, in the order in which they were made.

        Raises:
            RecordError: they cannot be read.
        """
        ...

    def enter(self, entry: AssetEntry, file: bytes | None = None) -> AssetEntry:
        """Add an entry, with the certificate's file; return it as it is kept.

        Raises:
            RecordError: it could not be kept.
        """
        ...

    def file(self, sha256: str) -> bytes | None:
        """Return a certificate's file, None where there is none of that sha256."""
        ...
