"""Signatures beside a file: by a seal of SM2, by OpenSSL as the program that signs and checks."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from certification import LAB, NOW

from benchctl.certificates.sealing import SealSettings
from benchctl.certificates.signing import (
    Reader,
    Signing,
    beside_findings,
    seal_of,
    sign_files_beside,
    signed_file,
)
from benchctl.certificates.signing.keys import certificates_in
from benchctl.core.errors import RefusedError

SIGN = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-inkey"]
CHECK = """
import pathlib, subprocess, sys, tempfile
algorithm, certificates, signature = sys.argv[1:]
assert algorithm == "sm2-sm3", algorithm
with tempfile.TemporaryDirectory() as name:
    key = pathlib.Path(name) / "key.pem"
    made = ["openssl", "x509", "-in", certificates, "-pubkey", "-noout"]
    key.write_bytes(subprocess.run(made, capture_output=True, check=True).stdout)
    asked = ["openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey"]
    sys.exit(subprocess.run([*asked, str(key), "-sigfile", signature]).returncode)
"""


@pytest.fixture(scope="module")
def sm2(tmp_path_factory):
    """A key and certificate of SM2, and the program that checks: OpenSSL's."""
    folder = tmp_path_factory.mktemp("sm2")
    key, certificate, check = (str(folder / n) for n in ("sm2.key", "sm2.pem", "check.py"))
    Path(check).write_text(CHECK, "utf-8")
    openssl = shutil.which("openssl") or pytest.skip("OpenSSL is not installed")
    for command in (
        ["genpkey", "-algorithm", "SM2", "-out", key],
        [
            "req",
            "-x509",
            "-key",
            key,
            "-sm3",
            "-subj",
            "/CN=电子印章",
            "-utf8",
            "-out",
            certificate,
        ],
    ):
        done = subprocess.run([openssl, *command], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"OpenSSL without SM2: {done.stderr}")
    settings = SealSettings(command=(openssl, *SIGN, key), chain=certificate, algorithm="sm2-sm3")
    return settings, (sys.executable, check)


@pytest.fixture
def file(signed_pdf, tmp_path):
    path = tmp_path / "2026-00001.pdf"
    path.write_bytes(signed_pdf)
    return path


def sealed(file, settings, at=None):
    from benchctl.core.clock import utc_now

    signing = Signing(seal_of(settings, Path(), {}), "approved", at or utc_now())
    [where] = sign_files_beside([file], signing, lambda path, data: path.write_bytes(data))
    assert where.name == "2026-00001.pdf.approved.sig.json"
    return where


def ids(file, roots=(), verifier=()):
    from benchctl.core.clock import utc_now

    found = beside_findings(file, file.read_bytes(), Reader(utc_now(), roots), verifier)
    return [(f.kind, f.text.id.removeprefix("signing.")) for f in found]


def test_a_seal_of_sm2_signs_beside_a_file_and_the_labs_program_checks_it(file, sm2):
    settings, verifier = sm2
    where = sealed(file, settings)
    said = json.loads(where.read_bytes())
    assert (said["algorithm"], said["hash"][:4]) == ("sm2-sm3", "sm3:")
    assert ids(file, verifier=verifier) == [("proved", "beside-whole")]
    assert ids(file) == [("open", "beside-unchecked")]


@pytest.mark.parametrize("field", ["at", "role", "file", "hash", "algorithm", "signature", "more"])
def test_what_is_changed_in_a_signature_beside_a_file_is_found(file, sm2, field):
    settings, verifier = sm2
    where = sealed(file, settings)
    said = json.loads(where.read_bytes())
    said[field] = {
        "at": "2020-01-01T00:00:00Z",
        "algorithm": "ecdsa-sha256",
        "signature": "AAAA",
    }.get(field, "calibrated")
    where.write_text(json.dumps(said), "utf-8")
    assert [kind for kind, _ in ids(file, verifier=verifier)] == ["problem"]


def test_a_file_that_was_changed_after_it_was_sealed_is_found(file, sm2):
    settings, verifier = sm2
    sealed(file, settings)
    file.write_bytes(file.read_bytes() + b" ")
    for program in (verifier, ()):
        assert [kind for kind, _ in ids(file, verifier=program)] == ["problem"]


def test_a_program_that_is_not_there_proves_nothing(file, sm2, tmp_path):
    sealed(file, sm2[0])
    assert [kind for kind, _ in ids(file, verifier=(str(tmp_path / "none"),))] == ["problem"]


def test_a_key_that_is_known_here_is_checked_here(file, ca):
    settings = SealSettings(key=str(ca.issue("beside")))
    where = sealed(file, settings)
    roots = certificates_in(ca.root)
    assert ids(file, roots) == [("proved", "whole"), ("proved", "trusted")]
    where.write_text(where.read_text("utf-8").replace("T", "t", 1), "utf-8")
    assert ids(file, roots)[0][0] == "problem"


def test_sm2_signs_inside_of_no_file(signed_pdf, sm2):
    seal = seal_of(sm2[0], Path(), {})
    from benchctl.core.clock import utc_now

    with pytest.raises(RefusedError) as refused:
        signed_file(signed_pdf, "x", Signing(seal, "approved", utc_now()))
    assert refused.value.message.id == "signing.no-algorithm"


def test_a_specimen_is_not_sealed_beside_either(documents, ca, tmp_path):

    from benchctl.certificates.dcc import dcc_of

    path = tmp_path / "a.xml"
    path.write_bytes(dcc_of(documents, "W-2", LAB))
    signing = Signing(seal_of(SealSettings(key=str(ca.issue("spec"))), Path(), {}), "approved", NOW)
    with pytest.raises(RefusedError) as refused:
        sign_files_beside([path], signing, lambda path, data: path.write_bytes(data))
    assert refused.value.message.id == "signing.simulated"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xml"]


def test_the_command_line_seals_beside_and_verifies_it(benchctl, real_lab, sm2, file):
    settings, verifier = sm2
    (real_lab / "certificates.yaml").write_text(
        "name: A\nsigners:\n  approved:\n"
        f"    command: {json.dumps(settings.command)}\n    chain: '{settings.chain}'\n"
        f"    algorithm: sm2-sm3\nverifier: {json.dumps(verifier)}\n",
        "utf-8",
    )
    lab = ("--lab", real_lab)
    inside = benchctl("certificate", "sign", file, "--as", "approved", *lab)
    assert inside.returncode == 3
    assert "--beside" in inside.stderr
    done = benchctl("certificate", "sign", file, "--as", "approved", "--beside", *lab)
    assert done.returncode == 0, done.stderr
    verified = benchctl("certificate", "verify", file, "--json", *lab)
    assert ("proved", "beside-whole") in [
        (f["kind"], f["name"]) for f in json.loads(verified.stdout)
    ]
