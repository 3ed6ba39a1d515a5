"""Certificates of every family on the shelf: each item with its own table, quantity and limits."""

import copy
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from calling_benchctl import call

from benchctl.certificates import LabSettings, certificate_of, certificate_with_dcc, pdf_of
from benchctl.certificates.dcc import dcc_of
from benchctl.certificates.dcc_check import check_dcc
from benchctl.certificates.dcc_reading import read_dcc
from benchctl.certificates.dsi import dsi_unit
from benchctl.certificates.family import family_of
from benchctl.certificates.results import grouped
from benchctl.core.errors import UsageError
from benchctl.language import FileError
from benchctl.records import Lab

etree = pytest.importorskip("lxml.etree", reason="the extra `certificates` is not installed")

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = Path(os.environ.get("BENCHCTL_DCC_XSD", ROOT.parent / "shared" / "data" / "dcc-xsd"))
SHELF = sorted(p.stem for p in (ROOT / "procedures").glob("*.yaml"))
VARIANTS = {
    "sphygmomanometer in kPa": ("sphygmomanometer", "display=kPa", "edition=r-149-1"),
    "electricity-meter of 2026": ("electricity-meter", "edition=2026", "accuracy_class=B"),
}
FAMILIES = [*SHELF, *VARIANTS]
LAB = LabSettings(name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"})
DCC = "{https://ptb.de/dcc}"
SI = "{https://ptb.de/si}"
CJK = re.compile(r"[\u4e00-\u9fff]")
PAGE = (595.28, 841.89)
MARGIN = 19 / 25.4 * 72


@pytest.fixture(scope="session")
def family(tmp_path_factory):
    """Give the documents of a simulated run of a family, as those of a real one."""

    @cache
    def documents_of(name):
        folder = tmp_path_factory.mktemp("family")
        procedure, *chosen = VARIANTS.get(name, (name,))
        given = [part for one in chosen for part in ("--set", one)]
        run = call(
            *("run", procedure, "--simulate", "--seed", 3, "--lab", folder / "lab"),
            *("--operator", "Li Wei", "--quiet", "--plain", *given),
            cwd=folder,
        )
        assert run.returncode in (0, 1), run.stderr
        with Lab.open(folder / "lab", create=False) as lab:
            found = lab.find_run("latest")
            documents = {language: lab.document(found, language) for language in ("zh", "en")}
        for document in documents.values():
            document["simulated"] = False
        return documents

    return documents_of


@pytest.fixture(scope="session")
def schema():
    if not (SCHEMAS / "dcc.xsd").exists():
        pytest.skip(f"no DCC schema in {SCHEMAS} (BENCHCTL_DCC_XSD names its folder)")
    return etree.XMLSchema(etree.parse(str(SCHEMAS / "dcc.xsd")))


def units(documents):
    """Return one unit that passed and one that failed, where there are such."""
    of = {u["verdict"]: u for u in reversed(next(iter(documents.values()))["uuts"])}
    return [of[verdict] for verdict in ("pass", "fail") if verdict in of]


def measured(unit):
    return grouped(unit["points"])


def words_of(pdf, tmp_path):
    """Return the words of each page with their boxes, as poppler sees them."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-bbox", str(path), "-"], capture_output=True, timeout=60, check=True
    )
    tree = ElementTree.fromstring(done.stdout)
    pages = []
    for page in tree.iter("{http://www.w3.org/1999/xhtml}page"):
        boxes = [
            (*(float(w.get(n)) for n in ("xMin", "yMin", "xMax", "yMax")), w.text or "")
            for w in page
        ]
        pages.append([b for b in boxes if b[4].strip()])
    return pages


def clashes(page):
    """Return the words that leave the text area, and those that lie on each other."""
    found = [w[4] for w in page if w[0] < MARGIN - 1 or w[2] > PAGE[0] - MARGIN + 1]
    found += [w[4] for w in page if w[1] < 0 or w[3] > PAGE[1]]
    ordered = sorted(page)
    for n, one in enumerate(ordered):
        for other in ordered[n + 1 :]:
            if other[0] >= one[2]:
                break
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            if wide > 1.5 and high > 0.45 * min(one[3] - one[1], other[3] - other[1]):
                found.append(f"{one[4]} / {other[4]}")
    return found


# what stands on them -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
def test_each_item_that_is_measured_has_its_own_table_with_its_unit_and_limits(family, name):
    documents = family(name)
    for unit in units(documents):
        made = certificate_of(documents, unit["serial"], LAB, budget=False)
        tables = [t for t in made.tables if t.name != "findings"]
        groups = measured(unit)
        assert len(tables) == len(groups)
        assert len({t.title for t in tables}) == len(groups)
        for table, points in zip(tables, groups, strict=True):
            assert len(table.rows) == len(points)
            if points[0]["unit"] not in ("", "1"):
                assert sum(points[0]["unit"] in h[0].split(" / ")[-1] for h in table.head) >= 3
            for row, point in zip(table.rows, points, strict=True):
                assert (point["reported"].replace("-", "−"),) in row
                assert (point["reported_U"],) in row


@pytest.mark.parametrize("name", FAMILIES)
def test_what_did_not_pass_is_named_in_the_notice(family, name):
    documents = family(name)
    for unit in (u for u in units(documents) if u["verdict"] == "fail"):
        made = certificate_of(documents, unit["serial"], LAB)
        assert made.kind == "notice"
        bad = {
            t.title[0].partition("（")[0]
            for t in made.tables
            if t.name != "findings" and t.bad and "调整前" not in t.title[0]
        }
        assert bad or any(t.bad for t in made.tables)
        assert all(title in made.conclusion.value[0] for title in bad)


@pytest.mark.parametrize("name", FAMILIES)
def test_no_name_of_the_program_stands_on_a_certificate(family, name):
    documents = family(name)
    made = certificate_of(documents, _first(documents), LAB, budget=True)
    for table in made.tables:
        for head in table.head:
            assert head == ("k",) or CJK.search(head[0]) or head[0].startswith("|c|"), head
    said = [f.value for f in made.facts] + [c for t in made.tables for r in t.rows for c in r]
    for text in said:
        assert not any(re.search(r"[a-z]_[a-z]| [<>=]= ", wording) for wording in text), text
    budgets = [t for t in made.tables if "不确定度分量" in t.title[0]]
    assert budgets
    for source in {row[1] for t in budgets for row in t.rows} - {("/",)}:
        assert CJK.search(source[0]), source
    settings = next(f for f in made.facts if f.label[0] == "检定参数").value[0]
    assert all(CJK.search(part.partition("：")[0]) for part in settings.split("；")), settings


def test_the_edition_that_was_chosen_is_the_one_that_is_named(family):
    made = {name: certificate_of(family(name), _first(family(name)), LAB) for name in FAMILIES}
    basis = {
        name: next(f.value[0] for f in c.cover if f.label[0] == "依据") for name, c in made.items()
    }
    assert "596-2012" in basis["electricity-meter"]
    assert "596-2026" in basis["electricity-meter of 2026"]
    assert "JJG 692-2010" in basis["sphygmomanometer"]
    assert "OIML R 149-1" in basis["sphygmomanometer in kPa"]


def _first(documents):
    return documents["zh"]["uuts"][0]["serial"]


def test_pressures_shown_in_kilopascal_are_certified_in_kilopascal(family):
    documents = family("sphygmomanometer in kPa")
    made = certificate_of(documents, _first(documents), LAB)
    assert "mmHg" not in str([t.head for t in made.tables])
    simulated = "模拟器血压示值"  # what the simulator is set to stays in what it is set in
    assert "mmHg" not in str([t.rows for t in made.tables if t.title[0] != simulated])
    static = next(t for t in made.tables if t.title[0].startswith("静态"))
    assert ("±0.4",) in static.rows[0]


def test_points_are_told_by_their_own_quantities(family):
    def table(name, title):
        documents = family(name)
        made = certificate_of(documents, _first(documents), LAB)
        return next(t for t in made.tables if t.title[0] == title)

    energy = table("electricity-meter", "基本误差")
    assert [h[0] for h in energy.head[:3]] == ["测量点", "电流", "功率因数"]
    assert energy.rows[1][:3] == (("Imax-0.5L",), ("60 A",), ("0.5",))
    scale = table("price-computing-scale", "偏载")
    assert [r[1] for r in scale.rows][:2] == [("中心", "centre"), ("左前", "left front")]
    gauge = table("pressure-gauge", "示值误差")
    assert {r[1] for r in gauge.rows} == {("升压", "rising"), ("降压", "falling")}
    assert {r[2] for r in gauge.rows} == {("前", "before"), ("后", "after")}
    meter = table("digital-multimeter", "直流电压")
    assert meter.rows[1][:2] == (("50 mV",), ("0.1 V",))
    gas = table("gas-meter", "示值误差")
    assert gas.rows[0][1] == ("6 m³/h",)


def test_a_curve_is_drawn_only_where_it_says_something(family):
    drawn = {}
    for name in SHELF:
        documents = family(name)
        made = certificate_of(documents, _first(documents), LAB)
        drawn[name] = [t.title[0] for t in made.tables if t.plot]
    assert drawn["price-computing-scale"] == ["称量"]
    assert drawn["electricity-meter"] == ["基本误差"]
    assert drawn["sphygmomanometer"] == ["静态压力示值误差"]
    assert drawn["water-meter"] == drawn["gas-meter"] == ["示值误差"]
    assert drawn["industrial-pt100"] == drawn["digital-multimeter"] == []


# how they look -----------------------------------------------------------------------------------


@pytest.mark.parametrize("languages", [("zh",), ("en",), ("zh", "en")], ids="-".join)
@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_leaves_the_page_or_lies_on_anything_else(family, tmp_path, name, languages):
    documents = {n: family(name)[n] for n in languages}
    for unit in units(documents):
        pdf = pdf_of(certificate_of(documents, unit["serial"], LAB))
        for page in words_of(pdf, tmp_path):
            assert page
            assert clashes(page) == []


@pytest.mark.parametrize("name", SHELF)
def test_a_calibration_certificate_prints_every_budget(family, tmp_path, name):
    documents = family(name)
    unit = units(documents)[0]
    made = certificate_of(documents, unit["serial"], LAB, kind="calibration")
    points = [p for p in unit["points"] if p["point"] and any(r["budget"] for r in p["runs"])]
    budgets = [t for t in made.tables if "不确定度分量" in t.title[0]]
    assert len(budgets) == len(points)
    for page in words_of(pdf_of(made), tmp_path):
        assert clashes(page) == []


# for machines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("languages", [("zh", "en"), ("en",)], ids="-".join)
@pytest.mark.parametrize("name", FAMILIES)
def test_every_dcc_is_valid(family, schema, name, languages):
    documents = {n: family(name)[n] for n in languages}
    for unit in units(documents):
        schema.assertValid(etree.fromstring(dcc_of(documents, unit["serial"], LAB)))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_dcc_is_sound(family, name):
    documents = family(name)
    for unit in units(documents):
        assert check_dcc(read_dcc(dcc_of(documents, unit["serial"], LAB))) == []


@pytest.mark.parametrize("name", FAMILIES)
def test_every_dcc_gives_back_the_record_to_the_last_digit(family, name):
    documents = family(name)
    for unit in units(documents):
        root = etree.fromstring(dcc_of(documents, unit["serial"], LAB))
        groups = sorted(measured(unit), key=lambda g: g[0]["occasion"])
        lists = list(root.iter(f"{DCC}list"))
        assert len(lists) == len(groups)
        for found, points in zip(lists, groups, strict=True):
            assert_same(found, points)


def assert_same(found, points):
    quantities = found.findall(f"{DCC}quantity")
    result = next(q for q in quantities if q.find(f".//{SI}valueExpandedMUXMLList") is not None)
    assert texts(result, "valueXMLList") == [p["reported"] for p in points]
    assert texts(result, "unitXMLList") == [dsi_unit(points[0]["unit"])]
    assert texts(result, "valueExpandedMUXMLList") == [p["reported_U"] for p in points]
    assert numbers_of(result, "coverageFactorXMLList") == [p["k"] for p in points]
    stated = result.find(f".//{DCC}conformityXMLList").text.split()
    assert stated == [p["verdict"] for p in points]
    nominal = next(q for q in quantities if q.get("refType") == "basic_nominalValue")
    assert numbers_of(nominal, "valueXMLList") == [p["nominal"]["value"] for p in points]
    assert texts(nominal, "unitXMLList") == [dsi_unit(points[0]["nominal"]["unit"])]
    assert [numbers_of(q, "valueXMLList") for q in quantities[-2:]] == [
        [p["mpe"][end] for p in points] for end in (0, 1)
    ]


def texts(quantity, tag):
    return quantity.find(f".//{SI}{tag}").text.split()


def numbers_of(quantity, tag):
    return [float(text) for text in texts(quantity, tag)]


# torture -----------------------------------------------------------------------------------------

RARE = "喆堃镕水务集团有限公司"
LONG = "某省某市某区某街道供水及燃气仪表检定与维修服务中心第三分理处（原第七仪表厂）" * 3
THREE_LINES = "Flow computers, converters and calculators for custody transfer " * 4


def with_order(documents, **given):
    changed = copy.deepcopy(documents)
    for document in changed.values():
        for unit in document["uuts"]:
            unit["extra"] |= given
    return changed


def test_rare_and_long_names_and_titles_of_three_lines_stay_on_the_page(family, tmp_path):
    documents = with_order(
        family("electricity-meter"),
        送检单位=RARE + LONG,
        制造单位=LONG,
        型号规格="DDZY" + "-1234567890" * 9,
        计量器具名称=THREE_LINES,
    )
    for document in documents.values():
        document["operator"] = "欧阳喆堃镕"
        title = document["procedure"]["title"] = THREE_LINES
        document["titles"]["error"] = {"zh": LONG, "en": title}
    lab = LabSettings(name={"zh": LONG, "en": THREE_LINES}, address=LONG)
    pages = words_of(pdf_of(certificate_of(documents, _first(documents), lab)), tmp_path)
    said = "".join(word[4] for page in pages for word in page)
    assert "欧阳喆堃镕" in said
    assert RARE[:6] in said
    for page in pages:
        assert clashes(page) == []


def test_two_hundred_points_stand_under_the_same_heads_on_every_page(family, tmp_path):
    documents = copy.deepcopy(family("electricity-meter"))
    for document in documents.values():
        points = document["uuts"][0]["points"]
        one = next(p for p in points if p["item"] == "error")
        document["uuts"][0]["points"] = [one | {"point": f"P-{n:03}"} for n in range(200)]
    pages = words_of(pdf_of(certificate_of(documents, _first(documents), LAB)), tmp_path)
    with_points = 0
    seen = []
    for page in pages:
        names = [w[4] for w in page if re.fullmatch(r"P-\d{3}", w[4]) and w[0] < PAGE[0] / 4]
        in_table = [n for n in names if n not in seen]
        seen += in_table
        if len(in_table) > 1:
            with_points += 1
            heads = [w[4] for w in page]
            assert {"测量点", "功率因数", "平均次数"} <= set(heads)
        assert clashes(page) == []
    assert with_points >= 3
    assert sorted(set(seen)) == [f"P-{n:03}" for n in range(200)]


def test_forty_eight_meters_have_forty_eight_certificates(family):
    documents = copy.deepcopy(family("electricity-meter"))
    for document in documents.values():
        several = document["uuts"]
        document["uuts"] = [
            several[n % len(several)] | {"serial": f"E-{n + 1:02}", "position": n + 1}
            for n in range(48)
        ]
    serials = [u["serial"] for u in documents["zh"]["uuts"]]
    made = [certificate_with_dcc(documents, serial, LAB) for serial in serials]
    assert len({pdf for _, pdf in made}) == 48
    for serial, (certificate, _) in zip(serials, made, strict=True):
        cover = {f.label[0]: f.value[0] for f in certificate.cover}
        assert cover["出厂编号"] == serial


# a lab's own layout ------------------------------------------------------------------------------

OWN = """names: {current: {zh: 负载电流, en: load}}
tables:
  error: {columns: [current], readings: [], quantity: {zh: 偏差, en: deviation}, curve: false}
"""


def test_a_labs_own_layout_takes_the_place_of_ours(family, tmp_path):
    documents = family("electricity-meter")
    (tmp_path / "own.yaml").write_text(OWN, "utf-8")
    lab = LabSettings(tmp_path, name="Lab", tables={"electricity-meter": "own.yaml"})
    made = certificate_of(documents, _first(documents), lab)
    table = next(t for t in made.tables if t.title[0] == "基本误差")
    assert [h[0] for h in table.head][:5] == [
        "测量点",
        "标称值",
        "负载电流",
        "平均次数",
        "偏差 / %",
    ]
    assert table.plot is None
    (tmp_path / "own.yaml").write_text(OWN + "colour: red\n", "utf-8")
    os.utime(tmp_path / "own.yaml", (1, 1))
    with pytest.raises(FileError) as wrong:
        certificate_of(documents, _first(documents), lab)
    assert "own.yaml:4:" in str(wrong.value)
    (tmp_path / "own.yaml").unlink()
    with pytest.raises(UsageError):
        certificate_of(documents, _first(documents), lab)


def test_the_pages_example_of_a_layout_holds(tmp_path):
    page = (ROOT / "docs" / "certificates.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(names:.*?)```", page, re.DOTALL)
    (tmp_path / "gauges.yaml").write_text(text, "utf-8")
    lab = LabSettings(tmp_path, tables={"pressure-gauge": "gauges.yaml"})
    found = family_of("pressure-gauge", lab)
    assert found.parameters == ("upper_limit",)
    assert found.layout(None, "error").columns == ("falling",)


@pytest.mark.parametrize("name", SHELF)
def test_every_family_on_the_shelf_has_a_layout_of_what_its_procedure_has(name):
    layout = family_of(name, LAB)
    assert layout.tables, name
    source = (ROOT / "procedures" / f"{name}.yaml").read_text("utf-8")
    source += "".join(p.read_text("utf-8") for p in (ROOT / "procedures").glob(f"{name}*.csv"))
    used = {*layout.tables, *layout.requirements, *(layout.parameters or ())}
    for table in layout.tables.values():
        used |= {*table.columns, *(table.readings or ())}
    missing = [n for n in used if not re.search(rf"\b{re.escape(n)}\b", source)]
    assert missing == []
    assert {c for t in layout.tables.values() for c in t.columns} <= set(layout.names)
    for words in (*layout.names.values(), *(w for v in layout.words.values() for w in v.values())):
        assert set(words) == {"zh", "en"}
