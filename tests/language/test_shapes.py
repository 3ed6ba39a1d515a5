"""Data through pydantic models: every complaint at its place, worded for a person."""

from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from benchctl.core.messages import msg
from benchctl.core.units import UnitError, unit
from benchctl.language import (
    Diagnostics,
    FieldError,
    Source,
    parse_document,
    render,
    schema_of,
    validate,
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Instrument(Strict):
    driver: str
    resource: str
    serial: str = ""
    timeout: Annotated[float, Field(gt=0, le=60)] = 1.0


class Flying(Strict):
    method: Literal["flying"]
    pulses: Annotated[int, Field(ge=1)]


class Standing(Strict):
    method: Literal["start-stop"]
    volume: float


class Hold(Strict):
    hold: str
    seconds: float


class Ask(Strict):
    ask: dict[str, str] | str
    per: Literal["uut", "line"] = "uut"


class Point(Strict):
    name: str
    flow: float
    for_: str = Field("", alias="for")
    measure: Annotated[Flying | Standing, Field(discriminator="method")] | None = None
    item: Hold | Ask | None = None
    value: float | str | None = None
    level: Literal[1, 2] | Literal["high"] = 1
    unit: str = "1"
    tags: tuple[str, ...] = ()

    @field_validator("unit")
    @classmethod
    def known_unit(cls, text):
        try:
            unit(text)
        except UnitError as error:
            raise FieldError.of(error, "E201") from error
        return text


class Names(RootModel[list[Instrument]]):
    pass


class Bench(Strict):
    bench: str = Field(description="language.file-missing")
    instruments: dict[str, Instrument] = {}
    points: Annotated[list[Point], Field(min_length=1)] = [Point(name="a", flow=1)]
    more: Names | None = None

    @model_validator(mode="after")
    def no_evil(self):
        if self.bench == "evil":
            raise ValueError("evil bench")
        return self


def check(text, model=Bench):
    diagnostics = Diagnostics()
    document = parse_document(Source("b.yaml", text), diagnostics)
    return validate(model, document, diagnostics), diagnostics.items


def only(text):
    model, items = check(text)
    assert model is None
    (item,) = items
    return (
        item.code,
        item.span.line,
        item.span.column,
        render([item], format="concise").split(": ", 1)[1],
    )


def point(text):
    return only("bench: x\npoints:\n- {name: Q3, flow: 1, " + text + "}\n")


def test_a_text_field_keeps_the_scalar_as_it_is_written():
    model, items = check(
        "bench: 007\ninstruments:\n  a: {driver: 1e3, resource: true, serial: 0012345}\n"
        "points: [{name: 1.50, flow: 2, tags: [01, x, 0x1F]}]\n"
    )
    assert not items
    assert model.bench == "007"
    a = model.instruments["a"]
    assert (a.driver, a.resource, a.serial) == ("1e3", "true", "0012345")
    assert (model.points[0].name, model.points[0].tags) == ("1.50", ("01", "x", "0x1F"))
    assert model.points[0].flow == 2.0


def test_a_text_in_a_union_with_other_kinds_keeps_its_writing_too():
    model, items = check("bench: x\npoints: [{name: a, flow: 1, item: {ask: 0100}}]\n")
    assert not items
    assert model.points[0].item.ask == "0100"


def test_an_empty_value_is_no_text():
    assert only("bench:\n") == ("E104", 1, 1, "E104 expected a text, found no value")


def test_a_missing_key_is_told_at_the_key_that_lacks_it():
    code, line, column, text = only("bench: x\ninstruments:\n  a: {driver: d}\n")
    assert (code, line, column) == ("E101", 3, 3)
    assert text == "E101 `resource` is missing"


def test_a_missing_and_a_misspelt_key_are_one_mistake():
    text = "bench: x\ninstruments:\n  a:\n    driver: d\n    resorce: r\n"
    assert only(text) == ("E102", 5, 5, "E102 unknown key `resorce` (did you mean `resource`?)")


def test_two_misspelt_keys_are_each_told_with_their_own_suggestion():
    _, items = check("bench: x\ninstruments:\n  a: {drivr: d, resorce: r}\n")
    assert [str(item.hint) for item in items] == [
        "did you mean `driver`?",
        "did you mean `resource`?",
    ]


def test_an_unknown_key_that_is_like_nothing_is_told_with_what_is_allowed():
    _, _, _, text = only("bench: x\nzzz: 1\n")
    assert text == "E102 unknown key `zzz` (allowed here: bench, instruments, points, more)"


def test_suggestions_know_aliases_and_keys_within_lists_and_unions():
    assert "`for`" in point("fro: 1")[3]
    assert "`pulses`" in point("measure: {method: flying, puls: 1}")[3]
    assert "`serial`" in only("bench: x\nmore: [{driver: d, resource: r, seriel: 1}]\n")[3]


def test_a_wrong_choice_is_told_with_the_choices_and_the_likely_one():
    code, line, column, text = point("measure: {method: flyng, pulses: 1}")
    assert (code, line, column) == ("E103", 3, 41)
    assert text == "E103 `flyng` is not one of flying, start-stop (did you mean `flying`?)"
    assert point("level: 3")[3] == "E103 `3` is not one of 1, 2, high"
    assert "`high`" in point("level: hihg")[3].split("(")[1]


def test_a_discriminator_that_is_missing_is_a_missing_key():
    assert point("measure: {pulses: 1}")[3] == "E101 `method` is missing"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flow: abc", "expected a number, found `abc`"),
        ("flow: [1]", "expected a number, found a list"),
        ("flow: {a: 1}", "expected a number, found keys with values"),
        ("flow:", "expected a number, found no value"),
        ("flow: 2,5", "expected a number, found `2,5` (write a decimal point: `2.5`)"),
        ("flow: 1,000", "found `1,000` (a comma can mean two things: write `1000` or `1.000`)"),
        ("flow: ２.５", "found `２.５` (write it with ordinary characters: `2.5`)"),
        ("flow: 2.5 m³/h", "the unit is fixed here; write the number alone: `2.5`"),
        ("flow: .inf", "finite"),
        ("flow: 1e999", "finite"),
        ("flow: 1 000", "(write it without separators: `1000`)"),
        ("flow: .nan", "found `.nan`"),
    ],
)
def test_a_wrong_kind_of_value_is_told_with_what_stands_there(text, said):
    code, line, _, told = only(f"bench: x\npoints:\n- name: Q3\n  {text}\n")
    assert code in ("E104", "E105")
    assert line == 4
    assert said in told


def test_no_number_field_takes_nan_or_infinity_from_a_text():
    for text in ("nan", "inf", "Infinity", "-inf", "1e400"):
        model, items = check(f"bench: x\npoints: [{{name: a, flow: {text}}}]\n")
        assert model is None
        assert items


def test_a_value_out_of_range_is_told_with_its_bound():
    a = "bench: x\ninstruments: {{a: {{driver: d, resource: r, timeout: {}}}}}\n"
    assert only(a.format(0))[3] == "E105 must be greater than 0.0"
    assert only(a.format(61))[3] == "E105 must be at most 60.0"
    assert point("measure: {method: flying, pulses: 0}")[3] == "E105 must be at least 1"
    assert only("bench: x\npoints: []\n")[3] == "E105 needs at least 1 item(s)"


def test_a_validators_own_words_code_and_hint_are_kept():
    code, _, column, text = point("unit: m3/hour")
    assert (code, column) == ("E201", 29)
    assert text == "E201 `m3/hour` is not a unit (did you mean `m³/h`?)"


def test_a_validators_plain_value_error_is_told_in_its_own_words():
    assert only("bench: evil\n")[3] == "E106 evil bench"


def test_of_a_union_the_branch_that_was_meant_is_told():
    assert "`seconds` is missing" in point("item: {hold: p}")[3]
    assert "`per`" in point("item: {ask: x, pre: uut}")[3]
    assert "uut, line" in point("item: {ask: x, per: unit}")[3]


def test_when_no_branch_fits_all_kinds_are_told_together():
    assert "expected a number or a text, found a list" in point("value: [1]")[3]
    assert "expected keys with values or a text, found a list" in point("item: {ask: [x]}")[3]


def test_a_file_that_is_no_mapping_is_told_once():
    assert only("just text")[3] == "E104 expected keys with values, found `just text`"
    assert only("- 1\n- 2\n")[3] == "E104 expected keys with values, found a list"


def test_mistakes_of_shape_are_told_all_at_once_in_both_languages():
    _, items = check(
        "bnch: x\ninstruments: {a: {driver: 1}}\npoints:\n"
        "- {name: Q, flow: x, level: 9}\n- {nme: Q, flow: 1}\n"
    )
    assert [item.code for item in items] == ["E102", "E101", "E104", "E103", "E102"]
    chinese = render(items, language="zh")
    assert "未知的键 `bnch`" in chinese
    assert "应为数值，实为 `x`" in chinese


def test_other_data_is_validated_with_the_places_of_the_document():
    diagnostics = Diagnostics()
    document = parse_document(Source("b.yaml", "a:\n  b: {driver: 010}\n"), diagnostics)
    found = validate(
        Instrument, document, diagnostics, data={"driver": 10, "resource": "r"}, at=("a", "b")
    )
    assert found.driver == "010"
    assert validate(Instrument, document, diagnostics, at=("a", "b")) is None
    assert diagnostics.items[0].span.line == 2
    assert document.data == {"a": {"b": {"driver": 10}}}


def test_thousands_of_unknown_keys_are_told_quickly():
    model, items = check("bench: x\n" + "".join(f"bensh{i}: 1\n" for i in range(20_000)))
    assert model is None
    assert len(items) == 20_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "flow", "item", "ask", "method", "driver", "x"]), inner
        )
    ),
    max_leaves=8,
)
BENCHES = st.fixed_dictionaries(
    {"bench": VALUES},
    optional={
        "instruments": VALUES | st.dictionaries(st.text(max_size=3), VALUES, max_size=2),
        "points": VALUES | st.lists(VALUES, max_size=3),
        "more": VALUES,
    },
)


@settings(max_examples=150)
@given(BENCHES)
def test_any_data_is_a_model_or_diagnostics(data):
    diagnostics = Diagnostics()
    document = parse_document(Source("b.yaml", "bench: x\npoints: [{name: a}]\n"), diagnostics)
    model = validate(Bench, document, diagnostics, data=data)
    assert (model is None) == diagnostics.failed
    assert render(diagnostics.items, language="zh") is not None


# -- JSON Schema -------------------------------------------------------------------------------


def test_the_schema_is_of_2020_12_with_its_title_and_worded_descriptions():
    schema = schema_of(Bench, "A bench file", "zh")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "A bench file"
    assert schema["properties"]["bench"]["description"] == "文件不存在"
    assert schema["required"] == ["bench"]


def test_the_schema_allows_what_reading_allows():
    schema = schema_of(Bench, "A bench file")
    assert schema["properties"]["bench"]["type"] == ["string", "number", "boolean"]
    assert schema["additionalProperties"] == {"type": "null"}
    per = schema["$defs"]["Ask"]["properties"]["per"]
    assert (per["type"], per["enum"]) == ("string", ["uut", "line"])


def test_a_field_error_is_worded_when_nobody_validates():
    assert "xyz" in str(FieldError(msg("language.unknown-key", key="xyz")))
