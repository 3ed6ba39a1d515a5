"""Certificate numbers: each is issued once, also by several processes at the same moment.

    number = issue(lab, run, "W-1", by="Zhao")       # the same again for the same results

The database gives a counter away in the transaction that writes it; a number that was given is
never given again. Amended results get a number of their own, which names the one it replaces. A
simulated run counts in a series apart, whose numbers begin with SIM-.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchctl.core.clock import utc_now
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.events import NumberIssued
from benchctl.core.messages import msg
from benchctl.core.verdicts import Verdict
from benchctl.records.afterwards import APPROVED, CHECKED
from benchctl.records.amending import now_text, planned_serial
from benchctl.records.appending import after_end
from benchctl.records.reviewing import STEPS, Standing, standing

if TYPE_CHECKING:
    from benchctl.records.lab import Lab
    from benchctl.records.settings import ReviewSettings
    from benchctl.records.sql import Writer

SIMULATED = "SIM-"


def issue(lab: Lab, run: str, uut: str, *, by: str) -> NumberIssued:
    """Return the certificate number of a unit's results; give one away where there is none yet.

    Raises:
        UsageError: the run has no such unit.
        RefusedError: the results may bear no certificate: a test, a run that did not finish, a unit
            that was not measured, signatures that the lab asks for and that are missing.
        RecordError: it cannot be written.
    """
    with after_end(lab, run) as journal:
        document = lab.document(run)
        unit = next((u for u in document["uuts"] if u["serial"] == uut), None)
        if unit is None:
            raise UsageError(msg("records.no-uut", uut=uut, run=run))
        found = standing(lab, run)
        _require(found, unit["verdict"], uut, lab.notary.settings.review)
        serial, revision = planned_serial(lab, run, uut), int(document["revision"])
        for known in found.later.numbers:
            if (known.uut, known.revision) == (serial, revision):
                return known
        earlier = [n.number for n in found.later.numbers if n.uut == serial]
        with lab.store.writing() as writer:
            number = writer.number_of(run, serial, revision) or _next(
                lab, writer, (run, serial, revision), simulated=bool(document["simulated"])
            )
        event = NumberIssued(
            uut=serial,
            number=number,
            revision=revision,
            by=by,
            at=now_text(),
            replaces=earlier[-1] if earlier else "",
        )
        journal.emit(event)
    return event


def _next(lab: Lab, writer: Writer, of: tuple[str, str, int], *, simulated: bool) -> str:
    """Give the next number of this year's series away, in the writer's transaction."""
    form = lab.notary.settings.numbers
    year = f"{utc_now().year:04d}"
    series = (SIMULATED if simulated else "") + (year if "{year}" in form else "")
    counter = writer.last_counter(series) + 1
    number = (SIMULATED if simulated else "") + _worded(form, year, counter)
    run, uut, revision = of
    writer.add_number(
        number=number,
        series=series,
        counter=counter,
        run=run,
        uut=uut,
        revision=revision,
        utc=now_text(),
    )
    return number


def _worded(form: str, year: str, counter: int) -> str:
    """Return the text of a number; only `{year}`, `{n}` and `{n:05}` mean something in a form."""
    text = form.replace("{year}", year).replace("{n}", str(counter))
    for digits in range(10):
        text = text.replace(f"{{n:0{digits}}}", f"{counter:0{digits or 1}d}")
    return text


def _require(found: Standing, verdict: str | None, uut: str, settings: ReviewSettings) -> None:
    """Refuse results that may bear no certificate."""
    if found.service == "test":
        raise RefusedError(msg("records.number-test"))
    if found.outcome != "finished":
        raise RefusedError(msg("records.number-not-finished", outcome=found.outcome))
    undecided = verdict == Verdict.INDETERMINATE.value and found.service != "calibration"
    if undecided or verdict == Verdict.NOT_MEASURED.value:
        raise RefusedError(msg("records.number-no-verdict", uut=uut, verdict=verdict))
    for step, wanted in ((CHECKED, settings.checked), (APPROVED, settings.approved)):
        if wanted and found.later.passed(step) is None:
            raise RefusedError(msg("records.number-unsigned", step=STEPS[step]))
