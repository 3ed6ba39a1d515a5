from __future__ import annotations

import json
import re
import string
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from record_samples import (
    appearance,
    closed,
    judged,
    made_safe,
    measured,
    opened,
    plan,
    planned_point,
    planned_uut,
    stored,
    undo,
    whole_run,
)

import benchctl.records
from benchctl.core.catalog.en.records import TEXTS as ENGLISH
from benchctl.core.catalog.zh.records import TEXTS as CHINESE
from benchctl.core.events import (
    ConsensusNoted,
    EnvironmentSeen,
    InstrumentOpened,
    OrderTaken,
    RunPaused,
    RunRecovered,
    RunSuspended,
    StandardBound,
    UutAdjusted,
    UutAnnulled,
)
from benchctl.records import fold, result_schema
from benchctl.records.schema import ResultDocument
from benchctl.verifier import words

CONTRACT = {
    "schema": "benchctl.result/1",
    "run": "01J",
    "software": {"name": "benchctl", "version": "", "id": "sha256:"},
    "procedure": {"name": "water-meter", "title": "", "standard": "", "sha256": ""},
    "service": "verification",
    "stage": "initial",
    "simulated": True,
    "seed": 7,
    "started": "",
    "finished": "",
    "outcome": "finished",
    "verdict": "fail",
    "operator": "",
    "bench": {"name": "", "sha256": ""},
    "environment": [
        {"quantity": "", "unit": "", "min": 1.0, "max": 1.0, "mean": 1.0, "limits": [15, 25]}
    ],
    "standards": [{"role": "", "model": "", "serial": "", "certificate": "", "due": ""}],
    "uuts": [
        {
            "serial": "W-0001",
            "position": 1,
            "verdict": "fail",
            "parameters": {"Q3": "2.5 m³/h"},
            "points": [
                {
                    "point": "Q3",
                    "quantity": "error",
                    "unit": "%",
                    "nominal": {"value": 2.375, "unit": "m³/h"},
                    "item": "error of indication",
                    "occasion": "as_found",
                    "runs": [
                        {
                            "run": 1,
                            "indication": 100.52,
                            "reference": 100.11,
                            "error": 0.41,
                            "u": 0.06,
                            "n": 240,
                            "retest": False,
                        }
                    ],
                    "error": 0.41,
                    "reported": "0.4",
                    "judged_on": "unrounded",
                    "U": 0.12,
                    "k": 2.0,
                    "dof": 60.2,
                    "U_reference": 0.10,
                    "mpe": [-2.0, 2.0],
                    "accept": [-2.0, 2.0],
                    "rule": "simple-acceptance/1",
                    "verdict": "pass",
                    "why": {"id": "inside", "text": ""},
                }
            ],
        }
    ],
    "log": {"root": "sha256:", "head": "sha256:", "events": 1834, "signature": None},
}
"""The example of the contract: what other programs read."""


def full() -> dict[str, Any]:
    events = whole_run()
    due = {"model": "CMF100", "serial": "1", "certificate": "C-1", "due": "2027-01-01"}
    events[-1:] = [
        StandardBound("reference_volume", due),
        InstrumentOpened("pump", "abb_acs580", "sim.drive", "ACS580", ""),
        EnvironmentSeen("air", "°C", 20.1, 20.6, 20.3, 40, (15.0, 25.0), None),
        closed(),
    ]
    events[1] = plan(
        planned_uut("W-1", 1, planned_point("Q3", 2.375)) | {"items": []}, notes=["a note"]
    )
    del events[5]  # without an item, so that the first point is one with a number
    return fold(stored(events))


def cut_off() -> dict[str, Any]:
    failed = {"instrument": "pump", "channel": "speed", "error": "no reply"}
    problem = {"id": "engine.no-run", "args": {}}
    return fold(
        stored(
            [
                opened(seed=None),
                plan(planned_uut("W-1", 1, planned_point("Q3", 2.375))),
                undo(),
                appearance("W-1", "fail"),
                measured("W-1", "Q3", valid=False, problem=problem, error=None, U=None),
                made_safe(failed=(failed,)),
                RunRecovered("Li", "10:00"),
            ]
        )
    )


def lacking(contract: Any, document: Any, place: str = "") -> list[str]:
    """Return where the document lacks something of the contract or has another type."""
    if isinstance(contract, dict):
        missing = [f"{place}.{key}" for key in contract if key not in document]
        inner = [(key, contract[key], document[key]) for key in contract if key in document]
        return missing + [p for k, c, d in inner for p in lacking(c, d, f"{place}.{k}")]
    if isinstance(contract, list):
        return lacking(contract[0], document[0], f"{place}[0]")
    known = (int, float) if isinstance(contract, int | float) else type(contract)
    return [] if isinstance(document, known) else [place]


def test_the_document_holds_everything_that_the_contract_shows() -> None:
    assert lacking(CONTRACT, full()) == []


def test_the_contract_itself_fits_the_models_but_for_what_was_added() -> None:
    with pytest.raises(ValidationError) as caught:
        ResultDocument.model_validate(CONTRACT)
    wrong = [
        e for e in caught.value.errors() if e["type"] not in ("missing", "string_pattern_mismatch")
    ]
    assert wrong == []


def unnamed(model: BaseModel, place: str = "") -> list[str]:
    """Return what a document holds and the schema does not name."""
    found = [f"{place}.{key}" for key in model.model_extra or {}]
    for name in type(model).model_fields:
        value = getattr(model, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                found += unnamed(item, f"{place}.{name}")
    return found


@pytest.mark.parametrize("document", [full(), cut_off()], ids=["full", "cut off"])
def test_documents_fit_the_schema_and_it_names_all_of_them(document: dict[str, Any]) -> None:
    model = ResultDocument.model_validate_json(json.dumps(document), strict=True)
    assert unnamed(model) == []
    back = model.model_dump(by_alias=True, mode="json", exclude_unset=True)
    assert back == document


def test_orders_adjustments_and_findings_are_in_the_schema() -> None:
    earlier = {
        **{"run": "01J", "started": "", "procedure": "water-meter", "service": "verification"},
        **{"stage": "initial", "simulated": True, "outcome": "finished", "verdict": "fail"},
        "annulled": {"because": "air", "by": "Li", "second": "Wang", "at": "2026-01-31"},
        "valid": False,
    }
    why = {"id": "records.no-run", "args": {"run": "7"}}
    left = {"occasion": "as_left"}
    events = [
        opened(),
        plan(planned_uut("W-1", 1, planned_point("Q3", 2.375)) | {"items": []}),
        OrderTaken({"W-1": "WO-118"}, {"W-1": [earlier]}),
        *(measured("W-1", "Q3"), judged("W-1", "Q3", "fail"), UutAdjusted("W-1", "Li", 60.0)),
        RunSuspended("L1/Q3", "ambient_temperature", 31.0, "°C", why, 70.0),
        RunPaused("L1/Q3", "Li", 80.0),
        *(measured("W-1", "Q3", **left), judged("W-1", "Q3", **left)),
        ConsensusNoted("v1", "Q3", "shift", 0.5, "%", 8, 0.001, why, (1, 2)),
        *(closed(), UutAnnulled("W-1", "air in the master", "Li", "Wang")),
    ]
    model = ResultDocument.model_validate_json(json.dumps(fold(stored(events))), strict=True)
    assert unnamed(model) == []
    (unit,) = model.uuts
    assert (unit.order, len(unit.attempts)) == ("WO-118", 1)
    assert unit.annulled is not None
    assert [p.superseded for p in unit.points] == [True, False]
    kinds = {"earlier runs", "adjustment", "suspension", "pause", "consensus shift", "annulment"}
    assert {i.kind for i in model.incidents} == kinds


@pytest.mark.parametrize(
    ("name", "value"),
    [("verdict", "good"), ("outcome", "done"), ("schema", "benchctl.result/2"), ("retries", "1")],
)
def test_the_schema_refuses_what_is_no_result(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        ResultDocument.model_validate_json(json.dumps({**full(), name: value}), strict=True)


def test_the_schema_is_json_schema_with_a_description_of_every_part() -> None:
    schema = result_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["schema"]["const"] == "benchctl.result/1"
    assert set(full()) == set(schema["properties"]) == set(schema["required"])
    assert all(part["description"] for part in schema["$defs"].values())
    json.dumps(schema)


# wordings ---------------------------------------------------------------------------------------


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_with_the_same_arguments() -> None:
    assert list(ENGLISH) == list(CHINESE)
    assert {k: fields(t) for k, t in ENGLISH.items()} == {k: fields(t) for k, t in CHINESE.items()}


def test_every_sentence_that_the_room_says_is_in_the_catalog_and_no_other() -> None:
    source = set(Path(benchctl.records.__file__).parent.rglob("*.py"))
    columns = {"tables.py", "c0001_baseline.py"}
    source = {p for p in source if p.name not in columns and "migrations" not in p.parts}
    said = {
        name for path in source for name in re.findall(r'"records\.([\w-]+)"', path.read_text())
    }
    said |= set(words.EN)  # of `benchctl.verifier`, said as they come
    assert said - {"yaml", "jsonl"} == set(ENGLISH)
