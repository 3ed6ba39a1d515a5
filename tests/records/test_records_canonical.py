from __future__ import annotations

import dataclasses
import hashlib
import json
import pprint
import types
import typing
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchctl.core.errors import RecordError
from benchctl.core.events import KINDS, Event, body, event_from
from benchctl.core.verdicts import Verdict
from benchctl.records.canonical import canonical, chain, origin, read
from benchctl.records.rows import RecordRow, RunRow

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    float: st.floats(),
    bool: st.booleans(),
    type(None): st.none(),
    dict[str, Any]: st.dictionaries(st.text(), PLAIN, max_size=3),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for what an event's field may hold."""
    if hint in BY_TYPE:
        return BY_TYPE[hint]
    parts = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return st.one_of([values(part) for part in parts])
    assert typing.get_origin(hint) is tuple, hint
    if parts[-1] is Ellipsis:
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    return st.tuples(*[values(part) for part in parts])


def events_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = typing.get_type_hints(kind)
    kept = [field.name for field in dataclasses.fields(kind) if field.name != "blob"]
    return st.builds(kind, **{name: values(hints[name]) for name in kept})


def ordered(event: Event) -> str:
    """Return an event as text: NaN equals itself there, and mappings are in order."""
    return pprint.pformat(dataclasses.asdict(event))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.KIND)
def test_every_event_comes_back_from_its_canonical_bytes(kind: type[Event]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(events_of(kind))
    def comes_back(event: Event) -> None:
        text = canonical(body(event), event.KIND)
        again = event_from(event.KIND, event.VERSION, read(text))
        assert ordered(again) == ordered(event)
        assert canonical(body(again), event.KIND) == text
        json.loads(text.encode(), parse_constant=pytest.fail)

    comes_back()


@given(st.dictionaries(st.text(), PLAIN, max_size=5))
def test_the_order_of_keys_does_not_matter(data: dict[str, Any]) -> None:
    assert canonical(dict(reversed(data.items()))) == canonical(data)


def test_numbers_that_json_lacks_are_null_and_noted() -> None:
    text = canonical({"dof": float("inf"), "rows": [{"u": float("nan")}, 1.5]})
    assert json.loads(text) == {
        "dof": None,
        "rows": [{"u": None}, 1.5],
        "not_finite": [[["dof"], "inf"], [["rows", 0, "u"], "nan"]],
    }
    assert read(text)["dof"] == float("inf")


def test_numpy_scalars_and_enums_are_plain() -> None:
    data = {"a": np.float64(0.1), "b": np.bool_(True), "c": np.int32(3), "v": Verdict.PASS}
    assert canonical(data) == '{"a":0.1,"b":true,"c":3,"v":"pass"}'


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", {1: 2}, np.zeros(2)])
def test_what_is_not_plain_data_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        canonical({"budget": [{"u": value}]}, "run-measured")
    assert caught.value.message.args["place"] == "budget.0.u"
    assert "run-measured" in caught.value.words("zh")


def test_a_file_name_that_is_not_unicode_is_kept() -> None:
    name = b"m\xfctter.csv".decode("utf-8", "surrogateescape")
    text = canonical({"batch": name})
    assert text.encode()
    assert read(text) == {"batch": name}


def test_the_hashes_are_those_that_the_record_promises() -> None:
    """Written out by hand from the module's description: an auditor's program would do this."""
    facts = '["R1","Line 2","2026-01-31T09:00:00.000Z","sha256/json-1",null,null,null]'
    row = RunRow("R1", "Line 2", "2026-01-31T09:00:00.000Z", "sha256/json-1")
    assert origin(row) == hashlib.sha256(facts.encode()).hexdigest()

    record = RecordRow("R1", 1, "settled", 1, "2026-01-31T09:00:01.500Z", 1.5, '{"role":"ß"}')
    header = '["R1",1,"settled",1,"2026-01-31T09:00:01.500Z",1.5]'
    content = bytes.fromhex(origin(row)) + f'{header}\n{{"role":"ß"}}'.encode()
    assert chain(origin(row), record) == hashlib.sha256(content).hexdigest()
