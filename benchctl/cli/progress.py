"""What a person sees while a run goes on: events in, lines and a status line out.

One renderer for every way of looking: on a pipe each event that matters is a line, and a long
action gives a sign of life; on a terminal the status line moves and only what must not be missed
stays above it.

    run(request, listeners=[Progress(shell, terminal)])
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchctl.cli.cells import duration, plain
from benchctl.cli.incidents import Stored, incident
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import Titles, spoken_action, spoken_item, spoken_role
from benchctl.cli.terminal import Terminal
from benchctl.cli.wording import four_digits, judged_text, message_text, run_title, verdict_text
from benchctl.core import events
from benchctl.core.clock import monotonic
from benchctl.core.messages import words
from benchctl.core.verdicts import Verdict

SILENCE = 20.0
"""Real seconds after which a pipe is told that an action still goes on."""

BAR = 20
_COLOURS: Mapping[str, tuple[str, ...]] = {"": (), "warn": ("yellow",), "bad": ("red",)}
"""The colours of an incident's style."""


class Progress:
    """A listener of one run that tells a terminal or a pipe how far it is."""

    def __init__(self, shell: Shell, screen: Terminal) -> None:
        self._shell = shell
        self._screen = screen
        self._visits: dict[str, Mapping[str, Any]] = {}
        self._actions: dict[str, Mapping[str, Any]] = {}
        self._titles: Titles = {}
        self._positions: dict[str, int] = {}
        self._units: dict[str, str] = {}
        self._left: dict[str, float] = {}
        self._total = 0.0
        self._action = ""
        self._instruments = 0
        self._verdicts: dict[tuple[str, str], str] = {}
        self._asking = False
        self._spoke = monotonic()
        self.broken: Exception | None = None
        """Why nothing more is shown."""

    def __call__(self, stored: Stored) -> None:
        """Show one event; a mistake in here is kept in `broken` and never ends a run."""
        if self.broken is not None:
            return
        try:
            self._show(stored)
        except Exception as bug:  # noqa: BLE001 - told when the run has ended
            self.broken = bug

    def catch_up(self, events: Iterable[Stored], left: Sequence[str]) -> None:
        """Take what happened before a run was cut off, and say how far it came.

        `left` are the actions that are still to be carried out.
        """
        screen, self._screen = self._screen, Terminal(io.StringIO(), {})
        for stored in events:
            self(stored)
        self._screen, self._instruments = screen, 0
        self._left = {action: s for action, s in self._left.items() if action in set(left)}
        counts = Counter(self._verdicts.values())
        judged = [f"{verdict_text(self._shell, v)} {counts[v]}" for v in Verdict if counts[v]]
        told = {"actions": len(self._actions), "verdicts": ", ".join(judged) or "-"}
        done = len(self._actions) - len(left)
        self._screen.prose(self._shell.text("so-far", done=done, **told), indent=2)

    def _show(self, stored: Stored) -> None:
        match stored.event:
            case events.RunOpened() as opened:
                self._run_opened(opened)
            case events.PlanResolved(plan=plan):
                self._planned(plan)
            case events.InstrumentOpened() as found:
                self._found(found)
            case events.RawBlock(channels=channels, units=units):
                self._units.update(zip(channels, units, strict=True))
            case events.ActionStarted() as started:
                self._started(stored.t, started)
            case events.ActionFinished() as finished:
                self._finished(stored.t, finished)
            case events.Watched() as watched:
                self._watched(stored.t, watched)
            case events.PointJudged() as judged:
                self._point(stored.t, judged)
            case events.ItemJudged() as judged:
                self._item(stored.t, judged)
            case other:
                self._rare(stored.t, other)

    # what is told ---------------------------------------------------------------------------

    def _say(self, t: float, text: str) -> None:
        self._spoke = monotonic()
        self._screen.prose(f"{duration(t):>7}  {text}", indent=9)

    def _detail(self, t: float, text: str) -> None:
        """Say what a pipe keeps and a terminal shows only for a moment."""
        if not self._screen.live:
            self._say(t, text)

    def _status(self, *texts: str, share: float | None = None) -> None:
        """Show how far the run is and the verdicts so far, then `texts`, the first first."""
        if self._asking:
            return
        counts = Counter(self._verdicts.values())
        found = [
            (f"{verdict_text(self._shell, v)} {counts[v]}", _style(v)) for v in Verdict if counts[v]
        ]
        bar = [] if share is None else [(_bar(share), ())]
        self._screen.status([*bar, *found, *((text, ()) for text in texts)])

    # events ---------------------------------------------------------------------------------

    def _run_opened(self, opened: events.RunOpened) -> None:
        if opened.simulated:
            banner = self._shell.text("banner", bench=plain(str(opened.bench.get("name", ""))))
            self._screen.prose(self._screen.paint(banner, "yellow", "bold"), indent=2)
        self._screen.line(self._shell.text("run-line", run=opened.run))

    def _planned(self, plan: Mapping[str, Any]) -> None:
        self._visits = {v["id"]: v for v in plan["visits"]}
        self._actions = {a["id"]: a for a in plan["actions"]}
        self._titles = plan.get("titles", {})
        self._positions = {u["serial"]: u["position"] for u in plan["uuts"]}
        self._left = {a["id"]: a["expected_s"] for a in plan["actions"] if not a.get("conditional")}
        self._total = plan["expected_s"]
        units = len(plan["uuts"])
        loads = len(plan["loads"])
        text = self._shell.text(
            "plan-line",
            title=run_title(self._shell, plan),
            units=units,
            loads=loads,
            visits=len(self._visits),
            expected=duration(self._total),
        )
        for line in text.split("\n"):
            self._screen.prose(line, indent=2)

    def _found(self, found: events.InstrumentOpened) -> None:
        self._instruments += 1
        who = f"{found.instrument} ({found.driver})"
        self._status(self._shell.text("opened", instrument=who, identity=plain(found.identity)))

    def _started(self, t: float, started: events.ActionStarted) -> None:
        if self._instruments:
            self._detail(t, self._shell.text("all-opened", count=self._instruments))
            self._instruments = 0
        self._action = self._action_text(started.action, started.kind)
        if started.kind not in ("ask", "set"):
            self._detail(t, self._about(started.expected))
        self._status(self._action, share=self._share())

    def _about(self, expected: float) -> str:
        """Return what begins, and how long it will take where that is known."""
        if expected <= 0:
            return self._action
        return self._shell.text("about", action=self._action, expected=duration(expected))

    def _finished(self, t: float, finished: events.ActionFinished) -> None:
        self._left.pop(finished.action, None)
        if finished.outcome == "failed":
            text = self._shell.text("action-failed", action=self._action)
            self._say(t, self._screen.paint(text, "yellow"))

    def _watched(self, t: float, watched: events.Watched) -> None:
        texts = [
            f"{self._action}  {watched.progress:.0%}",
            self._shell.text("left", time=duration(watched.remaining)),
            *(
                f"{spoken_role(role, self._shell.language)} {value:.4g}{self._unit(role)}"
                for role, value in list(watched.values.items())[-2:]
            ),
        ]
        if self._screen.live:
            self._status(*texts, share=self._share(watched))
        elif monotonic() - self._spoke >= SILENCE:
            self._say(t, "  ".join(texts))

    def _point(self, t: float, judged: events.PointJudged) -> None:
        before = self._verdicts.get((judged.uut, judged.point))
        self._verdicts[judged.uut, judged.point] = judged.verdict
        error = "-"
        if judged.error is not None:
            error = f"{judged_text(judged)} {judged.unit}"
        verdict = verdict_text(self._shell, judged.verdict)
        cells = [judged.point, self._place(judged.uut), error, verdict]
        self._judged(t, judged.verdict, before, cells, judged.why)

    def _item(self, t: float, judged: events.ItemJudged) -> None:
        before = self._verdicts.get((judged.uut, judged.item))
        self._verdicts[judged.uut, judged.item] = judged.verdict
        name = spoken_item(judged.item, self._shell.language, self._titles)
        cells = [name, self._place(judged.uut), verdict_text(self._shell, judged.verdict)]
        self._judged(t, judged.verdict, before, cells, judged.why)

    def _judged(
        self, t: float, verdict: str, before: str | None, cells: list[str], why: Mapping[str, Any]
    ) -> None:
        """Tell a verdict; a terminal keeps only those that do not pass, or no longer fail."""
        text = "  ".join(cells)
        if verdict != Verdict.PASS:
            reason = plain(message_text(self._shell, why))
            self._say(t, f"{self._screen.paint(text, *_style(verdict))}  {reason}")
        elif before not in (None, verdict):
            self._say(t, text)
        else:
            self._detail(t, text)

    def _rare(self, t: float, event: events.Event) -> None:
        """Tell what happens seldom."""
        shell = self._shell
        match event:
            case events.PromptOpened():
                self._asking = True
                self._screen.clear()
            case events.PromptAnswered():
                self._asking = False
            case events.LinkNoted(what=what, instrument=instrument, detail=detail):
                text = shell.text("link", what=what, instrument=instrument, detail=plain(detail))
                self._detail(t, text)
            case events.Settled(settled=False, role=role):
                spoken = spoken_role(role, shell.language)
                self._detail(t, shell.text("not-settled", role=spoken))
            case events.StopRequested(source=source):
                self._say(t, shell.text("stop-seen", source=source))
            case events.MadeSafe() as made:
                self._made_safe(t, made)
            case events.RunClosed():
                self._screen.clear()
            case other:
                self._incident(t, other)

    def _incident(self, t: float, event: events.Event) -> None:
        """Tell what befell the run: a pause, a leak, a unit that is out, a relief."""
        language = self._shell.language
        found = incident(
            event,
            self._place,
            lambda name: plain(spoken_item(name, language, self._titles)),
            lambda why: plain(message_text(self._shell, why)),
        )
        if found is not None:
            text = plain(words(found[0], language))
            self._say(t, self._screen.paint(text, *_COLOURS[found[1]]))

    def _made_safe(self, t: float, made: events.MadeSafe) -> None:
        if made.failed:
            names = ", ".join(
                ".".join(n for n in (str(f["instrument"]), str(f["channel"])) if n)
                for f in made.failed
            )
            text = self._shell.text("not-safe", names=plain(names))
            self._say(t, self._screen.paint(text, "red", "bold"))
        else:
            self._say(t, self._shell.text("safe"))

    # words ----------------------------------------------------------------------------------

    def _action_text(self, action: str, kind: str) -> str:
        """Return what an action does: the visit's points and set-point where it has one."""
        visit = self._visits.get(action.rpartition("/")[0])
        language = self._shell.language
        what = spoken_action(kind, language)
        if visit is None:
            planned = self._actions.get(action, {})
            names = [
                spoken_item(str(planned.get("item", "")), language, self._titles),
                str(planned.get("serial", "")),
            ]
            return plain("  ".join([what, *(name for name in names if name)]))
        points = "+".join(visit["points"])
        return f"{points}  {what}  {four_digits(visit['setpoint'])} {visit['unit']}"

    def _place(self, serial: str) -> str:
        return self._shell.text(
            "at-position", position=self._positions.get(serial, 0), serial=plain(serial)
        )

    def _unit(self, role: str) -> str:
        return f" {unit}" if (unit := self._units.get(role)) else ""

    def _share(self, watched: events.Watched | None = None) -> float:
        """Return how much of the whole run is done, by the time that was planned for it."""
        left = sum(self._left.values())
        if watched is not None:
            left -= watched.progress * self._left.get(watched.action, 0.0)
        return 1.0 - left / self._total if self._total > 0 else 0.0


def _bar(share: float) -> str:
    full = round(BAR * min(1.0, max(0.0, share)))
    return f"[{'#' * full}{'-' * (BAR - full)}]"


def _style(verdict: str) -> tuple[str, ...]:
    return {"pass": ("green",), "fail": ("red", "bold")}.get(verdict, ("yellow",))
