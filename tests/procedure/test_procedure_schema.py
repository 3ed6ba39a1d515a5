"""The JSON Schema knows the keys that the reader knows, each with a hover text."""

from benchctl.procedure import procedure_schema
from benchctl.procedure.model import ProcedureFile


def parts(schema):
    yield schema
    yield from schema.get("$defs", {}).values()


def test_every_key_of_a_procedure_is_described():
    schema = procedure_schema()
    assert schema["title"] == "benchctl procedure"
    assert set(schema["properties"]) == set(ProcedureFile.model_fields)
    silent = [
        f"{part.get('title')}.{name}"
        for part in parts(schema)
        for name, field in part.get("properties", {}).items()
        if not field.get("description") and "$ref" not in field
    ]
    assert silent == ["Languages.en", "Languages.zh"][:0]


def test_keys_are_spelt_as_in_the_file():
    definitions = procedure_schema()["$defs"]
    assert {"when", "only_if", "runs", "pass", "note"} == set(
        definitions["RetestPart"]["properties"]
    )
    assert {"from", "to", "drift"} == set(definitions["BandPart"]["properties"])


def test_definitions_of_items_may_have_any_name():
    schema = procedure_schema()
    names = [
        option["$ref"].rpartition("/")[2] for option in schema["additionalProperties"]["anyOf"]
    ]
    kinds = ("Ask", "Hold", "Vent", "Read", "Across", "MeasuredItem", "PlainItem")
    assert names == [f"{kind}Part" for kind in kinds]


def test_numbers_may_stand_where_expressions_may():
    where = procedure_schema()["$defs"]["WherePart"]["properties"]["at_least"]
    assert {"number", "string"} <= set(where["anyOf"][0]["type"])
