"""What came between in a run: pauses, gaps, suspensions, leaks, units out, reliefs, retests."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchctl.core.events import (
    ConsensusNoted,
    LeakReported,
    OperatorChanged,
    OrderTaken,
    RunContinued,
    RunMeasured,
    RunOpened,
    RunPaused,
    RunResumed,
    RunsSetAside,
    RunSuspended,
    SuspensionEnded,
    UutAdjusted,
    UutAnnulled,
    UutDropped,
)
from benchctl.core.messages import Message, message_from_json, msg
from benchctl.records.sentences import JSON, said

Told = (
    RunPaused
    | RunContinued
    | RunSuspended
    | RunResumed
    | SuspensionEnded
    | LeakReported
    | OperatorChanged
    | UutAdjusted
    | ConsensusNoted
    | OrderTaken
    | UutAnnulled
    | UutDropped
    | RunMeasured
    | RunsSetAside
)


@dataclass(slots=True)
class _Incident:
    kind: str
    at: float
    by: str
    uut: str | None
    text: Message
    more: JSON = field(default_factory=dict)

    def document(self, language: str) -> JSON:
        base = {"kind": self.kind, "at": self.at, "by": self.by, "uut": self.uut}
        return {**base, **self.more, "text": said(self.text, language)}


@dataclass(slots=True)
class Incidents:
    """The incidents of a run, in order of time."""

    found: list[_Incident] = field(default_factory=list)
    shifts: list[JSON] = field(default_factory=list)
    leakers: set[str] = field(default_factory=set)
    retested: set[tuple[str, str]] = field(default_factory=set)

    def take(self, event: Told, t: float) -> None:
        """Take one event, recorded at bench time `t`."""
        match event:
            case RunPaused():
                text = msg("records.paused-open", by=event.by)
                self._add("pause", event.t, event.by, None, text, action=event.action, seconds=None)
            case RunContinued():
                self._went_on(event)
            case RunSuspended():
                why = message_from_json(event.why)
                about = {"quantity": event.quantity, "action": event.action}
                text = msg("records.suspended-open", why=why)
                self._add("suspension", event.t, "", None, text, **about, seconds=None)
            case SuspensionEnded():
                self._resumed(event)
            case RunResumed():
                lasted = _duration(event.gap)
                text = msg("records.resumed", by=event.by, lasted=lasted)
                changes = [said(message_from_json(c), "en") for c in event.changes]
                more = {"gap": event.gap, "changes": changes, "because": event.because}
                self._add("resume", event.t, event.by, None, text, action=event.action, **more)
            case LeakReported():
                self.leakers.add(event.uut)
                void = len(event.voided)
                text = msg("records.leaked", by=event.by, position=event.position, void=void)
                voided = list(event.voided)
                self._add("leak", event.t, event.by, event.uut, text, voided=voided)
            case OperatorChanged():
                self.shifts.append({"name": event.name, "from": event.t})
                text = msg("records.relieved", name=event.name, before=event.before)
                self._add("operator", event.t, event.name, None, text)
            case OrderTaken():
                for serial, earlier in event.earlier.items():
                    if earlier:
                        order = event.orders[serial]
                        text = msg("records.earlier-runs", count=len(earlier), order=order)
                        self._add("earlier runs", t, "", serial, text)
            case UutAnnulled():
                people = {"by": event.by, "second": event.second}
                text = msg("records.annulled", because=event.because, **people)
                self._add("annulment", t, event.by, event.uut, text)
            case ConsensusNoted():
                about = {"point": event.point, "unit": event.unit}
                places = list(event.positions)
                text = message_from_json(event.why)
                self._add(
                    f"consensus {event.what}",
                    t,
                    "",
                    None,
                    text,
                    positions=places,
                    value=event.value,
                    **about,
                )
            case UutAdjusted():
                text = msg("records.adjusted", by=event.by)
                self._add("adjustment", event.t, event.by, event.uut, text)
            case UutDropped() if event.by and event.uut not in self.leakers:
                self._add("drop", event.t, event.by, event.uut, message_from_json(event.why))
            case RunsSetAside():
                args = {"point": event.point, "why": message_from_json(event.why)}
                text = msg("records.set-aside", **args)
                self._add("set aside", event.t, "", event.uut, text, point=event.point)
            case RunMeasured() if event.retest and (event.uut, event.point) not in self.retested:
                self.retested.add((event.uut, event.point))
                text = msg("records.retested", point=event.point)
                self._add("retest", t, "", event.uut, text, point=event.point)

    def _add(
        self, kind: str, at: float, by: str, uut: str | None, text: Message, **more: object
    ) -> None:
        self.found.append(_Incident(kind, at, by, uut, text, dict(more)))

    def _went_on(self, event: RunContinued) -> None:
        """Say how long the last pause was, and who ended it."""
        for incident in reversed(self.found):
            if incident.kind == "pause" and incident.more["seconds"] is None:
                incident.more |= {"seconds": event.seconds, "until": event.t, "ended_by": event.by}
                lasted = _duration(event.seconds)
                incident.text = msg("records.paused", by=incident.by, lasted=lasted)
                return

    def _resumed(self, event: SuspensionEnded) -> None:
        """Say how long the last suspension was."""
        for incident in reversed(self.found):
            if incident.kind == "suspension" and incident.more["seconds"] is None:
                incident.more |= {"seconds": event.seconds, "until": event.t}
                why, lasted = incident.text.args["why"], _duration(event.seconds)
                incident.text = msg("records.suspended", why=why, lasted=lasted)
                return

    def documents(self, language: str) -> list[JSON]:
        """Return the incidents as plain data; `at` is bench time in s since the run began."""
        return [i.document(language) for i in self.found]

    def operators(self, opened: RunOpened | None) -> list[JSON]:
        """Return who was responsible, and from when on."""
        first = {"name": opened.operator if opened else "", "from": 0.0}
        return [first, *self.shifts]


def _duration(seconds: float) -> str:
    """Return a duration for people: `0:42:10`."""
    minutes, s = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{s:02d}"
