"""What comes out where there is least: a pipe, 60 columns, LANG=C, GBK, no colour, no terminal."""

import os
import re
import subprocess

import pytest
from calling import BENCHCTL, environment

from benchctl.cli.cells import width

WORST = {"LANG": "C", "PYTHONIOENCODING": "gbk", "COLUMNS": "60", "NO_COLOR": "1", "TERM": "dumb"}


def piped(folder, *argv, **more):
    """Run benchctl as a session leader without a terminal; what it wrote, as bytes."""
    done = subprocess.run(
        [*BENCHCTL, *argv],
        cwd=folder,
        env={**environment(folder), **WORST, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        start_new_session=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module", params=["en", "zh"])
def shown(request, tmp_path_factory):
    """The lines of a whole run under the worst conditions, in either language."""
    folder = tmp_path_factory.mktemp("worst")
    argv = ["run", "water-meter", "--simulate", "--seed", "7", "--lab", "lab"]
    done = piped(folder, *argv, "--lang", request.param)
    assert (done.returncode, done.stderr) == (1, b"")
    return request.param, done.stdout.decode("gbk").splitlines()


def test_no_line_is_longer_than_the_screen_and_nothing_is_painted(shown):
    _, lines = shown
    record = [line for line in lines if "lab.sqlite" in line]  # a path is not broken
    assert [line for line in lines if width(line) > 60 and line not in record] == []
    assert "\x1b" not in "".join(lines)
    assert "\r" not in "".join(lines)


def test_every_unit_has_its_row_with_its_errors_and_its_verdict(shown):
    language, lines = shown
    verdicts = {"en": "PASS|FAIL", "zh": "合格|不合格"}[language]
    row = rf" +\d+  2611\d{{10}}( +[-+]\d+\.\d+(!| ({verdicts}))?){{3}} +({verdicts})"
    rows = [line for line in lines if re.fullmatch(row, line)]
    assert len(rows) == 12
    assert len({width(line[: line.index("2611")]) for line in rows}) == 1


def test_a_question_mark_stands_for_no_character_that_could_be_shown(shown):
    language, lines = shown
    assert "?" not in "\n".join(lines)
    if language == "zh":
        (passed,) = (line for line in lines if line.startswith("外观、"))
        assert passed.endswith("功能：12 台全部合格")


def test_what_the_encoding_lacks_is_said_with_what_it_has(shown):
    assert any("2.375 m3/h" in line for line in shown[1])


def test_the_closed_standard_input_of_a_service_is_no_obstacle(tmp_path):
    done = subprocess.run(
        [*BENCHCTL, "run", "water-meter", "--simulate", "--points", "Q3", "--uut", "W-1"],
        cwd=tmp_path,
        env={**environment(tmp_path), **WORST},
        preexec_fn=lambda: os.close(0),
        capture_output=True,
        timeout=100,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == b""
