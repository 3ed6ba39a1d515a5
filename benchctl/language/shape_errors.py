"""What pydantic complains of, as diagnostics that a person who writes YAML understands.

Of a union the branch that was meant is chosen: the one whose kind of value fits and that has the
fewest complaints. A missing key and an unknown key that look alike are one misspelt key.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchctl.core.messages import Message, msg
from benchctl.core.suggest import closest
from benchctl.language.diagnostics import Diagnostics, FieldError
from benchctl.language.document import Document
from benchctl.language.model_keys import Step, known_keys
from benchctl.language.pieces import Place
from benchctl.language.quantities import number_hint
from benchctl.language.source import short

MOST_SUGGESTIONS = 50
"""In one file; a hostile one could have thousands of unknown keys."""
MOST_LISTED = 12

# Beginning of pydantic's error type -> what was expected, an id of the room `language`.
_EXPECTED = {
    "int_": "a-whole-number",
    "float_": "a-number",
    "decimal_": "a-number",
    "bool_": "true-or-false",
    "string_type": "a-text",
    "list_type": "a-list",
    "tuple_type": "a-list",
    "set_type": "a-list",
    "dict_type": "keys",
    "mapping_type": "keys",
    "model_type": "keys",
    "model_attributes_type": "keys",
    "dataclass_type": "keys",
    "none_required": "no-value",
    "date_": "a-date",
    "datetime_": "a-date",
}
# pydantic's error type -> (message, name of the bound in the context)
_RANGES = {
    "greater_than": ("must-be-greater", "gt"),
    "greater_than_equal": ("must-be-at-least", "ge"),
    "less_than": ("must-be-less", "lt"),
    "less_than_equal": ("must-be-at-most", "le"),
    "multiple_of": ("must-be-multiple", "multiple_of"),
    "too_short": ("too-few-items", "min_length"),
    "too_long": ("too-many-items", "max_length"),
    "string_too_short": ("text-too-short", "min_length"),
    "string_too_long": ("text-too-long", "max_length"),
    "string_pattern_mismatch": ("text-not-like", "pattern"),
}
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|(?<![^\s,])(?!or\b)([^\s,']+)")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of pydantic; its `loc` taken apart into the place and the branches of unions."""

    kind: str
    steps: tuple[Step, ...]
    """The whole loc: which steps are in the data, which only name a branch of a union."""
    name: str
    """The key that is missing or unknown."""
    given: Any
    context: Mapping[str, Any]
    text: str

    @classmethod
    def of(cls, error: Mapping[str, Any], data: Any) -> Complaint:
        """Return pydantic's error about the data in our form."""
        loc, kind = tuple(error["loc"]), error["type"]
        name = ""
        if kind in ("missing", "extra_forbidden"):
            loc, name = loc[:-1], str(loc[-1])
        steps = _steps(data, loc)
        return cls(kind, steps, name, error["input"], error.get("ctx") or {}, error["msg"])

    @property
    def path(self) -> Place:
        """Where in the data."""
        return tuple(step.name for step in self.steps if step.real)

    def branch(self, level: int) -> tuple[Place, str] | None:
        """Return place and name of the union's branch number `level` on the way, None after."""
        tags = [i for i, step in enumerate(self.steps) if not step.real]
        if level >= len(tags):
            return None
        before = self.steps[: tags[level]]
        return tuple(s.name for s in before if s.real), str(self.steps[tags[level]].name)

    @property
    def expected(self) -> str:
        """What was expected instead, where the value is of the wrong kind; else ""."""
        return next((v for k, v in _EXPECTED.items() if self.kind.startswith(k)), "")

    @property
    def choices(self) -> list[str]:
        """The values that would be right, where there are only some."""
        said = str(self.context.get("expected_tags") or self.context.get("expected") or "")
        return [quoted or bare for quoted, bare in _CHOICE.findall(said)]


def existing(data: Any, loc: Sequence[str | int]) -> Place:
    """Return the part of pydantic's `loc` that is in the data; tags of unions are not."""
    return tuple(step.name for step in _steps(data, loc) if step.real)


def _steps(data: Any, loc: Sequence[str | int]) -> tuple[Step, ...]:
    found = []
    for name in loc:
        real = (isinstance(data, dict) and name in data) or (
            isinstance(data, list) and isinstance(name, int) and name < len(data)
        )
        if real:
            data = data[name]
        found.append(Step(name, real))
    return tuple(found)


class Report:
    """Tells the complaints about one piece of a document."""

    def __init__(
        self, model: type[Any], document: Document, at: Place, diagnostics: Diagnostics
    ) -> None:
        self.model = model
        self.document = document
        self.at = at
        self.diagnostics = diagnostics
        self.suggestions = MOST_SUGGESTIONS

    def tell(self, complaints: Iterable[Complaint]) -> None:
        """Add a diagnostic for everything that a person has to change."""
        keys: dict[Place, list[Complaint]] = defaultdict(list)
        values: dict[Place, list[Complaint]] = defaultdict(list)
        for complaint in meant(list(complaints)):
            of_keys = complaint.kind in ("missing", "extra_forbidden")
            (keys if of_keys else values)[complaint.path].append(complaint)
        for path, found in keys.items():
            self._tell_keys(path, found)
        for path, found in values.items():
            self._tell_values(path, found)

    def _tell_keys(self, path: Place, complaints: list[Complaint]) -> None:
        """Tell which keys of one mapping are missing, unknown or misspelt."""
        missing = [c.name for c in complaints if c.kind == "missing"]
        for complaint in complaints:
            if complaint.kind == "missing":
                continue
            known = known_keys(self.model, complaint.steps)
            likely = self._closest(complaint.name, missing) or self._closest(complaint.name, known)
            if likely in missing:
                missing.remove(likely)
            unknown = msg("language.unknown-key", key=short(complaint.name))
            span = self.document.key_span((*self.at, *path, complaint.name))
            hint = msg("language.did-you-mean", word=likely) if likely else _allowed(known)
            source = self.document.source_of((*self.at, *path, complaint.name))
            self.diagnostics.error("E102", unknown, source, span, hint=hint)
        for name in missing:
            self._add("E101", msg("language.missing-key", key=name), path)

    def _tell_values(self, path: Place, complaints: list[Complaint]) -> None:
        """Tell what is wrong with one value; several kinds it could be are one sentence."""
        choices = list(dict.fromkeys(c for x in complaints for c in x.choices))
        wanted = list(dict.fromkeys(c.expected for c in complaints if c.expected))
        others = [c for c in complaints if not c.expected and not c.choices]
        first = complaints[0]
        if first.kind == "union_tag_invalid":
            path = (*path, first.context["discriminator"].strip("'"))
            self._tell_choice(path, first.context["tag"], choices)
        elif others:
            for complaint in others:
                self._tell_other(path, complaint)
        elif choices and (not wanted or isinstance(first.given, str)):
            self._tell_choice(path, first.given, choices)
        else:
            expected = msg(f"language.{wanted[0]}")
            for name in wanted[1:]:
                expected = msg("language.or", one=expected, other=msg(f"language.{name}"))
            hint = number_hint(first.given) if isinstance(first.given, str) else None
            wrong = msg("language.wrong-type", expected=expected, found=_found(first.given))
            self._add("E104", wrong, path, hint)

    def _tell_choice(self, path: Place, given: Any, choices: list[str]) -> None:
        likely = self._closest(str(given), choices)
        hint = msg("language.did-you-mean", word=likely) if likely else None
        wrong = msg("language.not-a-choice", found=_found(given), choices=", ".join(choices))
        self._add("E103", wrong, path, hint)

    def _tell_other(self, path: Place, complaint: Complaint) -> None:
        """Tell what is neither a wrong kind of value nor a wrong choice."""
        error = complaint.context.get("error")
        if isinstance(error, FieldError):
            self._add(error.code, error.message, path, error.hint)
        elif complaint.kind == "union_tag_not_found":
            key = complaint.context["discriminator"].strip("'")
            self._add("E101", msg("language.missing-key", key=key), path)
        elif complaint.kind == "finite_number":
            self._add("E105", msg("language.must-be-finite"), path)
        elif complaint.kind in _RANGES:
            name, bound = _RANGES[complaint.kind]
            self._add("E105", msg(f"language.{name}", bound=str(complaint.context[bound])), path)
        else:
            reason = str(error) if error else complaint.text
            self._add("E106", msg("language.invalid", reason=reason), path)

    def _add(self, code: str, message: Message, path: Place, hint: Message | None = None) -> None:
        place = (*self.at, *path)
        scalar = self.document.is_scalar(place) and self.document.text(place)
        span = self.document.span(place) if scalar else self.document.key_span(place)
        self.diagnostics.error(code, message, self.document.source_of(place), span, hint=hint)

    def _closest(self, word: str, candidates: Sequence[str]) -> str | None:
        if self.suggestions <= 0:
            return None
        self.suggestions -= 1
        return closest(word, candidates)


def meant(complaints: list[Complaint], level: int = 0) -> list[Complaint]:
    """Return the complaints without those of union branches that were not meant."""
    found: list[Complaint] = []
    unions: dict[Place, dict[str, list[Complaint]]] = defaultdict(lambda: defaultdict(list))
    for complaint in complaints:
        branch = complaint.branch(level)
        if branch is None:
            found.append(complaint)
        else:
            unions[branch[0]][branch[1]].append(complaint)
    for path, branches in unions.items():
        fitting = {t: b for t, b in branches.items() if not any(_misfit(c, path) for c in b)}
        if fitting:
            within = [meant(branch, level + 1) for branch in fitting.values()]
            best: list[Complaint] = min(within, key=len)
            found += best
        else:  # none fits: all kinds that would have been right are told together
            found += [c for branch in branches.values() for c in branch if _misfit(c, path)]
    return found


def _misfit(complaint: Complaint, path: Place) -> bool:
    """Return whether the value at `path` is of another kind than the branch wants."""
    return complaint.path == path and bool(complaint.expected or complaint.choices)


def _allowed(keys: Sequence[str]) -> Message | None:
    if not keys:
        return None
    more = ", …" if len(keys) > MOST_LISTED else ""
    return msg("language.allowed-keys", keys=", ".join(keys[:MOST_LISTED]) + more)


def _found(value: Any) -> Message:
    """Return what stands there, in words."""
    if value is None:
        return msg("language.no-value")
    if isinstance(value, dict):
        return msg("language.keys")
    if isinstance(value, list):
        return msg("language.a-list")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return msg("language.literally", text=short(text))
