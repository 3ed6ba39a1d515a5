"""Certificates as PDF: what stands on them, who gets one, and that they are always the same."""

import copy
import json
import re
import sys

import pytest

from benchctl.certificates import (
    LabSettings,
    certificate_of,
    kind_of,
    lab_settings,
    pdf_of,
    pictures_of,
)
from benchctl.certificates.dates import local_day, valid_until
from benchctl.core.errors import RefusedError, UsageError
from benchctl.language import FileError

LAB = LabSettings(
    name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"}, validity={"water-meter": 24}
)


def texts(certificate):
    return json.dumps(certificate.as_json(), ensure_ascii=False)


def unit(document, serial="W-2"):
    return next(u for u in document["uuts"] if u["serial"] == serial)


def fact(certificate, label):
    return next(f.value for f in certificate.cover if label in f.label)


def real(documents):
    """Return the documents as those of a real run whose results have a number."""
    changed = copy.deepcopy(documents)
    for document in changed.values():
        document["simulated"] = False
        document["numbers"] = [
            {
                "uut": "W-2",
                "number": "2026-00001",
                "revision": 0,
                "replaces": "",
                "by": "Zhao",
                "at": "2026-11-21T20:00:00Z",
            }
        ]
    return changed


# which certificate -------------------------------------------------------------------------------


def test_the_results_decide_which_certificate_they_bear(documents):
    document = documents["en"]
    passed, failed = unit(document), unit(document, "W-1")
    assert (passed["verdict"], failed["verdict"]) == ("pass", "fail")
    assert kind_of(document, passed) == "verification"
    assert kind_of(document, failed) == "notice"
    assert kind_of(document | {"service": "calibration"}, failed) == "calibration"


@pytest.mark.parametrize(
    ("changes", "verdict", "id_"),
    [
        ({"service": "test"}, "pass", "test"),
        ({"outcome": "aborted"}, "pass", "not-finished"),
        ({}, "indeterminate", "no-verdict"),
        ({}, "not_measured", "no-verdict"),
    ],
)
def test_results_that_prove_nothing_bear_no_certificate(documents, changes, verdict, id_):
    document = documents["en"] | changes
    with pytest.raises(RefusedError) as refused:
        kind_of(document, unit(document) | {"verdict": verdict})
    assert refused.value.message.id == f"certificates.{id_}"


def test_a_failed_unit_gets_no_verification_certificate_when_it_is_asked_for(documents):
    with pytest.raises(RefusedError) as refused:
        certificate_of(documents, "W-1", LAB, kind="verification")
    assert refused.value.message.id == "certificates.other-kind"


def test_a_calibration_certificate_without_u_is_refused(documents):
    changed = copy.deepcopy(documents["en"])
    point = next(p for p in unit(changed)["points"] if p["point"])
    point["U"] = None
    with pytest.raises(RefusedError) as refused:
        certificate_of({"en": changed}, "W-2", LAB, kind="calibration")
    assert refused.value.message.args["points"] == point["point"]


# what stands on it -------------------------------------------------------------------------------


def test_every_printed_error_and_u_is_the_one_that_the_record_reports(documents):
    made = certificate_of(documents, "W-2", LAB)
    points = [p for p in unit(documents["zh"])["points"] if p["point"]]
    table = made.tables[1]
    assert [row[0][0] for row in table.rows] == [p["point"] for p in points]
    heads = [head[0] for head in table.head]
    error, spread = heads.index("误差 / %"), heads.index("扩展不确定度 U / %")
    for row, point in zip(table.rows, points, strict=True):
        assert row[error][0] == point["reported"].replace("-", "−")
        assert row[spread][0] == point["reported_U"]
        indicated = float(row[heads.index("示值体积 / L")][0])
        reference = float(row[heads.index("标准体积 / L")][0])
        again = 100 * (indicated - reference) / reference
        assert again == pytest.approx(point["error"], abs=0.02)


def test_a_notice_names_what_failed_and_has_no_validity(documents):
    made = certificate_of(documents, "W-1", LAB)
    assert made.conclusion.value[0].startswith("不合格")
    assert "示值误差" in made.conclusion.value[0]
    assert "有效期至" not in [f.label[0] for f in made.cover]


def test_a_verification_is_valid_until_the_day_before_its_anniversary(documents):
    made = certificate_of(documents, "W-2", LAB)
    year, month, day = made.date
    assert fact(made, "有效期至") == (
        valid_until(local_day(documents["zh"]["finished"], 480), 24).isoformat(),
    )
    assert fact(made, "检定日期") == (f"{year}-{month:02}-{day:02}",)


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("2026-11-22", 24, "2028-11-21"),
        ("2026-03-01", 12, "2027-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_the_last_day_of_a_validity(day, months, last):
    assert valid_until(local_day(f"{day}T01:00:00Z", 0), months).isoformat() == last


def test_the_day_is_that_of_the_lab_and_not_of_greenwich():
    assert local_day("2026-11-21T18:59:24Z", 480).isoformat() == "2026-11-22"
    assert local_day("2026-11-21T18:59:24Z", 0).isoformat() == "2026-11-21"


def test_a_calibration_certificate_has_budgets_and_no_conclusion(documents):
    made = certificate_of(documents, "W-2", LAB, kind="calibration")
    assert made.conclusion is None
    budgets = made.tables[2:]
    points = [p for p in unit(documents["zh"])["points"] if p["point"]]
    assert len(budgets) == len(points)
    assert [len(b.rows) for b in budgets] == [len(p["runs"][-1]["budget"]) for p in points]


def test_one_language_leaves_no_word_of_the_other(documents):
    made = certificate_of({"en": documents["en"]}, "W-2", LAB)
    without_order = re.sub(
        "样本|喆堃镕水务有限公司|某仪表厂|送检单位|型号规格|制造单位", "", texts(made)
    )
    assert not re.search(r"[\u4e00-\u9fff]", without_order)


# specimens ---------------------------------------------------------------------------------------


def test_a_simulated_run_gives_a_specimen_and_a_real_one_does_not(documents):
    simulated = certificate_of(documents, "W-2", LAB)
    assert simulated.number.startswith("SPECIMEN-")
    assert simulated.specimen == ("样本", "SPECIMEN")
    issued = certificate_of(real(documents), "W-2", LAB)
    assert issued.number == "2026-00001"
    assert (issued.specimen, issued.specimen_line) == ((), ())
    assert "SPECIMEN" not in texts(issued)


def test_every_page_of_a_specimen_is_marked(documents):
    marked = pictures_of(certificate_of(documents, "W-2", LAB))
    clean = pictures_of(certificate_of(real(documents), "W-2", LAB))
    assert len(marked) == len(clean) > 1
    assert all(a != b for a, b in zip(marked, clean, strict=True))


# the file ----------------------------------------------------------------------------------------


def test_the_same_results_give_the_same_bytes_in_a_pdf_for_archives(documents):
    certificate = certificate_of(documents, "W-2", LAB)
    pdf = pdf_of(certificate)
    assert pdf == pdf_of(certificate)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


def test_a_character_without_a_glyph_is_refused_and_not_left_out(documents):
    lab = LabSettings(name="Institute \U0001f600")
    with pytest.raises(RefusedError) as refused:
        pdf_of(certificate_of(documents, "W-2", lab))
    assert refused.value.message.id == "certificates.no-glyph"


def test_typst_source_in_the_order_stays_text(documents):
    changed = copy.deepcopy(documents)
    for document in changed.values():
        unit(document)["extra"]["送检单位"] = '#panic("run") $x$ *b* \\ "'
    assert pdf_of(certificate_of(changed, "W-2", LAB))


def test_two_hundred_points_break_over_pages_under_a_repeated_heading(documents):
    changed = copy.deepcopy(documents)
    for document in changed.values():
        points = unit(document)["points"]
        first = next(p for p in points if p["point"])
        unit(document)["points"] = [first | {"point": f"P{n}"} for n in range(200)]
    certificate = certificate_of(changed, "W-2", LAB)
    assert len(certificate.tables[0].rows) == 200
    assert len(pictures_of(certificate)) >= 6


def test_without_the_extra_it_is_said_what_to_install(documents, monkeypatch):
    from benchctl.certificates import pdf

    certificate = certificate_of(documents, "W-2", LAB)
    monkeypatch.setitem(sys.modules, "typst", None)
    pdf._compiler.cache_clear()
    with pytest.raises(UsageError) as refused:
        pdf_of(certificate)
    assert "typst" in str(refused.value)
    assert "'certificates'" in str(refused.value)


# the lab's own file ------------------------------------------------------------------------------


def test_the_labs_file_is_read(tmp_path):
    (tmp_path / "certificates.yaml").write_text(
        'name: {zh: 计量所, en: Institute}\nutc_offset: "-03:30"\nvalidity: {water-meter: 12}\n',
        "utf-8",
    )
    found = lab_settings(tmp_path)
    assert found.name == {"zh": "计量所", "en": "Institute"}
    assert (found.utc_offset, found.validity) == (-210, {"water-meter": 12})


@pytest.mark.parametrize(
    "line", ['utc_offset: "8"', "logo: ../x.svg", "colour: red", "validity: {a: 0}"]
)
def test_a_mistake_in_the_labs_file_is_told_with_its_line(tmp_path, line):
    (tmp_path / "certificates.yaml").write_text(f"name: A\n{line}\n", "utf-8")
    with pytest.raises(FileError) as wrong:
        lab_settings(tmp_path)
    assert "certificates.yaml:2:" in str(wrong.value)


# the command line --------------------------------------------------------------------------------


def test_specimens_are_written_for_every_unit_and_get_no_number(benchctl, simulated_lab, tmp_path):
    out = tmp_path / "out"
    done = benchctl("certificate", "latest", "--lab", simulated_lab, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert len(written) == 12
    assert all(w["specimen"] for w in written)
    assert [(w["uut"], w["kind"]) for w in written[:2]] == [
        ("W-1", "notice"),
        ("W-2", "verification"),
    ]
    assert sorted(str(p) for p in out.iterdir()) == sorted(w["path"] for w in written)
    shown = json.loads(benchctl("records", "show", "--lab", simulated_lab, "--json").stdout)
    assert shown["numbers"] == []


def test_a_real_run_gets_one_number_once_and_needs_the_name_of_the_lab(benchctl, real_lab):
    wanted = ("certificate", "R1", "--uut", "W-2", "--lab", real_lab, "--by", "Zhao", "--json")
    refused = benchctl(*wanted)
    assert refused.returncode == 2
    assert "certificates.yaml" in refused.stderr
    (real_lab / "certificates.yaml").write_text("name: Institute\n", "utf-8")
    first, again = (json.loads(benchctl(*wanted).stdout) for _ in range(2))
    assert first == again
    assert re.fullmatch(r"\d{4}-00001", first[0]["number"])
    assert not first[0]["specimen"]


def test_a_unit_that_is_not_there_and_a_kind_that_does_not_fit_are_refused(benchctl, simulated_lab):
    lab = ("--lab", simulated_lab)
    assert benchctl("certificate", "latest", "--uut", "W-99", *lab).returncode == 2
    assert (
        benchctl("certificate", "latest", "--uut", "W-2", "--kind", "notice", *lab).returncode == 3
    )
