"""A person at the terminal is asked, and only what answers the question is taken."""

import os
import pty
import select
import termios
import threading

import pytest
from tiny_terminal import TinyTerminal

from benchctl.cli.operator import TerminalOperator
from benchctl.cli.shell import Shell
from benchctl.cli.terminal import Terminal
from benchctl.core.clock import Deadline, pause
from benchctl.core.errors import RefusedError, UsageError
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


def choice():
    reasons = (
        ("plate", msg("engine.question", en="nameplate not as ordered", zh="铭牌不符")),
        ("glass", msg("engine.question", en="glass broken", zh="玻璃破损")),
    )
    return question("choice", choices=reasons)


@pytest.mark.parametrize("typed", ["2", "glass", "GLASS", "Glass broken"])
def test_a_choice_is_made_by_number_code_or_wording(pipe_desk, screen, typed):
    desk = pipe_desk()
    desk.ask(choice())
    desk.type(f"{typed}\n")
    assert desk.answer().value == "glass"
    assert "  2  glass broken (glass)\n" in screen.err


@pytest.mark.parametrize("typed", ["", "0", "3", "gl", "y"])
def test_what_is_no_choice_is_asked_again(pipe_desk, screen, typed):
    desk = pipe_desk()
    desk.ask(choice())
    desk.type(f"{typed}\n")
    assert desk.stays_open()
    assert "none of the choices" in screen.err
    desk.type("1\n")
    assert desk.answer().value == "plate"


class Controls:
    """Notes what is ordered; position 9 has no unit."""

    def __init__(self):
        self.orders = []
        self.came = threading.Semaphore(0)

    def _note(self, *order):
        self.orders.append(order)
        self.came.release()

    def pause(self, by, *, now=False):
        self._note("pause", by, now)

    def leak(self, position, by):
        if position == 9:
            raise UsageError(msg("engine.nobody-there", position=position))
        self._note("leak", position, by)

    def drop(self, position, by, reason=""):
        self._note("drop", position, by, reason)

    def operator(self, name):
        self._note("operator", name)

    def next(self):
        assert self.came.acquire(timeout=5), "no order came"
        return self.orders[-1]


@pytest.fixture
def controls():
    return Controls()


def expect(read, text):
    """Wait until `read()` holds a text; return it."""
    deadline = Deadline(5.0)
    while text not in (shown := read()):
        assert not deadline.over, f"{text!r} is not in {shown!r}"
        pause(0.01)
    return shown


def test_what_a_person_types_while_nothing_is_asked_are_orders(tty_desk, screen, controls):
    desk = tty_desk()
    desk.operator.attach(controls)
    desk.type("pause\n")
    assert controls.next() == ("pause", "Li Wei", False)
    expect(lambda: screen.err, "when the present action ends")
    desk.type("leak 9\n")
    expect(lambda: screen.err, "9")
    desk.type("drop 5 glass broken\n")
    assert controls.next() == ("drop", 5, "Li Wei", "glass broken")
    desk.type("stop\n")
    assert desk.gone.wait(5)
    assert desk.stopped_by == "Li Wei"
    desk.operator.close()


def test_who_took_over_answers_from_then_on(tty_desk, controls):
    desk = tty_desk()
    desk.operator.attach(controls)
    desk.ask(question("yes_no"))
    desk.type("/operator Wang Fang\n")
    assert controls.next() == ("operator", "Wang Fang")
    assert desk.stays_open()
    desk.type("y\n")
    assert desk.answer().by == "Wang Fang"
    desk.operator.close()


def test_an_order_without_its_mark_answers_no_question_and_the_mark_is_told(
    tty_desk, screen, controls
):
    desk = tty_desk()
    desk.operator.attach(controls)
    desk.ask(question("yes_no"))
    desk.type("pause\n")
    expect(lambda: screen.err, "begin with '/': /pause")
    assert desk.stays_open()
    assert controls.orders == []
    desk.operator.close()


def test_a_script_on_a_pipe_answers_its_questions_and_orders_in_its_turn(pipe_desk, controls):
    desk = pipe_desk()
    desk.operator.attach(controls)
    desk.type("pause\n/leak 5\nn\n/drop 3\n")
    assert desk.stays_open()
    assert controls.orders == []  # `pause` is meant for the first question
    desk.ask(question("text"))
    assert desk.answer().value == "pause"
    assert controls.next() == ("leak", 5, "Li Wei")
    desk.ask(question("yes_no"))
    assert desk.answer().value is False
    assert controls.next() == ("drop", 3, "Li Wei", "")
    desk.operator.close()


def test_a_pipe_that_ends_while_nothing_is_asked_is_nobody_who_left(pipe_desk, controls):
    desk = pipe_desk()
    desk.operator.attach(controls)
    desk.type("/pause\n")
    assert controls.next()[0] == "pause"
    pipe_desk.close()
    assert not desk.gone.wait(0.3)
    with pytest.raises(RefusedError, match="nobody answers"):
        desk.ask(question("yes_no"))
    desk.operator.close()


TOLD = (
    "leak at position 5: the bench is brought to rest",
    "  please answer y or n",
    "  while a question is open, commands begin with '/': /leak 5",
)


def rows(text, lines=24):
    """What stands on a terminal when it has taken in a text."""
    terminal = TinyTerminal(80, lines)
    terminal.feed(text.encode())
    return [row for row in terminal.shown() if row]


# a quiet keyboard -------------------------------------------------------------------------------


@pytest.fixture
def drawn_desk():
    """A desk on one terminal, which is drawn on and typed at."""
    master, slave = pty.openpty()
    usual = termios.tcgetattr(slave)
    with os.fdopen(os.dup(slave), "w") as stream:
        terminal = Terminal(stream, {"TERM": "xterm", "NO_COLOR": "1"})
        shell = Shell((), {}, "en", terminal, terminal)
        desk = Desk(shell, slave, master)
        desk.shown = ""

        def shown():
            while select.select([master], [], [], 0.0)[0]:
                desk.shown += os.read(master, 4096).decode()
            return desk.shown

        yield desk, shown, terminal
        desk.operator.close()
        assert termios.tcgetattr(slave) == usual
    os.close(slave)
    os.close(master)


def test_keys_typed_while_something_is_drawn_are_shown_on_the_last_line(drawn_desk, controls):
    desk, shown, terminal = drawn_desk
    desk.operator.attach(controls)
    terminal.status([("settling", ())])
    desk.type("漏水x\x7f 5")
    assert expect(shown, "> 漏水 5_").count("漏水 5") == 1  # the terminal itself shows nothing
    terminal.line("Q3  FAIL")
    expect(shown, "Q3  FAIL\r\n> 漏水 5_  settling")
    desk.type("\n")
    assert controls.next() == ("leak", 5, "Li Wei")


def test_what_is_typed_stands_behind_the_question_and_what_was_half_typed_is_no_answer(
    drawn_desk, controls
):
    desk, shown, _ = drawn_desk
    desk.operator.attach(controls)
    desk.type("y")
    expect(shown, "> y_")
    desk.ask(question("yes_no"))
    expect(shown, "[y/n]")
    desk.type("\n")
    expect(shown, "please answer y or n")
    desk.type("nn\x7f\n")
    assert desk.answer().value is False
    assert shown().endswith("[y/n] n\r\n")


def test_what_is_told_while_a_question_is_open_stands_above_it(drawn_desk, controls):
    desk, shown, terminal = drawn_desk
    desk.ask(question("yes_no"))
    desk.type("y")
    expect(shown, "[y/n] y")
    terminal.line("Wang Fang is responsible")
    expect(shown, "responsible")
    assert rows(shown()) == ["Wang Fang is responsible", "? Marks as ordered? [y/n] y"]
    desk.type("\n")
    assert desk.answer().value is True


def test_a_question_of_several_rows_is_put_again_whole(drawn_desk):
    desk, shown, terminal = drawn_desk
    desk.ask(choice())
    asked = rows(shown())
    assert len(asked) == 3
    terminal.line("Wang Fang is responsible")
    desk.type("2")
    expect(shown, "] 2")
    assert rows(shown()) == ["Wang Fang is responsible", *asked[:-1], f"{asked[-1]} 2"]


def test_no_line_ends_behind_a_question_whatever_is_told_and_typed_while_it_is_put(
    drawn_desk, controls
):
    desk, shown, terminal = drawn_desk
    desk.operator.attach(controls)
    ended = threading.Event()

    def tell():
        while not ended.is_set():
            terminal.line("instruments that answered: 12")
            pause(0.001)

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        for _ in range(20):
            desk.type("leak 5\n")
            desk.ask(question("yes_no"))
            expect(lambda: rows(shown())[-1], "[y/n]")
            desk.type("y\n")
            desk.answer()
    finally:
        ended.set()
        teller.join()
    whole = {"instruments that answered: 12", "? Marks as ordered? [y/n]"}
    for row in rows(shown(), lines=5000):
        bare = row.removesuffix(" y").removesuffix(" leak 5")
        assert bare in whole or row in TOLD, row
