"""Data from a file through a pydantic model; every complaint at its place in the file.

    found = validate(BenchModel, document, diagnostics)

A validator of a model raises `FieldError` to say something in our own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from benchctl.language.diagnostics import Diagnostics
from benchctl.language.document import Document
from benchctl.language.pieces import Place
from benchctl.language.shape_errors import Complaint, Report, existing

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound="BaseModel")


def validate(
    model: type[Model],
    document: Document,
    diagnostics: Diagnostics,
    *,
    data: Any = None,
    at: Place = (),
) -> Model | None:
    """Return the model's instance, or None and a diagnostic for everything that does not fit.

    Text fields get the scalar as it is written: 0012345 stays "0012345".

    Args:
        model: What the data must look like; keys it does not know are mistakes if it forbids them.
        document: Where the data comes from.
        diagnostics: Takes what is wrong.
        data: What is validated instead of the document's own data at `at`.
        at: The place in the document where the data stands.
    """
    from pydantic import ValidationError  # in memory already: the model is one

    if data is None:
        data = document.data
        for step in at:
            data = data[step]
    try:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            written = _as_written(data, error, document, at)
            if written is data:
                raise
            data = written
            return model.model_validate(data)
    except ValidationError as error:
        complaints = [Complaint.of(e, data) for e in error.errors(include_url=False)]
        Report(model, document, at, diagnostics).tell(complaints)
        return None


def _as_written(data: Any, error: ValidationError, document: Document, at: Place) -> Any:
    """Return the data with the written text where text was wanted and a number was read."""
    written: dict[Place, str] = {}
    for problem in error.errors(include_url=False, include_context=False):
        if problem["type"] != "string_type" or not isinstance(problem["input"], (int, float)):
            continue
        path = existing(data, problem["loc"])
        if document.is_scalar((*at, *path)):
            written[path] = document.text((*at, *path))
    return _with(data, (), written) if written else data


def _with(data: Any, path: Place, written: dict[Place, str]) -> Any:
    """Return a copy of the data with other values at some places."""
    if path in written:
        return written[path]
    if isinstance(data, dict):
        return {key: _with(value, (*path, key), written) for key, value in data.items()}
    if isinstance(data, list):
        return [_with(value, (*path, i), written) for i, value in enumerate(data)]
    return data
