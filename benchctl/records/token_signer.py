"""A signing key in a PKCS#11 token: it never leaves the hardware. Needs python-pkcs11."""

from __future__ import annotations

import hashlib
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.core.errors import RecordError
from benchctl.core.messages import msg
from benchctl.records.folders import os_error
from benchctl.verifier.signatures import ED25519, PublicKey, public_key

if TYPE_CHECKING:
    from benchctl.records.settings import TokenSettings


class TokenSigner:
    """A key of a token, by the token's and the key's label; Ed25519, or ECDSA on P-256.

    The PIN comes from the environment variable that the settings name: it is in no file.
    """

    def __init__(self, settings: TokenSettings, folder: Path) -> None:
        self._settings = settings
        path = folder / settings.public
        try:
            self._public = public_key(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise os_error(error, path) from error
        except ValueError as error:
            raise RecordError(msg("records.key-unreadable", path=str(path))) from error

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`.

        Raises:
            RecordError: the package, the token, the PIN or the key is missing or refuses.
        """
        try:
            signature = self._sign(data)
        except ImportError as error:
            raise RecordError(msg("records.no-pkcs11")) from error
        except Exception as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise RecordError(msg("records.signer-failed", reason=reason)) from error
        if not self._public.fits(signature, data):
            raise RecordError(msg("records.signer-wrong", key=self._public.id))
        return signature

    def _sign(self, data: bytes) -> bytes:
        pkcs11: Any = importlib.import_module("pkcs11")
        ec: Any = importlib.import_module("pkcs11.util.ec")
        settings = self._settings
        token = pkcs11.lib(settings.module).get_token(token_label=settings.token)
        with token.open(user_pin=os.environ.get(settings.pin_variable)) as session:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=settings.key)
            if self._public.algorithm == ED25519:
                return bytes(key.sign(data, mechanism=pkcs11.Mechanism.EDDSA))
            digest = hashlib.sha256(data).digest()
            raw = key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            return bytes(ec.encode_ecdsa_signature(raw))
