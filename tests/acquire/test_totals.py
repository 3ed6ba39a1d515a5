"""Flying totals: bias, spread and coverage by simulation; what is measured and what is not."""

import math

import numpy as np
import pytest

from benchctl.acquire import MeterTrack, ReferenceTrack, flying_total
from benchctl.core.errors import NotMeasuredError
from benchctl.core.messages import LANGUAGES, words
from benchctl.core.series import FAILED, Series

RTT = 0.12
"""Seconds of one exchange with a meter on a slow line."""


def line(
    rng,
    q,
    d,
    scan,
    *,
    intervals=60,
    error=None,
    poll=0.2,
    moment=0.6,
    middle=None,
    volume=None,
):
    """A meter and a reference in constant flow `q` (L/s), with every phase random.

    `moment` is the share of an exchange at which the meter looks at its register; `middle` the scan
    time far from both ends, where meters are not read as often.
    """
    length = max(intervals * d / q, 30 * scan) * rng.uniform(1, 1.5)
    error = rng.uniform(-0.05, 0.05) if error is None else error
    volume = volume or (lambda t: q * t)
    t_ref = np.arange(-5 + rng.uniform(0, poll), length + 5, poll)
    reference = ReferenceTrack(t_ref, 100.0 + volume(t_ref))
    before = np.arange(-3 + rng.uniform(0, scan), length + 5, scan)
    if middle:
        ends = (before < length * 0.15) | (before > length * 0.85)
        before = np.sort(np.concatenate((before[ends], before[~ends][:: round(middle / scan)])))
    before = before + rng.uniform(0, 0.02, before.size)
    after = before + RTT + rng.uniform(0, 0.01, before.size)
    true = 50 + rng.uniform(0, d) + (1 + error) * volume(before + moment * (after - before))
    meter = MeterTrack(before, after, np.floor(true / d) * d)
    return reference, meter, length, error


def trials(n, q, d, scan, seed=2, **more):
    """Errors of the indication against the true one, with their standard uncertainties."""
    rng = np.random.default_rng(seed)
    errors, us, methods = [], [], []
    for _ in range(n):
        reference, meter, length, error = line(rng, q, d, scan, **more)
        total = flying_total(reference, meter, resolution=d, start=0.0, stop=length)
        errors.append(total.indication - (1 + error) * total.reference)
        us.append(math.hypot(total.u_gate, total.u_timing))
        methods.append(total.method)
    return np.array(errors), np.array(us), methods


# flow in L/s, scale interval in L, scan time in s; q * scan / d tells the method
CASES = [
    (0.007, 0.05, 0.2),
    (0.007, 0.05, 3.0),
    (0.007, 0.01, 1.0),  # 0.7 of an interval between two readings: the first edge is biased here
    (0.02, 0.1, 0.5),
    (0.07, 0.05, 0.2),
    (0.07, 0.05, 0.7),  # 0.98: next to the crossover
    (0.2, 0.1, 0.5),  # 1.0: at the crossover
    (0.07, 0.05, 0.75),  # 1.05: beyond it
    (0.2, 0.05, 0.2),
    (0.2, 0.05, 1.0),
    (0.7, 0.05, 0.2),
    (0.7, 0.05, 3.0),
    (0.7, 1.0, 0.5),
    (0.7, 0.01, 1.0),
]


@pytest.mark.parametrize(("q", "d", "scan"), CASES)
def test_totals_are_unbiased_and_their_uncertainty_is_right(q, d, scan):
    errors, us, methods = trials(300, q, d, scan)
    standard_error = errors.std() / math.sqrt(errors.size)
    assert abs(errors.mean()) < 3.3 * standard_error
    assert abs(errors.mean()) < 0.2 * us.mean()
    assert 0.75 < math.sqrt((errors**2).mean() / (us**2).mean()) < 1.3
    assert (np.abs(errors) <= 2 * us).mean() >= 0.93
    share = q * scan / d
    if share < 0.9:
        assert set(methods) == {"edges"}
    if share > 1.1:
        assert set(methods) == {"readings"}


def test_edges_are_much_better_than_readings_in_slow_flow():
    _, slow, _ = trials(50, 0.007, 0.05, 0.5)
    _, fast, _ = trials(50, 0.7, 0.05, 0.5)
    assert fast.mean() == pytest.approx(0.05 / math.sqrt(6), rel=0.02)
    assert slow.mean() < 0.12 * fast.mean()


def test_meters_that_are_read_rarely_in_the_middle_are_gated_as_well():
    errors, us, methods = trials(200, 0.02, 0.05, 0.5, middle=20.0)
    assert set(methods) == {"edges"}
    assert 0.75 < math.sqrt((errors**2).mean() / (us**2).mean()) < 1.3
    assert abs(errors.mean()) < 0.25 * us.mean()


@pytest.mark.parametrize("moment", [0.0, 1.0])
def test_when_in_the_exchange_the_meter_looks_cancels_in_constant_flow(moment):
    errors, us, _ = trials(200, 0.7, 0.01, 1.0, moment=moment)
    # without cancelling, half an exchange at 0.7 L/s would be 0.042 L
    assert abs(errors.mean()) < 0.002
    assert (np.abs(errors) <= 2 * us).mean() >= 0.93


@pytest.mark.parametrize("moment", [0.0, 1.0])
def test_what_does_not_cancel_when_the_flow_changes_is_in_u_timing(moment):
    """The flow rises by 20 % over the run; the meter looks at the very start or end.

    That is the edge of the rectangular distribution, at 1.73 u, with some jitter on top.
    """

    def volume(t):
        return 0.7 * t * (1 + 0.1 * t / 60.0)

    rng = np.random.default_rng(3)
    misses = []
    for _ in range(100):
        reference, meter, _, error = line(
            rng, 0.7, 0.0001, 1.0, intervals=420000, volume=volume, moment=moment
        )
        total = flying_total(reference, meter, resolution=0.0001, start=0.0, stop=60.0)
        assert any(n.id == "acquire.flow-changed" for n in total.notes)
        off = total.indication - (1 + error) * total.reference
        misses.append(off / math.hypot(total.u_gate, total.u_timing))
    misses = np.array(misses)
    assert np.median(np.abs(misses)) == pytest.approx(math.sqrt(3), rel=0.1)
    assert np.abs(misses).max() < 2.5


def test_the_flow_at_both_ends_is_told():
    reference, meter, length, _ = line(np.random.default_rng(1), 0.2, 0.05, 0.5)
    total = flying_total(reference, meter, resolution=0.05, start=0.0, stop=length)
    assert total.q_start == pytest.approx(0.2)
    assert total.q_stop == pytest.approx(0.2)
    assert total.notes == ()
    assert total.distribution == "triangular"
    assert 0 <= total.t_start < total.t_stop <= length
    inside = (meter.t_before + meter.t_after) / 2
    expected = ((inside >= total.t_start) & (inside <= total.t_stop)).sum()
    assert total.n == expected


def test_the_number_of_readings_between_edges_is_told():
    reference, meter, length, _ = line(np.random.default_rng(1), 0.02, 0.05, 0.5)
    total = flying_total(reference, meter, resolution=0.05, start=0.0, stop=length)
    assert total.method == "edges"
    inside = (meter.t_before + meter.t_after) / 2
    assert total.n == ((inside >= total.t_start) & (inside <= total.t_stop)).sum()


def test_an_indication_on_edges_is_a_whole_number_of_intervals():
    reference, meter, length, _ = line(np.random.default_rng(2), 0.007, 0.05, 0.5)
    total = flying_total(reference, meter, resolution=0.05, start=0.0, stop=length)
    assert total.indication / 0.05 == pytest.approx(round(total.indication / 0.05), abs=1e-6)


def test_a_register_that_travels_as_a_single_float_gates_on_edges_too():
    reference, meter, length, error = line(np.random.default_rng(2), 0.02, 0.05, 0.5)
    single = (meter.register + 90000).astype(np.float32).astype(float)
    total = flying_total(
        reference,
        MeterTrack(meter.t_before, meter.t_after, single),
        resolution=0.05,
        start=0.0,
        stop=length,
    )
    assert total.method == "edges"
    off = total.indication - (1 + error) * total.reference
    assert abs(off) <= 2.5 * total.u_gate + 0.01


# interpolation of the reference -----------------------------------------------------------------


def test_a_steady_acceleration_between_polls_is_bounded():
    """V = a t^2 / 2 with polls h apart: off by at most a h^2 / 8, in both directions of time."""
    a, h = 0.02, 2.0
    t_ref = np.arange(-4.0, 64.0, h)
    reference = ReferenceTrack(t_ref, a * t_ref**2 / 2 + 5 * t_ref)
    before = np.arange(1.0, 60.0, 2.0)  # always in the middle of two polls
    meter = MeterTrack(before, before, before * 0 + np.arange(before.size) * 100.0)
    total = flying_total(reference, meter, resolution=1.0, start=0.0, stop=60.0)
    one_end = a * h**2 / 8 / math.sqrt(3)
    assert total.u_timing == pytest.approx(math.sqrt(2) * one_end, rel=1e-6)


def test_the_jitter_of_the_exchanges_counts_at_both_ends():
    rng = np.random.default_rng(4)
    before = np.arange(0.0, 100.0, 1.0)
    after = before + rng.choice([0.1, 0.3], before.size)
    t_ref = np.arange(-2.0, 104.0, 0.5)
    meter = MeterTrack(before, after, 10.0 * np.arange(before.size))
    total = flying_total(
        ReferenceTrack(t_ref, 10.0 * t_ref), meter, resolution=0.001, start=0.0, stop=100.0
    )
    assert total.u_timing == pytest.approx(10.0 * 0.1 / math.sqrt(2), rel=0.05)


def test_the_time_that_a_failed_exchange_took_does_not_count():
    before = np.arange(0.0, 100.0, 2.0)
    after = before + 0.1
    register = 20.0 * np.arange(before.size)
    after[20], register[20] = before[20] + 1.9, math.nan  # nothing came before the deadline
    t_ref = np.arange(-2.0, 104.0, 0.5)
    total = flying_total(
        ReferenceTrack(t_ref, 10.0 * t_ref),
        MeterTrack(before, after, register),
        resolution=0.001,
        start=0.0,
        stop=100.0,
    )
    assert total.u_timing == pytest.approx(0.0, abs=1e-9)


def test_two_intervals_in_one_step_and_nothing_else_are_gated_on_readings():
    total = gate([5.0] * 30 + [5.2] * 30, q=0.01)
    assert total.method == "readings"
    assert total.indication == pytest.approx(0.2)


def test_the_time_of_the_references_exchanges_counts_where_it_is_known():
    t = np.arange(-2.0, 104.0, 0.5)
    before = np.arange(0.0, 100.0, 1.0)
    meter = MeterTrack(before, before, 10.0 * np.arange(before.size))
    rtt = np.where(np.arange(t.size) % 2, 0.2, 0.1)
    found = [
        flying_total(ReferenceTrack(t, 10.0 * t, r), meter, resolution=1.0, start=0, stop=100)
        for r in (None, rtt)
    ]
    assert found[0].u_timing == pytest.approx(0.0, abs=1e-9)
    assert found[1].u_timing == pytest.approx(10.0 * 0.05 / math.sqrt(2), rel=0.05)


# registers that misbehave -----------------------------------------------------------------------


def steady(register, *, q=0.5, scan=1.0, reference=None):
    register = np.asarray(register, dtype=float)
    before = np.arange(register.size) * scan
    t = np.arange(-2.0, register.size * scan + 3, 0.5)
    track = reference or ReferenceTrack(t, 7.0 + q * t)
    return track, MeterTrack(before, before + 0.1, register)


def gate(register, *, d=0.1, **more):
    reference, meter = steady(register, **more)
    stop = float(meter.t_after[-1])
    return flying_total(reference, meter, resolution=d, start=0.0, stop=stop)


def test_a_stuck_register_is_measured_as_zero():
    total = gate([321.5] * 60)
    assert total.indication == 0.0
    assert total.reference == pytest.approx(0.5 * 59)
    assert total.method == "readings"
    assert total.u_gate == pytest.approx(0.1 / math.sqrt(6))
    assert [n.id for n in total.notes] == ["acquire.register-stuck"]
    assert 100 * (total.indication - total.reference) / total.reference == -100.0


def test_a_register_that_moves_once_is_gated_on_readings():
    total = gate([5.0] * 30 + [5.1] * 30)
    assert total.indication == pytest.approx(0.1)
    assert total.method == "readings"


def test_a_meter_that_was_not_read_is_not_measured():
    with pytest.raises(NotMeasuredError, match="0 good reads, 60 failed"):
        gate([math.nan] * 60)
    with pytest.raises(NotMeasuredError, match="1 good reads"):
        gate([math.nan] * 30 + [5.0] + [math.nan] * 29)


@pytest.mark.parametrize("side", ["start", "stop"])
def test_failed_reads_at_an_end_are_not_measured(side):
    register = list(0.5 * np.arange(60))
    lost = [math.nan] * 3
    broken = lost + register[3:] if side == "start" else register[:-3] + lost
    with pytest.raises(NotMeasuredError, match="where the measurement starts or stops"):
        gate(broken)


def test_isolated_failed_reads_are_left_out_and_noted():
    register = 0.5 * np.arange(60)
    register[[0, 7, 30, 59]] = math.nan
    total = gate(register)
    assert total.indication == pytest.approx(0.5 * 57)
    assert total.reference == pytest.approx(0.5 * 57)
    assert [(n.id, n.args["lost"]) for n in total.notes] == [("acquire.readings-lost", 4)]


def test_readings_of_less_than_half_the_window_are_not_measured():
    reference, meter = steady(0.5 * np.arange(20))
    longer = ReferenceTrack(np.arange(-2.0, 80.0), 0.5 * np.arange(-2.0, 80.0))
    with pytest.raises(NotMeasuredError):
        flying_total(longer, meter, resolution=0.1, start=0.0, stop=60.0)
    assert reference.t.size


@pytest.mark.parametrize(
    "register",
    [
        [*(0.5 * np.arange(30)), *(0.5 * np.arange(30))],  # restarted from zero
        [*(99990 + 0.5 * np.arange(20)), *(0.5 * np.arange(40))],  # rolled over
        list(10 - 0.5 * np.arange(20)),  # installed the wrong way round
        [*([5.0] * 30), *([4.9] * 30)],  # one interval back
        [*(0.5 * np.arange(30)), 99999.0, *(0.5 * np.arange(31, 60))],  # one reading of rubbish
    ],
)
def test_a_register_that_goes_back_is_not_measured(register):
    with pytest.raises(NotMeasuredError, match="runs backwards or rolled over"):
        gate(register)


def test_a_register_that_is_updated_in_steps_has_the_step_as_its_interval():
    """A display that moves by 10 intervals at a time (stepped electronic display)."""
    t = np.arange(600)
    total = gate(np.floor(0.5 * t / 10 + 0.03) * 10, d=1.0)
    assert any(n.id == "acquire.register-steps" for n in total.notes)
    assert total.method == "edges"
    assert total.u_gate == pytest.approx(0.5 / math.sqrt(6), rel=0.05)


def test_a_register_finer_than_declared_is_gated_on_readings():
    total = gate(0.013 * np.arange(60), d=0.1, q=0.013)
    assert total.method == "readings"
    assert total.u_gate == pytest.approx(0.1 / math.sqrt(6))


# references that misbehave ----------------------------------------------------------------------


def test_a_reference_that_does_not_reach_around_the_meter_is_not_measured():
    for t in (np.arange(5.0, 70.0), np.arange(-2.0, 50.0), np.arange(-2.0, -1.0)):
        with pytest.raises(NotMeasuredError, match="the reference was not read"):
            gate(0.5 * np.arange(60), reference=ReferenceTrack(t, 0.5 * t))


def test_a_reference_that_was_reset_on_the_way_is_not_measured():
    t = np.arange(-2.0, 70.0, 0.5)
    total = np.where(t < 30, 0.5 * t, 0.5 * (t - 30))
    with pytest.raises(NotMeasuredError, match="the reference total went back by"):
        gate(0.5 * np.arange(60), reference=ReferenceTrack(t, total))


def test_a_reference_without_flow_is_not_measured():
    t = np.arange(-2.0, 70.0, 0.5)
    with pytest.raises(NotMeasuredError, match="no flow"):
        gate([5.0] * 60, reference=ReferenceTrack(t, 0 * t + 12.0))


def test_failed_polls_of_the_reference_are_bridged():
    t = np.arange(-2.0, 70.0, 0.5)
    values = 0.5 * t
    values[::5] = math.nan
    total = gate(0.5 * np.arange(60), reference=ReferenceTrack(t, values))
    assert total.reference == pytest.approx(0.5 * 59)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"resolution": 0.0}, "must be positive"),
        ({"stop": 0.0}, "is empty"),
        ({"stop": -5.0}, "is empty"),
    ],
)
def test_nonsense_is_refused(options, what):
    reference, meter = steady(0.5 * np.arange(60))
    settings = {"resolution": 0.1, "start": 0.0, "stop": 60.0} | options
    with pytest.raises(ValueError, match=what):
        flying_total(reference, meter, **settings)


# tracks from series -----------------------------------------------------------------------------


def test_tracks_come_from_series_and_failed_rows_are_no_readings():
    master = Series("master", ("volume", "flow"), ("L", "L/s"))
    uut = Series("W-1", ("volume",), ("L",))
    for t in np.arange(-1.0, 62.0, 0.5):
        master.push(t, t + 0.02, (0.5 * (t + 0.01), 0.5))
    for k in range(60):
        if k == 20:
            uut.push(k, k + 0.1, (math.nan,), FAILED)
        else:
            uut.push(k, k + 0.1, (0.5 * k,))
    total = flying_total(
        ReferenceTrack.of(master, "volume"),
        MeterTrack.of(uut),
        resolution=0.1,
        start=0.0,
        stop=60.0,
    )
    assert total.indication == pytest.approx(29.5)
    assert total.reference == pytest.approx(29.5)
    assert total.notes[0].args == {"lost": 1}
    uut.push(60, 60.1, (999.0,))  # a later reading does not reach into a track
    assert MeterTrack.of(uut).register.size == 61


def test_every_note_and_refusal_words_in_every_language():
    messages = []
    for register in ([math.nan] * 60, [*([5.0] * 30), *([4.9] * 30)]):
        with pytest.raises(NotMeasuredError) as caught:
            gate(register)
        messages.append(caught.value.message)
    messages += gate([5.0] * 60).notes
    register = 0.5 * np.arange(60)
    register[7] = math.nan
    messages += gate(register).notes
    for language in LANGUAGES:
        assert all(words(m, language) for m in messages)
    assert len(messages) == 4
