"""Words and characters of the live view: complete in both languages, readable in any encoding."""

import string

import pytest

from benchctl.cli.live.charset import Charset
from benchctl.cli.live.words import Words, number
from benchctl.core.catalog.en.live import TEXTS as ENGLISH
from benchctl.core.catalog.zh.live import TEXTS as CHINESE
from benchctl.core.places import bundled
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_sentences_with_the_same_fields():
    assert ENGLISH.keys() == CHINESE.keys()
    assert {k: fields(v) for k, v in ENGLISH.items()} == {k: fields(v) for k, v in CHINESE.items()}


def test_chinese_sentences_can_be_shown_in_gbk():
    assert [k for k, text in CHINESE.items() if not Charset("gbk").has(text)] == []


def test_the_cold_water_procedure_has_names_for_its_roles_and_items():
    procedure = load_procedure(bundled("procedures") / "water-meter.yaml", Diagnostics())
    shown = {n for n, need in procedure.needs.items() if need.unit in ("m³/h", "°C", "MPa", "L")}
    assert shown
    assert {f"role-{name}" for name in shown if "tank" not in name} <= CHINESE.keys()


@pytest.mark.parametrize(
    ("encoding", "text", "shown"),
    [
        ("utf-8", "2.375 m³/h ±2 °C µS 表", "2.375 m³/h ±2 °C µS 表"),
        ("gbk", "2.375 m³/h ±2 °C µS 表", "2.375 m3/h ±2 °C μS 表"),
        ("ascii", "2.375 m³/h ±2 °C µS 表", "2.375 m3/h +-2 deg C uS ?"),
        ("gbk", "✓ ✗ \u2212", "√ × -"),
        ("latin-1", "m³ 20 °C Ω", "m³ 20 °C Ohm"),
    ],
)
def test_what_an_encoding_lacks_is_replaced_by_what_is_alike(encoding, text, shown):
    assert Charset(encoding).fit(text) == shown


def test_chinese_falls_back_on_english_where_it_cannot_be_shown():
    assert Words("zh", "ascii").text("empty") == "empty"
    assert Words("zh", "gbk").text("empty") == "空位"


def test_what_an_instrument_says_cannot_move_the_cursor():
    assert Words("en", "utf-8").fit("a\x1b[2Jb\nc\x07") == "a[2Jb c"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.3751, "2.375"),
        (0.026161, "0.02616"),
        (2.37, "2.370"),
        (102.0, "102.0"),
        (12345.6, "12346"),
        (0.0, "0.000"),
        (-19.996, "-20.00"),
        (1e-9, "0.000000"),
        (float("nan"), "-"),
        (float("inf"), "-"),
    ],
)
def test_numbers_have_four_significant_digits_and_keep_their_place(value, shown):
    assert number(value) == shown


def test_a_sentence_that_this_program_does_not_know_is_shown_by_its_id():
    words = Words("zh", "utf-8")
    assert words.message({"id": "engine.from-the-future", "args": {}}) == "engine.from-the-future"
    assert words.message({"id": "nowhere.at-all", "args": {}}) == "nowhere.at-all"
    assert words.message({"id": "engine.stopped", "args": {}}) == "engine.stopped"
    assert words.verdict("perhaps") == "perhaps"
