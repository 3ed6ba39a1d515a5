"""Work orders from files: who wrote them how, what is wrong in them, how fast they are read."""

import json
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from order_samples import CHINESE, row, text_of

from benchctl.core.errors import UsageError
from benchctl.core.messages import LANGUAGES, words
from benchctl.exchange import FIELDS, field_named, mapping_named, read_orders, shipped
from benchctl.exchange.guard import harmless, is_formula
from benchctl.exchange.json_quick import quick_table
from benchctl.exchange.json_table import read_json
from benchctl.exchange.mapping import ColumnMapping
from benchctl.exchange.values import checked
from benchctl.language import Diagnostics, FileError, Source
from benchctl.procedure import find_procedure, load_procedure

MALFORMED = Path(__file__).parent / "malformed"

# file (its beginning): row, column, what is said of it
WRONG = {
    "01": (1, 1, "file-empty"),
    "02": (1, 1, "no-rows"),
    "03": (1, 1, "no-column"),
    "04": (1, 1, "no-column"),
    "05": (1, 73, "column-twice"),
    "06": (3, 56, "cell-missing"),
    "07": (3, 56, "cell-missing"),
    "08": (4, 56, "unit-twice"),
    "09": (4, 56, "serial-of-two"),
    "10": (3, 56, "mangled"),
    "11": (4, 8, "line-twice"),
    "12": (3, 8, "not-a-line"),
    "13": (3, 10, "not-a-choice"),
    "14": (3, 13, "not-a-choice"),
    "15": (3, 10, "mandatory-verification"),
    "16": (3, 24, "uscc-length"),
    "17": (3, 24, "uscc-character"),
    "18": (3, 24, "uscc-check"),
    "19": (3, 69, "not-a-date"),
    "20": (3, 69, "no-such-day"),
    "21": (3, 69, "day-number"),
    "22": (3, 80, "due-early"),
    "23": (3, 120, "not-one"),
    "24": (3, 119, "formula"),
    "25": (3, 119, "formula"),
    "26": (3, 120, "formula"),
    "27": (3, 122, "ragged-row"),
    "28": (3, 104, "ragged-row"),
    "29": (3, 56, "quote-in-cell"),
    "30": (4, 15, "order-differs"),
    "31": (3, 91, "jjf-verification"),
    "32": (3, 91, "not-a-method"),
    "33": (3, 104, "not-a-phone"),
    "34": (3, 120, "region-province"),
    "35": (3, 119, "too-long"),
    "36": (3, 48, "unprintable"),
    "37": (3, 61, "control-character"),
    "38": (3, 58, "not-utf8"),
    "39": (3, 9, "excel-digits"),
    "40": (3, 15, "formula-without-value"),
    "41": (3, 9, "cell-error-in"),
    "42": (3, 3, "cell-missing"),
    "43": (35, 12, "json-string"),
    "44": (17, 3, "json-key-twice"),
    "45": (21, 12, "json-nested"),
    "46": (19, 22, "not-a-choice"),
    "47": (14, 2, "json-not-an-object"),
    "48": (3, 48, "unprintable"),
}


def read(path, content=None, **more):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    diagnostics = Diagnostics()
    return read_orders(path, diagnostics, **more), diagnostics.items


def problem(item):
    return item.message.args.get("problem", item.message).id.partition(".")[2]


def test_there_is_an_expectation_for_every_malformed_file():
    assert sorted(WRONG) == sorted(path.name[:2] for path in MALFORMED.iterdir())


@pytest.mark.parametrize("path", sorted(MALFORMED.iterdir()), ids=lambda p: p.name)
def test_a_malformed_file_is_refused_at_its_row_and_column_with_its_own_message(path):
    found, items = read(path)
    assert found is None
    assert [(i.span.line, i.span.column, problem(i)) for i in items] == [WRONG[path.name[:2]]]
    for language in LANGUAGES:
        assert words(items[0].message, language)


@pytest.mark.parametrize("headers", [CHINESE, {}, {n: n.replace("_", " ").title() for n in FIELDS}])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_chinese_and_english_headers_every_encoding_and_separator_read_alike(
    tmp_path, headers, encoding, separator
):
    content = text_of([row(1), row(2, serial_no="0012345")], headers, separator).encode(encoding)
    found, items = read(tmp_path / "orders.csv", content)
    assert items == ()
    assert [line.serial for line in found.lines] == ["W-001", "0012345"]
    assert found.lines[0].fields == {
        "order_no": "WO-118",
        "line_no": "1",
        "service_type": "verification",
        "mandatory": "yes",
        "client_name": "喆堃镕水务有限公司",
        "client_uscc": "91330100799655058B",
        "device_name": "冷水水表",
        "model": "LXS-15E",
        "accuracy": "2级",
        "serial_no": "W-001",
        "maker": "某仪表厂",
        "received_date": "2026-01-05",
        "procedure_id": "JJG 162-2019",
    }


def test_csv_xlsx_and_both_shapes_of_json_say_the_same(tmp_path):
    rows = [row(1), row(2)]
    book = openpyxl.Workbook()
    book.active.append([CHINESE[name] for name in rows[0]])
    for one in rows:
        book.active.append(list(one.values()))
    book.save(tmp_path / "o.xlsx")
    shared = {k: v for k, v in rows[0].items() if k in ("order_no", "client_name", "client_uscc")}
    lines = [{k: v for k, v in one.items() if k not in shared} for one in rows]
    (tmp_path / "flat.json").write_text(json.dumps(rows), "utf-8")
    nested = {"orders": [{**shared, "lines": lines}]}
    (tmp_path / "nested.json").write_text(json.dumps(nested), "utf-8")
    (tmp_path / "o.csv").write_text(text_of(rows), "utf-8")
    found = [read(tmp_path / n)[0] for n in ("o.csv", "o.xlsx", "flat.json", "nested.json")]
    hashes = [[line.sha256 for line in one.lines] for one in found]
    assert hashes[0] == hashes[1] == hashes[2] == hashes[3]
    assert len(set(hashes[0])) == 2


def test_all_mistakes_of_a_file_are_told_in_one_go(tmp_path):
    rows = [row(1, maker="", client_uscc="X"), row(2, service_type="修"), row(3, serial_no="W-001")]
    found, items = read(tmp_path / "o.csv", text_of(rows))
    assert found is None
    assert [problem(i) for i in items] == [
        "uscc-length",
        "cell-missing",
        "not-a-choice",
        "unit-twice",
    ]


def test_columns_that_nobody_knows_are_kept_as_they_stand(tmp_path):
    found, _ = read(tmp_path / "o.csv", text_of([row(1, Q3="2.5 m³/h", 楼栋="1 幢")]))
    assert found.lines[0].extra == {"Q3": "2.5 m³/h", "楼栋": "1 幢"}
    assert found.kept == ("Q3", "楼栋")


def test_a_column_that_is_nearly_a_field_is_pointed_out(tmp_path):
    found, items = read(tmp_path / "o.csv", text_of([row(1, client_adress="x")]))
    assert [(i.severity, i.message.id) for i in items] == [("warning", "exchange.column-near")]
    assert found.lines[0].extra == {"client_adress": "x"}


def test_a_slash_or_a_dash_says_nothing(tmp_path):
    found, items = read(tmp_path / "o.csv", text_of([row(1, remarks="/", contact="——")]))
    assert items == ()
    assert not {"remarks", "contact"} & found.lines[0].fields.keys()


def test_the_hash_of_a_line_is_that_of_its_content_not_of_its_place_or_spelling(tmp_path):
    one, _ = read(tmp_path / "a.csv", text_of([row(1), row(2)], CHINESE))
    other, _ = read(
        tmp_path / "b.csv",
        text_of([row(2, received_date="2026-01-05", mandatory="yes"), row(1)]),
    )
    assert {line.serial: line.sha256 for line in one.lines} == {
        line.serial: line.sha256 for line in other.lines
    }


def test_numbers_in_json_keep_their_digits(tmp_path):
    text = json.dumps([row(1)]).replace('"W-001"', "0.120")
    found, _ = read(tmp_path / "o.json", text)
    assert found.lines[0].serial == "0.120"


# mappings -----------------------------------------------------------------------------------------


def test_a_mapping_names_columns_gives_constants_and_words(tmp_path):
    mapping = ColumnMapping(
        columns={"serial_no": ("钢号",), "usage": ("用处",)},
        constants={"maker": "某厂"},
        values={"usage": {"trade": "结算"}},
        skip=("价格",),
    )
    one = {k: v for k, v in row(1).items() if k not in ("serial_no", "maker", "order_no")}
    text = text_of([{**one, "钢号": "S-1", "用处": "结算", "价格": "5"}])
    found, items = read(tmp_path / "o.csv", text, mapping=mapping, given={"order_no": "WO-9"})
    assert items == ()
    fields = found.lines[0].fields
    assert [fields[n] for n in ("serial_no", "usage", "maker", "order_no")] == [
        *("S-1", "trade", "某厂", "WO-9")
    ]
    assert found.lines[0].extra == {}


@pytest.mark.parametrize("name", shipped())
def test_shipped_mappings_name_our_fields(name):
    mapping = mapping_named(name)
    assert mapping.name == name
    assert mapping.columns


def test_a_ledger_of_e_cqs_becomes_an_order(tmp_path):
    headers = (
        "器具名称,器具项别,器具种别,型号规格,测量范围,准确度等级,出厂编号,生产厂家,器具产地,安装/使用地点,"
        "使用地点行政区划,器具数量,器具用途,送检方式"
    )
    line = (
        "水表,流量,水表,LXS-15E,(0.03~3) m³/h,2级,0001,某厂,中国,1幢,浙江省杭州市,1,贸易结算,送检"
    )
    given = {"order_no": "Y-1", "client_name": "某单位"}
    mapping = mapping_named("e-cqs")
    found, items = read(
        tmp_path / "台账.csv",
        f"{headers}\n{line}\n".encode("gb18030"),
        mapping=mapping,
        given=given,
    )
    assert [i.message for i in items] == []
    fields = found.lines[0].fields
    assert fields["service_type"] == "verification"
    assert (fields["usage"], fields["delivery"], fields["maker"]) == ("trade", "delivered", "某厂")
    assert found.lines[0].extra == {}


@pytest.mark.parametrize(
    ("text", "id_", "line"),
    [
        ("mapping: x\ncolumns: {serial: 钢号}\n", "exchange.no-field", 2),
        ("mapping: x\ncolumns: {serial_no: 钢号, asset_no: 钢号}\n", "exchange.mapping-twice", 1),
        ("mapping: x\ncolumns: {serial_no: ' '}\n", "exchange.mapping-blank", 1),
        ("mapping: x\n", "language.missing-key", 1),
        ("mapping: x\ncolumns: {}\nmore: 1\n", "language.unknown-key", 3),
    ],
)
def test_a_mapping_with_mistakes_is_refused_at_its_line(tmp_path, text, id_, line):
    path = tmp_path / "m.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FileError) as caught:
        mapping_named(str(path))
    assert [(d.message.id, d.span.line) for d in caught.value.diagnostics] == [(id_, line)]


def test_a_mapping_that_is_not_there_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match="e-cqs"):
        mapping_named("ecqs")


# values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["91330100799655058B", "9144030071526726XG", "914403001922038216"])
def test_credit_codes_of_real_companies_have_the_right_check_character(code):
    assert checked("uscc", code.lower()) == (code, None)


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_of_a_credit_code_is_always_found(place, character):
    right = "91330100799655058B"
    wrong = right[:place] + character + right[place + 1 :]
    assert (checked("uscc", wrong)[1] is None) == (wrong == right)


@given(st.dates())
def test_every_spelling_of_a_day_is_read_as_iso(day):
    year, month, rest = f"{day.year:04}", day.month, day.day
    for text in (
        day.isoformat(),
        f"{year}/{month}/{rest}",
        f"{year}.{month}.{rest}",
        f"{year}年{month}月{rest}日",
        f"{year}{month:02}{rest:02}",
        f"{day.isoformat()}T08:30:00",
    ):
        assert checked("date", text) == (day.isoformat(), None)


@given(st.text(min_size=1, max_size=40))
@settings(max_examples=300)
def test_no_text_breaks_a_check(text):
    for field in FIELDS.values():
        value, wrong = checked(field.kind, text)
        assert isinstance(value, str)
        assert wrong is None or words(wrong, "zh")


def test_no_two_fields_share_a_header():
    for field in FIELDS.values():
        for header in field.headers:
            assert field_named(header) is field, header


# formulas -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1+1", "＠SUM", "－A1", "\t=1"),
        *("=HYPERLINK(1)", "+A1", "-A1", "\r=1", "+86 571=1"),
    ],
)
def test_what_a_spreadsheet_would_run_is_a_formula(text):
    assert is_formula(text)
    assert harmless(text) == f"'{text}"
    assert not is_formula(harmless(text))


@pytest.mark.parametrize(
    "text",
    ["", "-0.12", "+0.4", "-1.5e-3", "+86 571 8888", "—", "--", "LXS-15", "a=b", "1+1", "-", "%"],
)
def test_numbers_telephones_and_dashes_are_no_formulas(text):
    assert not is_formula(text)
    assert harmless(text) == text


@given(st.text(max_size=20))
def test_a_harmless_cell_never_begins_like_a_formula(text):
    made = harmless(text)
    assert not is_formula(made)
    assert made in (text, f"'{text}")


# batches ------------------------------------------------------------------------------------------


SHELF = sorted(p.stem for p in (Path(__file__).parents[2] / "procedures").glob("*.yaml"))


@pytest.mark.parametrize("name", SHELF)
def test_no_field_of_an_order_is_taken_for_a_parameter_but_the_accuracy_class(name):
    from benchctl.exchange import OrderLine, batch_of
    from benchctl.procedure import check_batch

    procedure = load_procedure(find_procedure(name), Diagnostics())
    fields = {field: "x" for field in FIELDS if field != "accuracy"}
    parameters = {p.name: p.also for p in procedure.parameters.values()}
    diagnostics = Diagnostics()
    batch = batch_of([OrderLine(fields)], parameters).batch("order", diagnostics)
    units = check_batch(batch, procedure, diagnostics)
    assert diagnostics.items == ()
    assert units[0].parameters == {}
    assert len(units[0].extra) == len(fields) - 1


@pytest.mark.parametrize(
    ("given", "value"),
    [("2级", "2"), ("1 级", "1"), ("Class 2", "2"), ("2", "2"), ("±2 %", "±2 %")],
)
def test_the_accuracy_class_of_an_order_is_the_procedures_parameter(given, value):
    from benchctl.exchange import OrderLine, batch_of

    line = OrderLine({"serial_no": "W-1", "accuracy": given})
    table = batch_of([line], {"accuracy_class": ("准确度等级",)})
    assert table.headers == ("serial", "accuracy_class")
    assert table.rows == (("W-1", value),)


def test_ten_thousand_rows_with_every_field_are_read_whole(tmp_path):
    rows = [
        row(n % 500 + 1, order_no=f"WO-{n // 500}", serial_no=f"{n:07}", remarks=f"r{n}")
        for n in range(10_000)
    ]
    found, items = read(tmp_path / "o.csv", text_of(rows, CHINESE))
    assert items == ()
    assert len(found.lines) == 10_000
    assert len(found.orders) == 20


# any file -----------------------------------------------------------------------------------------

PIECES = [
    *(
        ",",
        ";",
        "\t",
        "\n",
        '"',
        "{",
        "}",
        "[",
        "]",
        ":",
        "null",
        "1e5",
        "=",
        "委托单号",
        "\0",
        "/",
    ),
    *("\u202e", "orders", "lines"),
    *("\ud800".encode("utf-8", "surrogatepass"), b"\xff", b"\xef\xbb\xbf"),
]


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_mutated_file_gives_orders_or_mistakes_with_places(tmp_path_factory, data):
    source = data.draw(st.sampled_from(sorted(MALFORMED.iterdir())))
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        piece = data.draw(st.sampled_from(PIECES))
        at = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(at, min(len(content), at + 12)))
        content[at:end] = piece if isinstance(piece, bytes) else piece.encode()
    path = tmp_path_factory.getbasetemp() / f"any{source.suffix}"
    found, items = read(path, bytes(content))
    assert (found is None) == any(i.severity == "error" for i in items)
    for item in items:
        assert item.span.line >= 1
        assert item.span.column >= 1
        assert words(item.message, "zh")
    if found is not None:
        assert all(line.order and line.serial for line in found.lines)
        keys = [(line.order, line.serial) for line in found.lines]
        assert len(set(keys)) == len(keys)


NESTED = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["orders", "lines", "order_no", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(NESTED)
def test_json_read_quickly_and_with_places_is_the_same_table(value):
    source = Source("o.json", json.dumps(value, ensure_ascii=False))
    diagnostics = Diagnostics()
    slow, quick = read_json(source, diagnostics), quick_table(source)
    if quick is not None:
        assert not len(diagnostics)
        assert [[c.text for c in r] for r in slow.rows] == [[c.text for c in r] for r in quick.rows]
    elif slow is not None and slow.rows:
        problems = [c.problem for r in slow.rows for c in r if c.problem]
        assert problems or not slow.rows[0]
