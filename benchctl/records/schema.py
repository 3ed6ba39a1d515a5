"""The shape of the result document `benchctl.result/1`, for editors and for other programs.

The models say what stays stable; a document may hold more than they name. They serve the JSON
Schema and tests, nothing else reads a document through them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

JUDGED = Literal["pass", "indeterminate", "not_measured", "fail"]
Limits = tuple[float | None, float | None]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", strict=False)


class Sentence(_Part):
    """A sentence: its id and arguments in the record, and its wording."""

    id: str | None
    text: str
    args: dict[str, Any] = Field(default_factory=dict)


class Software(_Part):
    """The program that made the record; `id` is a SHA-256 over its files."""

    name: str
    version: str
    id: str


class Picture(_Part):
    """A picture that a person was shown, with what was asked beside it, as a data URI."""

    picture: str
    ask: str
    data: str


class Procedure(_Part):
    """What was carried out; `standard` with its edition."""

    name: str
    title: str
    standard: str
    sha256: str
    pictures: list[Picture] = Field(default_factory=list)


class BenchFile(_Part):
    """The bench, and the SHA-256 of its file."""

    name: str
    sha256: str


class Environment(_Part):
    """A quantity of the environment over the run, from `n` readings, in `unit`.

    A limit may be open; `drift_limit` is the largest allowed difference of max and min. `before`
    and `after` frame the measurements; `undisturbed` tells of the readings while the run was not
    suspended, which it was for `suspended` s.
    """

    quantity: str
    unit: str
    min: float | None
    max: float | None
    mean: float | None
    n: int
    limits: Limits
    drift_limit: float | None
    before: float | None = None
    after: float | None = None
    undisturbed: dict[str, float] | None = None
    suspended: float = 0.0


class Standard(_Part):
    """A reference standard and the role that it had."""

    role: str
    model: str = ""
    serial: str = ""
    certificate: str = ""
    due: str | None = None


class Scheme(_Part):
    """Under what a verification was made: the lab's scheme and its measurement standard."""

    scheme: str
    standard: str
    certificate: str
    scope: str
    person: str
    procedure: str
    edition: str
    sha256: str = ""
    authority: str = ""
    valid_until: str | None = None


class Override(_Part):
    """A check of the standards that a person set aside in a test run."""

    check: str
    by: str
    because: str


class Instrument(_Part):
    """An instrument that answered, and what it said of itself."""

    instrument: str
    driver: str
    address: str
    identity: str
    serial: str


class Quantity(_Part):
    """A value with its unit."""

    value: float
    unit: str


class BudgetLine(_Part):
    """A source of uncertainty: `u` in the input's unit, `contribution` in the result's.

    `share` is that of the variance. `common`: its error is the same in all results that rest on the
    "standard", in those made of the same "reading" of the reference, or ("") in no other.
    """

    input: str
    source: str = ""
    value: float | None = None
    u: float | None = None
    distribution: str = ""
    dof: float | None = None
    sensitivity: float | None = None
    contribution: float | None = None
    shape: float = 0.0
    share: float
    common: Literal["", "reading", "standard"] = ""


class Check(_Part):
    """What the other method found (JCGM 101, 8) for a budget like this one, that of the run `of`.

    `stated` is the interval of the method itself, `interval` that of the other one; `agrees`: their
    ends differ by no more than `tolerance`.
    """

    method: Literal["gum", "monte-carlo"]
    u: float
    interval: tuple[float, float]
    stated: tuple[float, float]
    tolerance: float
    agrees: bool
    seed: int | None
    of: dict[str, Any]


class Run(_Part):
    """One run at a point. `error` is null where the run is not valid, and `problem` says why.

    `indication` and `reference` are in their roles' units, `error` and `u` in the point's unit,
    `n` is the number of readings, `window` bench time in s. `units` has the units of those `inputs`
    that were read in their role's unit.
    """

    run: int
    indication: float | None
    reference: float | None
    error: float | None
    u: float | None
    n: int
    retest: bool
    valid: bool
    problem: Sentence | None
    U: float | None
    k: float | None
    dof: float | None
    method: Literal["gum", "monte-carlo"]
    inputs: dict[str, float | None]
    units: dict[str, str] = Field(default_factory=dict)
    budget: list[BudgetLine]
    window: tuple[float, float]
    conditions: dict[str, float | None]
    notes: list[Sentence]
    readings: dict[str, Any] | None
    """Where single readings were taken: how many, why so many, how they scatter."""
    set_aside: dict[str, Any] | None = None
    """Where the run was set aside since the runs lay too far apart: its `error`, and `why`."""


class Point(_Part):
    """A point, or an item that is answered or observed (`point`, `quantity` and `mpe` null).

    `error`, `U`, `U_reference`, `mpe` and `accept` are in `unit`; `reported` is the decimal text
    that a certificate prints. `mpe`, `accept` and `verdict` are null where none is stated.
    `p_conform` is the probability that it conforms, `specific_risk` that of the verdict being
    wrong, `tur` the span of the limits over that of the 95 % interval.
    """

    point: str | None
    quantity: str | None
    unit: str | None
    nominal: Quantity | None
    item: str | None
    occasion: str | None
    runs: list[Run]
    error: float | None
    reported: str | None
    judged_on: str | None
    U: float | None
    k: float | None
    dof: float | None
    U_reference: float | None
    mpe: Limits | None
    accept: Limits | None
    rule: str | None
    rule_version: str | None
    statement: str | None
    p_conform: float | None
    specific_risk: float | None
    tur: float | None
    method: Literal["gum", "monte-carlo"] | None
    check: Check | None
    reported_U: str | None  # noqa: N815
    rounding: str | None
    verdict: JUDGED | None
    why: Sentence | None
    observed: dict[str, Any]
    superseded: bool = False
    """Found before the unit was adjusted: it stands, and decides nothing."""
    values: dict[str, Quantity | dict[str, str]] = {}
    """The point's own quantities by name; those that are words, by language."""


class Annulled(_Part):
    """Why what was found of a unit does not stand, and the two who say so."""

    because: str
    by: str
    second: str


class Annulment(Annulled):
    """The same, with when it was said (UTC)."""

    at: str


class Attempt(_Part):
    """An earlier run of the unit in its order; `valid` where it counts: the first such one stands.

    `outcome` is "" where the run was open or cut off, `verdict` null where none was stated.
    """

    run: str
    started: str
    procedure: str
    service: str
    stage: str
    simulated: bool
    outcome: str
    verdict: JUDGED | None
    annulled: Annulment | None
    valid: bool


class Uut(_Part):
    """A unit under test; its verdict is the most severe of its points and items.

    What is `superseded` (found before the unit was adjusted) does not count. `order` and `attempts`
    stand where the unit came with an order, `annulled` where what was found does not stand.
    """

    serial: str
    position: int | None
    load: str | None
    verdict: JUDGED | None
    parameters: dict[str, str]
    extra: dict[str, str]
    dropped: Sentence | None
    points: list[Point]
    order: str | None = None
    attempts: list[Attempt] = Field(default_factory=list)
    """What was tried of it in this order before."""
    annulled: Annulled | None = None


class Unsafe(_Part):
    """Something that could not be made safe."""

    instrument: str
    channel: str
    error: Any = None


class MadeSafe(_Part):
    """How the bench was made safe at the end."""

    reason: str
    done: list[str]
    failed: list[Unsafe]


class Undo(_Part):
    """A channel that left its safe value and is not known to be back."""

    undo: str
    instrument: str
    channel: str
    safe: bool | float


class Shift(_Part):
    """Who was responsible, from `from` on (bench time in s since the run began)."""

    name: str
    from_: float = Field(alias="from")


class Incident(_Part):
    """What came between, or is to be known beside the results.

    `at` is bench time in s since the run began; `seconds` the length of a pause or a suspension,
    null where the run did not go on; `voided` the units whose running total a leak made worthless.
    """

    kind: Literal[
        "pause",
        "suspension",
        "resume",
        "leak",
        "drop",
        "operator",
        "retest",
        "set aside",
        "adjustment",
        "earlier runs",
        "annulment",
        "consensus shift",
        "consensus step",
    ]
    at: float
    by: str
    uut: str | None
    text: Sentence
    seconds: float | None = None
    voided: list[str] = Field(default_factory=list)
    point: str | None = None
    action: str = ""
    until: float | None = None
    ended_by: str = ""
    quantity: str = ""
    """Of the environment, whose limits were left."""
    gap: float | None = None
    """For how long the run was cut off, in s of bench time."""
    changes: list[Sentence] = Field(default_factory=list)
    because: str = ""
    positions: list[int] = Field(default_factory=list)
    value: float | None = None
    unit: str = ""


class Change(_Part):
    """A corrected fact; `uut` is "" where it concerns the run."""

    uut: str
    field: str
    old: str
    new: str


class Amendment(_Part):
    """A correction of the record after the run: who, when, why; what it says now is above."""

    revision: int
    by: str
    second: str
    at: str
    because: str
    changes: list[Change]


class Review(_Part):
    """A person's signature under the record; `current` is false once something came after it."""

    step: Literal["checked", "approved", "returned"]
    by: str
    at: str
    note: str
    current: bool


class Number(_Part):
    """A certificate number; `replaces` names the one that it stands in for."""

    uut: str
    number: str
    revision: int
    replaces: str
    by: str
    at: str


class Signature(_Part):
    """The statement by which the lab fixed the record, and signed it with its key.

    `n` is its number in the lab's log; `anchor` fixes everything up to it and is to be kept
    elsewhere (on the certificate, in its QR code); `value` is hex, "" where it was not signed.
    """

    n: int
    utc: str
    key: str
    value: str
    anchor: str


class Log(_Part):
    """The record behind the document: the root of its Merkle tree, the last hash of its chain."""

    root: str = Field(pattern="^(sha256|sm3):[0-9a-f]{64}$")
    head: str = Field(pattern="^(sha256|sm3):[0-9a-f]{64}$")
    events: int = Field(ge=1)
    algorithm: str
    signature: Signature | None


class ResultDocument(_Part):
    """What came of a run (`benchctl run --json`, `benchctl records export`).

    `run` and `log` are null where no run was begun: the command line or a file was wrong.
    """

    schema_: Literal["benchctl.result/1"] = Field(alias="schema")
    run: str | None
    software: Software
    procedure: Procedure
    service: str
    stage: str
    simulated: bool
    seed: int | None
    started: str
    finished: str | None
    outcome: Literal["finished", "aborted", "error", "refused"]
    verdict: JUDGED | None
    reason: Sentence | None
    operator: str
    operators: list[Shift]
    follows: str | None
    bench: BenchFile
    environment: list[Environment]
    standards: list[Standard]
    scheme: Scheme | None
    overrides: list[Override]
    instruments: list[Instrument]
    uuts: list[Uut]
    revision: int
    amendments: list[Amendment]
    reviews: list[Review]
    numbers: list[Number]
    titles: dict[str, dict[str, str]]
    incidents: list[Incident]
    made_safe: MadeSafe | None
    undone: list[Undo]
    notes: list[Sentence]
    retries: int
    log: Log | None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the result document."""
    schema = ResultDocument.model_json_schema(by_alias=True)
    return {"$schema": DIALECT, "$id": "benchctl.result/1", **schema}
