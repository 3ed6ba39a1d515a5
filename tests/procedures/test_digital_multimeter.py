"""Digital multimeters: published limits through the code that a run uses, and whole runs.

Facts and ids are those of shared/vectors/pressure-medical-temperature-electrical.json:
`34401a-gain` (34401A Service Guide, gain verification, p. 69) and `dmm-spec-eval`.
"""

from itertools import pairwise

import pytest

from benchctl.core.events import PromptOpened, SettingWritten
from benchctl.core.places import bundled
from benchctl.core.ports import Answer
from benchctl.engine import RunRequest, prepare, run, truth
from benchctl.engine.audit import Evidence, recompute
from benchctl.engine.refusals import PlanRefusedError
from benchctl.language import Diagnostics
from benchctl.procedure import load_procedure
from benchctl.records import Lab

SEED = 5
GAIN = [  # point, limits after 24 h, 90 d, 1 y
    ("DCV-100mV", (6e-06, 7.5e-06, 8.5e-06)),
    ("DCV-1V", (2.6e-05, 3.7e-05, 4.7e-05)),
    ("DCV-10V", (0.00019, 0.00025, 0.0004)),
    ("DCV-10V-neg", (0.00019, 0.00025, 0.0004)),
    ("DCV-100V", (0.0026, 0.0041, 0.0051)),
    ("DCV-1000V", (0.026, 0.045, 0.055)),
    ("R4-100", (0.006, 0.012, 0.014)),
    ("R4-1k", (0.025, 0.09, 0.11)),
    ("R4-10k", (0.25, 0.9, 1.1)),
    ("R4-100k", (2.5, 9, 11)),
    ("R4-1M", (30, 90, 110)),
    ("R2-10M", (1600, 2100, 4100)),
    ("R2-100M", (310000.0, 810000.0, 810000.0)),
    ("DCI-10mA", (1.5e-06, 5e-06, 7e-06)),
    ("DCI-100mA", (1.4e-05, 3.5e-05, 5.5e-05)),
    ("DCI-1A", (0.00056, 0.0009, 0.0011)),
    ("DCI-3A-2A", (0.0026, 0.003, 0.003)),
]


@pytest.fixture(scope="module")
def dmm():
    diagnostics = Diagnostics()
    procedure = load_procedure(bundled("procedures") / "digital-multimeter.yaml", diagnostics)
    assert diagnostics.items == ()
    return procedure


def points_of(dmm, **given):
    values, problems = dmm.parameters_from(given)
    assert problems == []
    return {p.name: p for p in dmm.of(values).resolve(values, stage="initial").points}


@pytest.mark.parametrize(("n", "interval"), list(enumerate(["day", "90 days", "year"])))
def test_the_published_gain_table_comes_out_for_every_interval(dmm, n, interval):
    points = points_of(dmm, interval=interval)
    for name, limits in GAIN:
        assert points[name].mpe[1] == pytest.approx(limits[n], rel=1e-9), name


def test_limits_are_a_share_of_the_reading_and_one_of_the_range(dmm):
    points = points_of(dmm)
    assert points["DCV-10V-5V"].mpe[1] == pytest.approx(0.000225, rel=1e-9)  # dmm-spec-eval
    assert points["DCV-1V-0.5V"].mpe[1] == pytest.approx(2.7e-05, rel=1e-9)
    assert points["DCV-10V-neg5V"].mpe == points["DCV-10V-5V"].mpe
    assert points["DCV-10V-0"].mpe[1] == pytest.approx(0.0005e-2 * 10)


def test_sixty_points_and_more_with_both_polarities_over_every_function(dmm):
    points = points_of(dmm)
    assert len(points) >= 60
    assert {p.item for p in points.values()} == set(dmm.parts)
    for item, field in (("dc_voltage", "voltage"), ("dc_current", "current")):
        of_item = [p.fields for p in points.values() if p.item == item]
        ranges = {f["range"] for f in of_item}
        assert ranges == {f["range"] for f in of_item if f[field] < 0}
        assert ranges == {f["range"] for f in of_item if f[field] > 0}


def test_a_meter_that_is_not_adjusted_may_be_accepted_within_four_fifths_of_the_limits(dmm):
    full, guarded = points_of(dmm), points_of(dmm, acceptance="guarded")
    for name, point in full.items():
        assert guarded[name].mpe[1] == pytest.approx(0.8 * point.mpe[1], rel=1e-12)


def test_a_person_is_asked_where_more_than_33_volts_come_out(dmm):
    for point in points_of(dmm).values():
        volts = abs(point.fields.get("voltage", 0.0))
        assert point.consent == (volts > 33.0), point.name
        assert point.after == {"source_output": 0.0}


def test_a_source_that_is_not_good_enough_soon_after_a_calibration_is_refused_with_the_arithmetic():
    with pytest.raises(PlanRefusedError) as refused:
        prepare(RunRequest("digital-multimeter", simulate=True, sets={"interval": "day"}))
    reasons = [r.message for r in refused.value.refusals]
    assert {m.id for m in reasons} == {"engine.inadequate"}
    (zero, *_) = [m.args for m in reasons if m.args["point"] == "DCV-100mV-0"]
    assert (zero["U"], zero["allowed"]) == ("8e-07 V", "7.5e-07 V")
    assert "DCV-10V" not in {m.args["point"] for m in reasons}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    request = RunRequest(
        "digital-multimeter", simulate=True, seed=SEED, lab=tmp_path_factory.mktemp("dmm")
    )
    events = []
    report = run(request, listeners=[lambda stored: events.append(stored.event)])
    return report, events, truth(request)


def test_no_verdict_is_wrong_where_the_true_error_is_clear_of_the_limits(whole):
    report, _, true = whole
    assert report.outcome == "finished"
    errors = {(t["serial"], t["point"]): t["error"] for t in true if t["point"]}
    found = [(u["serial"], p) for u in report.document["uuts"] for p in u["points"] if p["point"]]
    assert len(found) == len(errors) == 3 * 66
    beyond = 0
    for serial, point in found:
        error, (low, high), U = errors[serial, point["point"]], point["mpe"], point["U"]
        beyond += abs(point["error"] - error) > U
        if min(abs(error - low), abs(error - high)) > 2 * U:
            assert point["verdict"] == ("pass" if low <= error <= high else "fail"), point["point"]
    assert beyond <= 0.05 * len(found)
    verdicts = [u["verdict"] for u in report.document["uuts"]]
    assert verdicts[:2] == ["pass", "fail"]
    failed = {p["point"] for p in report.document["uuts"][1]["points"] if p["verdict"] == "fail"}
    assert failed == {"DCV-100V-10V", "DCV-100V-50V", "DCV-100V", "DCV-100V-neg"}


def test_the_source_is_in_standby_between_points_and_the_range_is_set_before_it_is_on(whole):
    _, events, _ = whole
    written = [e for e in events if isinstance(e, SettingWritten)]
    operate = [e.value for e in written if (e.instrument, e.channel) == ("calibrator", "operate")]
    assert operate.count(True) == 3 * 66
    assert (True, True) not in list(pairwise(operate))
    on = False
    for event in written:
        if event.channel == "operate":
            on = event.value
        else:
            assert not on, (event.instrument, event.channel)


def test_consent_is_asked_once_for_points_that_follow_each_other(whole):
    _, events, _ = whole
    asked = [
        e for e in events if isinstance(e, PromptOpened) and e.item in ("dc_voltage", "ac_voltage")
    ]
    points = [e.question["args"]["ordered"].split(", ") for e in asked]
    assert points[:3] == [
        [
            "DCV-100V-50V",
            "DCV-100V",
            "DCV-100V-neg",
            "DCV-1000V-100V",
            "DCV-1000V-500V",
            "DCV-1000V",
            "DCV-1000V-neg",
        ],
        ["ACV-100V-1kHz", "ACV-100V-20kHz", "ACV-750V-100V-1kHz", "ACV-750V-1kHz"],
        points[0],
    ]


def test_what_two_leads_have_is_taken_off_with_its_uncertainty(whole):
    report, _, _ = whole
    points = {p["point"]: p for p in report.document["uuts"][0]["points"] if p["point"]}
    zero, kilo = points["R2-0"], points["R2-1k"]
    assert zero["error"] == pytest.approx(0.08, abs=0.005)  # the leads of the bench
    (run,) = kilo["runs"]
    lines = {(b["input"], b["source"]): b for b in run["budget"]}
    assert lines["lead_resistance", "carried"]["u"] == pytest.approx(
        zero["U"] / zero["k"], rel=0.01
    )
    assert run["inputs"]["lead_resistance"] == pytest.approx(zero["error"], rel=1e-9)


def test_every_number_of_the_run_can_be_made_again_from_its_record(whole):
    """Also risks of 1e-150, and those whose degrees of freedom are beyond counting."""
    report, _, _ = whole
    with Lab.open(report.record.parent) as folder:
        again = recompute(Evidence.read(folder, report.run))
    assert again.differences == []
    assert again.results == 3 * 66


class Careful:
    """A person who agrees to nothing dangerous."""

    def ask(self, prompt, answered):
        answered(Answer("consent" not in (prompt.about or {}), "Li"))

    def withdraw(self, prompt):
        """Nothing is left open."""


def test_without_consent_nothing_above_33_volts_comes_out(tmp_path):
    events = []
    report = run(
        RunRequest(
            "digital-multimeter", simulate=True, seed=SEED, lab=tmp_path, by_hand=True,
            points=("DCV-10V", "DCV-100V", "ACV-10V-1kHz", "ACV-750V-1kHz", "R4-1k"),
        ),
        operator=Careful(),
        listeners=[lambda stored: events.append(stored.event)],
    )  # fmt: skip
    volts = [
        abs(e.value)
        for e in events
        if isinstance(e, SettingWritten) and e.channel in ("voltage", "ac_voltage")
    ]
    assert max(volts) == 10.0
    verdicts = {
        p["point"]: p["verdict"] for p in report.document["uuts"][0]["points"] if p["point"]
    }
    assert verdicts["DCV-100V"] == verdicts["ACV-750V-1kHz"] == "not_measured"
    assert verdicts["DCV-10V"] == verdicts["R4-1k"] == "pass"
