"""Signatures on certificates: made by every kind of seal, read again, trusted as far as they go."""

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certification import LAST, NOW, Authority, later

from benchctl.certificates import LabSettings, lab_settings
from benchctl.certificates.attached import dcc_in
from benchctl.certificates.dcc_reading import parse, read_dcc
from benchctl.certificates.sealing import ROLES, SealSettings
from benchctl.certificates.signing import (
    Reader,
    Signing,
    seal_of,
    sign_files,
    signature_findings,
    signed_certificate,
    signed_dcc,
    signed_file,
)
from benchctl.certificates.signing.keys import certificates_in
from benchctl.certificates.signing.pades_reading import pdf_signatures
from benchctl.certificates.signing.xades_reading import dcc_signatures
from benchctl.certificates.signing.xml_parts import same_content
from benchctl.core.errors import RefusedError, UsageError
from benchctl.language import FileError

LAB = LabSettings(name="Institute of Metrology")


def told(found):
    return [(f.form, f.role, f.by, f.problem) for f in found]


def ids(data, roots=(), now=None):
    findings = signature_findings(data, "x", Reader(now or later(60), roots))
    return [(f.kind, f.text.id.removeprefix("signing.")) for f in findings]


# what is signed ----------------------------------------------------------------------------------


def test_the_roles_sign_a_dcc_one_after_the_other_and_each_signature_stays_valid(
    real_documents, seals
):
    from benchctl.certificates.dcc import dcc_of

    data = signed_dcc(real_documents, "W-2", LAB, Signing(seals["calibrated"], "calibrated", NOW))
    for n, role in enumerate(ROLES[1:], 1):
        data = signed_file(data, "x", Signing(seals[role], role, later(n)))
    found = dcc_signatures(data)
    assert told(found) == [
        ("dcc", "calibrated", "Li Wei", None),
        ("dcc", "checked", "王芳", None),
        ("dcc", "approved", "赵堃", None),
    ]
    assert [f.at for f in found] == [NOW, later(1), later(2)]
    plain = dcc_of(real_documents, "W-2", LAB)
    assert same_content(parse(data, ""), parse(plain, ""))
    assert read_dcc(data) == read_dcc(plain)


def test_the_roles_sign_a_pdf_one_after_the_other_and_nothing_before_is_touched(
    real_documents, seals, signed_pdf
):
    twice = signed_file(signed_pdf, "x", Signing(seals["checked"], "checked", later(1)))
    thrice = signed_file(twice, "x", Signing(seals["approved"], "approved", later(2)))
    assert thrice.startswith(twice)
    assert twice.startswith(signed_pdf)
    found = pdf_signatures(thrice)
    assert told(found) == [
        ("pdf", "calibrated", "Li Wei", None),
        ("pdf", "checked", "王芳", None),
        ("pdf", "approved", "赵堃", None),
    ]
    assert [f.at for f in found] == [NOW, later(1), later(2)]


def test_the_dcc_in_a_signed_pdf_is_the_signed_one_and_the_code_has_its_hash(real_documents, seals):
    import hashlib

    signing = Signing(seals["calibrated"], "calibrated", NOW)
    made, pdf = signed_certificate(real_documents, "W-2", LAB, signing)
    xml = dcc_in(pdf)
    assert told(dcc_signatures(xml)) == [("dcc", "calibrated", "Li Wei", None)]
    assert made.code.endswith(hashlib.sha256(xml).hexdigest())


def test_a_signed_pdf_says_still_that_it_is_pdf_a_and_has_its_pages_and_attachment(
    real_documents, signed_pdf, seals
):
    from pyhanko.pdf_utils.reader import PdfFileReader

    twice = signed_file(signed_pdf, "x", Signing(seals["approved"], "approved", later(1)))
    reader = PdfFileReader(io.BytesIO(twice))
    metadata = reader.root["/Metadata"].data
    assert b"pdfaid:part" in metadata
    assert b"pdfaid:conformance" in metadata
    assert re.search(rb"part[^0-9]{1,3}3\b", metadata)
    assert "/OutputIntents" in reader.root
    assert "/Version" not in reader.root  # PDF 1.7, as PDF/A-3 is
    assert list(reader.root["/Extensions"]) == ["/ESIC"]
    assert len(reader.root["/AF"]) == 1
    widgets = [f.get_object() for f in reader.root["/AcroForm"]["/Fields"]]
    assert [str(w["/T"]) for w in widgets] == list(ROLES)
    assert all(int(w["/F"]) & 0b100 for w in widgets)  # printed, as PDF/A wants of every note


def test_the_same_dcc_signed_at_the_same_time_has_the_same_bytes(real_documents, seals):
    signing = Signing(seals["calibrated"], "calibrated", NOW)
    first, again = (signed_dcc(real_documents, "W-2", LAB, signing) for _ in range(2))
    assert first == again


def test_a_signed_dcc_is_valid_against_the_schema(real_documents, seals):
    from test_certificates_dcc import SCHEMAS

    from benchctl.certificates.dcc_reading import schema_problems

    if not (SCHEMAS / "dcc.xsd").exists():
        pytest.skip(f"no DCC schema in {SCHEMAS} (BENCHCTL_DCC_XSD names its folder)")
    data = signed_dcc(real_documents, "W-2", LAB, Signing(seals["calibrated"], "calibrated", NOW))
    data = signed_file(data, "x", Signing(seals["checked"], "checked", NOW))
    assert schema_problems(data, SCHEMAS) == []


def test_the_public_example_with_a_signature_is_verified():
    from test_certificates_dcc import EXAMPLES

    if not EXAMPLES.is_dir():
        pytest.skip(f"no DCC examples in {EXAMPLES} (BENCHCTL_DCC_EXAMPLES names their folder)")
    data = (EXAMPLES / "dcc_gp_temperature_typical_v12_v3.2.0_signed.xml").read_bytes()
    [found] = dcc_signatures(data)
    assert (found.by, found.problem) == ("Calibration Lab A1", None)
    assert found.at == datetime(2023, 3, 27, 15, 14, 30, tzinfo=UTC)
    [changed] = dcc_signatures(
        data.replace(b"<si:valueXMLList>306.248", b"<si:valueXMLList>306.249")
    )
    assert changed.problem is not None


# who does not sign -------------------------------------------------------------------------------


def test_a_simulated_run_is_never_signed(documents, seals, signed_pdf, tmp_path):
    from benchctl.certificates import certificate_with_dcc
    from benchctl.certificates.dcc import dcc_of

    signing = Signing(seals["calibrated"], "calibrated", NOW)
    for make in (signed_dcc, signed_certificate):
        with pytest.raises(RefusedError) as refused:
            make(documents, "W-2", LAB, signing)
        assert refused.value.message.id == "signing.simulated"
    xml = dcc_of(documents, "W-2", LAB)
    renamed = xml.replace(b">SPECIMEN-", b">2026-")
    assert renamed != xml
    for data in (xml, renamed, certificate_with_dcc(documents, "W-2", LAB)[1]):
        with pytest.raises(RefusedError) as refused:
            signed_file(data, "x", signing)
        assert refused.value.message.id == "signing.simulated"


@pytest.mark.parametrize("form_", ["pdf", "dcc"])
@pytest.mark.parametrize(
    ("earlier", "role", "by", "id_"),
    [
        (["calibrated"], "calibrated", "checked", "out-of-order"),
        (["calibrated", "approved"], "checked", "checked", "out-of-order"),
        (["calibrated"], "checked", "calibrated", "twice"),
    ],
)
def test_a_signature_that_does_not_come_next_is_refused(
    real_documents, seals, form_, earlier, role, by, id_
):
    first = Signing(seals[earlier[0]], earlier[0], NOW)
    make = signed_certificate if form_ == "pdf" else signed_dcc
    made = make(real_documents, "W-2", LAB, first)
    data = made[1] if form_ == "pdf" else made
    for later_role in earlier[1:]:
        data = signed_file(data, "x", Signing(seals[later_role], later_role, NOW))
    with pytest.raises(RefusedError) as refused:
        signed_file(data, "x", Signing(seals[by], role, NOW))
    assert refused.value.message.id == f"signing.{id_}"


def test_one_person_signs_in_two_roles_where_the_lab_lets_them(signed_pdf, seals):
    signing = Signing(seals["calibrated"], "approved", NOW, same_person=True)
    assert told(pdf_signatures(signed_file(signed_pdf, "x", signing)))[1] == (
        *("pdf", "approved", "Li Wei"),
        None,
    )


def test_nobody_signs_under_what_was_changed(signed_pdf, seals):
    at = signed_pdf.index(b"/Title") + 12
    changed = signed_pdf[:at] + bytes([signed_pdf[at] ^ 1]) + signed_pdf[at + 1 :]
    with pytest.raises(RefusedError) as refused:
        signed_file(changed, "x", Signing(seals["checked"], "checked", NOW))
    assert refused.value.message.id == "signing.not-under"


def test_of_several_files_all_are_signed_or_none(signed_pdf, seals, tmp_path):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.xml"
    good.write_bytes(signed_pdf)
    bad.write_bytes(b"<a/>")
    written = []
    with pytest.raises(UsageError):
        sign_files(
            [good, bad],
            Signing(seals["checked"], "checked", NOW),
            lambda path, data: written.append(path),
        )
    assert written == []


# seals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["P-256", "P-384", "RSA-3072"])
def test_a_pkcs12_file_signs_with_its_passphrase_only(ca, real_documents, kind):
    path = ca.issue(f"p12 {kind}", kind=kind, passphrase="secret")
    settings = SealSettings(key=path.name, passphrase="SEAL")
    for wrong in ({}, {"SEAL": "other"}):
        with pytest.raises(UsageError) as refused:
            seal_of(settings, ca.folder, wrong)
        assert refused.value.message.id == "signing.key-unreadable"
        assert "other" not in str(refused.value)
    seal = seal_of(settings, ca.folder, {"SEAL": "secret"})
    assert len(seal.chain) == 2
    data = signed_dcc(real_documents, "W-2", LAB, Signing(seal, "approved", NOW))
    assert ids(data, certificates_in(ca.root)) == [("proved", "whole"), ("proved", "trusted")]


def test_a_bare_key_that_others_may_read_is_refused(ca):
    path = ca.issue("open")
    path.chmod(0o644)
    with pytest.raises(RefusedError) as refused:
        seal_of(SealSettings(key=str(path)), Path(), {})
    assert refused.value.message.id == "signing.key-open"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_key_without_its_certificate_or_too_short_is_refused(ca, tmp_path):
    path = ca.issue("one")
    key = path.read_bytes().partition(b"-----BEGIN CERTIFICATE")[0]
    alone = tmp_path / "alone.pem"
    alone.write_bytes(key)
    alone.chmod(0o600)
    other = ca.issue("two")
    with pytest.raises(UsageError) as refused:
        seal_of(SealSettings(key=str(alone), chain=str(other)), Path(), {})
    assert refused.value.message.id == "signing.no-chain"
    assert len(seal_of(SealSettings(key=str(alone), chain=str(path)), Path(), {}).chain) == 2
    with pytest.raises(RefusedError) as short:
        seal_of(SealSettings(key=str(ca.issue("short", kind="RSA-1024"))), Path(), {})
    assert short.value.message.id == "signing.bad-key"


SIGNER = """
import sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = serialization.load_pem_private_key(open(sys.argv[1], "rb").read(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
"""


def test_a_program_signs_both_forms_and_a_signature_of_another_key_is_refused(
    ca, real_documents, tmp_path
):
    program, mine, other = tmp_path / "sign.py", ca.issue("mine"), ca.issue("other")
    program.write_text(SIGNER)
    settings = SealSettings(command=(sys.executable, str(program), str(mine)), chain=str(mine))
    seal = seal_of(settings, Path(), {})
    _, pdf = signed_certificate(real_documents, "W-2", LAB, Signing(seal, "calibrated", NOW))
    assert ids(pdf, certificates_in(ca.root)) == [
        *[("proved", "whole"), ("proved", "trusted")] * 2,
        ("proved", "attached"),
    ]
    forged = seal_of(SealSettings(command=settings.command, chain=str(other)), Path(), {})
    with pytest.raises(RefusedError) as refused:
        signed_dcc(real_documents, "W-2", LAB, Signing(forged, "calibrated", NOW))
    assert refused.value.message.id == "signing.other-key"
    failing = seal_of(SealSettings(command=("false",), chain=str(mine)), Path(), {})
    with pytest.raises(RefusedError) as failed:
        signed_dcc(real_documents, "W-2", LAB, Signing(failing, "calibrated", NOW))
    assert failed.value.message.id == "signing.failed"


# whom to believe ---------------------------------------------------------------------------------


def test_without_a_root_it_is_said_that_nobody_knows_who_signed(signed_pdf, ca):
    assert ids(signed_pdf) == [
        *[("proved", "whole"), ("open", "no-roots")] * 2,
        ("proved", "attached"),
    ]


def test_a_signer_of_another_authority_is_not_trusted(signed_pdf, tmp_path):
    stranger = Authority(tmp_path, "Test")  # of the same name
    found = ids(signed_pdf, certificates_in(stranger.root))
    assert found.count(("problem", "untrusted")) == 2


@pytest.mark.parametrize(
    ("settings", "id_"),
    [
        ({"valid": (NOW - timedelta(days=9), NOW - timedelta(days=1))}, "not-valid-now"),
        ({"valid": (NOW + timedelta(days=1), LAST)}, "not-valid-now"),
        ({"usage": "key_encipherment"}, "no-usage"),
    ],
)
def test_a_certificate_that_does_not_hold_signs_nothing(ca, real_documents, settings, id_):
    seal = seal_of(SealSettings(key=str(ca.issue(f"bad {id_}", **settings))), Path(), {})
    with pytest.raises(RefusedError) as refused:
        signed_dcc(real_documents, "W-2", LAB, Signing(seal, "approved", NOW))
    assert refused.value.message.id == f"signing.{id_}"


def test_a_certificate_is_asked_for_the_time_of_the_signature_not_for_today(ca, real_documents):
    valid = (NOW - timedelta(days=1), NOW + timedelta(days=1))
    seal = seal_of(SealSettings(key=str(ca.issue("short-lived", valid=valid))), Path(), {})
    data = signed_dcc(real_documents, "W-2", LAB, Signing(seal, "approved", NOW))
    roots = certificates_in(ca.root)
    assert ids(data, roots, NOW + timedelta(days=900))[1] == ("proved", "trusted")


@pytest.mark.parametrize("days", [-30, 30])
def test_a_signature_outside_of_its_certificates_validity_is_not_trusted(ca, real_documents, days):
    from benchctl.certificates.dcc import dcc_of
    from benchctl.certificates.signing.xades import sign_dcc

    valid = (NOW - timedelta(days=1), NOW + timedelta(days=1))
    seal = seal_of(SealSettings(key=str(ca.issue(f"outside {days}", valid=valid))), Path(), {})
    at = NOW + timedelta(days=days)
    data = sign_dcc(dcc_of(real_documents, "W-2", LAB), seal, "approved", at=at)
    found = ids(data, certificates_in(ca.root), at)
    assert found == [("proved", "whole"), ("problem", "untrusted")]


def test_a_certificate_for_other_uses_is_not_trusted(ca, real_documents):
    from benchctl.certificates.dcc import dcc_of
    from benchctl.certificates.signing.xades import sign_dcc

    seal = seal_of(SealSettings(key=str(ca.issue("cipher", usage="key_encipherment"))), Path(), {})
    data = sign_dcc(dcc_of(real_documents, "W-2", LAB), seal, "approved", at=NOW)
    assert ids(data, certificates_in(ca.root))[1] == ("problem", "untrusted")


def test_a_signature_from_the_future_is_told(signed_pdf, ca):
    found = ids(signed_pdf, certificates_in(ca.root), NOW - timedelta(hours=1))
    assert found.count(("problem", "future")) == 2


# settings ----------------------------------------------------------------------------------------


def test_the_labs_file_names_who_signs(tmp_path):
    (tmp_path / "certificates.yaml").write_text(
        "name: A\nsigners:\n  approved: {key: a.p12, passphrase: SEAL}\n"
        "  checked: {command: [sign-it], chain: c.pem}\ntrust: [root.pem]\n",
        "utf-8",
    )
    found = lab_settings(tmp_path)
    assert found.signers["approved"] == SealSettings(key="a.p12", passphrase="SEAL")
    assert found.signers["checked"].command == ("sign-it",)
    assert found.trust == ("root.pem",)


@pytest.mark.parametrize(
    "line",
    [
        "signers: {director: {key: a}}",
        "signers: {approved: {}}",
        "signers: {approved: {key: a, command: [b], chain: c}}",
        "signers: {approved: {command: [b]}}",
        "signers: {approved: {key: a, passphrase: my secret}}",
        "tsa: ftp://x",
    ],
)
def test_a_mistake_in_who_signs_is_told_with_its_line(tmp_path, line):
    (tmp_path / "certificates.yaml").write_text(f"name: A\n{line}\n", "utf-8")
    with pytest.raises(FileError) as wrong:
        lab_settings(tmp_path)
    assert "certificates.yaml:2:" in str(wrong.value)


def test_the_pages_examples_of_settings_and_of_python_hold(ca, tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "certificates.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    settings = [text for text in examples if text.startswith("name:")]
    assert sum("signers:" in text for text in settings) == 2
    for text in settings:
        (tmp_path / "certificates.yaml").write_text(text, "utf-8")
        assert lab_settings(tmp_path).name
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "keys").mkdir()
    seal = ca.issue("of the page", passphrase="...")
    shutil.copy(seal, tmp_path / "keys" / "seal.p12")
    done = subprocess.run(
        [sys.executable, "-c", f"{example}\nprint(seal.algorithm, signing.role)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == "ecdsa-sha256 approved\n", done.stderr


# the command line --------------------------------------------------------------------------------


@pytest.fixture
def sealed_lab(real_lab, ca):
    lines = ["name: Institute", f"trust: ['{ca.root}']", "signers:"]
    for role in ROLES:
        lines.append(f"  {role}: {{key: '{ca.issue(f'cli {role}')}'}}")
    (real_lab / "certificates.yaml").write_text("\n".join(lines), "utf-8")
    return real_lab


def kinds(done):
    return [(f["kind"], f["name"]) for f in json.loads(done.stdout)]


def test_a_certificate_is_signed_by_three_and_proves_itself_and_its_record(
    benchctl, sealed_lab, tmp_path
):
    lab = ("--lab", sealed_lab)
    made = benchctl(
        *("certificate", "R1", "--uut", "W-2", "--sign", "--by", "Zhao", "--json", *lab),
        *("--out", tmp_path),
    )
    assert made.returncode == 0, made.stderr
    [entry] = json.loads(made.stdout)
    assert entry["signed"] == "calibrated"
    for role in ROLES[1:]:
        done = benchctl("certificate", "sign", entry["path"], "--as", role, *lab)
        assert done.returncode == 0, done.stderr
    good = benchctl("certificate", "verify", entry["path"], "--json", *lab)
    assert good.returncode == 0, good.stdout
    found = kinds(good)
    assert found.count(("proved", "whole")) == 4
    assert found.count(("proved", "trusted")) == 4
    for name in ("attached", "record-good", "chain-good", "head-signed", "anchored"):
        assert ("proved", name) in found
    assert good.stderr == ""
    elsewhere = benchctl(
        *("certificate", "verify", entry["path"], "--json", "--lab", tmp_path / "empty")
    )
    assert elsewhere.returncode == 0
    assert kinds(elsewhere).count(("open", "no-roots")) == 4


def test_the_command_line_refuses_what_is_not_signed(benchctl, sealed_lab, simulated_lab, ca):
    lab = ("--lab", sealed_lab)
    simulated = benchctl("certificate", "latest", "--sign", "--lab", simulated_lab)
    assert simulated.returncode == 3
    assert "specimen" in simulated.stderr
    without = benchctl("certificate", "R1", "--as", "approved", *lab)
    assert without.returncode == 2
    assert "--sign" in without.stderr
    nobody = benchctl(
        *("certificate", "R1", "--sign", "--key", "nowhere.p12", *lab), BENCHCTL_PASSPHRASE="x"
    )
    assert nobody.returncode == 2
    assert "nowhere.p12" in nobody.stderr
    twice = benchctl("certificate", "R1", "--sign", "a.p12", "--key", "b.p12", *lab)
    assert twice.returncode == 2
    shown = benchctl("records", "show", "R1", "--json", *lab)
    assert json.loads(shown.stdout)["numbers"] == []  # nothing was given away


def test_a_key_that_is_named_by_sign_signs(benchctl, sealed_lab, ca, tmp_path):
    made = benchctl(
        *("certificate", "R1", "--uut", "W-2", "--format", "dcc", "--sign", ca.issue("Named")),
        *("--as", "approved", "--by", "Zhao", "--lab", sealed_lab, "--out", tmp_path, "--json"),
    )
    assert made.returncode == 0, made.stderr
    [entry] = json.loads(made.stdout)
    data = Path(entry["path"]).read_bytes()
    assert told(dcc_signatures(data)) == [("dcc", "approved", "Named", None)]


def test_a_record_rewritten_after_the_certificate_was_signed_is_told(
    benchctl, sealed_lab, tmp_path, real_lab
):
    lab = ("--lab", sealed_lab)
    made = benchctl(
        *("certificate", "R1", "--uut", "W-2", "--sign", "--by", "Zhao", "--json", *lab),
        *("--out", tmp_path),
    )
    path = json.loads(made.stdout)[0]["path"]
    amended = benchctl(
        *("records", "amend", "R1", "--because", "typed wrong", "--by", "Li", *lab),
        *("--fact", "W-2:型号规格=LXS-20E"),
    )
    assert amended.returncode == 0, amended.stderr
    bad = benchctl("certificate", "verify", path, "--json", *lab)
    assert bad.returncode == 1
    found = kinds(bad)
    assert ("problem", "record-bad") in found
    assert ("proved", "anchored") in found  # what was recorded before still stands
    assert found.count(("proved", "whole")) == 2
