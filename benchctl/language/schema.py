"""JSON Schema of a file's model, for editors: completion, hover texts, mistakes in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchctl.core.messages import Message, words

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(model: type[BaseModel], title: str, language: str = "en") -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of files that `model` accepts.

    It allows what reading allows beyond the model: a number where a text is wanted (its digits are
    kept), and a comma within a plain value, which YAML takes for a key without a value.

    Args:
        model: A pydantic model; a field's description may be a message id.
        title: What the file is, for the editor.
        language: In which message ids are worded, "en" or "zh".
    """
    schema = _adapted(model.model_json_schema(mode="validation", by_alias=True), language)
    return {"$schema": DIALECT, **schema, "title": title}


def _adapted(part: Any, language: str) -> Any:
    if isinstance(part, list):
        return [_adapted(item, language) for item in part]
    if not isinstance(part, dict):
        return part
    found = {key: _adapted(value, language) for key, value in part.items()}
    if found.get("type") == "string" and not found.keys() & {"enum", "const", "format"}:
        found["type"] = ["string", "number", "boolean"]
    if found.get("additionalProperties") is False:
        found["additionalProperties"] = {"type": "null"}
    if isinstance(found.get("description"), str):
        found["description"] = _worded(found["description"], language)
    return found


def _worded(description: str, language: str) -> str:
    """Return the description, in words if it is the id of a message."""
    if " " in description or "." not in description:
        return description
    try:
        return words(Message(description), language)
    except (ModuleNotFoundError, KeyError):
        return description
