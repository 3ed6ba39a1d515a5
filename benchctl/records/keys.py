"""Keys that sign the lab's statements: a file, a program, or a token in hardware.

    signer = signer_of(folder, settings.signer)
    signature = signer.sign(data)

The file key (Ed25519) is made on first use as `keys/signing.pem` in the lab's folder, readable by
its owner only. What checks signatures is `benchctl.verifier`; it needs the public half alone.
"""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.records.folders import make_folder, os_error
from benchctl.verifier.signatures import KeyFormatError, PublicKey, public_key

if TYPE_CHECKING:
    from benchctl.records.settings import SignerSettings

FOLDER, SIGNING, STAGED = "keys", "signing.pem", "next.pem"
COMMAND_SECONDS = 3.0
"""Real seconds that a signing program may take; other benches wait for the database meanwhile."""


class Signer(Protocol):
    """Something that signs with a key that nobody else has."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`.

        Raises:
            RecordError: it cannot be made.
        """
        ...


class FileSigner:
    """An Ed25519 key in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._key = _load(path)
        self._public = _public_of(self._key)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`."""
        signature: bytes = self._key.sign(data)
        return signature


class CommandSigner:
    """A program that reads the bytes on standard input and writes the bare signature."""

    def __init__(self, command: Sequence[str], public: PublicKey) -> None:
        self.command = tuple(command)
        self._public = public

    @property
    def public(self) -> PublicKey:
        """The public half, as the settings name it."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return what the program wrote, once it is found to be the key's signature.

        Raises:
            RecordError: the program failed, or what it wrote is no signature of this key.
        """
        try:
            done = subprocess.run(
                self.command, input=data, capture_output=True, timeout=COMMAND_SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise RecordError(msg("records.signer-failed", reason=str(error))) from error
        if not self._public.fits(done.stdout, data):
            raise RecordError(msg("records.signer-wrong", key=self._public.id))
        return done.stdout


def file_signer(folder: Path) -> FileSigner:
    """Return the key of a lab's folder; make it on first use.

    Raises:
        RecordError: it cannot be made or read, or others may read it.
    """
    path = folder / FOLDER / SIGNING
    if not path.exists():
        make_key(path)
    _only_ours(path)
    return FileSigner(path)


def staged_signer(folder: Path) -> FileSigner:
    """Make the key that will sign after a rotation; it waits beside the present one.

    Raises:
        RecordError: it cannot be made.
    """
    path = folder / FOLDER / STAGED
    with suppress(FileNotFoundError):
        path.unlink()
    make_key(path)
    return FileSigner(path)


def take_staged(folder: Path, key: str) -> bool:
    """Put the waiting key in place if it is the one of that id; return whether it was."""
    path = folder / FOLDER / STAGED
    if not path.exists() or FileSigner(path).public.id != key:
        return False
    path.replace(folder / FOLDER / SIGNING)
    return True


def make_key(path: Path) -> None:
    """Write a new Ed25519 key; where another process was faster, its key stays.

    Raises:
        RecordError: it cannot be written.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    make_folder(path.parent)
    own = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.chmod(0o700)
        handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):
                os.link(own, path)
        finally:
            own.unlink()
    except OSError as error:
        raise os_error(error, path) from error
    public = _public_of(key)
    with suppress(OSError):
        path.with_name(f"{public.id}.pub.pem").write_text(public.pem)


def _load(path: Path) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise os_error(error, path) from error
    except (ValueError, TypeError) as error:
        raise RecordError(msg("records.key-unreadable", path=str(path))) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise RecordError(msg("records.key-unreadable", path=str(path)))
    return key


def _public_of(key: Any) -> PublicKey:
    from cryptography.hazmat.primitives import serialization as form

    pem = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    return public_key(pem.decode())


def _only_ours(path: Path) -> None:
    """Refuse a key that others may read.

    Raises:
        RecordError: they may.
    """
    if os.name == "nt":
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise RecordError(
            msg("records.key-open", path=str(path), mode=f"{mode:04o}"),
            hint=msg("records.key-open-hint", path=str(path)),
        )


def signer_of(folder: Path, settings: SignerSettings) -> Signer:
    """Return the signer that a lab's settings name.

    Raises:
        RecordError: it cannot be used.
    """
    if settings.command:
        return CommandSigner(settings.command, _named_public(folder, settings.public))
    if settings.pkcs11 is not None:
        from benchctl.records.token_signer import TokenSigner

        return TokenSigner(settings.pkcs11, folder)
    return file_signer(folder)


def _named_public(folder: Path, name: str) -> PublicKey:
    path = folder / name
    try:
        return public_key(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise os_error(error, path) from error
    except (KeyFormatError, UnicodeDecodeError) as error:
        raise RecordError(msg("records.key-unreadable", path=str(path))) from error
