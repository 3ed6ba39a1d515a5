"""How a person is asked for a number: in the words of the procedure, until an entry counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchctl.acquire import Task
from benchctl.core.errors import GarbageReplyError
from benchctl.core.messages import Message, msg
from benchctl.core.ports import Answer, Prompt
from benchctl.engine.asking import question_of
from benchctl.engine.person import Entry, Step, Window, decimals_of, next_step, swaps

if TYPE_CHECKING:
    from benchctl.bench import Channel
    from benchctl.engine.session import Session
    from benchctl.procedure.plan import Member

PATIENCE = 3
"""So many answers that are no number, or beyond what the bench file allows, are too many."""


class NoEntryError(Exception):
    """No entry counts; `garbage` where not even a number was typed."""

    def __init__(self, problem: Message, *, garbage: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.garbage = garbage


def entry_prompt(session: Session, member: Member, channel: Channel) -> Prompt:
    """Return the question for a role of a unit, in the procedure's words where it has some."""
    prompt = channel.prompt(member.serial, member.position)
    point = session.point(member.serial, member.point)
    need = session.procedure.needs[channel.role]
    about: dict[str, Any] = {"role": channel.role, "point": told_point(session, member)}
    if need.person is None:
        return replace(prompt, about=about)
    if need.person.picture:
        about["picture"] = need.person.picture
    what = question_of(need.person.ask)
    question = msg(
        "driver.ask-uut", what=what, unit=need.unit, uut=member.serial, position=member.position
    )
    if need.person.picture:
        question = msg("engine.with-picture", question=question, picture=need.person.picture)
    del point
    return replace(prompt, question=question, unit=need.unit, low=None, high=None, about=about)


def told_point(session: Session, member: Member) -> dict[str, Any]:
    """Return what makes a unit's point, for programs: numbers in their units, words in English."""
    point = session.point(member.serial, member.point)
    words = {name: texts.get("en", "") for name, texts in point.texts.items()}
    return {"name": point.name, **point.fields, **words}


def accepted(channel: Channel, prompt: Prompt, answer: Answer) -> float:
    """Return an answer in the role's unit, whatever unit it was asked in.

    Raises:
        GarbageReplyError: it is no number, or beyond what the bench file allows.
    """
    own = channel.prompt(prompt.uut, prompt.position)
    value = answer.value
    if prompt.unit == own.unit or isinstance(value, bool | str):
        return channel.accept(own, answer)
    _, _, factor, offset = channel.sources[0]
    return channel.accept(own, replace(answer, value=(float(value) - offset) / factor))


def read_entry(
    session: Session,
    member: Member,
    channel: Channel,
    *,
    interval: float,
    near: Callable[[Entry], bool],
) -> Task[Entry]:
    """Have a person read a role of a unit until an entry counts; return that.

    `interval` is the scale interval in the role's unit, `near` tells whether the result of an entry
    would be within reach of a limit, or beyond.

    Raises:
        NoEntryError: no two of the entries agree, or nobody types a number.
    """
    entries = yield from read_entries(session, member, channel, interval=interval, near=near)
    return entries[-1]


def read_entries(
    session: Session,
    member: Member,
    channel: Channel,
    *,
    interval: float,
    near: Callable[[Entry], bool],
    known: Sequence[Entry] = (),
) -> Task[list[Entry]]:
    """Have a person read a role until an entry counts, the last one; return all of them.

    `known` were typed before and are to be confirmed.

    Raises:
        NoEntryError: no two of the entries agree, or nobody types a number.
    """
    entries = list(known)
    step, garbage = (Step.SECOND if known else Step.ACCEPT), 0
    window = window_of(session, member, channel.role)
    while True:
        plain = entry_prompt(session, member, channel)
        prompt = plain
        if entries:
            question = msg(f"engine.reading-{step}", question=plain.question)
            about = {**(plain.about or {}), "reading": str(step)}
            prompt = replace(plain, question=question, about=about)
        before = session.clock.now()
        answer = yield from session.put(prompt)
        try:
            value = accepted(channel, prompt, answer)
        except GarbageReplyError as error:
            garbage += 1
            if garbage >= PATIENCE:
                raise NoEntryError(error.message, garbage=True) from error
            continue
        entries.append(Entry(value, before, session.clock.now()))
        step = next_step(
            entries,
            window,
            interval=interval,
            swapped=_swapped(channel, prompt, value, interval),
            near=near,
        )
        if step is Step.ACCEPT:
            return entries
        if step is Step.GIVE_UP:
            raise NoEntryError(_disagreeing(entries, channel), garbage=False)


def window_of(session: Session, member: Member, role: str) -> Window | None:
    """Return where an entry is plausible, None where the procedure does not say."""
    found = session.point(member.serial, member.point).windows.get(role)
    return None if found is None else Window(*found)  # low, high, step


def _swapped(channel: Channel, prompt: Prompt, value: float, interval: float) -> list[float]:
    """Return what an entry becomes with two of the typed digits swapped, in the role's unit."""
    factor, offset = 1.0, 0.0
    if prompt.unit != channel.unit:
        _, _, factor, offset = channel.sources[0]
    typed = (value - offset) / factor
    return [v * factor + offset for v in swaps(typed, decimals_of(interval / factor))]


def _disagreeing(entries: Sequence[Entry], channel: Channel) -> Message:
    typed = ", ".join(f"{e.value:.10g}" for e in entries)
    return msg("engine.reading-give-up", entries=f"{typed} {channel.unit}")
