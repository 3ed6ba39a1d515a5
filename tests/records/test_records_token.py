"""A key in a PKCS#11 token signs the lab's statements: SoftHSM, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from record_samples import clock, whole_run

from benchctl.records import Lab, verified
from benchctl.verifier.signatures import PublicKey, public_key

PIN = "1234"


@pytest.fixture(scope="module")
def token(softhsm: Any) -> Any:
    """The token with the label `lab`; gives the package and the token."""
    return softhsm.pkcs11, softhsm.pkcs11.lib(softhsm.module).get_token(token_label="lab")


def make_key(token: Any, kind: str, label: str) -> PublicKey:
    """Make a key pair in the token; return its public half."""
    pkcs11, found = token
    ec = importlib.import_module("pkcs11.util.ec")
    encoded = (
        ec.encode_named_curve_parameters("secp256r1")
        if kind == "P-256"
        else b"\x13\x0cedwards25519"  # a PrintableString
    )
    key_type = pkcs11.KeyType.EC if kind == "P-256" else pkcs11.KeyType.EC_EDWARDS
    with found.open(rw=True, user_pin=PIN) as session:
        parameters = session.create_domain_parameters(
            key_type, {pkcs11.Attribute.EC_PARAMS: encoded}, local=True
        )
        public, _ = parameters.generate_keypair(store=True, label=label)
        point = bytes(public[pkcs11.Attribute.EC_POINT])[2:]  # in an OCTET STRING
    return public_key(pem_of(kind, point))


def pem_of(kind: str, point: bytes) -> str:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    key: Any = (
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if kind == "P-256"
        else ed25519.Ed25519PublicKey.from_public_bytes(point)
    )
    spki = form.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_bytes(form.Encoding.PEM, spki).decode())


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
def test_a_key_that_never_leaves_its_token_signs_what_is_recorded(
    lab: Lab, softhsm: Any, token: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = make_key(token, kind, f"heads-{kind}")
    (lab.folder / "lab-key.pem").write_text(public.pem)
    where = f"module: {softhsm.module}, token: lab, key: heads-{kind}, public: lab-key.pem"
    (lab.folder / "records.yaml").write_text(f"signer: {{pkcs11: {{{where}}}}}")
    monkeypatch.setenv("BENCHCTL_PIN", PIN)
    with Lab.open(lab.folder) as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in whole_run():
            journal.emit(event)
        assert verified(lab, keys=[public]).problems == ()
    assert not (lab.folder / "keys/signing.pem").exists()


def test_a_wrong_pin_stops_no_run_and_is_in_its_record(
    lab: Lab, softhsm: Any, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = make_key(token, "P-256", "heads")
    (lab.folder / "lab-key.pem").write_text(public.pem)
    where = f"module: {softhsm.module}, token: lab, key: heads, public: lab-key.pem"
    (lab.folder / "records.yaml").write_text(f"signer: {{pkcs11: {{{where}}}}}")
    monkeypatch.setenv("BENCHCTL_PIN", "0000")
    with Lab.open(lab.folder) as lab:
        journal = lab.begin_run("Line 2", "R1", clock=clock())
        for event in whole_run():
            journal.emit(event)
        notes = [str(note["text"]) for note in lab.document("R1")["notes"]]
    assert any("not signed" in note and "PinIncorrect" in note for note in notes)
