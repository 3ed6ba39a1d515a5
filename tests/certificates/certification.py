"""A certification authority of the tests: root, issuing authority, and keys for whoever signs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from benchctl.certificates import LabSettings

LAB = LabSettings(name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"})
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
PEM = form.Encoding.PEM


class Authority:
    """A root and one issuing authority under it; `issue` writes keys with their chain."""

    def __init__(self, folder: Path, name: str = "Test") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._root_key = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._certificate(f"{name} Root", self._root_key.public_key(), ca=True)
        self._ca = self._certificate(
            f"{name} Issuing CA", self._key.public_key(), by=(self._root, self._root_key), ca=True
        )
        self.root = folder / "root.pem"
        self.root.write_bytes(self._root.public_bytes(PEM))

    def issue(
        self,
        name: str,
        *,
        kind: str = "P-256",
        usage: str = "content_commitment",
        valid: tuple[datetime, datetime] = (FIRST, LAST),
        passphrase: str = "",
    ) -> Path:
        """Return a PEM file with key and chain, or a PKCS #12 file where there is a passphrase."""
        key = key_of(kind)
        leaf = self._certificate(
            name, key.public_key(), by=(self._ca, self._key), usage=usage, valid=valid
        )
        if passphrase:
            path = self.folder / f"{name}.p12"
            lock = form.BestAvailableEncryption(passphrase.encode())
            path.write_bytes(
                pkcs12.serialize_key_and_certificates(b"seal", key, leaf, [self._ca], lock)
            )
            return path
        path = self.folder / f"{name}.pem"
        private = key.private_bytes(PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
        path.write_bytes(private + leaf.public_bytes(PEM) + self._ca.public_bytes(PEM))
        path.chmod(0o600)
        return path

    def certify(self, name: str, public: object) -> bytes:
        """Return the chain (PEM) of somebody's public key."""
        leaf = self._certificate(name, public, by=(self._ca, self._key))
        return bytes(leaf.public_bytes(PEM) + self._ca.public_bytes(PEM))

    def _certificate(
        self, name, public, *, by=None, ca=False, usage="content_commitment", valid=(FIRST, LAST)
    ):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer, key = (by[0].subject, by[1]) if by else (subject, self._root_key)
        allowed = dict.fromkeys(
            (
                *("digital_signature", "content_commitment", "key_encipherment"),
                *("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
                *("encipher_only", "decipher_only"),
            ),
            False,
        )
        allowed |= {"key_cert_sign": True, "crl_sign": True} if ca else {usage: True}
        identifier = x509.SubjectKeyIdentifier.from_public_key(public)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**allowed), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(above, critical=False)
            .sign(key, hashes.SHA256())
        )


def key_of(kind: str):
    """Return a new key."""
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, int(kind.partition("-")[2]))
    return ec.generate_private_key({"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}[kind]())


def later(seconds: float) -> datetime:
    """Return a moment after `NOW`."""
    return NOW + timedelta(seconds=seconds)
