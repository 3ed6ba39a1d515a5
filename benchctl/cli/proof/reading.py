"""Keys and anchors as they stand on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.verifier.heads import Anchor
    from benchctl.verifier.signatures import PublicKey


@dataclass(frozen=True, slots=True)
class Trusted:
    """What a person got elsewhere: public keys, tree heads, certificates of authorities."""

    keys: list[PublicKey]
    anchors: list[Anchor]
    authorities: list[bytes]

    def given(self) -> dict[str, Any]:
        """Return it as the arguments of a check."""
        return {"keys": self.keys, "anchors": self.anchors, "authorities": self.authorities}


def certificates_of(paths: Iterable[Path]) -> list[bytes]:
    """Return the certificates in PEM files.

    Raises:
        UsageError: a file holds none.
    """
    found: list[bytes] = []
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(msg("cli.no-certificate", path=str(path))) from error
        if b"-----BEGIN CERTIFICATE-----" not in data:
            raise UsageError(msg("cli.no-certificate", path=str(path)))
        found.append(data)
    return found


def keys_of(paths: Iterable[Path]) -> list[PublicKey]:
    """Return the public keys in PEM files.

    Raises:
        UsageError: a file holds none.
    """
    from benchctl.verifier.signatures import public_key

    found: list[PublicKey] = []
    for path in paths:
        try:
            found.append(public_key(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise UsageError(msg("cli.no-public-key", path=str(path))) from error
    return found


def anchors_of(texts: Iterable[str]) -> list[Anchor]:
    """Return the anchors that texts say, or files with one in each line.

    Raises:
        UsageError: a text is neither.
    """
    from benchctl.verifier.heads import read_anchor

    found: list[Anchor] = []
    for text in texts:
        lines = [text]
        if not text.strip().lower().startswith("head1:"):
            try:
                lines = Path(text).read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                raise UsageError(msg("cli.no-anchor-here", text=text)) from error
        for line in lines:
            if line.strip():
                try:
                    found.append(read_anchor(line.split()[0]))
                except ValueError as error:
                    raise UsageError(msg("cli.no-anchor-here", text=line.strip())) from error
    return found
