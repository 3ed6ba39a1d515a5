"""Events as lines of JSON: complete, in order, and never in the way of the run."""

import json
import math
import os
import threading
from io import FileIO

import pytest
from live_samples import judged, watched

from benchctl.cli.live import ndjson
from benchctl.cli.live.ndjson import EventWriter, event_line, event_writer
from benchctl.core import events
from benchctl.core.clock import monotonic
from benchctl.core.errors import UsageError
from benchctl.records import StoredEvent


def stored(event, seq=1):
    return StoredEvent(seq, "01RUN", "2026-01-01T00:00:00.000Z", 1.5, event)


def test_a_line_tells_kind_version_and_body_in_ascii():
    line = event_line(stored(judged("W-表"), seq=41))
    told = json.loads(line)
    assert line.isascii()
    assert (told["seq"], told["run"], told["t"]) == (41, "01RUN", 1.5)
    assert (told["kind"], told["version"]) == ("point-judged", 1)
    assert (told["body"]["uut"], told["body"]["mpe"]) == ("W-表", [-2.0, 2.0])


def test_what_is_no_finite_number_is_null():
    told = json.loads(event_line(stored(watched(remaining=math.inf, flow=math.nan))))
    assert told["body"]["remaining"] is None
    assert told["body"]["values"]["reference_flow"] is None


def test_raw_bytes_are_left_out():
    block = events.RawBlock("s", "a", ("x",), ("1",), 0, 1, "00", b"\x00\xff")
    assert "blob" not in json.loads(event_line(stored(block)))["body"]


def test_a_file_gets_every_event_in_order(tmp_path):
    writer = event_writer(tmp_path / "events.ndjson")
    for n in range(500):
        writer(stored(judged(f"W-{n}"), seq=n + 1))
    assert writer.close() is None
    lines = (tmp_path / "events.ndjson").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 501))


def test_a_file_that_cannot_be_made_is_an_error_before_the_run(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        event_writer(tmp_path / "missing" / "events.ndjson")


def test_a_reader_who_does_not_read_delays_nobody(monkeypatch):
    monkeypatch.setattr(ndjson, "PATIENCE", 0.2)
    reading, writing = os.pipe()
    file = FileIO(writing, "w")
    writer = EventWriter(file, "pipe")
    began = monotonic()
    for n in range(3000):
        writer(stored(judged("W-1"), seq=n + 1))
        writer(stored(watched(), seq=0))
    assert monotonic() - began < 2.0
    problem = writer.close()
    assert problem.exit_code == 5
    assert "nobody reads them" in str(problem)
    drained = threading.Thread(target=drain, args=(reading,))
    drained.start()
    writer._thread.join(30)
    file.close()
    drained.join(30)


def drain(descriptor):
    while os.read(descriptor, 1 << 16):
        pass
    os.close(descriptor)


def test_a_reader_who_went_away_wanted_no_more():
    reading, writing = os.pipe()
    os.close(reading)
    writer = EventWriter(FileIO(writing, "w"), "pipe")
    writer(stored(judged("W-1")))
    assert writer.close() is None


def test_a_full_disk_is_told_at_the_end():
    writer = EventWriter(FileIO("/dev/full", "w"), "/dev/full")
    writer(stored(judged("W-1")))
    problem = writer.close()
    assert "/dev/full did not take every event: No space left" in str(problem)
