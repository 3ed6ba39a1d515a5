"""What a lab decides about its records: the file `records.yaml` in the lab's folder.

    hash: sm3
    signer: {command: [ssh, hsm, sign-head], public: lab-key.pem}
    heads: {records: 1000, seconds: 60}
    numbers: "{year}-{n:05}"
    review: {checked: true, approved: true, same_person: false}
    retention: {years: 6, copies: 3, media: 2, offline: 1}

Every key may be left out; without the file everything is as the classes below say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

FILE = "records.yaml"


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """A key in a PKCS#11 token; `public` is a PEM file in the lab's folder."""

    module: str
    token: str
    key: str
    public: str
    pin_variable: str = "BENCHCTL_PIN"


@dataclass(frozen=True, slots=True)
class SignerSettings:
    """Who signs: a key file of the lab unless a command or a token is named."""

    command: tuple[str, ...] = ()
    public: str = ""
    pkcs11: TokenSettings | None = None


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """Which steps a certificate number waits for, and whether one person may do two of them."""

    checked: bool = False
    approved: bool = False
    same_person: bool = False


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long and how often a record is kept: years, copies, kinds of media, copies offline."""

    years: int = 6
    copies: int = 3
    media: int = 2
    offline: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a lab's records; `every_records` and `every_seconds` are of signed heads."""

    hash: str = "sha256"
    signer: SignerSettings = field(default_factory=SignerSettings)
    every_records: int = 1000
    every_seconds: float = 60.0
    numbers: str = "{year}-{n:05}"
    review: ReviewSettings = field(default_factory=ReviewSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)


def settings_of(folder: Path) -> Settings:
    """Return the settings of a lab's folder.

    Raises:
        FileError: the file has mistakes; each with its line and column.
    """
    path = folder / FILE
    try:
        seen = path.stat()
    except OSError:
        return Settings()
    return _read(path, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> Settings:
    from benchctl.records.settings_file import read_settings

    return read_settings(path)
