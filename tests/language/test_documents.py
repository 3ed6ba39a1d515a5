"""YAML files as data with places, and everything that is refused on the way."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.language import Diagnostics, FileError, Source, load_document, parse_document, render
from benchctl.language.scalars import resolve

PROCEDURE = Path(__file__).parents[2] / "procedures" / "water-meter.yaml"


def read(text):
    diagnostics = Diagnostics()
    return parse_document(Source("f.yaml", text), diagnostics), diagnostics


def data(text):
    document, diagnostics = read(text)
    assert not diagnostics.items, render(diagnostics.items)
    return document.data


def complaint(text):
    _, diagnostics = read(text)
    (item,) = diagnostics.items
    return item


def load(path):
    diagnostics = Diagnostics()
    return load_document(path, diagnostics), diagnostics


# -- scalars -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("2026-01-05", "2026-01-05"),
        ("=", "="),
        ("1e-3", 0.001),
        ("1.", 1.0),
        (".5", 0.5),
        ("0012345", 12345),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("+12", 12),
        ("-0", 0),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("Null", None),
        ("1e999", "1e999"),
        (".nan", ".nan"),
        ("0b1", "0b1"),
        ("-", "-"),
        ("1.2.3", "1.2.3"),
        ("２.５", "２.５"),
    ],
)
def test_a_plain_scalar_means_what_the_core_schema_of_yaml_1_2_says(written, value):
    found = resolve(written)
    assert found == value
    assert type(found) is type(value)


def test_infinity_is_a_number_and_quotes_make_text():
    assert resolve("-.inf") == float("-inf")
    assert data("a: '1'\nb: \"true\"\nc: |\n  5\n") == {"a": "1", "b": "true", "c": "5\n"}


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_every_finite_number_is_read_as_python_writes_it(number):
    assert resolve(repr(number)) == number


@given(st.text("0123456789+-.eExo:_n", max_size=12))
def test_what_is_read_as_a_number_is_one(text):
    value = resolve(text)
    if isinstance(value, float) and abs(value) != float("inf"):
        assert value == float(text)
    elif type(value) is int and text[:2] not in ("0x", "0o"):
        assert value == int(text)
    elif type(value) is str:
        assert value == text


# -- places ------------------------------------------------------------------------------------

NESTED = """\
# 注释
标题: 冷水水表 DN20
points:
  - name: Q3
    flow: '2.5 m³/h'
  - {name: "Q2", serial: 0012345}
text: first
  second
"""


def test_every_value_and_key_knows_its_line_and_column():
    document, _ = read(NESTED)
    span = document.span(("points", 0, "flow"))
    assert (span.line, span.column, span.end_line, span.end_column) == (5, 11, 5, 21)
    key = document.key_span(("points", 1, "serial"))
    assert (key.line, key.column, key.end_column) == (6, 18, 24)
    assert document.text(("points", 1, "serial")) == "0012345"
    assert document.data["points"][1]["serial"] == 12345
    assert document.span(("标题",)).column == 5


def test_a_block_ends_with_its_last_value_not_with_the_next_key():
    document, _ = read(NESTED)
    assert (document.span(("points",)).end_line, document.span(("points",)).end_column) == (6, 34)


def test_the_place_of_what_is_not_there_is_that_of_what_holds_it():
    document, _ = read(NESTED)
    assert document.span(("points", 0, "nope", 3)) == document.span(("points", 0))
    assert document.key_span(("points", "nope")) == document.key_span(("points",))


def test_text_of_a_collection_is_a_mistake_of_the_caller():
    document, _ = read(NESTED)
    with pytest.raises(KeyError):
        document.text(("points",))


@pytest.mark.parametrize(
    ("text", "start", "end", "found"),
    [
        ("a: 1.5 * Qx", 7, 9, (1, 10, 12)),
        ("a: '1.5 * Qx'", 7, 9, (1, 11, 13)),
        ('水: "1.5 * Qx"', 7, 9, (1, 11, 13)),
        ("{a: [max(b, Qx), c]}", 8, 10, (1, 13, 15)),
        ("a: 1.5   * Qx", 9, 11, (1, 12, 14)),
        ("a: 1.5 *\n   Qx", 7, 9, (2, 4, 6)),
        ("a: 1.5 *\r\n   Qx", 7, 9, (2, 4, 6)),
        ("a: 'it''s Qx'", 6, 8, (1, 4, 14)),
        ("a: |\n  1.5 * Qx", 7, 9, (1, 4, 5)),
    ],
)
def test_characters_of_a_scalar_are_found_in_the_file_where_that_can_be_told(
    text, start, end, found
):
    document, _ = read(text)
    path = ("a", 0) if "[" in text else next((k,) for k in document.data)
    value = document.text(path)
    assert value.strip().endswith(("Qx", ")"))
    span = document.span_within(path, start, end)
    assert (span.line, span.column, span.end_column) == found or "|" in text
    assert span.line == found[0]


@given(
    st.lists(st.sampled_from(["a", "水", " ", "  ", "\n  ", "1.5", "*", "(", "é"]), max_size=12),
    st.sampled_from(["", "'", '"']),
)
def test_a_character_that_is_placed_is_the_one_in_the_file(pieces, quote):
    text = "k: " + quote + "x" + "".join(pieces) + "y" + quote + "\n"
    document, _ = read(text)
    if document is None:
        return
    value = document.text(("k",))
    whole = document.span(("k",))
    for column, character in enumerate(value, 1):
        span = document.span_within(("k",), column, column + 1)
        if span != whole and not character.isspace():
            assert document.source.line(span.line)[span.column - 1] == character


# -- commas in sentences and formulas ----------------------------------------------------------


def test_a_comma_does_not_end_a_plain_value_in_braces():
    text = "{ask: marks, type approval, arrow and plate?, per: uut}"
    assert data(text) == {"ask": "marks, type approval, arrow and plate?", "per": "uut"}


def test_a_formula_in_braces_may_call_a_function_of_two_arguments():
    assert data("{v: {at_least: 2 * max(a, b.c), unit: L}}") == {
        "v": {"at_least": "2 * max(a, b.c)", "unit": "L"}
    }


def test_a_list_item_goes_on_while_its_bracket_is_open():
    assert data("[max(a, min(b, c)), d, (e), f]") == ["max(a, min(b, c))", "d", "(e)", "f"]


def test_keys_with_an_empty_value_stay_keys():
    assert data("{a: x, b: , c: y}") == {"a": "x", "b": None, "c": "y"}
    assert data('{a: x, "b", c: 1}') == {"a": "x", "b": None, "c": 1}
    assert data("a: x\nb:\n") == {"a": "x", "b": None}


def test_a_decimal_comma_in_braces_is_one_value_not_two():
    assert data("{a: 2,5, b: 1}") == {"a": "2,5", "b": 1}


def test_the_water_meter_procedure_is_read_as_it_was_meant():
    document, diagnostics = load(PROCEDURE)
    assert not diagnostics.items
    assert document.data["standard"]["name"] == "JJG 162"
    assert document.data["where"]["test_volume"]["at_least"].endswith("meter_volume.resolution)")


# -- mistakes ----------------------------------------------------------------------------------


def test_a_duplicate_key_is_told_with_its_first_place_and_the_rest_is_read():
    document, diagnostics = read("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert document.data == {"a": 1, "b": {"c": 1}}
    inner, outer = diagnostics.items
    assert (inner.code, inner.span.line, inner.span.column) == ("E002", 2, 11)
    assert (outer.span.line, outer.also[0].line) == (3, 1)
    assert "`a`" in str(outer.message)


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "said"),
    [
        ("a: &x 1", "E003", 1, 4, "anchors"),
        ("a: *x", "E003", 1, 4, "aliases"),
        ("a: !!python/object/apply:os.system [ls]", "E003", 1, 4, "tags"),
        ("a: ! 5", "E003", 1, 4, "tags"),
        ("a: 1\n---\nb: 1\n", "E001", 2, 1, "second document"),
        ("", "E001", 1, 1, "empty"),
        ("# nothing\n", "E001", 1, 1, "empty"),
        ("---\n", "E001", 1, 1, "empty"),
        ("a: b: c", "E001", 1, 5, "quotes"),
        ("unit: %", "E001", 1, 7, "`%` cannot begin"),
        ("a:\n\tb: 1", "E001", 2, 1, "blanks"),
        ("a: [1, 2\nb: 3\n", "E001", 2, 2, "`,` or `]`"),
        ("a: {b: 1\nc: 3\n", "E001", 2, 2, "`,` or `}`"),
        ('a: "x\nb: 1\n', "E001", 3, 1, "close it"),
        ("a: 1\n b: 2\n", "E001", 2, 3, "indentation"),
        ("{a: 1, b:, c: 2}", "E001", 1, 9, "blank after the colon"),
        ("a:\n  b: 1\n c: 2\n", "E001", 3, 2, "indentation"),
        ("a: 1\nb：2\nc: 3\n", "E001", 3, 1, "full-width"),
        ("a: - b\n", "E001", 1, 4, "list"),
        ("{{ x }}: 1", "E001", 1, 1, "plain text"),
        ("? [a]\n: b\n", "E001", 1, 3, "plain text"),
        ('a: "\\q"', "E001", 1, 5, "escape"),
        ("[" * 51 + "]" * 51, "E004", 1, 51, "50"),
        ("a: 1\nb: \0\n", "E005", 2, 4, "U+0000"),
    ],
)
def test_a_mistake_is_told_once_with_its_place_and_what_to_do(
    text, code, line, column, said, tmp_path
):
    path = tmp_path / "f.yaml"
    path.write_bytes(text.encode())
    _, diagnostics = load(path)
    (item,) = diagnostics.items
    assert (item.code, item.span.line, item.span.column) == (code, line, column)
    assert said in render([item], format="concise")
    assert render([item], language="zh")


def test_an_unclosed_bracket_is_shown_where_it_was_opened():
    item = complaint("a: {b: 1\nc: 2\n")
    assert (item.also[0].line, item.also[0].column) == (1, 4)


def test_fifty_levels_are_read():
    assert data("[" * 50 + "]" * 50)


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "a: 水\n".encode(),
        b"\xef\xbb\xbf" + "a: 水\n".encode(),
        "a: 水\n".encode("utf-16"),
        "\ufeffa: 水\n".encode("utf-16-be"),
        "a: 水\r\n".encode(),
        "a: 水".encode(),
    ],
)
def test_utf8_and_utf16_with_any_line_ends_are_read(tmp_path, content):
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    document, diagnostics = load(path)
    assert not diagnostics.items
    assert document.data == {"a": "水"}
    assert document.span(("a",)).column == 4


def test_gb18030_is_refused_with_the_advice_to_save_as_utf8(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes("a: 1\n标题: 水表\n".encode("gb18030"))
    _, diagnostics = load(path)
    (item,) = diagnostics.items
    assert (item.code, item.span.line) == ("E005", 2)
    assert "GB18030" in str(item.hint)


@pytest.mark.parametrize("junk", [b"\xff\xfe\xfa", b"a: \x80\x81", b"\xd8\x00", bytes(range(256))])
def test_bytes_that_are_no_text_are_refused(tmp_path, junk):
    path = tmp_path / "f.yaml"
    path.write_bytes(junk)
    document, diagnostics = load(path)
    assert document is None
    assert [item.code for item in diagnostics.items] == ["E005"]


def test_a_missing_file_a_folder_and_a_misspelt_name_are_told_as_typed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("meter.yaml").touch()
    Path("folder").mkdir()
    for name, said in [("metre.yaml", "`meter.yaml`"), ("folder", "folder"), ("a\0b", "null")]:
        document, diagnostics = load(Path(name))
        (item,) = diagnostics.items
        assert document is None
        assert (item.code, item.source.name) == ("E005", name)
        assert said in render([item])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    path = tmp_path / "f.yaml"
    path.touch(mode=0)
    _, diagnostics = load(path)
    assert "may not" in str(diagnostics.items[0].message)


def test_mistakes_are_raised_together_as_a_file_error():
    _, diagnostics = read("a: 1\na: 2\na: 3\n")
    with pytest.raises(FileError) as caught:
        diagnostics.raise_if_failed()
    assert caught.value.exit_code == 2
    assert [d.span.line for d in caught.value.diagnostics] == [2, 3]
    assert "2 mistake(s)" in str(caught.value)
    assert "f.yaml:3:1" in caught.value.words("zh")


# -- hostile files -----------------------------------------------------------------------------

HOSTILE = {
    "flow depth": b"[" * 999_000,
    "map depth": b"{a: " * 240_000,
    "block depth": b"- " * 490_000,
    "keys of keys": b"? " * 490_000,
    "many keys": b"\n".join(b"k%d: 1" % i for i in range(80_000)),
    "duplicates": b"a: 1\n" * 199_000,
    "items": b"[" + b"a," * 490_000 + b"]",
    "commas": b"[" + b"," * 990_000,
    "bombs": b"a: &a [x,x]\n" + b"".join(b"k%d: &k%d [*a,*a]\n" % (i, i) for i in range(40_000)),
    "anchors": b"&" * 990_000,
    "documents": b"---\n" * 240_000,
    "ends": b"...\n" * 240_000,
    "colons": b": " * 490_000,
    "long key": b"k" * 990_000 + b": 1\n",
    "open quote": b'"' + b"\\n" * 490_000,
    "over 1 MB": b"a" * 1_000_001,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once(name, tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(HOSTILE[name])
    started = time.process_time()
    document, diagnostics = load(path)
    text = render(diagnostics.items)
    spent = time.process_time() - started
    assert document is None
    assert diagnostics.items[0].code in ("E001", "E003", "E004")
    assert len(text) < 2_000
    assert spent < 0.4  # about 0.05 s on a quiet machine


def test_a_number_of_a_million_digits_is_text():
    assert data("a: " + "9" * 990_000)["a"] == "9" * 990_000


@given(st.binary(max_size=300))
def test_any_bytes_are_data_or_diagnostics(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    document, diagnostics = load(path)
    assert (document is None) <= diagnostics.failed
    assert bool(diagnostics.items) == bool(render(diagnostics.items, language="zh"))


GOOD = PROCEDURE.read_text(encoding="utf-8")
SNIPPETS = [
    "{",
    "}",
    "[",
    "]",
    ": ",
    ",",
    "\t",
    "\n",
    "'",
    '"',
    "&a ",
    "*a",
    "!t ",
    "%",
    "- ",
    "? ",
]
SNIPPETS += ["---\n", "|", ">", "#", "：", "\u2028", "\x85", "\\", "9" * 5000, "[" * 60, "\r", "@"]


@settings(max_examples=150)
@given(st.data())
def test_a_mutated_procedure_is_data_or_diagnostics_within_the_file(data):
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 20))
        text = text[:at] + data.draw(st.sampled_from(["", *SNIPPETS])) + text[at + cut :]
    document, diagnostics = read(text)
    for item in diagnostics.items:
        assert 1 <= item.span.line <= text.count("\n") + text.count("\r") + 10
        assert item.span <= item.span.__class__(item.span.end_line, item.span.end_column, 10**9, 0)
    assert document is not None or diagnostics.failed
    assert render(diagnostics.items) is not None
