"""What is done to signed certificates, and that it is found; xmlsec1 and pdfsig are asked too.

benchctl never says that a signature is valid where one of those programs says that it is broken.
"""

import io
import random
import re
import shutil
import subprocess

import pytest
from certification import LAB, NOW, Authority, later

from benchctl.certificates.attached import dcc_in
from benchctl.certificates.sealing import ROLES, SealSettings
from benchctl.certificates.signing import (
    WRONG,
    Reader,
    Signing,
    seal_of,
    signature_findings,
    signed_certificate,
    signed_dcc,
    signed_file,
)
from benchctl.certificates.signing.keys import certificates_in
from benchctl.certificates.signing.pades import sign_pdf
from benchctl.certificates.signing.xades import sign_dcc
from benchctl.core.errors import BenchctlError

etree = pytest.importorskip("lxml.etree", reason="the extra `certificates` is not installed")

XMLSEC, PDFSIG = shutil.which("xmlsec1"), shutil.which("pdfsig")
DS, XADES = "{http://www.w3.org/2000/09/xmldsig#}", "{http://uri.etsi.org/01903/v1.3.2#}"
IDS = [
    word
    for name in (f"{XADES}SignedProperties", f"{DS}KeyInfo", f"{DS}SignatureValue")
    for word in ("--id-attr:Id", name.strip("{").replace("}", ":"))
]


@pytest.fixture(scope="module")
def signed_xml(real_documents, seals):
    """The DCC of W-2, signed by all three."""
    first = Signing(seals["calibrated"], "calibrated", NOW)
    data = signed_dcc(real_documents, "W-2", LAB, first)
    for n, role in enumerate(ROLES[1:], 1):
        data = signed_file(data, "x", Signing(seals[role], role, later(n)))
    return data


@pytest.fixture(scope="module")
def whole_pdf(signed_pdf, seals):
    """The PDF of W-2, signed by all three."""
    twice = signed_file(signed_pdf, "x", Signing(seals["checked"], "checked", later(1)))
    return signed_file(twice, "x", Signing(seals["approved"], "approved", later(2)))


@pytest.fixture(scope="module")
def roots(ca):
    return certificates_in(ca.root)


def valid(data, roots):
    """Tell whether benchctl finds signatures and nothing wrong with any."""
    try:
        found = list(signature_findings(data, "x", Reader(later(60), roots)))
    except BenchctlError:
        return False
    return any(f.aspect == "integrity" for f in found) and all(f.kind != WRONG for f in found)


def xmlsec1_says(data, ca, folder):
    """Tell whether xmlsec1 finds every signature of a DCC good; None where it is not installed."""
    if XMLSEC is None:
        return None
    path = folder / "asked.xml"
    path.write_bytes(data)
    count = data.count(b"<ds:SignatureValue")
    asked = [XMLSEC, "--verify", "--enabled-key-data", "x509", "--trusted-pem", ca.root, *IDS]
    answers = [
        subprocess.run(
            [*asked, "--node-xpath", f"(//*[local-name()='Signature'])[{n}]", path],
            capture_output=True,
            timeout=30,
            check=False,
        ).returncode
        for n in range(1, count + 1)
    ]
    return bool(answers) and not any(answers)


def pdfsig_says(data, folder):
    """Tell whether pdfsig finds every signature good and all of the file covered, None without."""
    if PDFSIG is None:
        return None
    path = folder / "asked.pdf"
    path.write_bytes(data)
    done = subprocess.run(
        [PDFSIG, "-nocert", path], capture_output=True, text=True, timeout=30, check=False
    )
    said = re.findall(r"Signature Validation: (.*)", done.stdout)
    whole = done.stdout.count("- Total document signed") == 1
    return bool(said) and set(said) == {"Signature is Valid."} and whole


# the DCC -----------------------------------------------------------------------------------------


def replaced(old, new, count=1):
    def change(data):
        assert re.search(old, data), old
        return re.sub(old, new, data, count=count)

    return change


def in_tree(change):
    def changed(data):
        root = etree.fromstring(data)
        found = change(root)
        root = root if found is None else found
        return etree.tostring(root.getroottree(), encoding="utf-8", xml_declaration=True)

    return changed


def signature_of(root):
    return root.find(f"{DS}Signature")


def strip(root):
    root.remove(signature_of(root))


def reindent(root):
    etree.indent(root, " ")


def first(root, name):
    return next(e for e in root.iter() if etree.QName(e).localname == name)


def wrap(root):
    """Keep what was signed where nobody reads it, and put something else in its place."""
    other = etree.fromstring(etree.tostring(root))
    strip(other)
    first(other, "conformity").text = "fail"
    held = etree.SubElement(signature_of(root).find(f"{DS}Object"), "kept")
    signature = signature_of(root)
    other.append(signature)
    held.append(root)
    return other


def in_front(root):
    root.insert(0, signature_of(root))


def in_part(root):
    first(root, "statements").append(signature_of(root))


def second(root):
    root.append(etree.fromstring(etree.tostring(signature_of(root))))


def second_empty(root):
    etree.SubElement(root, f"{DS}Signature")


def more_in_object(root):
    etree.SubElement(signature_of(root).find(f"{DS}Object"), "note").text = "void"


def another_object(root):
    etree.SubElement(signature_of(root), f"{DS}Object").text = "void"


def unsigned_more(root):
    held = next(root.iter(f"{XADES}UnsignedSignatureProperties"))
    etree.SubElement(held, f"{XADES}CertificateValues").text = "void"


def key_value(root):
    held = etree.SubElement(signature_of(root).find(f"{DS}KeyInfo"), f"{DS}KeyName")
    held.text = "somebody"


def other_certificate(root):
    certificates = root.findall(f".//{DS}X509Certificate")
    certificates[0].text, certificates[1].text = certificates[1].text, certificates[0].text


def partly(root):
    """A signature that covers only its own properties and its key."""
    info = signature_of(root).find(f"{DS}SignedInfo")
    info.remove(info.find(f"{DS}Reference"))


def counter_elsewhere(root):
    """A countersignature taken out of the signature that it is of."""
    counter = next(root.iter(f"{XADES}CounterSignature"))[0]
    root.append(counter)


def twin_id(root):
    first(root, "administrativeData").set("id", "signature-calibrated-value")


TAMPERED_XML = {
    "a value": replaced(rb"<si:valueXMLList>([^ <]+)", rb"<si:valueXMLList>9\1"),
    "the customer": replaced("喆堃镕".encode(), "喆堃鎔".encode()),
    "the conformity": replaced(rb"<dcc:conformity>pass", b"<dcc:conformity>fail"),
    "the number": replaced(rb"2026-00001", b"2026-00002"),
    "the schema version": replaced(rb'schemaVersion="3.3.0"', b'schemaVersion="3.2.1"'),
    "an attribute": replaced(rb"<dcc:quantity ", b'<dcc:quantity id="q" '),
    "the namespace": replaced(rb'"https://ptb.de/si"', b'"https://ptb.de/sI"'),
    "the indentation": in_tree(reindent),
    "an element taken out": in_tree(lambda root: root[-2].remove(root[-2][0])),
    "the signature taken out": in_tree(strip),
    "the signature in front": in_tree(in_front),
    "the signature elsewhere": in_tree(in_part),
    "the signature twice": in_tree(second),
    "an empty second signature": in_tree(second_empty),
    "content wrapped away": in_tree(wrap),
    "an element beside the properties": in_tree(more_in_object),
    "another object": in_tree(another_object),
    "something unsigned in the signature": in_tree(unsigned_more),
    "a key by its name": in_tree(key_value),
    "certificates in another order": in_tree(other_certificate),
    "no reference to the content": in_tree(partly),
    "a countersignature elsewhere": in_tree(counter_elsewhere),
    "the name of a part twice": in_tree(twin_id),
    "the time": replaced(rb"<xades:SigningTime>2026", b"<xades:SigningTime>2025"),
    "the role": replaced(rb"ClaimedRole>calibrated<", b"ClaimedRole>approved<"),
    "the role of a countersignature": replaced(rb"ClaimedRole>checked<", b"ClaimedRole>approved<"),
    "the method": replaced(rb"#ecdsa-sha256", b"#ecdsa-sha384"),
    "a weak method": replaced(rb"2001/04/xmldsig-more#ecdsa-sha256", b"2000/09/xmldsig#dsa-sha1"),
    "a weak digest": replaced(rb"2001/04/xmlenc#sha256", b"2000/09/xmldsig#sha1"),
    "a transform that selects": replaced(
        rb'(<ds:Reference [^>]*URI=""><ds:Transforms>)',
        rb'\1<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/>',
    ),
    "a reference to a part": replaced(rb'URI=""', b'URI="#signature-calibrated-value"'),
    "the value of the signature": replaced(rb"(Value Id=[^>]*>)(.)", rb"\1/\1"),
    "a comment in a text": replaced(rb"<dcc:conformity>pass", b"<dcc:conformity>pa<!---->ss"),
    "an instruction before": replaced(rb"\?>", b"?><?xml-stylesheet href='a.xsl'?>"),
    "an instruction within": replaced(rb"<dcc:statements>", b"<dcc:statements><?php x?>"),
    "a document type": replaced(rb"\?>", b'?><!DOCTYPE a [<!ENTITY x "pass">]>'),
    "cut": lambda data: data[:-40],
}
ONLY_FOUND_HERE = {
    "the signature in front",
    "the signature elsewhere",
    "an element beside the properties",
    "another object",
    "something unsigned in the signature",
    "a comment in a text",
    "a document type",
}
"""What xmlsec1 lets pass: no reference covers it, and a reader may take it for signed."""


@pytest.mark.parametrize("name", TAMPERED_XML)
def test_what_is_done_to_a_signed_dcc_is_found(signed_xml, roots, ca, tmp_path, name):
    changed = TAMPERED_XML[name](signed_xml)
    assert changed != signed_xml
    assert not valid(changed, roots)
    if xmlsec1_says(changed, ca, tmp_path):
        assert name in ONLY_FOUND_HERE


HARMLESS_XML = {
    "nothing": lambda data: data,
    "quotes": replaced(rb'schemaVersion="3.3.0"', b"schemaVersion='3.3.0'"),
    "a character as a number": replaced("喆".encode(), b"&#x5586;"),
    "blanks in a tag": replaced(rb"<dcc:conformity>", b"<dcc:conformity  >"),
    "a comment before": replaced(rb"\?>", b"?><!-- of the client -->"),
    "line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "another encoding": lambda data: etree.tostring(
        etree.fromstring(data).getroottree(), encoding="utf-16", xml_declaration=True
    ),
}


@pytest.mark.parametrize("name", HARMLESS_XML)
def test_what_changes_no_content_leaves_the_signatures_valid_in_both_programs(
    signed_xml, roots, ca, tmp_path, name
):
    changed = HARMLESS_XML[name](signed_xml)
    assert valid(changed, roots)
    if name != "another encoding":  # the count of signatures is taken from UTF-8
        assert xmlsec1_says(changed, ca, tmp_path) is not False


def test_where_one_byte_of_a_dcc_is_changed_benchctl_believes_no_more_than_xmlsec1(
    signed_xml, roots, ca, tmp_path
):
    chance, believed = random.Random(7), 0
    for _ in range(150):
        at = chance.randrange(len(signed_xml))
        changed = bytearray(signed_xml)
        changed[at] ^= 1 << chance.randrange(7)
        if valid(bytes(changed), roots):
            believed += 1
            assert xmlsec1_says(bytes(changed), ca, tmp_path) is not False, at
    assert believed < 75  # changes between the tags of a signature change nothing


# the PDF -----------------------------------------------------------------------------------------


def updated(change):
    """Return what adds a change at the end of a PDF, as an editor does."""

    def edit(data):
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    return edit


def retitled(writer):
    writer.root["/Lang"] = name_of("de")
    writer.update_root()


def name_of(text):
    from pyhanko.pdf_utils.generic import pdf_string

    return pdf_string(text)


def overwritten(writer):
    from pyhanko.pdf_utils.generic import StreamObject

    reference, _ = writer.find_page_for_modification(0)
    page = reference.get_object()
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"q Q"))
    writer.mark_update(reference)


def annotated(writer):
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name

    note = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): ArrayObject(map(NumberObject, (0, 0, 200, 50))),
            pdf_name("/Contents"): name_of("PASS"),
        }
    )
    reference, _ = writer.find_page_for_modification(0)
    page = reference.get_object()
    page["/Annots"] = ArrayObject([writer.add_object(note)])
    writer.mark_update(reference)


def other_dcc(writer):
    files = writer.root["/AF"]
    held = files[0]["/EF"].raw_get("/F").get_object()
    held._data = held.data.replace(b"<dcc:conformity>pass", b"<dcc:conformity>fail")
    held._encoded_data = None
    writer.mark_update(files[0]["/EF"].raw_get("/F"))


def formless(writer):
    del writer.root["/AcroForm"]
    writer.update_root()


def flipped(pattern, offset=0):
    def change(data):
        at = data.index(pattern) + offset
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    return change


def padded(data):
    """Something in the space that is left behind the signature of the first."""
    end = data.index(b"00>", data.index(b"/Contents <"))
    return data[: end - 4] + b"beef" + data[end:]


TAMPERED_PDF = {
    "a byte of the pages": flipped(b"stream\n", 60),
    "a byte of the catalogue": flipped(b"/Lang"),
    "a byte of the title": flipped(b"/Title", 10),
    "the time": flipped(rb"/M (D\0722026", 12),
    "the reason": flipped(b"/Reason", 12),
    "the name of the field": replaced(rb"/T \(calibrated\)", b"/T (caliBrated)"),
    "the range": replaced(rb"/ByteRange \[0", b"/ByteRange [1"),
    "the space behind the signature": padded,
    "a hash that the signature names": flipped(b"/Contents <", 80),
    "a letter that is no number": flipped(b"/Contents <", 12),
    "a byte of the signature": flipped(b"00000000>\n/ByteRange", -1800),
    "a blank at the end": lambda data: data + b" ",
    "a comment at the end": lambda data: data + b"% more\n",
    "cut": lambda data: data[:-30],
    "the language, added": updated(retitled),
    "another page, added": updated(overwritten),
    "a note on the page, added": updated(annotated),
    "another DCC, added": updated(other_dcc),
    "the form taken out": updated(formless),
    "nothing, added": updated(lambda writer: writer.update_root()),
}


@pytest.mark.parametrize("name", TAMPERED_PDF)
@pytest.mark.parametrize("roles", [1, 3])
def test_what_is_done_to_a_signed_pdf_is_found(signed_pdf, whole_pdf, roots, tmp_path, roles, name):
    data = signed_pdf if roles == 1 else whole_pdf
    changed = TAMPERED_PDF[name](data)
    assert changed != data
    assert not valid(changed, roots)
    assert pdfsig_says(changed, tmp_path) is not True


def test_a_signed_pdf_is_valid_for_benchctl_and_for_pdfsig(signed_pdf, whole_pdf, roots, tmp_path):
    for data in (signed_pdf, whole_pdf):
        assert valid(data, roots)
        assert pdfsig_says(data, tmp_path) is not False


def test_where_one_byte_of_a_pdf_is_changed_benchctl_believes_no_more_than_pdfsig(
    whole_pdf, roots, tmp_path
):
    chance, believed = random.Random(7), []
    for _ in range(40):
        at = chance.randrange(len(whole_pdf))
        changed = bytearray(whole_pdf)
        changed[at] ^= 1 << chance.randrange(7)
        if valid(bytes(changed), roots):
            believed.append(at)
            assert pdfsig_says(bytes(changed), tmp_path) is not False, at
    assert not believed


def test_no_damage_to_a_certificate_is_more_than_wrong_or_no_certificate(
    whole_pdf, signed_xml, roots
):
    """Cut, doubled, lost and overwritten pieces: never a traceback, never valid."""
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(chance.choice([whole_pdf, signed_xml]))
        start, size = chance.randrange(len(data)), chance.randrange(1, 2000)
        piece = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                del data[start:]
            case 1:
                del data[start : start + size]
            case 2:
                data[start:start] = data[piece : piece + size]
            case _:
                data[start : start + size] = chance.randbytes(len(data[start : start + size]))
        if bytes(data) not in (whole_pdf, signed_xml):
            assert not valid(bytes(data), roots)


def test_a_pdf_whose_signature_was_cut_off_is_not_taken_for_one_that_never_had_any(
    signed_pdf, roots
):
    bare = signed_pdf[: signed_pdf.index(b"%%EOF") + 6]
    assert b"/ByteRange" not in bare
    found = [f.text.id for f in signature_findings(bare, "x", Reader(later(60), roots))]
    assert "signing.pdf-unsigned" in found
    assert not valid(bare, roots)


def test_a_certificate_that_a_stranger_signed_is_not_trusted(
    real_documents, tmp_path, roots, seals
):
    stranger = Authority(tmp_path, "Test")
    seal = seal_of(SealSettings(key=str(stranger.issue("Li Wei"))), tmp_path, {})
    signing = Signing(seal, "calibrated", NOW)
    _, pdf = signed_certificate(real_documents, "W-2", LAB, signing)
    assert not valid(pdf, roots)
    assert valid(pdf, certificates_in(stranger.root))
    # the true DCC in a PDF that somebody else signed
    true = signed_dcc(real_documents, "W-2", LAB, Signing(seals["calibrated"], "calibrated", NOW))
    from benchctl.certificates import certificate_with_dcc

    bare = certificate_with_dcc(real_documents, "W-2", LAB, dcc=true)[1]
    mixed = sign_pdf(bare, seal, "calibrated", at=NOW)
    both = [*roots, *certificates_in(stranger.root)]
    found = [f.text.id for f in signature_findings(mixed, "x", Reader(later(60), both))]
    assert "signing.attached-other-signer" in found


def test_a_signature_of_another_certificate_does_not_fit_this_one(
    real_documents, seals, signed_pdf, roots
):
    from benchctl.certificates.dcc import dcc_of

    seal = seals["calibrated"]
    one = sign_dcc(dcc_of(real_documents, "W-2", LAB), seal, "calibrated", at=NOW)
    other = sign_dcc(dcc_of(real_documents, "W-3", LAB), seal, "calibrated", at=NOW)
    piece = re.compile(rb"<ds:Signature .*</ds:Signature>", re.DOTALL)
    mixed = piece.sub(lambda _: piece.search(other)[0], one)
    assert not valid(mixed, roots)
    assert valid(one, roots)
    assert valid(dcc_in(signed_pdf), roots)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3003020105", "3003020105"),
        ("30030201050000", "3003020105"),
        ("3081030201050000", None),  # a length longer than it need be
        ("3080020105", None),  # of no stated length
        ("300402010500", None),  # what is left within is no value
        ("30050201050000", "30050201050000"),
        ("3003020205", None),  # longer than what it is in
        ("1f01020105", None),
        ("30", None),
        ("30" + "80" * 60, None),
    ],
)
def test_what_follows_a_signature_and_what_is_not_in_der_is_seen(text, value):
    from benchctl.certificates.signing.der import der_value

    found = der_value(bytes.fromhex(text))
    assert (None if found is None else found.hex()) == value
