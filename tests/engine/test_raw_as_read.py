"""Beside every number of a run stand the bytes that it was made of."""

import struct
from itertools import pairwise

import pytest

from benchctl.core.events import HEARD, RawBlock
from benchctl.driver.decode import decode_frame
from benchctl.engine import RunRequest, run
from benchctl.records import Lab

SERIAL = "26110000010001"


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """The lab and the run of a single point on the simulated bench."""
    folder = tmp_path_factory.mktemp("lab")
    request = RunRequest("water-meter", seed=5, lab=folder, uuts=(SERIAL,), points=("Q3",))
    document = run(request).document
    with Lab.open(folder) as lab:
        yield lab, document["run"]


def series_of(lab, run_, form=HEARD):
    blocks = (stored.event for stored in lab.events(run_, kind=RawBlock.KIND))
    return sorted({block.series for block in blocks if block.form == form})


def test_every_reading_on_a_grid_has_its_bytes(short):
    lab, run_ = short
    heard = series_of(lab, run_)
    numbers = series_of(lab, run_, "columns")
    heard = [name.removesuffix("/heard") for name in heard]
    assert heard == numbers
    assert len(heard) > 4
    assert any(name.startswith("environment/") for name in heard)
    for name in heard:
        said = lab.heard(run_, name)
        assert len(said) == lab.raw(run_, name).shape[1]
        assert all(said)


def test_the_registers_of_the_reference_are_those_of_its_numbers(short):
    lab, run_ = short
    (name,) = (n for n in series_of(lab, run_, "columns") if n.endswith("/run-1/reference"))
    volumes = lab.raw(run_, name)[2]
    for said, volume in zip(lab.heard(run_, name), volumes, strict=True):
        words = [said[i : i + 2] for i in range(3, len(said) - 2, 2)]
        numbers = [struct.unpack(">f", low + high)[0] for high, low in pairwise(words)]
        assert any(number == pytest.approx(volume, rel=1e-12) for number in numbers)


def test_the_frames_of_a_meter_decode_to_its_register(short):
    lab, run_ = short
    (name,) = (n for n in series_of(lab, run_, "columns") if n.endswith(f"/run-1/meter/{SERIAL}"))
    for said, litres in zip(lab.heard(run_, name), lab.raw(run_, name)[2], strict=True):
        fields = decode_frame("cjt188", said.lstrip(b"\xfe"))
        assert fields["volume"] == {"value": pytest.approx(litres), "unit": "L"}
