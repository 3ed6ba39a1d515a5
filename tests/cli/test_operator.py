"""A person at the terminal is asked, and only what answers the question is taken."""

import os
import pty
import threading

import pytest

from benchctl.cli.operator import TerminalOperator
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg
from benchctl.core.ports import Prompt


def question(kind, **more):
    text = msg("engine.question", en="Marks as ordered?", zh="标志符合订货要求？")
    return Prompt(id="1", kind=kind, question=text, **more)


class Desk:
    """An operator whose keyboard is a pipe or a terminal, and the answers that came."""

    def __init__(self, shell, keyboard, typing, **options):
        self.typing = typing
        self.answers = []
        self.gone = threading.Event()
        self.stopped_by = ""
        self._came = threading.Semaphore(0)
        self.operator = TerminalOperator(
            shell, name="Li Wei", keyboard=keyboard, stop=self._stopped, **options
        )

    def _stopped(self, who):
        self.stopped_by = who
        self.gone.set()

    def ask(self, prompt):
        self.operator.ask(prompt, self._answered)

    def _answered(self, answer):
        self.answers.append(answer)
        self._came.release()

    def type(self, text):
        os.write(self.typing, text.encode())

    def answer(self):
        assert self._came.acquire(timeout=5), "no answer came"
        return self.answers[-1]

    def stays_open(self):
        return not self._came.acquire(timeout=0.2)


@pytest.fixture
def pipe_desk(screen):
    reading, writing = os.pipe()
    ends = [reading, writing]

    def made(**options):
        return Desk(screen.shell, reading, writing, **options)

    made.close = lambda: os.close(ends.pop())
    yield made
    for end in ends[1:]:
        os.close(end)


@pytest.fixture
def tty_desk(screen):
    master, slave = pty.openpty()
    yield lambda **options: Desk(screen.shell, slave, master, **options)
    os.close(master)


@pytest.mark.parametrize(
    ("typed", "value"), [("y", True), ("YES", True), ("是", True), ("n", False), ("否", False)]
)
def test_yes_and_no_are_understood_in_both_languages(pipe_desk, typed, value):
    desk = pipe_desk()
    desk.ask(question("yes_no"))
    desk.type(f"{typed}\n")
    answer = desk.answer()
    assert answer.value is value
    assert answer.by == "Li Wei"


def test_an_empty_line_confirms_but_never_answers_a_finding(pipe_desk):
    desk = pipe_desk()
    desk.ask(question("confirm"))
    desk.type("\n")
    assert desk.answer().value is True
    desk.ask(question("yes_no"))
    desk.type("\n")
    assert desk.stays_open()
    desk.type("n\n")
    assert desk.answer().value is False


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("−3", -3.0),
        ("12.5 L", 12.5),
        ("１２．５", 12.5),
        ("1e2", 100.0),
    ],
)
def test_a_number_is_taken_with_either_decimal_sign_and_its_unit(pipe_desk, typed, value):
    desk = pipe_desk()
    desk.ask(question("number", unit="L"))
    desk.type(f"{typed}\n")
    assert desk.answer().value == value


@pytest.mark.parametrize("typed", ["", "abc", "nan", "inf", "1,234.5", "1_000", "1,2,3", "12 kg"])
def test_what_is_no_number_is_asked_again(pipe_desk, screen, typed):
    desk = pipe_desk()
    desk.ask(question("number", unit="L"))
    desk.type(f"{typed}\n")
    assert desk.stays_open()
    assert "is not a number" in screen.err
    desk.type("7\n")
    assert desk.answer().value == 7.0


def test_a_number_out_of_range_is_asked_again_with_the_range(pipe_desk, screen):
    desk = pipe_desk()
    desk.ask(question("number", unit="L", low=0.0, high=9.5))
    desk.type("10\n")
    assert desk.stays_open()
    assert "0 .. 9.5 L" in screen.err
    desk.type("9.5\n")
    assert desk.answer().value == 9.5


def test_yes_answers_confirmations_at_once_and_nothing_else(pipe_desk, screen):
    desk = pipe_desk(yes=True)
    desk.ask(question("confirm", default=True))
    assert desk.answer().by == "--yes"
    assert "Marks as ordered? " in screen.err
    desk.ask(question("yes_no"))
    assert desk.stays_open()
    desk.type("y\n")
    assert desk.answer().by == "Li Wei"


def test_answers_written_ahead_on_a_pipe_come_in_order(pipe_desk):
    desk = pipe_desk()
    desk.type("y\n8,25\nspare\n")
    desk.ask(question("yes_no"))
    assert desk.answer().value is True
    desk.ask(question("number"))
    assert desk.answer().value == 8.25


def test_where_nobody_can_answer_the_question_is_refused(pipe_desk):
    desk = pipe_desk()
    pipe_desk.close()
    with pytest.raises(RefusedError, match="nobody answers: Marks as ordered"):
        desk.ask(question("yes_no"))
    assert desk.answers == []


def test_a_closed_standard_input_refuses_the_question(screen):
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    with pytest.raises(RefusedError, match="nobody answers"):
        Desk(screen.shell, reading, writing).ask(question("yes_no"))


def test_input_that_ends_while_a_question_is_open_is_told_to_the_run(pipe_desk):
    desk = pipe_desk()
    desk.ask(question("yes_no"))
    pipe_desk.close()
    assert desk.gone.wait(5)
    assert desk.answers == []


def test_a_withdrawn_question_takes_no_answer(pipe_desk):
    desk = pipe_desk()
    asked = question("yes_no")
    desk.ask(asked)
    desk.operator.withdraw(asked)
    desk.type("y\n")
    assert desk.stays_open()


def test_keys_pressed_before_the_question_stood_there_do_not_answer_it(tty_desk):
    desk = tty_desk()
    desk.type("\n\n")
    desk.ask(question("confirm"))
    assert desk.stays_open()
    desk.type("n\n")
    assert desk.answer().value is False


def test_the_end_of_typing_on_a_terminal_is_a_person_who_left(tty_desk):
    desk = tty_desk()
    desk.ask(question("yes_no"))
    desk.type("\x04")
    assert desk.gone.wait(5)


def test_a_question_names_the_unit_and_where_it_is(pipe_desk, screen):
    desk = pipe_desk()
    desk.ask(question("yes_no", uut="0012345", position=7))
    desk.type("y\n")
    desk.answer()
    assert "position 7 0012345 Marks as ordered? [y/n]" in screen.err


def test_questions_are_put_in_the_language_of_the_person(chinese_screen):
    reading, writing = os.pipe()
    desk = Desk(chinese_screen.shell, reading, writing)
    desk.ask(question("yes_no"))
    desk.type("是\n")
    desk.answer()
    assert "标志符合订货要求？ [y 是 / n 否]" in chinese_screen.err
    os.close(writing)
