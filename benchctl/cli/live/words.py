"""What the screen knows, in a person's language and in characters that the terminal has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from benchctl.cli.cells import plain
from benchctl.cli.incidents import incident
from benchctl.cli.live.charset import Charset
from benchctl.cli.live.state import Note, State
from benchctl.cli.spoken import (
    spoken_action,
    spoken_item,
    spoken_json,
    spoken_role,
)
from benchctl.cli.wording import judged_text, limits_text
from benchctl.core import events
from benchctl.core.messages import catalog, msg, words
from benchctl.core.verdicts import Verdict

STYLES: Mapping[str | None, str] = {
    Verdict.PASS: "good",
    Verdict.FAIL: "bad",
    Verdict.INDETERMINATE: "warn",
    Verdict.NOT_MEASURED: "warn",
    None: "",
}
"""The style of a verdict."""

MARKS: Mapping[str, str] = {
    Verdict.PASS: " ",
    Verdict.FAIL: "!",
    Verdict.INDETERMINATE: "?",
    Verdict.NOT_MEASURED: "-",
}
"""What stands for a verdict where there is no room for the word."""


class Words:
    """Words in one language for a terminal of one encoding.

    Where the encoding cannot show Chinese, the language is English: readable comes first.
    """

    def __init__(self, language: str, encoding: str) -> None:
        self.charset = Charset(encoding)
        self.language = language if language != "zh" or self.charset.has("合格") else "en"
        self._names = catalog(self.language, "live")
        self._verdicts: dict[str, str] = {v: self.cli(f"verdict-{v}") for v in Verdict}

    def text(self, name: str, /, **args: Any) -> str:
        """Return the sentence `live.<name>`."""
        return self.fit(words(msg(f"live.{name}", **args), self.language))

    def cli(self, name: str, /, **args: Any) -> str:
        """Return the sentence `cli.<name>`."""
        return self.fit(words(msg(f"cli.{name}", **args), self.language))

    def fit(self, text: str) -> str:
        """Return `text` on one line, in characters that the terminal has."""
        return _fit(text, self.charset.encoding)

    def verdict(self, verdict: str) -> str:
        """Return a verdict in capitals; one that this program does not know as it is."""
        return self._verdicts.get(verdict, verdict)

    def role(self, name: str) -> str:
        """Return what a role is called, its own name where the catalog has none."""
        return self.fit(spoken_role(name, self.language))

    def item(self, state: State, name: str) -> str:
        """Return what an item is called: its title, else what the catalog says, else its name."""
        return self.fit(spoken_item(name, self.language, state.titles))

    def message(self, message: Mapping[str, Any] | None) -> str:
        """Return a message of the record; its id where this program does not know it."""
        return self.fit(spoken_json(message, self.language))

    def place(self, state: State, serial: str) -> str:
        """Return which unit is meant: position and serial number."""
        unit = state.units.get(serial)
        return self.cli("at-position", position=unit.position if unit else "-", serial=serial)

    def limits(self, mpe: Sequence[float] | None) -> str:
        """Return limits: `+-2`, `-1..3`, nothing where they differ from unit to unit."""
        return "" if mpe is None else limits_text(mpe)

    def quantity(self, value: float, unit: str) -> str:
        """Return a value with its unit, four significant digits, always as many as a neighbour."""
        return self.fit(f"{number(value)} {unit}".strip())

    def action(self, state: State, action: str) -> str:
        """Return what an action of the plan does: its points, or its item."""
        planned = state.actions.get(action, {})
        doing = state.doing.kind if state.doing and state.doing.action == action else ""
        kind = str(planned.get("kind", doing))
        visit = state.visits.get(str(planned.get("visit", "")))
        what = "+".join(visit.points) if visit else self.item(state, str(planned.get("item", "")))
        kind = spoken_action(kind, self.language) if kind else action
        if what.startswith(kind):  # an item that is called what it does
            return self.fit(what)
        return self.fit("  ".join(part for part in (what, kind) if part))

    def note(self, state: State, note: Note) -> tuple[str, str]:
        """Return a note as a sentence, and its style."""
        match note.event:
            case events.PointJudged() as judged:
                error = ""
                if judged.error is not None:
                    error = f"{judged_text(judged)} {judged.unit}"
                parts = [judged.point, self.place(state, judged.uut), error]
                return self._judged(parts, judged.verdict, judged.why)
            case events.ItemJudged() as judged:
                parts = [self.item(state, judged.item), self.place(state, judged.uut)]
                return self._judged(parts, judged.verdict, judged.why)
            case events.ActionFinished(action=action):
                return self.cli("action-failed", action=self.action(state, action)), "warn"
            case events.Settled(role=role):
                return self.cli("not-settled", role=self.role(role)), "warn"
            case events.LinkNoted() as link:
                return self._link(link), "dim"
            case other:
                return self._incident(state, other) or self._ending(other)

    def _incident(self, state: State, event: events.Event) -> tuple[str, str] | None:
        found = incident(
            event,
            lambda serial: self.place(state, serial),
            lambda name: self.item(state, name),
            self.message,
        )
        if found is None:
            return None
        return self.fit(words(found[0], self.language)), found[1]

    def _judged(
        self, parts: Iterable[str], verdict: str, why: Mapping[str, Any]
    ) -> tuple[str, str]:
        shown = [*(p for p in parts if p), self.verdict(verdict)]
        reason = "" if verdict == Verdict.PASS else self.message(why)
        return self.fit("  ".join([*shown, reason]).rstrip()), STYLES[verdict]

    def _link(self, link: events.LinkNoted) -> str:
        what = self._names.get(f"link-{link.what}", link.what)
        return self.cli("link", instrument=link.instrument, what=what, detail=link.detail)

    def _ending(self, event: events.Event) -> tuple[str, str]:
        match event:
            case events.StopRequested(source=source):
                return self.cli("stop-seen", source=source), "warn"
            case events.MadeSafe(failed=failed):
                return ("", "") if failed else (self.cli("safe"), "")
            case events.RunClosed(outcome=outcome, verdict=verdict, reason=reason):
                ended = self.cli(f"outcome-{outcome}")
                text = self.text("outcome", outcome=ended, verdict=self.verdict(verdict))
                return f"{text}  {self.message(reason)}".rstrip(), STYLES[verdict]
            case _:
                return "", ""


@lru_cache(maxsize=4096)
def _fit(text: str, encoding: str) -> str:
    return Charset(encoding).fit(plain(text))


def number(value: float) -> str:
    """Return a number with four significant digits: `0.02625`, `2.370`, `102.0`, `12345`."""
    if not math.isfinite(value):
        return "-"
    digits = 3 - math.floor(math.log10(abs(value))) if value else 3
    return f"{value:.{min(max(digits, 0), 6)}f}"
