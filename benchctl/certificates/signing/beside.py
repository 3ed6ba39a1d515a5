"""Signatures that lie beside a file: for seals that PDF and XML signatures have no name for (SM2).

`2026-00001.pdf.approved.sig.json` says which file by its hash, who signed it as what and when, by
which algorithm, with the certificates in DER and the signature, both in base64. What is signed is
`benchctl-signature-1`, a line feed, and the canonical JSON of all of that but the signature.

A signature by an algorithm that is known here is checked here. Of any other it is said that the
file is the one that was signed, and a program of the lab's settings checks the signature itself:
it gets the algorithm and the names of two files, certificates (PEM) and bare signature, and what
was signed on standard input; 0 is good.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchctl.certificates.sealing import ROLES, Role
from benchctl.certificates.signing.found import BESIDE, Found
from benchctl.certificates.signing.keys import COMMAND_SECONDS, fits
from benchctl.certificates.signing.seal import ALGORITHMS, SM2, Seal, name_of
from benchctl.core.errors import BenchctlError
from benchctl.core.messages import Message, msg
from benchctl.verifier.hashing import UnknownHashError, canonical_json, digest_of

SCHEMA = "benchctl.signature/1"
PURPOSE = b"benchctl-signature-1\n"
"""What stands before what is signed: the seal signs nothing else that looks so."""
ENDING = ".sig.json"
LARGEST = 1 << 20


def path_beside(path: Path, role: Role) -> Path:
    """Return where the signature of a file lies."""
    return path.with_name(f"{path.name}.{role}{ENDING}")


def sign_beside(data: bytes, name: str, seal: Seal, role: Role, at: datetime) -> bytes:
    """Return the signature of a file as JSON.

    Args:
        data: the file.
        name: what it is called.
        seal: who signs.
        role: as what.
        at: the time that the signature states.

    Raises:
        RefusedError: the seal cannot sign.
    """
    hash_ = "sm3" if seal.algorithm == SM2 else "sha256"
    said = {
        "schema": SCHEMA,
        "file": name,
        "hash": f"{hash_}:{digest_of(hash_)(data).hex()}",
        "role": role,
        "at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "algorithm": seal.algorithm,
        "certificates": [base64.b64encode(c).decode() for c in seal.chain],
    }
    signature = seal.sign(covered(said))
    whole = said | {"signature": base64.b64encode(signature).decode()}
    return f"{json.dumps(whole, ensure_ascii=False, indent=2)}\n".encode()


def covered(said: Mapping[str, Any]) -> bytes:
    """Return what is signed of what a signature says."""
    return PURPOSE + canonical_json({k: v for k, v in said.items() if k != "signature"}).encode()


@dataclass(frozen=True, slots=True)
class Beside:
    """A signature that was found beside a file; `checked` tells whether it could be checked."""

    path: Path
    found: Found
    algorithm: str
    checked: bool


def signatures_beside(path: Path, data: bytes, verifier: Sequence[str] = ()) -> list[Beside]:
    """Return the signatures that lie beside a file, each with what came of checking it."""
    asked = (path_beside(path, role) for role in ROLES)
    return [_read(where, data, verifier) for where in asked if where.exists()]


def _read(path: Path, data: bytes, verifier: Sequence[str]) -> Beside:
    try:
        said, found = _parsed(path)
        signature = base64.b64decode(said["signature"], validate=True)
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        problem = msg("signing.beside-form", path=str(path), reason=str(error))
        return Beside(path, Found(BESIDE, "", "?", None, (), problem), "?", True)
    algorithm, problem_ = str(said["algorithm"]), None
    if not _is_of(str(said["hash"]), data):
        problem_ = msg("signing.changed")
    elif algorithm in ALGORITHMS:
        if not _fits(found.chain[0], algorithm, signature, covered(said)):
            problem_ = msg("signing.changed")
    elif not verifier:
        return Beside(path, found, algorithm, False)
    else:
        problem_ = _asked(verifier, algorithm, found.chain, signature, covered(said))
    return Beside(path, replace(found, problem=problem_), algorithm, True)


def _parsed(path: Path) -> tuple[dict[str, Any], Found]:
    """Return what a signature says, and who, as what and when.

    Raises:
        ValueError: it is none of ours, or lies under another name than its own.
    """
    text = path.read_bytes()
    if len(text) > LARGEST:
        raise ValueError("> 1 MB")
    said: dict[str, Any] = json.loads(text)
    if set(said) != _FIELDS or said["schema"] != SCHEMA:
        raise ValueError(str(sorted(said)))
    if path.name != f"{said['file']}.{said['role']}{ENDING}":
        raise ValueError(f"{said['file']} {said['role']}")
    at = datetime.fromisoformat(said["at"])
    if at.tzinfo is None:
        raise ValueError(str(said["at"]))
    chain = tuple(base64.b64decode(c, validate=True) for c in said["certificates"])
    return said, Found(BESIDE, str(said["role"]), name_of(chain[0]), at, chain)


_FIELDS = {"schema", "file", "hash", "role", "at", "algorithm", "certificates", "signature"}


def _is_of(hash_: str, data: bytes) -> bool:
    """Tell whether a hash as it stands in a signature is that of a file."""
    name, _, value = hash_.partition(":")
    try:
        return digest_of(name)(data).hex() == value
    except UnknownHashError:
        return False


def _fits(certificate: bytes, algorithm: str, signature: bytes, data: bytes) -> bool:
    try:
        return fits(certificate, algorithm, signature, data)
    except BenchctlError:
        return False


def _asked(
    verifier: Sequence[str],
    algorithm: str,
    chain: Sequence[bytes],
    signature: bytes,
    data: bytes,
) -> Message | None:
    """Return what a program says against a signature, None where it says that it is good."""
    from asn1crypto import pem

    with tempfile.TemporaryDirectory() as folder:
        certificates, bare = Path(folder) / "certificates.pem", Path(folder) / "signature"
        certificates.write_bytes(b"".join(pem.armor("CERTIFICATE", c) for c in chain))
        bare.write_bytes(signature)
        command = [*verifier, algorithm, str(certificates), str(bare)]
        try:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=COMMAND_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            return msg("signing.no-verifier", reason=str(error))
    return None if done.returncode == 0 else msg("signing.changed")
