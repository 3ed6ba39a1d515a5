"""Certificate numbers: each is issued once, also by several processes at the same moment.

    number = issue(lab, run, "W-1", by="Zhao")       # the same again for the same results

The database gives a counter away in the transaction that writes it; a number that was given is
never given again. Amended results get a number of their own, which names the one it replaces. A
simulated run counts in a series apart, whose numbers begin with SIM-.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from benchctl.records.valid_numbers import kept_numbers

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
            that was not measured, signatures that the lab asks for and that are missing, a unit of
            which nothing was amended and whose number holds.
        RecordError: it cannot be written.
    """
    return issue_all(lab, run, [uut], by=by)[uut]


def issue_all(lab: Lab, run: str, uuts: Sequence[str], *, by: str) -> dict[str, NumberIssued]:
    """Return the numbers of several units of a run: all or, where one may have none, none.

    Raises:
        UsageError: the run has no such unit.
        RefusedError: the results of a unit may bear no certificate.
        RecordError: they cannot be written.
    """
    with after_end(lab, run) as journal:
        document = lab.document(run)
        units = {unit["serial"]: unit for unit in document["uuts"]}
        found = standing(lab, run)
        for uut in uuts:
            if uut not in units:
                raise UsageError(msg("records.no-uut", uut=uut, run=run))
            _require(found, units[uut]["verdict"], uut, lab.notary.settings.review)
        kept = kept_numbers(lab, run, document)
        for uut in uuts:
            if uut in kept:
                told = {"uut": uut, "number": kept[uut]}
                raise RefusedError(
                    msg("records.number-holds", **told), hint=msg("records.reissue-it", **told)
                )
        issued: dict[str, NumberIssued] = {}
        for uut in uuts:
            known = _known(found, planned_serial(lab, run, uut), int(document["revision"]))
            if isinstance(known, NumberIssued):
                issued[uut] = known
                continue
            with lab.store.writing() as writer:
                of = (run, known[0], int(document["revision"]))
                number = writer.number_of(*of) or _next(
                    lab, writer, of, simulated=bool(document["simulated"])
                )
            issued[uut] = NumberIssued(
                uut=known[0],
                number=number,
                revision=int(document["revision"]),
                by=by,
                at=now_text(),
                replaces=known[1],
            )
            journal.emit(issued[uut])
    return issued


def _known(found: Standing, serial: str, revision: int) -> NumberIssued | tuple[str, str]:
    """Return the number that a unit has, or its serial number and the one that is replaced."""
    earlier = [n for n in found.later.numbers if n.uut == serial]
    for number in earlier:
        if number.revision == revision:
            return number
    return serial, earlier[-1].number if earlier else ""


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
