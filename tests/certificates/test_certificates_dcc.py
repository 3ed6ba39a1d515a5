"""The DCC: valid, the digits of the record, and what the schema lets through is found."""

import copy
import json
import os
from pathlib import Path

import pytest

from benchctl.certificates import LabSettings, certificate_with_dcc
from benchctl.certificates.attached import dcc_in
from benchctl.certificates.dcc import dcc_of
from benchctl.certificates.dcc_check import check_dcc
from benchctl.certificates.dcc_reading import read_dcc
from benchctl.certificates.dsi import WRITTEN, dsi_unit
from benchctl.core.errors import RefusedError, UsageError

etree = pytest.importorskip("lxml.etree", reason="the extra `certificates` is not installed")

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SCHEMAS = Path(os.environ.get("BENCHCTL_DCC_XSD", SHARED / "dcc-xsd"))
EXAMPLES = Path(os.environ.get("BENCHCTL_DCC_EXAMPLES", SHARED / "dcc-examples"))
LAB = LabSettings(
    name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"},
    address="1 Metrology Road",
    city="Hangzhou",
    phone="0571-1234567",
    email="office@example.org",
)


@pytest.fixture(scope="module")
def schema():
    if not (SCHEMAS / "dcc.xsd").exists():
        pytest.skip(f"no DCC schema in {SCHEMAS} (BENCHCTL_DCC_XSD names its folder)")
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "dcc.xsd")))


def unit(document, serial):
    return next(u for u in document["uuts"] if u["serial"] == serial)


def problems(xml):
    return [problem.id for problem in check_dcc(read_dcc(xml))]


# what is written ---------------------------------------------------------------------------------


@pytest.mark.parametrize("languages", [("zh", "en"), ("en",), ("zh",)])
@pytest.mark.parametrize("serial", ["W-1", "W-2"])
def test_a_dcc_is_valid_against_the_schema(documents, schema, languages, serial):
    xml = dcc_of({n: documents[n] for n in languages}, serial, LAB)
    schema.assertValid(etree.fromstring(xml))
    assert problems(xml) == []


def test_a_dcc_of_an_adjusted_unit_has_results_before_and_after(documents, schema):
    changed = copy.deepcopy(documents)
    for document in changed.values():
        points = unit(document, "W-2")["points"]
        later = [p | {"occasion": "as_left"} for p in points if p["point"]]
        for point in points:
            point["superseded"] = bool(point["point"])
        points += later
    xml = dcc_of(changed, "W-2", LAB)
    schema.assertValid(etree.fromstring(xml))
    assert b"beforeAdjustment" in xml
    assert b"afterAdjustment" in xml


def test_the_numbers_of_a_dcc_are_those_of_the_record_to_the_last_digit(documents):
    points = [p for p in unit(documents["zh"], "W-1")["points"] if p["point"]]
    read = read_dcc(dcc_of(documents, "W-1", LAB))
    errors = next(q for q in read.quantities if q.ref == "basic_measurementError")
    assert errors.values == tuple(p["reported"] for p in points)
    assert list(errors.U) == [p["reported_U"] for p in points]
    assert errors.conformity == tuple(p["verdict"] for p in points)
    assert read.conformity == ("fail",)
    nominal = next(q for q in read.quantities if q.ref == "basic_nominalValue")
    assert [float(v) for v in nominal.values] == pytest.approx(
        [p["nominal"]["value"] for p in points], rel=1e-11
    )


def test_a_specimen_says_that_it_is_not_valid(documents):
    xml = dcc_of(documents, "W-2", LAB).decode()
    assert "<dcc:valid>false</dcc:valid>" in xml
    assert "SPECIMEN-" in xml


def test_a_dcc_in_a_pdf_comes_out_as_it_went_in(documents):
    xml = dcc_of(documents, "W-2", LAB)
    _, pdf = certificate_with_dcc(documents, "W-2", LAB)
    assert dcc_in(pdf) == xml


# units -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("m³/h", r"\metre\tothe{3}\per\hour"),
        ("%", r"\percent"),
        ("mΩ", r"\milli\ohm"),
        ("°C", r"\degreecelsius"),
        ("kWh", r"\kilo\watt\hour"),
        ("1/min", r"\per\minute"),
        ("J/(kg·K)", r"\joule\per\kilo\gram\per\kelvin"),
        ("m s⁻¹", r"\metre\second\tothe{-1}"),
        (None, r"\one"),
    ],
)
def test_units_are_written_as_the_d_si_has_them(unit, written):
    assert dsi_unit(unit) == written
    assert WRITTEN.fullmatch(written)


@pytest.mark.parametrize("unit", ["psi", "furlong", "kmin"])
def test_a_unit_that_the_d_si_does_not_know_is_refused(unit):
    with pytest.raises(RefusedError):
        dsi_unit(unit)


# what the schema lets through --------------------------------------------------------------------

HOLES = [
    ("</si:valueExpandedMUXMLList>", " 0.1</si:valueExpandedMUXMLList>", "dcc-length"),
    ("<si:coverageFactorXMLList>2 2 2<", "<si:coverageFactorXMLList>2 2<", "dcc-length"),
    (" pass</dcc:conformityXMLList>", "</dcc:conformityXMLList>", "dcc-length"),
    ("<si:valueXMLList>-2 ", "<si:valueXMLList>", "dcc-columns"),
    ("<si:valueXMLList>-2 ", "<si:valueXMLList>-2 -2 ", "dcc-columns"),
    ("<si:coverageFactorXMLList>2 ", "<si:coverageFactorXMLList>0.5 ", "dcc-number"),
    ("<si:coverageProbabilityXMLList>0.95<", "<si:coverageProbabilityXMLList>95<", "dcc-number"),
    ("<si:valueXMLList>-2 ", "<si:valueXMLList>-٢ ", "dcc-number"),
    ("<si:valueXMLList>-2 ", "<si:valueXMLList>NaN ", "dcc-number"),
    ("<si:valueXMLList>-2 ", "<si:valueXMLList>1E400 ", "dcc-number"),
    (r"<si:unitXMLList>\percent<", "<si:unitXMLList>%<", "dcc-unit"),
    (r"<si:unitXMLList>\percent<", "<si:unitXMLList><", "dcc-unit"),
    (r"<si:unitXMLList>\percent<", r"<si:unitXMLList>\foo<", "dcc-unit"),
    ("<dcc:conformity>fail<", "<dcc:conformity>pass<", "dcc-conclusion"),
    ("<dcc:usedLangCodeISO639_1>en<", "<dcc:usedLangCodeISO639_1>de<", "dcc-language"),
    ("<dcc:endPerformanceDate>2", "<dcc:endPerformanceDate>1", "dcc-dates"),
]


@pytest.mark.parametrize(("old", "new", "id_"), HOLES)
def test_what_the_schema_lets_through_is_found(documents, old, new, id_):
    xml = dcc_of(documents, "W-1", LAB).decode()
    assert old in xml
    assert f"certificates.{id_}" in problems(xml.replace(old, new).encode())


def test_text_that_is_no_dcc_is_refused_and_no_entity_is_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden", "utf-8")
    for text in (
        "",
        "<a/>",
        "{}",
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>',
    ):
        with pytest.raises(UsageError) as refused:
            read_dcc(text.encode())
        assert "hidden" not in str(refused.value)


def test_the_public_examples_are_read():
    if not EXAMPLES.is_dir():
        pytest.skip(f"no DCC examples in {EXAMPLES} (BENCHCTL_DCC_EXAMPLES names their folder)")
    files = sorted(EXAMPLES.glob("*.xml"))
    assert len(files) == 4
    for file in files:
        read = read_dcc(file.read_bytes())
        assert read.number
        assert check_dcc(read) == []
        text = file.read_text("utf-8")
        numbers = text.count("<si:real>") + text.count("<si:realListXMLList>")
        assert len(read.quantities) == numbers > 0  # those of hybrids too


def test_a_quantity_in_two_units_is_read_and_checked_in_both(documents):
    xml = dcc_of(documents, "W-1", LAB).decode()
    begin, end = "<si:realListXMLList>", "</si:realListXMLList>"
    one, _, rest = xml[xml.rindex(begin) :].partition(end)
    other = f"{begin}<si:valueXMLList>0.02 0.02 NaN</si:valueXMLList>"
    other += rf"<si:unitXMLList>\one</si:unitXMLList>{end}"
    hybrid = f"<si:hybrid>{one}{end}{other}</si:hybrid>{rest}"
    both = (xml[: xml.rindex(begin)] + hybrid).encode()
    assert len(read_dcc(both).quantities) == len(read_dcc(xml.encode()).quantities) + 1
    assert problems(xml.encode()) == []
    assert problems(both) == ["certificates.dcc-number"]


@pytest.mark.parametrize("unit", [r"\kilogram\metre\tothe{-3}", r"\decibel", r"\deca\pascal"])
def test_units_that_only_others_write_are_units(unit):
    assert WRITTEN.fullmatch(unit)


# verify ------------------------------------------------------------------------------------------


def kinds(done):
    return {f["text"]: f["kind"] for f in json.loads(done.stdout)}


@pytest.mark.parametrize("form", ["pdf", "dcc"])
def test_a_certificate_is_verified_against_its_record(benchctl, simulated_lab, tmp_path, form):
    lab = ("--lab", simulated_lab)
    made = benchctl(
        *("certificate", "latest", "--uut", "W-1", "--format", form, "--out", tmp_path, "--json"),
        *lab,
    )
    file = Path(json.loads(made.stdout)[0]["path"])
    good = benchctl("certificate", "verify", file, "--json", *lab)
    assert good.returncode == 0, good.stdout
    assert [kind for text, kind in kinds(good).items() if "byte for byte" in text] == ["proved"]
    data = file.read_bytes()
    if form == "pdf":
        changed = data.replace(b"%%EOF", b"%%EOF\n% more", 1)
    else:
        changed = data.replace(b"10.9", b"1.09").replace("喆".encode(), "哲".encode())
    assert changed != data
    file.write_bytes(changed)
    bad = benchctl("certificate", "verify", file, "--json", *lab)
    assert bad.returncode == 1, bad.stdout
    assert [kind for text, kind in kinds(bad).items() if "DIFFERS" in text] == ["problem"]


def test_a_dcc_is_held_against_the_schema_of_a_folder(benchctl, documents, schema, tmp_path):
    file = tmp_path / "a.xml"
    xml = dcc_of(documents, "W-2", LAB)
    against = ("--schema-dir", SCHEMAS, "--lab", tmp_path / "empty", "--json")
    file.write_bytes(xml)
    assert "proved" in kinds(benchctl("certificate", "verify", file, *against)).values()
    file.write_bytes(xml.replace(b"dcc:model", b"dcc:modell"))
    bad = benchctl("certificate", "verify", file, *against)
    assert bad.returncode == 1
    assert "line" in next(f["text"] for f in json.loads(bad.stdout) if f["kind"] == "problem")
    nowhere = benchctl("certificate", "verify", file, "--schema-dir", tmp_path)
    assert nowhere.returncode == 2


def test_without_the_record_nothing_is_claimed_of_it(benchctl, documents, tmp_path):
    file = tmp_path / "a.xml"
    file.write_bytes(dcc_of(documents, "W-2", LAB))
    done = benchctl("certificate", "verify", file, "--json", "--lab", tmp_path / "empty")
    assert done.returncode == 0
    assert "proved" not in {k for text, k in kinds(done).items() if "record" in text}
    for text in ("", "no certificate", "%PDF-1.7 cut"):
        file.write_text(text, "utf-8")
        assert benchctl("certificate", "verify", file).returncode == 2
