"""What the reply of an instrument with SCPI says, for `benchctl drivers decode scpi`."""

from __future__ import annotations

import re
from typing import Any

from benchctl.core.errors import GarbageReplyError, NotANumberError
from benchctl.core.messages import msg
from benchctl.driver.values import number

_HEADER = re.compile(r"(\*[A-Z]+|:[A-Z][A-Z0-9:]*|[A-Z][A-Z0-9]*:[A-Z0-9:]+) +(?=\S)", re.I)


def scpi_reply(data: bytes) -> dict[str, Any]:
    """Return the answers of a reply: its numbers, words, texts, blocks.

    Raises:
        GarbageReplyError: it is no text, or a block that breaks off.
    """
    if data[:1] == b"#":
        return {"block": _block(data)}
    try:
        text = data.decode("ascii").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise GarbageReplyError(msg("driver.no-text"), wire=data) from error
    if not text.strip() or re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
        raise GarbageReplyError(msg("driver.no-text"), wire=data)
    answers = [_answer(part) for part in _split(text, ";")]
    return answers[0] if len(answers) == 1 else {"answers": answers}


def _split(text: str, between: str) -> list[str]:
    """Return the parts of a text; what separates them does not within quotes.

    Raises:
        GarbageReplyError: a quote does not end.
    """
    parts, quote = [""], ""
    for char in text:
        if char == between and not quote:
            parts.append("")
            continue
        parts[-1] += char
        if char in ("'", '"') and quote in ("", char):
            quote = "" if quote else char
    if quote:
        raise GarbageReplyError(msg("driver.no-text"), wire=text.encode())
    return [part.strip() for part in parts]


def _answer(part: str) -> dict[str, Any]:
    head = _HEADER.match(part)
    fields: dict[str, Any] = {"header": head[1]} if head else {}
    values = _split(part[head.end() :] if head else part, ",")
    told = [_value(value) for value in values]
    if len(told) == 2 and isinstance(told[0], float) and values[1][:1] in ("'", '"'):
        return fields | {"code": int(told[0]), "meaning": told[1]}
    return fields | ({"value": told[0]} if len(told) == 1 else {"values": told})


def _value(said: str) -> float | str:
    """Return a number, or what stands there instead of one."""
    try:
        return number(said)
    except NotANumberError as error:
        return f"{said} ({error.message})"
    except GarbageReplyError:
        return said[1:-1] if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'" else said


def _block(data: bytes) -> str:
    """Return the payload of a definite-length block (IEEE 488.2, 8.7.9), in hexadecimal."""
    digits = int(chr(data[1])) if data[1:2].isdigit() else 0
    length = data[2 : 2 + digits]
    if not digits or not length.isdigit() or len(length) < digits:
        raise GarbageReplyError(msg("driver.no-block", text=data[:20].hex(" ")), wire=data)
    payload, rest = data[2 + digits :][: int(length)], data[2 + digits + int(length) :]
    if len(payload) < int(length) or rest not in (b"", b"\n", b"\r\n"):
        told, got = int(length), len(data) - 2 - digits
        raise GarbageReplyError(msg("meter.length", told=told, got=got), wire=data)
    return payload.hex(" ").upper()
