"""What is asked of a person in one line, and what a line means as the answer.

question_text(shell, screen, prompt)      # "? position 3 W-1  Marks as ordered? [y/n]"
value_of(shell, prompt, "12,5 L")         # 12.5
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchctl.cli.cells import plain, width
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import spoken
from benchctl.cli.terminal import Terminal
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt

YES = frozenset({"y", "yes", "是", "对", "好"})
NO = frozenset({"n", "no", "否", "不", "不是"})

SPARE = 4
"""A line of a question leaves one cell in so many free: an answer stands behind the last line."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is no answer, and why, in the person's language."""

    why: str


def question_text(shell: Shell, screen: Terminal, prompt: Prompt) -> str:
    """Return a question with the unit that it is about and the ways to answer it.

    The choices of a `choice` stand in lines above it.
    """
    text = plain(spoken(prompt.question, shell.language))
    place = ""
    if prompt.uut and prompt.uut not in text:
        place = plain(shell.text("at-position", position=prompt.position, serial=prompt.uut))
    asked = " ".join(part for part in ("?", place, text) if part)
    ways = _ways(shell, prompt)
    lines = [
        line
        for n, (code, label) in enumerate(prompt.choices, 1)
        for line in screen.broken(f"  {n}  {plain(shell.words(label))} ({plain(code)})", indent=5)
    ]
    spare = (screen.room or 0) // SPARE
    first, *more = screen.broken(asked, indent=2, spare=spare)
    last = more[-1] if more else first
    if ways and screen.room and width(last) + 1 + width(ways) > screen.room - spare:
        more.append(f"  {ways}")
    elif ways and more:
        more[-1] += f" {ways}"
    elif ways:
        first += f" {ways}"
    return "\n".join([*lines, screen.paint("?", "yellow", "bold") + first[1:], *more])


def _ways(shell: Shell, prompt: Prompt) -> str:
    match prompt.kind:
        case "confirm":
            return shell.text("ways-confirm")
        case "yes_no":
            return shell.text("ways-yes-no")
        case "number":
            return bounds(prompt)
        case "choice":
            return shell.words(msg("desk.ways-choice"))
        case _:
            return ""


def bounds(prompt: Prompt) -> str:
    """Return the range and the unit of a number that is asked for."""
    low = "" if prompt.low is None else f"{prompt.low:g}"
    high = "" if prompt.high is None else f"{prompt.high:g}"
    inside = f"{low} .. {high}".strip() if low or high else ""
    shown = " ".join(part for part in (inside, prompt.unit) if part)
    return f"[{shown}]" if shown else ""


def value_of(shell: Shell, prompt: Prompt, line: str) -> float | bool | str | Refused:
    """Return what a line means as the answer to a question, or why it means nothing."""
    match prompt.kind:
        case "text":
            return line
        case "number":
            return _number(shell, prompt, line)
        case "choice":
            return _choice(shell, prompt, line)
    word = line.casefold().rstrip("。.!！")
    if word in YES or (prompt.kind == "confirm" and not word):
        return True
    if word in NO:
        return False
    return Refused(shell.text("answer-yes-or-no"))


def _choice(shell: Shell, prompt: Prompt, line: str) -> str | Refused:
    """Return the code that is meant: by its number, its code, or its wording."""
    word = line.casefold()
    for n, (code, label) in enumerate(prompt.choices, 1):
        if word in (str(n), code.casefold(), shell.words(label).casefold()):
            return code
    return Refused(shell.words(msg("desk.answer-a-choice", given=plain(line))))


def _number(shell: Shell, prompt: Prompt, line: str) -> float | Refused:
    text = line.removesuffix(prompt.unit).strip() if prompt.unit else line
    try:
        value = float(_point(text))
    except ValueError:  # said to the person, who is asked again
        value = math.nan
    if not math.isfinite(value):
        return Refused(shell.text("answer-a-number", given=plain(line)))
    low = -math.inf if prompt.low is None else prompt.low
    high = math.inf if prompt.high is None else prompt.high
    if not low <= value <= high:
        return Refused(shell.text("answer-in-range", bounds=bounds(prompt)))
    return value


def _point(text: str) -> str:
    """Return a number as typed with a decimal point; `1,234` is 1.234, `1,234.5` is no number."""
    full_width = str.maketrans("，．－＋０１２３４５６７８９", ",.-+0123456789")
    number = text.translate(full_width).replace("\u2212", "-")
    if "_" in number or number.count(",") > 1 or ("," in number and "." in number):
        raise ValueError(number)
    return number.replace(",", ".")
