"""The YAML parser's complaints in plain words, with what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchctl.core.messages import Message, msg
from benchctl.language.diagnostics import Diagnostic
from benchctl.language.source import Source, Span

if TYPE_CHECKING:
    import yaml

# What libyaml says -> (message, hint); both are ids of the room `language`.
_WORDED = {
    "mapping values are not allowed in this context": ("colon-in-value", "quote-value"),
    "could not find expected ':'": ("colon-missing", "colon-and-blank"),
    "found unexpected ':'": ("colon-unclear", "colon-and-blank"),
    "found character that cannot start any token": ("no-such-start", "quote-value"),
    "did not find expected key": ("key-expected", "check-indentation"),
    "did not find expected '-' indicator": ("dash-expected", "check-indentation"),
    "block sequence entries are not allowed in this context": ("dash-here", "check-indentation"),
    "did not find expected ',' or '}'": ("brace-open", "close-brace"),
    "did not find expected ',' or ']'": ("bracket-open", "close-bracket"),
    "did not find expected node content": ("value-expected", "quote-value"),
    "found unexpected end of stream": ("quote-open", "close-quote"),
    "found unknown escape character": ("escape-unknown", "single-quotes"),
    "did not find expected <document start>": ("text-after-end", "check-indentation"),
}
_FULL_WIDTH_COLON = re.compile("[^\\s：]：")


def explain(error: yaml.YAMLError, source: Source) -> Diagnostic:
    """Return the diagnostic for an error that the parser raised."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    span = Span.at(mark.line + 1, mark.column + 1) if mark else Span.at(1, 1)
    message, hint = _worded(problem, source, span)
    return Diagnostic("E001", message, source, span, hint, _opening(error, source, span))


def _worded(problem: str, source: Source, span: Span) -> tuple[Message, Message | None]:
    line = source.line(span.line)
    character = line[span.column - 1 : span.column]
    if character == "\t":
        return msg("language.tab"), msg("language.blanks-not-tabs")
    if problem not in _WORDED:
        return msg("language.syntax", problem=problem), None
    message, hint = _WORDED[problem]
    if message == "colon-in-value" and ":" not in line[: span.column - 1]:
        message, hint = "key-inside-value", "check-indentation"
    near = source.line(span.line) + source.line(span.line - 1)
    if hint != "quote-value" and _FULL_WIDTH_COLON.search(near):
        hint = "full-width-colon"
    return msg(f"language.{message}", character=character), msg(f"language.{hint}")


def _opening(error: yaml.YAMLError, source: Source, span: Span) -> tuple[Span, Message] | None:
    """Return where the bracket or the quotation that is not closed begins."""
    mark = getattr(error, "context_mark", None)
    if mark is None:
        return None
    opening = Span.at(mark.line + 1, mark.column + 1)
    character = source.line(opening.line)[opening.column - 1 : opening.column]
    if character not in tuple("{['\"") or opening == span:
        return None
    return opening, msg("language.opened-here")
