"""Bytes of a file as text, whoever wrote it: size limit, encodings, and what is no text at all."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.language.diagnostics import Diagnostics
from benchctl.language.source import START, Source

_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)


def read_bytes(path: Path, limit: int, diagnostics: Diagnostics) -> bytes | None:
    """Return the file's bytes, or None and a diagnostic: missing, a folder, more than `limit`."""
    source = Source(str(path), "")
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        diagnostics.error("E005", _reason(error), source, START, hint=_neighbour(path))
        return None
    if len(data) > limit:
        size = msg("language.file-too-large", limit=f"{limit / 1e6:g} MB")
        diagnostics.error("E004", size, source, START)
        return None
    return data


def decode_text(
    data: bytes, name: str, diagnostics: Diagnostics, *, chinese: bool = False
) -> Source | None:
    """Return the text in UTF-8 or UTF-16 with a byte order mark; GB18030 too where `chinese`.

    What cannot be decoded, and control characters (a NUL byte ...), are diagnostics with a place.
    """
    text = _decoded(data, chinese=chinese)
    if text is None:
        _tell_encoding(data, name, diagnostics)
        return None
    source = Source(name, text)
    found = _CONTROL.search(text)
    if found:
        character = f"U+{ord(found[0]):04X}"
        place = source.span_at(found.start())
        binary = msg("language.control-character", character=character)
        diagnostics.error("E005", binary, source, place, hint=msg("language.is-it-text"))
        return None
    return source


def _decoded(data: bytes, *, chinese: bool) -> str | None:
    candidates = ["utf-8", *(["gb18030"] if chinese else [])]
    if data.startswith(codecs.BOM_UTF8):
        candidates, data = ["utf-8"], data[len(codecs.BOM_UTF8) :]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    for encoding in candidates:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _tell_encoding(data: bytes, name: str, diagnostics: Diagnostics) -> None:
    source = Source(name, data.decode("utf-8", "replace"))
    looks_chinese = _decoded(data, chinese=True) is not None
    diagnostics.error(
        "E005",
        msg("language.not-utf8"),
        source,
        source.span_at(max(0, source.text.find("\ufffd"))),
        hint=msg("language.looks-like-gb18030" if looks_chinese else "language.save-as-utf8"),
    )


def _reason(error: OSError | ValueError) -> Message:
    if isinstance(error, FileNotFoundError):
        return msg("language.file-missing")
    if isinstance(error, IsADirectoryError):
        return msg("language.file-is-folder")
    if isinstance(error, PermissionError):
        return msg("language.file-forbidden")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return msg("language.file-unreadable", reason=reason)


def _neighbour(path: Path) -> Message | None:
    """Return "did you mean" for a file that is not there."""
    try:
        if path.exists() or not path.parent.is_dir():
            return None
        found = closest(path.name, (entry.name for entry in path.parent.iterdir()))
    except (OSError, ValueError):
        return None
    return msg("language.did-you-mean", word=str(path.with_name(found))) if found else None
