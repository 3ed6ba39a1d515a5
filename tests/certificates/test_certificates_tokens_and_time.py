"""A seal in a PKCS #11 token (SoftHSM), and timestamps by OpenSSL as the authority."""

import importlib
import pickle
import shutil
import subprocess
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from certification import LAB, NOW
from cryptography import x509
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from benchctl.certificates.sealing import SealSettings
from benchctl.certificates.signing import (
    Reader,
    Signing,
    seal_of,
    signature_findings,
    signed_certificate,
    signed_dcc,
)
from benchctl.certificates.signing.keys import certificates_in
from benchctl.core.clock import utc_now
from benchctl.core.errors import RefusedError, UsageError

PIN = "1234"


def ids(data, roots=(), authorities=()):
    findings = signature_findings(data, "x", Reader(utc_now(), roots, authorities))
    return [(f.kind, f.text.id.removeprefix("signing.")) for f in findings]


# a token -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def token(softhsm):
    """The token `office`, with nothing in it."""
    return softhsm.pkcs11, softhsm.pkcs11.lib(softhsm.module).get_token(token_label="office")


def make_key(token, kind, label):
    """Make a key pair in the token; return its public half."""
    pkcs11, found = token
    with found.open(rw=True, user_pin=PIN) as session:
        if kind == "RSA":
            public, _ = session.generate_keypair(pkcs11.KeyType.RSA, 2048, store=True, label=label)
            n, e = (
                int.from_bytes(public[a], "big")
                for a in (pkcs11.Attribute.MODULUS, pkcs11.Attribute.PUBLIC_EXPONENT)
            )
            return rsa.RSAPublicNumbers(e, n).public_key()
        encoded = importlib.import_module("pkcs11.util.ec").encode_named_curve_parameters(
            "secp256r1"
        )
        parameters = session.create_domain_parameters(
            pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encoded}, local=True
        )
        public, _ = parameters.generate_keypair(store=True, label=label)
        point = bytes(public[pkcs11.Attribute.EC_POINT])[2:]  # in an OCTET STRING
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def put(token, label, chain):
    """Put certificates into the token: the first under the key's label."""
    pkcs11, found = token
    certificates = x509.load_pem_x509_certificates(chain)
    with found.open(rw=True, user_pin=PIN) as session:
        for n, one in enumerate(certificates):
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.LABEL: label if n == 0 else f"{label} issuer",
                    pkcs11.Attribute.SUBJECT: one.subject.public_bytes(),
                    pkcs11.Attribute.VALUE: one.public_bytes(form.Encoding.DER),
                }
            )


def uri(softhsm, label):
    return f"pkcs11:token=office;object={label}?module-path={softhsm.module}"


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
@pytest.mark.parametrize("where", ["file", "token"])
def test_a_key_that_never_leaves_its_token_signs_a_certificate(
    ca, real_documents, softhsm, token, tmp_path, kind, where
):
    label = f"seal-{kind}-{where}"
    chain = ca.certify(f"Token {kind}", make_key(token, kind, label))
    (tmp_path / "chain.pem").write_bytes(chain)
    if where == "token":
        put(token, label, chain)
    settings = SealSettings(key=uri(softhsm, label), chain="chain.pem" if where == "file" else "")
    seal = seal_of(settings, tmp_path, {"BENCHCTL_PIN": PIN})
    _, pdf = signed_certificate(real_documents, "W-2", LAB, Signing(seal, "approved", NOW))
    assert ids(pdf, certificates_in(ca.root)) == [
        *[("proved", "whole"), ("proved", "trusted")] * 2,
        ("proved", "attached"),
    ]


def test_a_wrong_pin_or_another_keys_certificate_signs_nothing(
    ca, real_documents, softhsm, token, tmp_path
):
    make_key(token, "P-256", "mine")
    other = ca.certify("Other", ec.generate_private_key(ec.SECP256R1()).public_key())
    (tmp_path / "other.pem").write_bytes(other)
    for pin, id_ in (("0000", "failed"), (PIN, "other-key")):
        settings = SealSettings(key=uri(softhsm, "mine"), chain="other.pem")
        seal = seal_of(settings, tmp_path, {"BENCHCTL_PIN": pin})
        with pytest.raises(RefusedError) as refused:
            signed_dcc(real_documents, "W-2", LAB, Signing(seal, "approved", NOW))
        assert refused.value.message.id == f"signing.{id_}"
        assert pin not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["pkcs11:", "pkcs11:token=a;object=b", "pkcs11:object=b?module-path=c"]
)
def test_a_uri_that_names_no_key_is_refused(text, tmp_path):
    with pytest.raises(UsageError) as refused:
        seal_of(SealSettings(key=text), tmp_path, {})
    assert refused.value.message.id == "signing.bad-uri"


def test_a_seal_goes_to_another_process_and_signs_the_same(ca, real_documents):
    seal = seal_of(SealSettings(key=str(ca.issue("travels"))), Path(), {})
    signing = Signing(seal, "approved", NOW)
    there = pickle.loads(pickle.dumps(signing))  # noqa: S301  # our own
    assert signed_dcc(real_documents, "W-2", LAB, there) == signed_dcc(
        real_documents, "W-2", LAB, signing
    )


# time --------------------------------------------------------------------------------------------

SETTINGS = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Stamps:
    """OpenSSL as a timestamp authority with a root of its own."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(SETTINGS.format(folder=folder))
        self._certify("root", [])
        self._certify("tsa", ["extendedKeyUsage=critical,timeStamping"])

    def _certify(self, name, more):
        own = [] if name == "root" else ["-CA", self.at("root.pem"), "-CAkey", self.at("root.key")]
        command = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
        command += ["-subj", f"/CN=Stamps {name}", "-keyout", self.at(f"{name}.key")]
        command += ["-out", self.at(f"{name}.pem"), *own]
        command += ["-addext", f"basicConstraints=critical,CA:{'FALSE' if own else 'TRUE'}"]
        for extension in more:
            command += ["-addext", extension]
        self._run(command)

    def __call__(self, request):
        (self.folder / "query.tsq").write_bytes(request)
        self._run(
            [
                *("ts", "-reply", "-queryfile", self.at("query.tsq"), "-section", "one"),
                *("-config", self.at("ts.cnf"), "-signer", self.at("tsa.pem")),
                *("-inkey", self.at("tsa.key"), "-out", self.at("reply.tsr")),
            ]
        )
        return (self.folder / "reply.tsr").read_bytes()

    def at(self, name):
        return str(self.folder / name)

    def _run(self, command):
        done = subprocess.run(["openssl", *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def stamps(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("OpenSSL is not installed")
    return Stamps(tmp_path_factory.mktemp("stamps"))


@pytest.mark.parametrize("role", ["calibrated", "approved"])  # P-256 and P-384
def test_an_authority_states_the_time_of_every_signature(ca, real_documents, seals, stamps, role):
    signing = Signing(seals[role], role, utc_now(), stamps)
    _, pdf = signed_certificate(real_documents, "W-2", LAB, signing)
    mine, theirs = certificates_in(ca.root), certificates_in(Path(stamps.at("root.pem")))
    assert ids(pdf, mine, theirs) == [
        *[("proved", "whole"), ("proved", "stamped"), ("proved", "trusted")] * 2,
        ("proved", "attached"),
    ]
    assert ids(pdf, mine).count(("open", "stamped-unknown")) == 2
    who = ids(pdf, theirs, theirs)  # who states times is not believed of signatures
    assert who.count(("problem", "untrusted")) == 2
    assert ids(pdf, [*mine, *theirs]).count(("open", "stamped-unknown")) == 2  # nor the other way


def test_a_timestamp_of_something_else_and_one_that_was_changed_do_not_hold(
    ca, real_documents, seals, stamps
):
    import base64
    import re

    from benchctl.certificates.signing.stamping import token_of

    roots = certificates_in(ca.root), certificates_in(Path(stamps.at("root.pem")))
    signing = Signing(seals["calibrated"], "calibrated", utc_now(), stamps)
    data = signed_dcc(real_documents, "W-2", LAB, signing)
    held = re.compile(rb"(?<=<xades:EncapsulatedTimeStamp>)[^<]+")
    other = base64.b64encode(token_of(stamps, b"something else"))
    token = base64.b64decode(held.search(data)[0])
    changed = base64.b64encode(token[:-5] + bytes([token[-5] ^ 1]) + token[-4:])
    assert ("proved", "stamped") in ids(data, *roots)
    for bad in (other, changed, b"AAAA"):
        found = ids(held.sub(lambda _, b=bad: b, data), roots)
        assert ("problem", "bad-stamp") in found
        assert ("proved", "trusted") not in found


def test_a_signature_that_is_stamped_after_its_certificate_ended_is_not_trusted(
    ca, real_documents, stamps
):
    from benchctl.certificates.dcc import dcc_of
    from benchctl.certificates.signing.stamping import token_of
    from benchctl.certificates.signing.xades import sign_dcc

    began, ended = NOW - timedelta(days=9), NOW - timedelta(days=8)
    path = ca.issue("backdated", valid=(began, ended))
    seal = seal_of(SealSettings(key=str(path)), Path(), {})
    data = sign_dcc(
        dcc_of(real_documents, "W-2", LAB),
        seal,
        "approved",
        at=began + timedelta(hours=1),
        stamp=lambda value: token_of(stamps, value),
    )
    roots = certificates_in(ca.root), certificates_in(Path(stamps.at("root.pem")))
    found = ids(data, *roots)
    assert ("proved", "stamped") in found
    assert ("problem", "untrusted") in found


def test_an_authority_that_answers_nonsense_stops_the_signature(real_documents, seals):
    signing = Signing(seals["calibrated"], "calibrated", NOW, lambda request: b"no reply")
    with pytest.raises(RefusedError) as refused:
        signed_dcc(real_documents, "W-2", LAB, signing)
    assert refused.value.message.id == "signing.no-stamp"


def test_the_command_line_asks_the_authority_of_the_labs_settings(
    benchctl, real_lab, ca, stamps, tmp_path
):
    import json

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            reply = stamps(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        (real_lab / "certificates.yaml").write_text(
            f"name: A\ntsa: {url}\ntrust: ['{ca.root}']\ntsa_trust: ['{stamps.at('root.pem')}']\n",
            "utf-8",
        )
        made = benchctl(
            *("certificate", "R1", "--uut", "W-2", "--sign", "--json", "--lab", real_lab),
            *("--key", ca.issue("by option"), "--by", "Zhao", "--out", tmp_path),
        )
        server.shutdown()
    assert made.returncode == 0, made.stderr
    [entry] = json.loads(made.stdout)
    assert entry["signed"] == "approved"
    done = benchctl("certificate", "verify", entry["path"], "--json", "--lab", real_lab)
    assert done.returncode == 0, done.stdout
    assert [f["name"] for f in json.loads(done.stdout)].count("stamped") == 2
