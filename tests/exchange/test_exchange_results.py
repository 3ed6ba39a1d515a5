"""Results that go out: what is in them, that all views say the same, and nothing runs in them."""

import copy
import csv
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from order_samples import call
from pydantic import ValidationError

from benchctl.certificates import LabSettings
from benchctl.core.errors import RefusedError
from benchctl.exchange.mapping import ColumnMapping
from benchctl.exchange.result_fields import CHILDREN, RESULT_FIELDS
from benchctl.exchange.results import result_of
from benchctl.exchange.results_schema import ResultsDocument, order_schema, results_schema
from benchctl.exchange.views import ResultTable, csv_files, mapped_table, tables_of
from benchctl.exchange.workbook import workbook
from benchctl.records import Lab, issue

LAB = LabSettings(
    name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"},
    authority="（浙）法计（2026）01001 号",
    validity={"water-meter": 24},
    verify_url="https://example.org/c/{number}",
)


@pytest.fixture(scope="session")
def document(simulated_lab):
    """The result document of the simulated run, as that of a real one with numbers."""
    with Lab.open(simulated_lab, create=False) as lab:
        found = lab.document(lab.find_run("latest"), "zh")
    found["simulated"] = False
    found["numbers"] = [
        {
            "uut": unit["serial"],
            "number": f"2026-0000{n}",
            "revision": 0,
            "replaces": "2026-00000" if n == 1 else "",
            "by": "Zhao",
            "at": "2026-11-21T20:00:00Z",
        }
        for n, unit in enumerate(found["uuts"], 1)
    ]
    found["reviews"] = [
        {
            "step": "checked",
            "by": "Wang",
            "at": "2026-11-21T20:00:00Z",
            "note": "",
            "current": True,
        },
        {
            "step": "approved",
            "by": "Old",
            "at": "2026-11-21T20:00:00Z",
            "note": "",
            "current": False,
        },
    ]
    return found


@pytest.fixture
def record(document):
    return result_of(document, "W-001", LAB)


def unit(document, serial="W-001"):
    return next(u for u in document["uuts"] if u["serial"] == serial)


def test_a_record_has_every_field_of_its_schema_and_no_other(record, document):
    made = {"schema": "benchctl.results/1", "certificates": [record]}
    ResultsDocument.model_validate(made)
    ResultsDocument.model_validate_json(json.dumps(made))
    assert set(record) == {*RESULT_FIELDS, *CHILDREN}
    for name, fields in CHILDREN.items():
        assert record[name], name
        assert {f.name for f in fields} == set(record[name][0])
    for wrong in (
        {"conclusion": "pass"},
        {"verified_on": "5.1.2026"},
        {"pdf_sha256": "ab"},
        {"cert_type": "证书"},
        {"more": ""},
    ):
        with pytest.raises(ValidationError):
            ResultsDocument.model_validate(
                {"schema": "benchctl.results/1", "certificates": [record | wrong]}
            )


def test_a_record_says_what_order_certificate_and_lab_say(record):
    expected = {
        "order_no": "WO-118",
        "line_no": "1",
        "client_name": "喆堃镕水务有限公司",
        "client_uscc": "91330100799655058B",
        "service_type": "检定",
        "usage": "贸易结算",
        "asset_no": "A-1",
        "serial_no": "W-001",
        "specimen": False,
        "cert_no": "2026-00001",
        "replaces_cert_no": "2026-00000",
        "issued_on": "2026-11-22",
        "institute_name": "某市计量检定测试所",
        "institute_auth_no": "（浙）法计（2026）01001 号",
        "operator": "Li Wei",
        "checker": "Wang",
        "approver": "",
        "verify_url": "https://example.org/c/2026-00001",
    }
    assert {name: record[name] for name in expected} == expected


def test_conclusion_and_validity_follow_the_verdict(document):
    passed = next(u["serial"] for u in document["uuts"] if u["verdict"] == "pass")
    record = result_of(document, passed, LAB)
    assert (record["cert_type"], record["conclusion"]) == ("检定证书", "合格")
    assert record["interval_months"] == "24"
    assert record["valid_until"] > record["verified_on"]
    changed = copy.deepcopy(document)
    failed = unit(changed, passed)
    failed["verdict"] = "fail"
    failed["points"][-1]["verdict"] = "fail"
    record = result_of(changed, passed, LAB)
    assert (record["cert_type"], record["conclusion"]) == ("检定结果通知书", "不合格")
    assert (record["fail_items"], record["valid_until"]) == ("示值误差", "")
    assert record["items"][-1]["verdict"] == record["points"][-1]["verdict"] == "不合格"
    changed["service"] = "calibration"
    record = result_of(changed, passed, LAB)
    assert [record[n] for n in ("cert_type", "conclusion", "fail_items")] == ["校准证书", "", ""]
    changed["service"] = "test"
    with pytest.raises(RefusedError):
        result_of(changed, passed, LAB)


def test_numbers_are_those_of_the_record_to_the_last_digit(record, document):
    measured = [p for p in unit(document)["points"] if p["point"] is not None]
    assert [(p["error"], p["U"], p["point"]) for p in record["points"]] == [
        (p["reported"], p["reported_U"], p["point"]) for p in measured
    ]
    assert [(float(p["mpe_low"]), float(p["mpe_high"])) for p in record["points"]] == [
        tuple(p["mpe"]) for p in measured
    ]
    for row, point in zip(record["points"], measured, strict=True):
        run = point["runs"][-1]
        assert float(row["indication"]) == pytest.approx(run["indication"], abs=0.006)
        assert (row["indication_unit"], row["reference_unit"]) == ("L", "L")


def test_before_and_after_an_adjustment_are_told_apart(document):
    changed = copy.deepcopy(document)
    points = unit(changed)["points"]
    last = points[-1]
    points.append(copy.deepcopy(last) | {"occasion": "as_left", "reported": "0.0"})
    last |= {"occasion": "as_found", "superseded": True, "reported": "-9.0"}
    record = result_of(changed, "W-001", LAB)
    assert record["adjusted"] is True
    assert [(p["occasion"], p["error"]) for p in record["points"]][-2:] == [
        ("调修前", "-9.0"),
        ("调修后", "0.0"),
    ]
    assert [i["occasion"] for i in record["items"] if i["measured"] == "0.0"] == ["调修后"]


def test_tables_say_what_the_json_says(record):
    tables = {t.name: t for t in tables_of([record], "en")}
    top = dict(zip(tables["certificates"].headers, tables["certificates"].rows[0], strict=True))
    for name in RESULT_FIELDS:
        value = record[name]
        shown = {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
        assert top[name] == shown
    for name in CHILDREN:
        rows = [dict(zip(tables[name].headers, row, strict=True)) for row in tables[name].rows]
        for row, entry in zip(rows, record[name], strict=True):
            number = entry.get("cert_no", record["cert_no"]) if name == "equipment" else None
            assert number is None or number in row.values()
            assert row == {"cert_no": record["cert_no"], **{k: str(v) for k, v in entry.items()}}


EVIL = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "＝1", "\t=1", 'x"y', "a,b\n;c", "喆堃镕"]


def test_cells_come_back_as_they_were_and_none_would_run():
    table = ResultTable("certificates", "证书", ("a", "b"), tuple((e, "-0.12") for e in EVIL))
    data = csv_files([table], Path("x.csv"))[Path("x.csv")]
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert [row[0].removeprefix("'") for row in rows] == EVIL
    assert {row[1] for row in rows} == {"-0.12"}
    assert not any(row[0][0] in "=+-@＝\t" for row in rows)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook([table])))["证书"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [c.value for c in cells] == EVIL
    assert {c.data_type for c in cells} == {"s"}


def test_a_workbook_bears_no_time(record):
    data = workbook(tables_of([record], "zh"))
    assert workbook(tables_of([record], "zh")) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 1)}
        core = archive.read("docProps/core.xml").decode()
    assert re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", core) == ["1980-01-01", "1980-01-01"]


def test_a_mapping_gives_its_columns_its_words_and_marks_specimens(record):
    mapping = ColumnMapping(
        "lims",
        {"serial_no": ("编号",), "conclusion": ("判定",), "usage": ("用处",)},
        values={"conclusion": {"合格": "OK", "不合格": "NG"}, "usage": {"trade": "结算"}},
    )
    table = mapped_table([record], mapping)
    assert table.headers == ("编号", "判定", "用处")
    assert table.rows[0][1] == {"合格": "OK", "不合格": "NG"}[record["conclusion"]]
    assert (table.rows[0][0], table.rows[0][2]) == ("W-001", "结算")
    marked = mapped_table([record | {"specimen": True}], mapping)
    assert (marked.headers[0], marked.rows[0][0]) == ("样张", "是")


def test_schemas_name_every_field():
    certificate = results_schema()["$defs"]["Certificate"]
    assert set(certificate["required"]) == {*RESULT_FIELDS, *CHILDREN}
    assert set(order_schema()["items"]["required"]) == {
        *("order_no", "service_type", "mandatory", "client_name", "device_name", "model"),
        *("serial_no", "maker"),
    }


# commands -----------------------------------------------------------------------------------------


def test_only_issued_certificates_go_out_and_twice_the_same(real_lab, tmp_path):
    pytest.importorskip("typst", reason="the extra `certificates` is not installed")
    args = ("records", "results", "--lab", real_lab)
    none = call(*args, "--out", "none.json", cwd=tmp_path)
    assert none.returncode == 1
    assert "W-003 (R1)" in none.stderr
    (real_lab / "certificates.yaml").write_text("name: 某所\n", "utf-8")
    (real_lab / "records.yaml").write_text("review: {checked: false, approved: false}\n", "utf-8")
    with Lab.open(real_lab) as lab:
        issue(lab, "R1", "W-002", by="Zhao")
    made = call(
        *("certificate", "R1", "--uut", "W-002", "--out", "out", "--lab", real_lab),
        cwd=tmp_path,
    )
    assert made.returncode == 0, made.stderr
    for name in ("a.json", "b.json", "a.xlsx", "b.xlsx", "a.csv"):
        done = call(*args, "--out", name, "--files", "out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    for ending in ("json", "xlsx"):
        one, other = ((tmp_path / f"{n}.{ending}").read_bytes() for n in "ab")
        assert one == other
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    ResultsDocument.model_validate(found)
    (certificate,) = found["certificates"]
    pdf = next((tmp_path / "out").glob("*.pdf"))
    assert certificate["cert_no"] == pdf.stem
    assert certificate["pdf_sha256"] == hashlib.sha256(pdf.read_bytes()).hexdigest()
    assert len(certificate["dcc_sha256"]) == 64
    assert certificate["specimen"] is False
    assert call(*args, "--out", "c.json", cwd=tmp_path).returncode == 0
    registered = (tmp_path / "c.json").read_bytes()  # the register knows the hashes too
    assert registered == (tmp_path / "a.json").read_bytes()
    assert {p.name for p in tmp_path.glob("a*.csv")} == {
        *("a.csv", "a-equipment.csv", "a-items.csv", "a-points.csv"),
    }


def test_results_of_simulated_runs_are_specimens_in_every_view(simulated_lab, tmp_path):
    args = ("records", "results", "--lab", simulated_lab, "--order", "WO-118")
    for name in ("r.json", "r.csv"):
        done = call(*args, "--out", name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["certificates"]
    assert len(found) == 3
    assert all(c["specimen"] and c["cert_no"].startswith("SPECIMEN-") for c in found)
    rows = (tmp_path / "r.csv").read_text("utf-8-sig").splitlines()[1:]
    assert all("SPECIMEN-" in row for row in rows)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--out", "r.txt"), ".xlsx"),
        (("--out", "r.json", "--mapping", "e-cqs-results"), "table"),
        (("--out", "r.csv", "--mapping", "e-cqs-result"), "e-cqs-results"),
        (("--out", "r.csv", "--since", "yesterday"), "yesterday"),
        (("--out", "nowhere/r.csv"), "nowhere"),
    ],
)
def test_what_cannot_be_written_is_refused(simulated_lab, tmp_path, args, words):
    done = call("records", "results", "--lab", simulated_lab, *args, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert list(tmp_path.glob("r*")) == []


def test_the_day_of_a_result_is_that_of_the_labs_clock(simulated_lab, tmp_path):
    done = call("records", "results", "--lab", simulated_lab, "--out", "r.json", cwd=tmp_path)
    assert done.returncode == 0
    found = json.loads((tmp_path / "r.json").read_text("utf-8"))["certificates"]
    day = found[0]["verified_on"]
    for option, code in (("--since", 0), ("--until", 0)):
        args = ("records", "results", "--lab", simulated_lab, "--out", "s.json", option, day)
        assert call(*args, cwd=tmp_path).returncode == code
    args = ("records", "results", "--lab", simulated_lab, "--out", "s.json", "--until")
    assert call(*args, "2001-01-01", cwd=tmp_path).returncode == 1


def test_certificate_writes_the_results_of_a_run_as_tables_too(simulated_lab, tmp_path):
    pytest.importorskip("typst", reason="the extra `certificates` is not installed")
    for form in ("csv", "xlsx"):
        args = ("--lab", simulated_lab, "--format", form, "--out", "out", "--uut", "W-002")
        done = call("certificate", "latest", *args, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        (entry,) = json.loads(done.stdout)
        assert entry["uut"] == "W-002"
        assert entry["specimen"] is True
        assert Path(tmp_path / entry["path"]).suffix == f".{form}"
    text = (tmp_path / entry["path"]).with_suffix(".csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["出厂编号"], r["样张"]) for r in rows] == [("W-002", "是")]


def test_files_of_another_number_or_a_changed_one_are_not_noted(real_lab, tmp_path):
    pytest.importorskip("typst", reason="the extra `certificates` is not installed")
    (real_lab / "certificates.yaml").write_text("name: 某所\n", "utf-8")
    (real_lab / "records.yaml").write_text("review: {checked: false, approved: false}\n", "utf-8")
    args = ("--out", "out", "--lab", real_lab)
    made = call("certificate", "R1", "--uut", "W-001", "--uut", "W-002", *args, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    one, other = sorted((tmp_path / "out").glob("*.pdf"))
    other.write_bytes(one.read_bytes())
    export = ("records", "results", "--lab", real_lab, "--out", "r.json", "--files", "out")
    done = call(*export, cwd=tmp_path)
    assert done.returncode == 3
    assert one.stem in done.stderr
    other.write_bytes(b"no PDF")
    assert call(*export, cwd=tmp_path).returncode == 2
