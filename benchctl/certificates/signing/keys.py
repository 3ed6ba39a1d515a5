"""Seals: a key in a PKCS #12 or PEM file, a program that signs, a key in a PKCS #11 token."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchctl.certificates.sealing import SealSettings
from benchctl.certificates.signing.seal import ALGORITHMS, SM2, Seal, algorithm_of, name_of
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg

TOKEN = "pkcs11:"
COMMAND_SECONDS = 120.0
"""Real seconds that a signing program may take: a person may have to type a PIN."""
PEM = b"-----BEGIN "


def seal_of(settings: SealSettings, folder: Path, environment: Mapping[str, str]) -> Seal:
    """Return the seal that settings name.

    Args:
        settings: where it is found.
        folder: what its file names start from.
        environment: where passphrase and PIN stand.

    Raises:
        UsageError: a file is missing or is none, or the passphrase is wrong.
        RefusedError: others may read the key, or keys of its kind are not used.
    """
    chain = folder / settings.chain if settings.chain else None
    if settings.command:
        if chain is None:
            raise UsageError(msg("signing.no-chain", key=settings.command[0]))
        return CommandSeal(settings.command, certificates_in(chain), settings.algorithm)
    if settings.key.startswith(TOKEN):
        from benchctl.certificates.signing.in_token import TokenSeal

        given = () if chain is None else certificates_in(chain)
        return TokenSeal(settings.key, given, environment.get(settings.pin))
    if not settings.key:
        raise UsageError(msg("signing.no-key"))
    return file_seal(folder / settings.key, chain, environment.get(settings.passphrase))


class KeySeal:
    """A key in memory, with its chain."""

    def __init__(self, key: Any, chain: tuple[bytes, ...]) -> None:
        self._key = key
        self._chain = chain
        self._algorithm = algorithm_of(key.public_key())

    def __reduce__(self) -> tuple[Any, ...]:
        """Go to another process of ours: as the key itself, which stays in memory there too."""
        from cryptography.hazmat.primitives import serialization as form

        private = self._key.private_bytes(
            form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption()
        )
        return _revived, (private, self._chain)

    @property
    def algorithm(self) -> str:
        """How it signs, by the kind of key."""
        return self._algorithm

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates in DER, the signer's first."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """Return the signature; the same one for the same data."""
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        signature: bytes
        if isinstance(self._key, rsa.RSAPrivateKey):
            signature = self._key.sign(data, padding.PKCS1v15(), hash_of(self._algorithm))
        else:
            signature = self._key.sign(data, _ecdsa(self._algorithm))
        return signature


def _revived(private: bytes, chain: tuple[bytes, ...]) -> KeySeal:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return KeySeal(load_der_private_key(private, None), chain)


class CommandSeal:
    """A program that reads the bytes on standard input and writes the bare signature."""

    def __init__(
        self, command: Sequence[str], chain: tuple[bytes, ...], algorithm: str = ""
    ) -> None:
        self._command = tuple(command)
        self._chain = chain
        self._algorithm = algorithm or algorithm_of(public_in(chain[0]))

    @property
    def algorithm(self) -> str:
        """How it signs: as the settings say, else by the kind of key."""
        return self._algorithm

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates in DER, the signer's first."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """Return what the program wrote, once it is found to be the key's signature.

        Raises:
            RefusedError: the program failed, or what it wrote is no signature of this key.
        """
        try:
            done = subprocess.run(
                self._command, input=data, capture_output=True, timeout=COMMAND_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise RefusedError(msg("signing.failed", reason=str(error))) from error
        if self._algorithm != SM2:  # which cryptography cannot check
            require_fit(self, done.stdout, data)
        return done.stdout


def require_fit(seal: Seal, signature: bytes, data: bytes) -> None:
    """Refuse a signature that is not that of the seal's certificate.

    Raises:
        RefusedError: it does not fit.
    """
    if not fits(seal.chain[0], seal.algorithm, signature, data):
        raise RefusedError(msg("signing.other-key", by=name_of(seal.chain[0])))


def fits(certificate: bytes, algorithm: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature is that of a certificate's key over `data`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    public = public_in(certificate)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hash_of(algorithm))
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, data, ec.ECDSA(hash_of(algorithm)))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def file_seal(path: Path, chain: Path | None, passphrase: str | None) -> KeySeal:
    """Return the seal of a key file, PKCS #12 or PEM; a PEM file may hold the chain too.

    Raises:
        UsageError: it is no such file, it needs another passphrase, or its certificate is missing.
        RefusedError: others may read a key that no passphrase guards, or its kind is not used.
    """
    data, secret = _read(path), passphrase.encode() if passphrase else None
    key, certificates = _pem(data, secret, path) if PEM in data else _pkcs12(data, secret, path)
    if chain is not None:
        certificates = [*certificates_in(chain), *certificates]
    if secret is None:
        _require_private(path)
    return KeySeal(key, _ordered(key.public_key(), certificates, path))


def certificates_in(path: Path) -> tuple[bytes, ...]:
    """Return the certificates of a PEM or DER file, in DER.

    Raises:
        UsageError: there are none.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    data = _read(path)
    try:
        if PEM in data:
            found = x509.load_pem_x509_certificates(data)
            return tuple(c.public_bytes(Encoding.DER) for c in found)
        return (x509.load_der_x509_certificate(data).public_bytes(Encoding.DER),)
    except ValueError:
        from asn1crypto import pem
        from asn1crypto.x509 import Certificate

        try:  # a curve that cryptography does not know (SM2)
            parts = [d for n, _, d in pem.unarmor(data, multiple=True) if n == "CERTIFICATE"]
            found_der = tuple(Certificate.load(d, strict=True).dump() for d in parts)
        except ValueError as error:
            raise UsageError(msg("signing.no-certificate", path=str(path))) from error
        if not found_der:
            raise UsageError(msg("signing.no-certificate", path=str(path))) from None
        return found_der


def public_in(certificate: bytes) -> Any:
    """Return the public key of a certificate (DER).

    Raises:
        RefusedError: keys of its kind are not used.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return x509.load_der_x509_certificate(certificate).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RefusedError(msg("signing.bad-key", key=str(error))) from error


def hash_of(algorithm: str) -> Any:
    """Return the hash of an algorithm of `ALGORITHMS`."""
    from cryptography.hazmat.primitives import hashes

    return {"sha256": hashes.SHA256, "sha384": hashes.SHA384}[ALGORITHMS[algorithm].digest]()


def _ecdsa(algorithm: str) -> Any:
    """Return ECDSA as RFC 6979 has it, where the library can: no randomness, the same bytes."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return ec.ECDSA(hash_of(algorithm), deterministic_signing=True)
    except UnsupportedAlgorithm:
        return ec.ECDSA(hash_of(algorithm))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(msg("signing.cannot-read", path=str(path), reason=reason)) from error


def _pkcs12(data: bytes, secret: bytes | None, path: Path) -> tuple[Any, list[bytes]]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    try:
        key, own, more = pkcs12.load_key_and_certificates(data, secret)
    except ValueError as error:
        raise _unreadable(path) from error
    if key is None:
        raise _unreadable(path)
    found = [own, *more] if own is not None else list(more)
    return key, [c.public_bytes(Encoding.DER) for c in found]


def _pem(data: bytes, secret: bytes | None, path: Path) -> tuple[Any, list[bytes]]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    protected = b"ENCRYPTED" in data
    try:
        key = load_pem_private_key(data, secret if protected else None)
    except (ValueError, TypeError) as error:
        raise _unreadable(path) from error
    return key, list(certificates_in(path)) if b"BEGIN CERTIFICATE" in data else []


def _unreadable(path: Path) -> UsageError:
    return UsageError(
        msg("signing.key-unreadable", path=str(path)), hint=msg("signing.passphrase-hint")
    )


def _ordered(public: Any, certificates: Sequence[bytes], path: Path) -> tuple[bytes, ...]:
    """Return the chain with the key's own certificate first.

    Raises:
        UsageError: none of them is the key's.
    """
    from cryptography import x509

    all_ = list(dict.fromkeys(certificates))
    for der in all_:
        if x509.load_der_x509_certificate(der).public_key() == public:
            return (der, *(c for c in all_ if c != der))
    raise UsageError(msg("signing.no-chain", key=str(path)))


def _require_private(path: Path) -> None:
    if os.name == "nt":
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise RefusedError(
            msg("signing.key-open", path=str(path), mode=f"{mode:04o}"),
            hint=msg("signing.key-open-hint", path=str(path)),
        )
