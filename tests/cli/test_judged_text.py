"""What a screen shows of a value is what was judged."""

from benchctl.cli.wording import stated_text


def test_a_value_judged_as_rounded_is_shown_as_rounded():
    assert stated_text(1.6004, (-1.6, 1.6), "1.60", "rounded") == "+1.60"
    assert stated_text(-0.04, (-1.0, 1.0), "-0.0", "rounded") == "-0.0"


def test_a_value_judged_as_it_is_has_the_digits_that_tell_its_side_of_the_limit():
    assert stated_text(1.6004, (-1.6, 1.6), "1.60", "unrounded") == "+1.6004"
    assert stated_text(1.23, (-1.6, 1.6), None, None) == "+1.23"
