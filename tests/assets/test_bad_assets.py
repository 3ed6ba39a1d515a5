"""Bad assets: each is refused, at its place, with a sentence of its own."""

import pytest
from asset_samples import BALANCE, MASTER, entered, good, read, spoilt

from benchctl.cli.app import command_line
from benchctl.core.errors import RefusedError
from benchctl.core.messages import words

TABLE = "  volume_total:\n    table:\n"
FIRST = "{at: 0.01 m³/h, error: 0.10 %, U: 0.15 %}"
SECOND = "{at: 1 m³/h, error: 0.30 %, U: 0.10 %}"
FLOW = "{U: 0.20 %, range: 0.01 .. 7 m³/h}"
PLAIN = "certificate: {number: NIM-2026-0147, issuer: NIM, issued: 2026-06-10, due: 2027-06-09}\n"

BAD_FILES = {
    "no YAML": ("asset: MM-014", "asset: [MM-014", "language."),
    "a key that nobody knows": ("serial:", "serail:", "language."),
    "no name": ("asset: MM-014\n", "", "language."),
    "a name that is none": ("asset: MM-014", 'asset: "*"', "language."),
    "no model": ("model: Micro Motion CMFS025 with 2700\n", "", "language."),
    "a blank model": ("model: Micro Motion CMFS025 with 2700", 'model: " "', "assets.blank"),
    "no serial number": ('serial: "14077123"\n', "", "language."),
    "a blank serial number": ('serial: "14077123"', 'serial: " "', "assets.blank"),
    "an unknown kind": ("model:", "kind: standrad\nmodel:", "language."),
    "its own accessory": ("model:", "accessories: [MM-014]\nmodel:", "assets.own-accessory"),
    "no certificate": (PLAIN, "", "assets.no-certificate"),
    "a certificate without number": ("number: NIM-2026-0147, ", "", "language."),
    "a blank number": ("number: NIM-2026-0147", 'number: " "', "assets.blank"),
    "a certificate without issuer": ("issuer: NIM, ", "", "language."),
    "no date": ("issued: 2026-06-10", "issued: 2026-06-31", "bench.no-date"),
    "a relative date": ("issued: 2026-06-10", "issued: 20 d ago", "bench.no-date"),
    "a date in the future": ("issued: 2026-06-10", "issued: 2026-07-01", "assets.future"),
    "due before issued": ("due: 2027-06-09", "due: 2026-06-09", "bench.due-before-issued"),
    "due in twelve years": ("due: 2027-06-09", "due: 2038-06-09", "assets.long"),
    "conditions that are none": (
        "due: 2027-06-09}",
        "due: 2027-06-09, conditions: {ambient_temperature: about 20 °C}}",
        "bench.no-range",
    ),
    "nothing stated": (MASTER[MASTER.index("channels:") :], "", "assets.no-channels"),
    "no U": (FLOW, "{range: 0.01 .. 7 m³/h}", "bench.U-missing"),
    "U without unit": (FLOW, "{U: 0.20, range: 0.01 .. 7 m³/h}", "language.unit-missing"),
    "U in a unit that is none": (FLOW, "{U: 0.2 prc, range: 0.01 .. 7 m³/h}", "units."),
    "a U of zero": (FLOW, "{U: 0 %, range: 0.01 .. 7 m³/h}", "bench.not-positive"),
    "a k of zero": (FLOW, "{U: 0.20 %, k: 0, range: 0.01 .. 7 m³/h}", "language."),
    "a k of 20": (FLOW, "{U: 0.20 %, k: 20, range: 0.01 .. 7 m³/h}", "language."),
    "negative degrees of freedom": (FLOW, "{U: 0.20 %, dof: -1, range: 0 .. 7 m³/h}", "language."),
    "no range": (FLOW, "{U: 0.20 %}", "bench.range-missing"),
    "a range turned round": (FLOW, "{U: 0.20 %, range: 7 .. 0.01 m³/h}", "bench.range-turned"),
    "a range that is none": (FLOW, "{U: 0.20 %, range: up to 7 m³/h}", "bench.no-range"),
    "a table of one line": (
        MASTER[MASTER.index("      - {at: 1 ") : MASTER.index("  volume_flow")],
        "",
        "bench.table-short",
    ),
    "a table that falls": ("at: 7 m³/h", "at: 0.5 m³/h", "bench.table-falls"),
    "a table that says a place twice": ("at: 7 m³/h", "at: 1 m³/h", "bench.table-twice"),
    "a table of two quantities": ("at: 1 m³/h", "at: 1 °C", "units."),
    "a gap in the table's U": (SECOND, "{at: 1 m³/h, error: 0.30 %}", "bench.U-missing-at"),
    "a gap in the corrections": (SECOND, "{at: 1 m³/h, U: 0.1 %}", "bench.correction-gap"),
    "error and correction": (
        SECOND,
        "{at: 1 m³/h, error: 0.3 %, correction: -0.3 %, U: 0.1 %}",
        "bench.correction-and-error",
    ),
    "absolute among relative": (
        SECOND,
        "{at: 1 m³/h, error: 0.003 m³/h, U: 0.10 %}",
        "bench.mixed-terms",
    ),
    "a range beyond the table": (
        TABLE,
        TABLE.replace("table", "range: 0.01 .. 10 m³/h\n    table"),
        "bench.range-beyond-table",
    ),
    "a range of another quantity": (
        TABLE,
        TABLE.replace("table", "range: 10 .. 30 °C\n    table"),
        "bench.range-other",
    ),
    "corrections twice": (
        TABLE,
        TABLE.replace("table", "correction: 0.1 %\n    table"),
        "bench.correction-twice",
    ),
    "a law of two kinds": (
        FLOW,
        "{U: {equation: 0.2, polynomial: [1], unit: '%'}, range: 0.01 .. 7 m³/h}",
        "bench.law-one",
    ),
    "a polynomial of nothing": (
        FLOW,
        "{U: 0.2 %, correction: {polynomial: [], unit: '%'}, range: 0.01 .. 7 m³/h}",
        "bench.no-coefficients",
    ),
    "an equation that is none": (
        FLOW,
        "{U: {equation: 0.2 + * value, unit: '%'}, range: 0.01 .. 7 m³/h}",
        "language.",
    ),
    "an equation of something else": (
        FLOW,
        "{U: {equation: 0.2 + flow, unit: '%'}, range: 0.01 .. 7 m³/h}",
        "bench.law-name",
    ),
    "an equation without a value": (
        FLOW,
        "{U: {equation: 1 / value, unit: '%'}, range: 0 .. 7 m³/h}",
        "bench.law-nowhere",
    ),
    "a U that becomes negative": (
        FLOW,
        "{U: {equation: 0.2 - 0.1 * value, unit: '%'}, range: 0.01 .. 7 m³/h}",
        "bench.U-not-positive",
    ),
    "a law in a unit that is none": (
        FLOW,
        "{U: {equation: 0.2 * value, unit: qsr}, range: 0.01 .. 7 m³/h}",
        "units.",
    ),
    "a drift that is none": (
        FLOW,
        "{U: 0.2 %, drift: 0.1 %, range: 0.01 .. 7 m³/h}",
        "bench.no-drift",
    ),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_bad_asset_is_refused_at_its_place_with_its_own_sentence(bad):
    old, new, id_ = BAD_FILES[bad]
    asset, mistakes = read(spoilt(old, new))
    assert asset is None
    assert len(mistakes) == 1, [str(m.message) for m in mistakes]
    assert mistakes[0].message.id.startswith(id_)
    assert words(mistakes[0].message, "zh") != words(mistakes[0].message, "en")


def test_the_sentences_about_bad_assets_are_all_different():
    told = {
        bad: str(read(spoilt(old, new))[1][0].message) for bad, (old, new, _) in BAD_FILES.items()
    }
    twins = [b for b, text in told.items() if list(told.values()).count(text) > 1]
    assert sorted(twins) == []


NEWER = spoilt("2026-06-10", "2026-06-20", spoilt("NIM-2026-0147", "NIM-2026-0200"))
MISFITS = {
    "another serial number": (spoilt("14077123", "14077132", NEWER), "assets.serial"),
    "another model": (spoilt("CMFS025", "CMFS050", NEWER), "assets.model"),
    "the same once more": (MASTER, "assets.same"),
    "the same number, other words": (spoilt("0.30 %", "0.33 %"), "assets.again"),
    "an older certificate": (spoilt("2026-06-20", "2026-06-01", NEWER), "assets.older"),
    "past its due date": (spoilt("2027-06-09", "2026-06-29", NEWER), "assets.expired"),
    "one instrument, two names": (spoilt("asset: MM-014", "asset: MM-015", NEWER), "assets.twin"),
    "a certificate of another asset": (
        spoilt("NIM-2026-0152", "NIM-2026-0147", BALANCE),
        "assets.number-taken",
    ),
    "an accessory that nobody knows": (
        spoilt("model:", "accessories: [TAP-9]\nmodel:", NEWER),
        "assets.no-accessory",
    ),
}


@pytest.mark.parametrize("misfit", MISFITS)
def test_what_does_not_fit_the_register_is_refused_and_leaves_it_as_it_was(lab, misfit):
    text, id_ = MISFITS[misfit]
    register = entered(lab, MASTER)
    with pytest.raises(RefusedError) as refused:
        entered(lab, text)
    assert refused.value.message.id == id_
    assert [e.certificate for e in register.known("MM-014").entries] == ["NIM-2026-0147"]


def test_there_are_more_than_forty_of_them():
    assert len(BAD_FILES) + len(MISFITS) >= 40


def test_every_mistake_of_a_file_is_told_at_once_with_line_and_column(tmp_path, capsys):
    file = tmp_path / "bad.yaml"
    text = spoilt("due: 2027-06-09", "due: soon", spoilt(FLOW, "{U: 0.2}"))
    file.write_text(text, encoding="utf-8")
    assert command_line(["assets", "add", str(file), "--lab", str(tmp_path / "lab")]) == 2
    told = capsys.readouterr().err
    line, column = 4, text.splitlines()[3].index("soon") + 1
    assert f"{file}:{line}:{column}" in told
    assert told.count("error[") == 3
    assert not (tmp_path / "lab").exists()


def test_a_good_one_is_read():
    assert good(MASTER).certificate.number == "NIM-2026-0147"
