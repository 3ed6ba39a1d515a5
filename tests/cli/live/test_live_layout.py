"""The lines of the screen: never wider than the terminal, never a cropped word."""

import re
from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live_samples import Told, after, closed, item_judged, judged, opened, plan_of, started, watched

from benchctl.cli.cells import width
from benchctl.cli.live.fold import fold
from benchctl.cli.live.frame import Moment, frame
from benchctl.cli.live.grid import places
from benchctl.cli.live.lines import careful_width, fitting, line_width, merged, wrap
from benchctl.cli.live.painter import STYLES
from benchctl.cli.live.state import State
from benchctl.cli.live.words import Words
from benchctl.core import events
from benchctl.core.verdicts import Verdict

ENGLISH, CHINESE = Words("en", "utf-8"), Words("zh", "utf-8")
FOOT = Moment(foot=("Ctrl-C: stop safely",))


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


def shown(state, columns=80, lines=24, words=ENGLISH, moment=FOOT):
    return text_of(frame(state, words, columns, lines, moment))


def measured(serials, points=("Q3", "Q2", "Q1"), error=lambda n, point: 0.1 * (n % 7), **plan):
    told = [judged(s, p, error(n, p)) for p in points for n, s in enumerate(serials)]
    return after(*told, serials=serials, points=points, **plan)


def serials(count):
    return [f"2611{n:010d}" for n in range(1, count + 1)]


# any run on any terminal ------------------------------------------------------------------------

SERIAL = st.text("0123456789ABCXYZ-表计号", min_size=1, max_size=14)
POINT = st.sampled_from(["Q3", "Q2", "Q1", "0.3 Q3", "Imax", "最大流量"])
VERDICT = st.sampled_from(list(Verdict))


@st.composite
def states(draw, serial=SERIAL, point=POINT):
    """The state after any things happened to any units, in any order."""
    names = draw(st.lists(serial, min_size=1, max_size=60, unique=True))
    points = draw(st.lists(point, min_size=1, max_size=6, unique=True))
    loads = draw(st.integers(1, 3))
    step = draw(st.integers(1, 3))
    plan = plan_of(names, tuple(points), loads=loads, step=step)
    uut, point = st.sampled_from(names), st.sampled_from(points)
    action = st.sampled_from([(a["id"], a["kind"]) for a in plan["actions"]])
    number = st.floats(allow_nan=True, allow_infinity=True)
    happening = st.one_of(
        st.builds(judged, uut, point, st.floats(-500, 500), VERDICT),
        st.builds(judged, uut, point, st.none(), st.just("not_measured")),
        st.builds(item_judged, uut, VERDICT),
        st.builds(lambda u: events.UutDropped(u, {"id": "x", "text": "no reply"}, 1.0), uut),
        action.map(lambda a: events.ActionStarted(a[0], a[1], 5.0, 60.0)),
        st.builds(lambda a, x, r: watched(a[0], 7.0, 0.3, r, x), action, number, number),
        action.map(lambda a: events.ActionFinished(a[0], "failed", 9.0)),
        st.builds(closed, st.just("finished"), VERDICT),
        st.just(events.StopRequested("SIGINT", 9.0)),
        st.just(events.LinkNoted("retry", "master", "total", "no reply in time\n")),
        st.just(
            events.PromptOpened("p", "text", {"id": "x", "text": "Leak? " * 30}, "", "", "", 0)
        ),
        st.just(events.MadeSafe("error", (), ({"instrument": "pump", "channel": "speed"},))),
    )
    told = draw(st.lists(happening, max_size=40))
    first = [opened(simulated=draw(st.booleans())), events.PlanResolved(plan)]
    return reduce(fold, (Told(float(n), e) for n, e in enumerate([*first, *told])), State())


@given(
    state=states(),
    columns=st.integers(20, 220),
    lines=st.integers(3, 70),
    words=st.sampled_from([ENGLISH, CHINESE, Words("zh", "gbk"), Words("en", "ascii")]),
    moment=st.builds(
        Moment, st.floats(0, 1e5), st.booleans(), st.booleans(), st.sampled_from(["", "Ctrl-C: x"])
    ),
)
@settings(max_examples=80, deadline=None)
def test_no_frame_is_larger_than_the_terminal(state, columns, lines, words, moment):
    drawn = frame(state, words, columns, lines, moment)
    assert len(drawn) <= lines
    assert all(line_width(line) <= columns for line in drawn)
    assert {style for line in drawn for _, style in line} <= STYLES.keys()
    text = text_of(drawn)
    assert words.charset.has(text)
    assert all(c.isprintable() or c == "\n" for c in text)


@given(
    state=states(st.text("0123456789AXYZ", min_size=1, max_size=14), st.sampled_from(["Q3", "Q2"])),
    columns=st.integers(40, 220),
    lines=st.integers(6, 70),
)
@settings(max_examples=60, deadline=None)
def test_no_word_is_cropped(state, columns, lines):
    """Every word of a narrow screen stands on a wide one too."""
    whole = {w for h in (9, 40, 400) for w in words_in(shown(state, 2000, h))}
    whole |= {w for unit in state.units.values() for w in words_in(unit.serial)}
    whole |= {w for unit in state.units.values() for c in unit.cells.values() for w in [c.text]}
    whole |= words_in("FAIL NOT MEASURED INDETERMINATE error at mpe +-2 more position no point has")
    whole |= words_in("been judged yet Q3 Q2 Q1 %")
    for word in words_in(shown(state, columns, lines)):
        known = (
            word in whole or word.rstrip("!?-,") in whole or re.fullmatch(r"[#.!?-]*|\d+%?", word)
        )
        assert known, (word, shown(state, columns, lines))


def words_in(text):
    """The words of a screen; a bar and a Chinese sentence are none."""
    return {w for w in re.split(r"[\s\[\]]+", text) if w and not re.search(r"[：，。]", w)}


@given(text=st.text("ab 12.5%±°表位，。：不合格 \u3000", max_size=200), room=st.integers(12, 60))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_nothing_and_breaks_no_word_that_fits(text, room):
    lines = wrap(text, room, first="0:01  ", indent=6)
    assert all(careful_width(line) <= room for line in lines)
    told = "".join("".join(lines).split())
    assert told == ("0:01" + "".join(text.split()) if text.strip() else "")
    words = {w for w in re.findall(r"[ab125.%±°]+", text) if careful_width(w) <= room - 6}
    assert words <= set(re.findall(r"[ab125.%±°]+", " ".join(lines).replace("0:01", "")))


@given(
    items=st.lists(st.tuples(st.text("ab 表°", min_size=1, max_size=9), st.just("")), max_size=9),
    room=st.integers(0, 60),
)
def test_items_are_left_out_whole_and_from_the_end(items, room):
    line = fitting(items, room)
    texts = [piece for piece in line if piece != ("  ", "")]
    kept = [item for item in items if item != ("  ", "")][: len(texts)]
    assert texts == kept
    assert sum(careful_width(text) for text, _ in line) <= room


@given(st.lists(st.tuples(st.sampled_from(["", " ", "  ", "bc"]), st.sampled_from(list(STYLES)))))
def test_merging_keeps_the_text_and_what_is_seen_of_its_styles(line):
    def seen(pieces):
        return [
            (c, style if c != " " or style in ("alarm", "point", "out") else "")
            for text, style in pieces
            for c in text
        ]

    assert seen(merged(line)) == seen(line)


# what is shown ----------------------------------------------------------------------------------


def test_the_head_says_simulated_first_and_then_who_passes():
    state = measured(serials(12), items=(), error=lambda n, _: 3.0 if n == 4 else 0.1)
    first = shown(state).split("\n")[0]
    assert first.startswith("SIMULATED  FAIL 1  PASS 11  of 12  water-meter (JJG 162-2019)")
    assert shown(state, 40).split("\n")[0] == "SIMULATED  FAIL 1  PASS 11  of 12"
    assert shown(state, 30).split("\n")[0] == "SIMULATED  FAIL 1  PASS 11"


def test_a_bench_that_is_real_is_not_called_simulated():
    state = fold(after(), Told(0.0, opened(simulated=False)))
    assert "SIMULATED" not in shown(state)


def test_the_present_line_tells_flow_set_point_temperature_and_countdown():
    state = after(started(), Told(60.0, watched(t=60.0, remaining=30.0)))
    line = shown(state).split("\n")[2]
    assert line == "Q3  measure  0:30 left  flow 2.375 of 2.375 m³/h  water 20.31 °C"
    assert shown(state, 60, 16).split("\n")[2] == "Q3  measure  0:30 left  flow 2.375 of 2.375 m³/h"
    both = shown(state, 60, 20).split("\n")[2:4]
    assert both[1].startswith("water 20.31 °C  volume 50.00 L")


def test_the_same_screen_in_chinese_has_no_english_words_of_ours():
    state = measured(serials(3), error=lambda n, _: 3.0 if n == 1 else 0.1)
    state = reduce(fold, [started(), Told(60.0, watched(t=60.0, remaining=30.0))], state)
    state = fold(state, Told(61.0, events.UutDropped("26110000000003", {"id": "x", "text": ""}, 1)))
    text = shown(state, 120, 40, CHINESE, Moment(foot=(CHINESE.text("foot-run"),)))
    ours = set(re.findall(r"[A-Za-z]{2,}", text)) - {"water", "meter", "JJG", "Water", "line", "Li"}
    assert ours == {
        "Ctrl",
        "RUN",
        "lies",
        "outside",
    }  # a key, the run's name, the test's own reason
    assert "流量 2.375，设定 2.375 m³/h" in text
    assert "不合格 1  合格 0" in text


def test_twelve_units_on_the_smallest_usual_terminal_are_a_table_with_words():
    state = measured(serials(12), error=lambda n, p: 3.81 if (n, p) == (2, "Q3") else -0.24)
    rows = shown(state).split("\n")
    assert rows[3].split() == ["pos", "serial", "Q3", "%", "Q2", "%", "Q1", "%", "verdict"]
    assert rows[4].split() == ["mpe", "+-2", "+-2", "+-2"]
    assert rows[5].split() == ["1", "26110000000001", "-0.24", "-0.24", "-0.24"]
    assert rows[7].split() == ["3", "26110000000003", "+3.81", "FAIL", "-0.24", "-0.24", "FAIL"]


def test_colour_sign_and_word_say_the_same():
    state = measured(serials(2), items=(), error=lambda n, _: (3.0, -0.2)[n])
    drawn = frame(state, ENGLISH, 100, 24, FOOT)
    pieces = {(word, style) for line in drawn[5:7] for text, style in line for word in text.split()}
    assert {("+3.00", "out"), ("FAIL", "out"), ("FAIL", "bad")} <= pieces
    assert {("-0.20", "good"), ("PASS", "good")} <= pieces


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
def test_columns_stay_aligned_whatever_the_language(words):
    state = measured(serials(12), error=lambda n, _: 3.0 if n % 3 else 0.1)
    texts = shown(state, 100, 30, words).split("\n")[5:17]
    starts = [[width(t[: m.start()]) for m in re.finditer(r"[+-]\d\.\d\d", t)] for t in texts]
    assert len(starts[0]) == 3
    assert starts == [starts[0]] * 12


def test_more_units_than_lines_stand_in_several_tables():
    state = measured(serials(48), points=("Q3", "Q2"))
    text = shown(state, 160, 30)
    row = next(line for line in text.split("\n") if "26110000000001" in line)
    assert row.count("2611") > 1


def test_forty_eight_units_on_a_small_terminal_are_tiles():
    fails = {4: 3.81, 40: -2.5}
    state = measured(serials(48), error=lambda n, p: fails.get(n, 0.1) if p == "Q3" else 0.3)
    text = shown(state)
    assert "error at Q1, %  mpe +-2" in text
    rows = "\n".join(text.split("\n")[4:12])
    tiles = re.findall(r"(\d+)([!? -]) +([+-]\d\.\d\d)([!? -]?)", rows)
    assert [int(position) for position, *_ in tiles] == list(range(1, 49))
    assert {int(p) for p, mark, *_ in tiles if mark == "!"} == {5, 41}
    assert "! FAIL" in text.split("\n")[-1]


def test_where_not_even_tiles_fit_those_that_fail_stay():
    state = measured(serials(60), error=lambda n, _: 3.0 if n in (17, 59) else 0.1)
    text = shown(state, 40, 10)
    assert re.search(r"18!", text)
    assert re.search(r"60!", text)
    left_out = int(re.search(r"(\d+) more", text).group(1))
    assert left_out + len(re.findall(r"[+-]\d\.\d\d", text)) == 60


def test_serial_numbers_are_left_out_whole():
    state = measured(serials(12))
    assert "26110000000001" in shown(state, 60, 24)
    narrow = shown(replace(state, notes=()), 40, 24)
    assert "2611" not in narrow
    assert "+0.10" in narrow


def test_empty_positions_are_shown_as_empty():
    state = measured(["A", "B", "C"], first=1, step=2)
    assert [u and u.serial for _, u in places(state)] == ["A", None, "B", None, "C"]
    assert re.search(r"\n +2  empty", shown(state))


def test_an_item_is_a_column_only_where_somebody_did_not_pass():
    state = after(item_judged("W-1"), item_judged("W-2"))
    assert "tightness" not in shown(state).split("\n")[3]
    state = fold(state, Told(9.0, item_judged("W-2", "fail")))
    assert "tightness" in shown(state).split("\n")[3]


def test_only_the_load_that_is_in_the_line_is_shown_and_all_are_counted():
    state = measured(["A", "B", "C", "D"], loads=2, items=())
    state = fold(state, started("load-2/Q2/settle", "settle", 100.0, 20.0))
    text = shown(state)
    assert re.search(r"^ +1  C", text, re.M)
    assert not re.search(r"^ +1  A", text, re.M)
    assert "PASS 4  of 4  set-point 2/3  load 2/2" in text


def test_a_question_elsewhere_is_told_and_stops_the_countdown():
    question = {"id": "engine.is-tight", "args": {"serial": "W-1", "position": 1}}
    asked = events.PromptOpened("prompt-1", "yes_no", question, "tightness", "W-1", "", 5.0)
    text = shown(after(started(), asked))
    assert "WAITING FOR AN ANSWER: Is position 1 (W-1) tight?" in text
    assert "left" not in text.split("\n")[2]


def test_silence_a_stop_and_a_lost_process_are_told():
    state = after(started(), Told(60.0, watched(t=60.0, remaining=30.0)))
    assert "NO NEWS" not in shown(state, moment=Moment(age=5.0))
    assert "NO NEWS FOR 0:12" in shown(state, moment=Moment(age=12.0))
    assert "STOPPING" in shown(state, moment=Moment(stopping=True))
    assert "THE PROCESS OF THIS RUN IS GONE" in shown(state, moment=Moment(gone=True))


def test_an_action_that_tells_no_values_is_not_called_silent():
    state = after(started("load-1/tightness", "hold"))
    assert "NO NEWS" not in shown(state, moment=Moment(age=500.0))


def test_a_bench_that_is_not_safe_is_the_first_that_is_told():
    failed = ({"instrument": "pump", "channel": "speed", "error": "gone"},)
    state = after(events.MadeSafe("error", (), failed), closed("error", "not_measured"))
    assert shown(state, 40, 10).split("\n")[3] == "NOT SAFE, look now: pump.speed"


def test_notes_stand_below_the_newest_last_and_only_whole():
    told = [Told(float(n), judged("W-1", error=3.0, why=f"reason {n} " * 6)) for n in range(30)]
    text = shown(after(*told), 60, 20)
    assert "reason 29" in text
    numbers = [int(n) for n in re.findall(r"FAIL +reason (\d+)", text)]
    assert numbers == list(range(numbers[0], 30))
    assert " ".join(text.split()).count("reason 29") == 6


def test_names_of_roles_that_the_catalog_lacks_stand_as_they_are():
    state = after(started(), events.RawBlock("s", "a", ("tank_level",), ("mm",), 0, 1, ""))
    told = events.Watched("load-1/Q3/run-1", 60.0, {"tank_level": 12.0}, 0.5, 30.0)
    assert "tank level 12.00 mm" in shown(fold(state, Told(60.0, told)))


def test_values_without_a_known_unit_are_not_shown():
    told = events.Watched("load-1/Q3/run-1", 60.0, {"mystery": 12.0}, 0.5, 30.0)
    assert "mystery" not in shown(after(started(), told))
