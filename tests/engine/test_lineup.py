"""Serial numbers scanned into positions: what is taken, what is refused, whatever the order."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.engine import SPOOL, Lineup, RunRequest, lineup_for, placed, prepare

ORDER = ("2611000007001", "2611000007002", "2611000007003", "2611000007004")


def scanned(lineup, *texts):
    for text in texts:
        lineup = lineup.scan(text)
    return lineup


def test_units_stand_where_they_were_scanned_and_a_spool_keeps_its_number():
    lineup = scanned(Lineup(positions=6), "W-1", SPOOL, "W-2", "", "W-3")
    assert lineup.places == ((1, "W-1"), (3, "W-2"), (5, "W-3"))
    assert lineup.spools == (2, 4, 6)
    assert lineup.next_position == 6


def test_a_serial_number_that_stands_in_the_line_is_refused_with_its_place():
    with pytest.raises(UsageError, match="W-1 is already at position 1"):
        scanned(Lineup(), "W-1", SPOOL, " W-1\r")


def test_what_is_not_in_the_order_is_refused_with_what_was_probably_meant():
    lineup = scanned(Lineup(order=ORDER), ORDER[0])
    with pytest.raises(UsageError, match="did you mean 2611000007002") as caught:
        lineup.scan("261100000700Z2")
    assert "2611000007001" not in str(caught.value)  # it stands in the line already
    with pytest.raises(UsageError, match="not in the order") as caught:
        lineup.scan("ABC")
    assert caught.value.hint is None


def test_a_full_line_takes_nothing_more():
    with pytest.raises(UsageError, match="full: it has 2 positions"):
        scanned(Lineup(positions=2), "W-1", "W-2", "W-3")


def test_undo_takes_the_last_back_and_nothing_else():
    lineup = scanned(Lineup(), "W-1", "W-2").undo()
    assert lineup == scanned(Lineup(), "W-1")
    with pytest.raises(UsageError, match="nothing was scanned"):
        lineup.undo().undo()


def test_what_a_scanner_sends_besides_the_number_does_not_count():
    assert scanned(Lineup(), "\x02W-1\x03\r\n").places == ((1, "W-1"),)


def test_two_units_of_one_bus_address_cannot_be_told_apart():
    def last_four(serial, position):
        if not serial[-4:].isdigit():
            raise UsageError(msg("lineup.nothing-to-undo"))
        return serial[-4:]

    lineup = scanned(Lineup(address=last_four), "A0001", "A0002")
    with pytest.raises(UsageError, match="share the bus address 0001"):
        lineup.scan("B0001")
    with pytest.raises(UsageError):
        lineup.scan("BX")
    assert lineup.scan("B0003").places[-1] == (3, "B0003")


class Scanning(RuleBasedStateMachine):
    """Any sequence of scans: the line-up is always one that a run could begin with."""

    def __init__(self):
        super().__init__()
        self.lineup = Lineup(positions=5, order=ORDER)
        self.expected = []

    @rule(text=st.sampled_from([*ORDER, SPOOL, "", "  ", "unknown", ORDER[0] + "\n"]))
    def scan(self, text):
        serial = "" if text.strip() in ("", SPOOL) else text.strip()
        allowed = len(self.expected) < 5 and (
            not serial or (serial in ORDER and serial not in self.expected)
        )
        try:
            self.lineup = self.lineup.scan(text)
        except UsageError:
            assert not allowed
        else:
            assert allowed
            self.expected.append(serial)

    @precondition(lambda self: self.expected)
    @rule()
    def undo(self):
        self.lineup = self.lineup.undo()
        self.expected.pop()

    @invariant()
    def every_position_has_one_unit_or_a_spool(self):
        places = dict(self.lineup.places)
        assert places == {n: s for n, s in enumerate(self.expected, 1) if s}
        assert len(set(places.values())) == len(places)
        assert sorted([*places, *self.lineup.spools]) == [1, 2, 3, 4, 5]
        assert set(places.values()).isdisjoint(self.lineup.left_out)
        assert {*places.values(), *self.lineup.left_out} == set(ORDER)


TestScanning = Scanning.TestCase
TestScanning.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


# with the files of a request --------------------------------------------------------------------


def test_the_line_of_a_request_knows_its_positions_its_order_and_its_meters(lab, tmp_path):
    lab.write()
    batch = tmp_path / "order.csv"
    rows = [f"26110000070{n:03d},{2.5 if n % 2 else 4.0}" for n in range(1, 31)]
    batch.write_text("\n".join(["serial,Q3", *rows]) + "\n", encoding="utf-8")
    request = RunRequest("whole", lab=lab.path, batch=batch)
    lineup = lineup_for(request)
    assert lineup.positions == 12
    assert len(lineup.order) == 30  # more than the line has: the technician takes what is next
    lineup = scanned(lineup, "26110000070007", SPOOL, "26110000070002")
    plan = prepare(placed(request, lineup)).plan
    assert [(u.serial, u.position) for u in plan.uuts] == [
        ("26110000070007", 1),
        ("26110000070002", 3),
    ]
    assert plan.uuts[1].parameters["Q3"] == "4 m³/h"
    assert len(lineup.left_out) == 28


def test_without_an_order_any_serial_number_may_come_that_the_bus_can_address(lab):
    lab.write()
    bench = lab.path / "sim_instruments" / "lab_bench" / "bench.yaml"
    text = bench.read_text(encoding="utf-8")
    assert text.count("address: position") == 1
    bench.write_text(text.replace("address: position", "address: serial"), encoding="utf-8")
    request = RunRequest("whole", lab=lab.path)
    lineup = lineup_for(request)
    assert lineup.order is None
    with pytest.raises(UsageError):
        lineup.scan("not a number")
    lineup = scanned(lineup, SPOOL, "26110000079999")
    assert [(u.serial, u.position) for u in prepare(placed(request, lineup)).plan.uuts] == [
        ("26110000079999", 2)
    ]
