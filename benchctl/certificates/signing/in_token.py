"""A seal in a PKCS #11 token: the key never leaves the hardware. Needs python-pkcs11.

It is named by a URI (RFC 7512): `pkcs11:token=lab;object=seal?module-path=/usr/lib/…/module.so`.
"""

from __future__ import annotations

import hashlib
import importlib
from typing import Any
from urllib.parse import unquote

from benchctl.certificates.signing.keys import TOKEN, public_in, require_fit
from benchctl.certificates.signing.seal import ALGORITHMS, algorithm_of
from benchctl.core.errors import BenchctlError, RefusedError, UsageError
from benchctl.core.messages import msg


class TokenSeal:
    """A key of a token by the labels of both; its certificates are given, or lie beside it."""

    def __init__(self, uri: str, chain: tuple[bytes, ...], pin: str | None) -> None:
        self._module, self._token, self._object = parts_of(uri)
        self._pin = pin
        self._chain = chain or self._asked(self._certificates)
        if not self._chain:
            raise UsageError(msg("signing.no-chain", key=uri))
        self._algorithm = algorithm_of(public_in(self._chain[0]))

    @property
    def algorithm(self) -> str:
        """How it signs, by the kind of key."""
        return self._algorithm

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates in DER, the signer's first."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """Return the token's signature.

        Raises:
            RefusedError: the package, the token, the PIN or the key is missing or refuses.
        """
        signature: bytes = self._asked(lambda pkcs11, session: self._signed(pkcs11, session, data))
        require_fit(self, signature, data)
        return signature

    def _asked(self, ask: Any) -> Any:
        """Return what the token answers."""
        try:
            pkcs11: Any = importlib.import_module("pkcs11")
        except ImportError as error:
            raise RefusedError(msg("signing.no-pkcs11")) from error
        try:
            token = pkcs11.lib(self._module).get_token(token_label=self._token)
            with token.open(user_pin=self._pin) as session:
                return ask(pkcs11, session)
        except BenchctlError:
            raise
        except Exception as error:  # python-pkcs11 has a class for each of the token's codes
            reason = f"{type(error).__name__} {error}".strip()
            raise RefusedError(msg("signing.failed", reason=reason)) from error

    def _signed(self, pkcs11: Any, session: Any, data: bytes) -> bytes:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=self._object)
        if self._algorithm.startswith("rsa"):
            return bytes(key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
        digest = hashlib.new(ALGORITHMS[self._algorithm].digest, data).digest()
        encoded: Any = importlib.import_module("pkcs11.util.ec")
        raw = key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
        return bytes(encoded.encode_ecdsa_signature(raw))

    def _certificates(self, pkcs11: Any, session: Any) -> tuple[bytes, ...]:
        """Return the key's certificate and then the other ones of the token."""
        kind = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}
        own: list[bytes] = []
        others: list[bytes] = []
        for entry in session.get_objects(kind):
            mine = entry[pkcs11.Attribute.LABEL] == self._object
            (own if mine else others).append(bytes(entry[pkcs11.Attribute.VALUE]))
        return (*own[:1], *sorted(others)) if own else ()


def parts_of(uri: str) -> tuple[str, str, str]:
    """Return module, token and object that a URI names.

    Raises:
        UsageError: one of them is missing.
    """
    path, _, query = uri.removeprefix(TOKEN).partition("?")
    pairs = [p.partition("=") for p in (*path.split(";"), *query.split("&"))]
    given = {name: unquote(value) for name, _, value in pairs}
    found = [given.get(name, "") for name in ("module-path", "token", "object")]
    if not all(found):
        raise UsageError(msg("signing.bad-uri", uri=uri))
    return found[0], found[1], found[2]
