"""Who signs a certificate as what, as the lab's settings say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["calibrated", "checked", "approved"]
ROLES: tuple[Role, ...] = ("calibrated", "checked", "approved")
"""What a person signs for, in the order in which it is done."""


@dataclass(frozen=True, slots=True)
class SealSettings:
    """Where a seal is found; file names are from the lab's folder.

    `key` is a PKCS #12 or PEM file or a URI `pkcs11:`; `command` is a program that signs. `chain`
    is a PEM file, needed unless the key file or the token has the certificates. `passphrase` and
    `pin` name variables of the environment. `algorithm` is that of the program.
    """

    key: str = ""
    chain: str = ""
    command: tuple[str, ...] = ()
    algorithm: str = ""
    passphrase: str = "BENCHCTL_PASSPHRASE"
    pin: str = "BENCHCTL_PIN"
