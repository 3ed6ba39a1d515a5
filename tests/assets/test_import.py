"""A whole register from a table or from msl-equipment's XML; mistakes by row and column."""

import pytest
from asset_samples import NOW, TODAY

from benchctl.bench.assets import read_register
from benchctl.cli.app import command_line
from benchctl.cli.register import importing
from benchctl.language import Diagnostics

CSV = """\
asset,title,model,serial,certificate,issuer,issued,due,channel,range,U,k,at,correction,kind
MM-014,Master meter,CMFS025,14077123,C-2025,NIM,2025-06-10,2026-06-09,volume_total,,0.12 %,2,0.01 m³/h,-0.10 %
MM-014,,,,,,,,volume_total,,0.10 %,,7 m³/h,0.04 %
MM-014,,,,C-2026,NIM,2026-06-10,2027-06-09,volume_total,,0.12 %,2,0.01 m³/h,-0.12 %
MM-014,,,,,,,,volume_total,,0.10 %,,7 m³/h,0.02 %
MM-014,,,,,,,,volume_flow,0.01 .. 7 m³/h,0.20 %,2,,
TAP-3,Barcode reader,DS2208,00417,,,,,,,,,,,accessory
"""  # noqa: E501
CHINESE = """\
编号,名称,规格型号,出厂编号,证书编号,发证机构,发证日期,有效期至,通道,测量范围,扩展不确定度,包含因子
BAL-021,电子天平,KCC150,B622014785,C-7,中国计量院,2026-06-10,2027-06-09,mass,1 .. 150 kg,0.01 %,2
"""
XML = """\
<?xml version="1.0" encoding="utf-8"?>
<register team="Humidity" xmlns="https://measurement.govt.nz/equipment-register">
  <equipment enteredBy="A">
    <id>LAB.H.1</id><manufacturer>Northlab</manufacturer><model>H9</model><serial>77</serial>
    <description>Room sensor</description><location>Hall 2</location><status>Lost</status>
    <calibrations>
      <measurand quantity="Temperature" calibrationInterval="2">
        <component name="Probe 1">
          <report id="T/1"><reportIssueDate>2024-01-20</reportIssueDate>
            <measurementStopDate>2024-01-10</measurementStopDate>
            <issuingLaboratory>Northlab</issuingLaboratory>
            <equation><value variables="t">t + 0.5</value><uncertainty variables="">0.1</uncertainty>
              <unit>C</unit><ranges><range variable="t"><minimum>0</minimum><maximum>50</maximum></range></ranges>
            </equation></report>
          <report id="T/2"><reportIssueDate>2026-01-20</reportIssueDate>
            <measurementStopDate>2026-01-10</measurementStopDate>
            <issuingLaboratory>Northlab</issuingLaboratory>
            <equation><value variables="t">t - 0.02 + 1e-4*pow(t, 2)</value>
              <uncertainty variables="">0.03</uncertainty><unit>C</unit>
              <ranges><range variable="t"><minimum>0</minimum><maximum>50</maximum></range></ranges>
            </equation></report>
        </component>
      </measurand>
      <measurand quantity="Humidity" calibrationInterval="2">
        <component name="Probe 1 RH">
          <report id="H/9"><reportIssueDate>2026-01-20</reportIssueDate>
            <equation><value variables="R t">R + 0.1*t</value><uncertainty variables="">0.4</uncertainty>
              <unit>%rh</unit><ranges/></equation></report>
        </component>
      </measurand>
    </calibrations>
  </equipment>
</register>
"""  # noqa: E501


def written(folder, name, text, encoding="utf-8"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def found_in(file):
    diagnostics = Diagnostics()
    found = read_register(file, diagnostics, TODAY)
    told = [f"{d.span.line}:{d.span.column} {d.message.id}" for d in diagnostics.items]
    return found, told


def test_a_table_gives_assets_with_their_certificates_oldest_first(tmp_path):
    found, told = found_in(written(tmp_path, "register.csv", CSV))
    assert told == []
    numbers = [a.certificate.number if a.certificate else None for a in found.assets]
    assert numbers == [None, "C-2025", "C-2026"]
    master = found.assets[-1]
    assert (master.model, master.serial) == ("CMFS025", "14077123")
    total = master.channels["volume_total"]
    assert total.correction_at(7.0) == 0.02
    assert total.U_at(0.01) == 0.12
    assert master.channels["volume_flow"].U == 0.20


def test_a_chinese_table_in_the_encoding_of_excel_is_read_too(tmp_path):
    found, told = found_in(written(tmp_path, "台账.csv", CHINESE, "gb18030"))
    assert told == []
    (balance,) = found.assets
    assert (balance.title, balance.channels["mass"].U) == ({"": "电子天平"}, 0.01)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("2026-06-10,2027-06-09", "2026-06-31,2027-06-09", "4:24 bench.no-date"),
        ("0.20 %,2", "0.20,2", "6:37 language.unit-missing"),
        ("7 m³/h,0.02 %", "0.001 m³/h,0.02 %", "5:34 bench.table-falls"),
        ("model,serial", "model,seriel", "1:19 assets.unknown-column"),
        ("0.01 .. 7 m³/h,0.20 %", "0.01 .. 7 m³/h,", "6:9 bench.U-missing"),
        ("MM-014,,,,,,,,volume_flow", "MM-014,,CMFS050,,,,,,volume_flow", "6:9 assets.row-differs"),
        (",volume_flow,", ",,", "6:17 assets.row-without-channel"),
        ("TAP-3,Barcode reader,DS2208", "TAP-3,Barcode reader,", "7:1 language."),
    ],
)
def test_a_mistake_in_a_table_is_told_at_its_row_and_column(tmp_path, old, new, where):
    assert old in CSV
    found, told = found_in(written(tmp_path, "register.csv", CSV.replace(old, new, 1)))
    assert found is None
    row = where.partition(":")[0]
    assert any(t.startswith(f"{row}:") and where.partition(" ")[2] in t for t in told), told


def test_an_import_enters_history_and_present_and_may_be_repeated(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(importing, "utc_now", lambda: NOW)
    file = written(tmp_path, "register.csv", CSV)
    lab = ["--lab", str(tmp_path / "lab"), "--operator", "Li Wei"]
    assert command_line(["assets", "import", str(file), "--dry-run", *lab]) == 0
    assert not (tmp_path / "lab").exists()
    assert command_line(["assets", "import", str(file), *lab]) == 0
    assert "entered: 3; known already: 0; refused: 0" in capsys.readouterr().out
    assert command_line(["assets", "import", str(file), *lab]) == 0
    assert "entered: 0; known already: 3; refused: 0" in capsys.readouterr().out
    assert command_line(["assets", "history", "MM-014", "--lab", str(tmp_path / "lab")]) == 0
    told = capsys.readouterr().out
    assert told.index("C-2025") < told.index("C-2026")


def test_the_register_of_msl_gives_its_latest_equation_and_names_what_is_left_out(tmp_path):
    found, told = found_in(written(tmp_path, "register.xml", XML))
    assert told == []
    (asset,) = found.assets
    assert (asset.name, asset.model, asset.serial) == ("LAB.H.1", "Northlab H9", "77")
    assert asset.certificate.number == "T/2"
    assert asset.certificate.due.isoformat() == "2028-01-10"
    (probe,) = asset.channels.values()
    assert probe.correction_at(20.0) == pytest.approx(-0.02 + 1e-4 * 400)
    assert (probe.U, probe.k, probe.low, probe.high) == (0.03, 1.0, 0.0, 50.0)
    assert [(name, note.args["number"]) for name, note in found.notes] == [("LAB.H.1", "H/9")]
    assert found.out_of_service == {"LAB.H.1": "Lost"}


@pytest.mark.parametrize(
    "text",
    [
        "<register",
        "<equipment/>",
        '<!DOCTYPE r [<!ENTITY a "aaaa">]><register>&a;</register>',
        "<register>" + "<a>" * 60 + "</a>" * 60 + "</register>",
        "",
    ],
)
def test_what_is_no_register_is_refused_with_its_line(tmp_path, text):
    found, told = found_in(written(tmp_path, "register.xml", text))
    assert found is None
    assert len(told) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("t - 0.02 + 1e-4*pow(t, 2)", "__import__('os').system('true')"),
        ("t - 0.02 + 1e-4*pow(t, 2)", "t +"),
        ("t - 0.02 + 1e-4*pow(t, 2)", "-" * 480 + "t"),
        ('quantity="Temperature" ', ""),
        ('encoding="utf-8"', 'encoding="utf-9"'),
        ('calibrationInterval="2"', 'calibrationInterval="nan"'),
        ("2026-01-20", "2026-02-30"),
    ],
)
def test_nothing_of_an_equation_is_run_and_no_file_breaks_the_program(tmp_path, old, new):
    assert old in XML
    found, told = found_in(written(tmp_path, "register.xml", XML.replace(old, new)))
    assert found is not None or told
