"""The facts of `protocol_vectors.json`, for the tests of each protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("protocol_vectors.json")
ALL: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]


def of(protocol: str) -> list[dict[str, Any]]:
    """Return the vectors of protocols whose name begins so."""
    return [vector for vector in ALL if vector["protocol"].startswith(protocol)]


def wire(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["hex"])


def negative(vector: dict[str, Any]) -> bool:
    return "NEGATIVE" in vector["name"]


def named(vector: dict[str, Any]) -> str:
    return f"{vector['protocol']}: {vector['name']}"
