"""The hashes of a record: which functions there are, and what exactly they are taken over.

- An *algorithm* is `<hash>/json-1`; `sha256` and `sm3` (GB/T 32905) are known.
- The *origin* of a run is the hash of its row as canonical JSON.
- The hash of a record is taken over the hash before (its bytes), the canonical list
  `[run, seq, kind, version, utc, t]`, a line feed, and the body.

Canonical JSON: UTF-8, sorted keys, no spaces, shortest decimal numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

FORM = "json-1"
HASHES = ("sha256", "sm3")

Digest = Callable[[bytes], bytes]


class UnknownHashError(ValueError):
    """A hash function that this program, or this machine's OpenSSL, does not have."""


def digest_of(name: str) -> Digest:
    """Return the hash function `name` ("sha256" or "sm3").

    Raises:
        UnknownHashError: there is none of that name here.
    """
    if name == "sha256":
        return _sha256
    if name == "sm3":
        return _sm3()
    raise UnknownHashError(name)


def hash_name(algorithm: str) -> str:
    """Return the name of the hash function of an algorithm such as `sha256/json-1`.

    Raises:
        UnknownHashError: it is none of ours.
    """
    name, _, form = algorithm.partition("/")
    if form != FORM or name not in HASHES:
        raise UnknownHashError(algorithm)
    return name


def canonical_json(data: Any) -> str:
    """Return plain data as canonical JSON.

    Half a surrogate pair (from a file name that is not UTF-8) is written as a JSON escape.
    """
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr)
    return encoded(text).decode()


def encoded(text: str) -> bytes:
    """Return UTF-8; half a surrogate pair as a JSON escape."""
    return text.encode("utf-8", "backslashreplace")


def origin(digest: Digest, row: Sequence[str | int | None]) -> bytes:
    """Return the hash that the first record of a run follows.

    Args:
        digest: the run's hash function.
        row: run, bench, utc, algorithm, and run, seq and hash of the record that it follows.
    """
    return digest(encoded(canonical_json(list(row))))


def header(run: str, seq: int, kind: str, version: int, utc: str, t: float) -> str:
    """Return the canonical list that stands before a body."""
    if type(t) is float and t - t == 0.0 and plain(run) and plain(kind) and plain(utc):
        return f'["{run}",{seq:d},"{kind}",{version:d},"{utc}",{t!r}]'
    return canonical_json([run, seq, kind, version, utc, t])


def plain(text: str) -> bool:
    """Return whether JSON writes a text as it stands."""
    return text.isprintable() and text.isascii() and '"' not in text and "\\" not in text


def chained(digest: Digest, previous: bytes, head: str, body: str) -> bytes:
    """Return the hash of a record that follows the hash `previous`."""
    return digest(previous + encoded(f"{head}\n{body}"))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3() -> Digest:
    try:
        hashlib.new("sm3")
    except ValueError as missing:
        raise UnknownHashError("sm3") from missing

    def sm3(data: bytes) -> bytes:
        return hashlib.new("sm3", data).digest()

    return sm3
