"""What happens in a run, as typed and versioned events.

An event is a frozen dataclass whose `KIND` and `VERSION` never change meaning; a changed meaning is
a new version. `body(event)` gives plain data for the journal, `event_from(kind, version, body)` the
event back. The result document, the terminal and the page are folds of this stream.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, ClassVar

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    KIND: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class RunOpened(Event):
    """A run begins: who, what, with which files (whole texts, so that the record stands alone)."""

    KIND: ClassVar[str] = "run-opened"
    run: str
    started: str
    procedure: JSON
    """name, title {en, zh}, standard, edition, sha256, text."""
    bench: JSON
    """name, sha256, text."""
    software: JSON
    """name, version, id (sha256 over the program's files)."""
    service: str
    stage: str
    operator: str
    simulated: bool
    seed: int | None
    request: JSON
    """What was asked on the command line: sets, points, speed, batch file."""


@dataclass(frozen=True, slots=True)
class PlanResolved(Event):
    """The plan that will be executed: units under test, points with limits, actions with ids."""

    KIND: ClassVar[str] = "plan-resolved"
    plan: JSON


@dataclass(frozen=True, slots=True)
class StandardBound(Event):
    """A reference standard stands behind a role of this run."""

    KIND: ClassVar[str] = "standard-bound"
    role: str
    standard: JSON
    """name, model, serial, certificate, issuer, issued, due, channel, source (register or bench);
    U at k in unit (relative: % of the value), U_law, dof, range, corrections, drift."""


@dataclass(frozen=True, slots=True)
class CheckOverridden(Event):
    """A person set a check of the standards aside; only in a test run, which is never issued."""

    KIND: ClassVar[str] = "check-overridden"
    check: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class SchemeApplied(Event):
    """A verification is made within the lab's scheme."""

    KIND: ClassVar[str] = "scheme-applied"
    scheme: JSON
    """scheme, sha256, standard, certificate, authority, scope, valid_until, person, procedure,
    edition."""


@dataclass(frozen=True, slots=True)
class InstrumentOpened(Event):
    """An instrument answered and is the one that the bench file names."""

    KIND: ClassVar[str] = "instrument-opened"
    instrument: str
    driver: str
    address: str
    identity: str
    serial: str


@dataclass(frozen=True, slots=True)
class LinkNoted(Event):
    """Something on a wire worth keeping: retry, late reply, reconnect, parity fall-back."""

    KIND: ClassVar[str] = "link-noted"
    what: str
    """retry | late-reply | reconnect | parity-ignored | unplugged."""
    instrument: str
    channel: str
    detail: str


@dataclass(frozen=True, slots=True)
class UndoRegistered(Event):
    """A channel is about to leave its safe value; committed before the bench is energised."""

    KIND: ClassVar[str] = "undo-registered"
    undo: str
    instrument: str
    channel: str
    safe: float | bool


@dataclass(frozen=True, slots=True)
class MadeSafe(Event):
    """The outcome of making the bench safe: every step, and what could not be done."""

    KIND: ClassVar[str] = "made-safe"
    reason: str
    done: tuple[str, ...]
    failed: tuple[JSON, ...]
    """instrument, channel, error."""


@dataclass(frozen=True, slots=True)
class ActionStarted(Event):
    """An action of the plan begins."""

    KIND: ClassVar[str] = "action-started"
    action: str
    kind: str
    t: float
    expected: float
    """Expected duration in s of bench time."""


@dataclass(frozen=True, slots=True)
class ActionFinished(Event):
    """An action of the plan ended; `outcome` is done, skipped, failed or interrupted."""

    KIND: ClassVar[str] = "action-finished"
    action: str
    outcome: str
    t: float


@dataclass(frozen=True, slots=True)
class SettingWritten(Event):
    """A value was written to a channel, in the channel's own unit."""

    KIND: ClassVar[str] = "setting-written"
    instrument: str
    channel: str
    value: float | bool
    unit: str
    t: float


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """The end of waiting for a quantity to settle; `settled` False is a time-out."""

    KIND: ClassVar[str] = "settled"
    action: str
    role: str
    settled: bool
    mean: float
    drift: float
    unit: str
    waited: float
    t: float


COLUMNS, HEARD = "columns", "heard"
"""Forms of a block of raw readings: numbers, or the bytes that they were made of."""


@dataclass(frozen=True, slots=True)
class RawBlock(Event):
    """A block of raw readings; `columns` travel as one blob whose sha256 is part of the body.

    Columns are float64, channel-major: t_before, t_after (bench s), then one per channel, then the
    flag. The `form` "heard" holds no columns but what the instruments said, byte for byte, for the
    same rows of a series (`core.heard`); it has no channels, and "/heard" behind the series' name.
    """

    KIND: ClassVar[str] = "raw-block"
    series: str
    action: str
    channels: tuple[str, ...]
    units: tuple[str, ...]
    first: int
    rows: int
    sha256: str
    blob: bytes = field(default=b"", repr=False)
    form: str = COLUMNS
    missed: int = 0
    """Slots for which there is no row, since an exchange took longer than the period: so many since
    the series' block before."""


@dataclass(frozen=True, slots=True)
class Watched(Event):
    """Present values for the screen, at most a few per second of real time: role -> value."""

    KIND: ClassVar[str] = "watched"
    action: str
    t: float
    values: JSON
    progress: float
    """Share of the action that is done, 0 to 1."""
    remaining: float
    """Expected seconds of bench time until the action ends."""


@dataclass(frozen=True, slots=True)
class PromptOpened(Event):
    """A person is asked."""

    KIND: ClassVar[str] = "prompt-opened"
    prompt: str
    kind: str
    """confirm | yes_no | number | text | choice."""
    question: JSON
    """A message (id and arguments)."""
    item: str
    uut: str
    unit: str
    t: float


@dataclass(frozen=True, slots=True)
class PromptAnswered(Event):
    """A person answered, or the question was withdrawn (`answer` None)."""

    KIND: ClassVar[str] = "prompt-answered"
    prompt: str
    answer: float | bool | str | None
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class RunMeasured(Event):
    """One run of one unit at one point: indication, reference, error, with the budget."""

    KIND: ClassVar[str] = "run-measured"
    uut: str
    item: str
    point: str
    occasion: str
    run: int
    retest: bool
    action: str
    valid: bool
    problem: JSON | None
    """A message where the run is not valid."""
    indication: float | None
    reference: float | None
    error: float | None
    u: float | None
    n: int
    k: float | None
    U: float | None
    dof: float | None
    U_reference: float | None
    budget: tuple[JSON, ...]
    window: tuple[float, float]
    conditions: JSON
    """Mean value of each monitored role within the window."""
    notes: tuple[JSON, ...] = ()
    """Messages: flags that a person should see."""
    inputs: JSON = field(default_factory=dict)
    """Estimate of every name of the model, also of those without uncertainty."""
    gate: JSON | None = None
    """How a total was gated: method, the interval of the register, indication and reference as they
    were read, before any correction."""
    sources: JSON = field(default_factory=dict)
    """By role of the model the channels that it was read from: instrument, channel, unit, factor
    and offset to the role's unit."""
    method: str = "gum"
    """By which `error`, `u`, `k` and `U` were found: gum | monte-carlo."""
    seed: int | None = None
    """Of the trials, where there were any."""
    known: JSON = field(default_factory=dict)
    """What the model names besides and knows of the unit at the point before anything is read."""
    readings: JSON | None = None
    """Where single readings were taken: n, n_eff, s, u, dof, drift, drift_u, and why so many."""


@dataclass(frozen=True, slots=True)
class PointJudged(Event):
    """The verdict on a point of a unit, from the runs made so far.

    A later one replaces it in the fold.
    """

    KIND: ClassVar[str] = "point-judged"
    uut: str
    item: str
    point: str
    occasion: str
    quantity: str
    unit: str
    nominal: JSON | None
    error: float | None
    reported: str | None
    judged_on: str | None
    k: float | None
    U: float | None
    dof: float | None
    U_reference: float | None
    mpe: tuple[float, float] | None
    accept: tuple[float, float] | None
    rule: str | None
    verdict: str
    why: JSON
    statement: str | None = None
    """What the rule says; finer than the verdict: conditional_pass, uncertainty_too_large ..."""
    p_conform: float | None = None
    specific_risk: float | None = None
    """Of accepting the value, or of rejecting it where it is rejected (JCGM 106, 9.3.2)."""
    tur: float | None = None
    rule_version: str | None = None
    method: str | None = None
    """gum | monte-carlo."""
    check: JSON | None = None
    """What the other method found for a budget like this one (JCGM 101, 8)."""
    reported_U: str | None = None  # noqa: N815
    rounding: str | None = None
    """The rule by which `reported` was rounded."""


@dataclass(frozen=True, slots=True)
class ItemJudged(Event):
    """The verdict on an item that is answered or observed (appearance, tightness, function)."""

    KIND: ClassVar[str] = "item-judged"
    uut: str
    item: str
    verdict: str
    why: JSON
    observed: JSON
    """What was seen: an answer, a drop with its unit, a rate."""
    occasion: str = "as_found"
    """as_found, or as_left once the unit was adjusted."""


@dataclass(frozen=True, slots=True)
class UutDropped(Event):
    """A unit takes no further part; its open points are not measured."""

    KIND: ClassVar[str] = "uut-dropped"
    uut: str
    why: JSON
    t: float
    by: str = ""
    """The person who took it out, "" where the bench did."""


@dataclass(frozen=True, slots=True)
class OrderTaken(Event):
    """The orders that the units of a run came with, and what was tried of them in these before."""

    KIND: ClassVar[str] = "order-taken"
    orders: JSON
    """Order by serial number."""
    earlier: JSON
    """By serial number, a list of attempts: run, started, service, stage, outcome, verdict ..."""


@dataclass(frozen=True, slots=True)
class UutAnnulled(Event):
    """What a run found of a unit does not stand; added to its record after its end."""

    KIND: ClassVar[str] = "uut-annulled"
    uut: str
    because: str
    by: str
    second: str
    """The second person, who agreed."""


@dataclass(frozen=True, slots=True)
class ConsensusNoted(Event):
    """What units measured side by side say together; a finding, never a verdict."""

    KIND: ClassVar[str] = "consensus-noted"
    visit: str
    point: str
    what: str
    """shift | step."""
    value: float
    unit: str
    n: int
    p: float
    """Chance of so large a value where there is nothing."""
    why: JSON
    """A message: what it is, and what to look at."""
    positions: tuple[int, ...]
    """Of a step, the places before and behind it."""


@dataclass(frozen=True, slots=True)
class UutAdjusted(Event):
    """A person adjusted a unit; what is measured of it from now on is as left."""

    KIND: ClassVar[str] = "uut-adjusted"
    uut: str
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class RunPaused(Event):
    """A person paused the run; the bench is at rest until it goes on."""

    KIND: ClassVar[str] = "run-paused"
    action: str
    """The action that is done anew or comes next."""
    by: str
    t: float


@dataclass(frozen=True, slots=True)
class RunContinued(Event):
    """The end of a pause; `seconds` is its length in bench time."""

    KIND: ClassVar[str] = "run-continued"
    by: str
    t: float
    seconds: float


@dataclass(frozen=True, slots=True)
class RunSuspended(Event):
    """The environment left its limits: the bench is at rest until it was back for a while."""

    KIND: ClassVar[str] = "run-suspended"
    action: str
    """The action that is done anew or comes next."""
    quantity: str
    value: float
    unit: str
    why: JSON
    """A message: what left which limits."""
    t: float
    """When it was found outside."""


@dataclass(frozen=True, slots=True)
class SuspensionEnded(Event):
    """The environment is back within its limits; `seconds` is how long it was waited for."""

    KIND: ClassVar[str] = "suspension-ended"
    t: float
    seconds: float


@dataclass(frozen=True, slots=True)
class OperatorChanged(Event):
    """Another person is responsible, and answers, from now on."""

    KIND: ClassVar[str] = "operator-changed"
    name: str
    before: str
    t: float


@dataclass(frozen=True, slots=True)
class LeakReported(Event):
    """A unit in the line leaks; `voided` are the units that it separates from the reference."""

    KIND: ClassVar[str] = "leak-reported"
    uut: str
    position: int
    by: str
    voided: tuple[str, ...]
    t: float


@dataclass(frozen=True, slots=True)
class GateChecked(Event):
    """One check of the bench before the day's work: the value must be `expected` ± `within`."""

    KIND: ClassVar[str] = "gate-checked"
    check: str
    passed: bool
    value: float | None
    unit: str
    expected: float
    within: float
    why: JSON
    t: float


@dataclass(frozen=True, slots=True)
class GateClosed(Event):
    """All checks of a bench were made; `gate` is the sha256 of what the bench file says of them."""

    KIND: ClassVar[str] = "gate-closed"
    bench: str
    gate: str
    passed: bool
    at: str


@dataclass(frozen=True, slots=True)
class EnvironmentSeen(Event):
    """What the environment was over the run."""

    KIND: ClassVar[str] = "environment-seen"
    quantity: str
    unit: str
    min: float
    max: float
    mean: float
    n: int
    limits: tuple[float | None, float | None]
    drift_limit: float | None
    before: float | None = None
    """At the opening of the bench, before anything was measured."""
    after: float | None = None
    """At the end, after everything was measured; None where the run did not come to it."""
    undisturbed: JSON | None = None
    """min, max, mean and n of the readings while the run was not suspended."""
    suspended: float = 0.0
    """Bench seconds for which the run was suspended, whatever quantity had left its limits."""


@dataclass(frozen=True, slots=True)
class StopRequested(Event):
    """A person asked to stop: SIGINT, SIGTERM, stop."""

    KIND: ClassVar[str] = "stop-requested"
    source: str
    t: float


@dataclass(frozen=True, slots=True)
class RunRecovered(Event):
    """A run that was cut off (power, kill) was found and its bench made safe by a later command."""

    KIND: ClassVar[str] = "run-recovered"
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class RunResumed(Event):
    """A run that was cut off goes on, from the first action that was not finished."""

    KIND: ClassVar[str] = "run-resumed"
    by: str
    at: str
    gap: float
    """Bench seconds from the last record before until now."""
    action: str
    """The action with which it goes on."""
    changes: tuple[JSON, ...]
    """Messages: what is not as it was when the run began."""
    because: str
    """Why it goes on nevertheless; "" where nothing changed."""
    t: float


@dataclass(frozen=True, slots=True)
class UutJudged(Event):
    """The verdict of a unit: the most severe of its items."""

    KIND: ClassVar[str] = "uut-judged"
    uut: str
    verdict: str


@dataclass(frozen=True, slots=True)
class RunClosed(Event):
    """The last event of a run."""

    KIND: ClassVar[str] = "run-closed"
    outcome: str
    verdict: str
    reason: JSON | None
    finished: str


@dataclass(frozen=True, slots=True)
class RunAmended(Event):
    """After the run somebody corrects its record: this, and the judgements that follow it.

    What was recorded before stays; the fold shows the last state, `records history` every one.
    """

    KIND: ClassVar[str] = "run-amended"
    revision: int
    """1 for the first amendment of a run."""
    by: str
    because: str
    at: str
    verdict: str
    """The verdict of the run after it, "" where none is stated."""
    changes: tuple[JSON, ...] = ()
    """Corrected facts: uut ("" for the run), field, old, new."""
    second: str = ""
    """The other person who agreed, where one had to."""


@dataclass(frozen=True, slots=True)
class RunReviewed(Event):
    """A person looked at the record of a run and signs for it, or gives it back."""

    KIND: ClassVar[str] = "run-reviewed"
    step: str
    """checked | approved | returned."""
    by: str
    at: str
    seen: int
    """The last record that this person saw; what came later is not covered."""
    head: str
    """The hash of that record."""
    note: str = ""
    account: str = ""
    """The account at the computer, as the system knows it."""


@dataclass(frozen=True, slots=True)
class NumberIssued(Event):
    """A certificate number was given to the results of a unit, once and for all."""

    KIND: ClassVar[str] = "number-issued"
    uut: str
    number: str
    revision: int
    by: str
    at: str
    replaces: str = ""
    """The number of the certificate that this one stands in for."""


@dataclass(frozen=True, slots=True)
class AuditNoted(Event):
    """Something about the record itself that a reader must know.

    `what` is clock-step, disk-low, signing-failed, settings or not-urgent.
    """

    KIND: ClassVar[str] = "audit-noted"
    what: str
    why: JSON
    """A message."""
    at: str
    """Real date and time."""


KINDS: dict[tuple[str, int], type[Event]] = {
    (cls.KIND, cls.VERSION): cls
    for cls in (
        RunOpened,
        PlanResolved,
        StandardBound,
        CheckOverridden,
        SchemeApplied,
        InstrumentOpened,
        LinkNoted,
        UndoRegistered,
        MadeSafe,
        ActionStarted,
        ActionFinished,
        SettingWritten,
        Settled,
        RawBlock,
        Watched,
        PromptOpened,
        PromptAnswered,
        RunMeasured,
        PointJudged,
        ItemJudged,
        UutDropped,
        UutAdjusted,
        OrderTaken,
        UutAnnulled,
        ConsensusNoted,
        RunPaused,
        RunContinued,
        RunSuspended,
        SuspensionEnded,
        OperatorChanged,
        LeakReported,
        GateChecked,
        GateClosed,
        EnvironmentSeen,
        StopRequested,
        RunRecovered,
        RunResumed,
        UutJudged,
        RunClosed,
        RunAmended,
        RunReviewed,
        NumberIssued,
        AuditNoted,
    )
}


def body(event: Event) -> JSON:
    """Return the event's fields as plain data (a blob is left out.

    Its sha256 stands in the body).
    """
    return {
        f.name: _plain(getattr(event, f.name))
        for f in dataclasses.fields(event)
        if f.name != "blob"
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def event_from(kind: str, version: int, data: JSON) -> Event:
    """Return the event whose `body` is `data`.

    Raises:
        KeyError: this program does not know the kind or the version.
    """
    cls = KINDS[kind, version]
    fields = {f.name for f in dataclasses.fields(cls)}
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in fields}
    return cls(**values)
