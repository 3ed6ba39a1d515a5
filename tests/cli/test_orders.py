"""What a person types while a run goes on: understood in both languages, or refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchctl.cli.orders import Order, order_in
from benchctl.core.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "order"),
    [
        ("pause", Order("pause")),
        ("  PAUSE now ", Order("pause-now")),
        ("/pause", Order("pause")),
        ("暂停", Order("pause")),
        ("立即暂停", Order("pause-now")),
        ("leak 5", Order("leak", 5)),
        ("漏水5", Order("leak", 5)),
        ("漏水　５", Order("leak", 5)),
        ("leak12", Order("leak", 12)),
        ("drop 5 glass broken", Order("drop", 5, "glass broken")),
        ("撤下 5 玻璃破损", Order("drop", 5, "玻璃破损")),
        ("operator Wang  Fang", Order("operator", text="Wang Fang")),
        ("操作员 王芳", Order("operator", text="王芳")),
        ("stop", Order("stop")),
        ("／停止", Order("stop")),
        ("help", Order("help")),
        ("?", Order("help")),
        ("帮助", Order("help")),
    ],
)
def test_orders_are_understood_in_both_languages(typed, order):
    assert order_in(typed) == order


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("paus", "did you mean 'pause'"),
        ("hlep", "did you mean 'help'"),
        ("", "is no command"),
        ("26110000010001", "is no command"),
        ("leak", "needs a position"),
        ("leak five", "needs a position"),
        ("leak 0", "needs a position"),
        ("drop -1", "needs a position"),
        ("leak 5 at the housing", "takes no 'at the housing'"),
        ("pause 5", "takes no '5'"),
        ("stop it", "takes no 'it'"),
        ("operator", "needs a name"),
        ("operator " + 99 * "x", "needs a name"),
    ],
)
def test_what_is_mistyped_does_nothing_and_says_why(typed, why):
    with pytest.raises(UsageError, match=why):
        order_in(typed)


def test_what_is_wrong_is_said_with_the_words_of_the_screen():
    with pytest.raises(UsageError) as caught:
        order_in("leak")
    assert caught.value.words("zh").startswith("“漏水”需要表位号")


@given(st.text(max_size=30))
def test_any_text_is_an_order_or_refused(typed):
    try:
        order = order_in(typed)
    except UsageError:
        return
    assert order.kind in typed.casefold().replace(" ", "-") or not typed.isascii()
