"""Whatever is done to the text of a bench file: diagnostics, never an exception."""

from pathlib import Path

from bench_samples import LoadedBench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchctl.core.messages import words
from benchctl.core.places import bundled

FILE = bundled("sim_instruments") / "water_bench" / "bench.yaml"
TEXT = FILE.read_text(encoding="utf-8")
LINES = TEXT.split("\n")
SCALARS = [
    *("", "~", "true", "-1", "0", "1e400", ".nan", "0012345", "a.b", "a.b.c", ".", "流量", "%"),
    *("[]", "{}", "[1, 2", "{a: b", "'", '"', "5 %", "0 s", "1 .. 2", "1 .. 2 m", "2 .. 1 L/h"),
    *(
        "in 5 d",
        "99999 d ago",
        "2026-02-30",
        "visa:",
        "manual:",
        "serial://",
        "x::y::z",
        "modbus+tcp://",
    ),
    *("../x.csv", ".", "a" * 600, "pump.speed", "cjt188_meter.volume", "[pump.speed]", "{each: 5}"),
]
quick = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
line_number = st.integers(0, len(LINES) - 1)


def survives(text):
    loaded = LoadedBench(text, Path(FILE.parent))
    assert loaded.file is not None or loaded.diagnostics.failed
    for diagnostic in loaded.diagnostics.items:
        assert 1 <= diagnostic.span.line <= text.count("\n") + 2
        for language in ("en", "zh"):
            assert words(diagnostic.message, language)
            assert diagnostic.hint is None or words(diagnostic.hint, language)


@quick
@given(st.sets(line_number, min_size=1, max_size=3))
def test_lines_of_a_bench_file_may_be_missing(gone):
    survives("\n".join(line for i, line in enumerate(LINES) if i not in gone))


@quick
@given(line_number, line_number)
def test_lines_of_a_bench_file_may_stand_twice_or_elsewhere(source, target):
    lines = list(LINES)
    lines.insert(target, LINES[source])
    survives("\n".join(lines))


@quick
@given(line_number, st.sampled_from(SCALARS), st.randoms(use_true_random=False))
def test_values_of_a_bench_file_may_be_anything(number, scalar, random):
    line = LINES[number]
    starts = [i + 2 for i in range(len(line)) if line[i : i + 2] in {": ", ", ", "[ "}]
    if not starts:
        return
    start = random.choice(starts)
    end = min([len(line), *(line.find(c, start) for c in ",}]#" if line.find(c, start) > 0)])
    spoilt = line[:start] + scalar + line[end:]
    survives("\n".join([*LINES[:number], spoilt, *LINES[number + 1 :]]))


@quick
@given(st.integers(0, len(TEXT)), st.integers(0, 12), st.text(max_size=6))
def test_characters_of_a_bench_file_may_be_anything(start, length, new):
    survives(TEXT[:start] + new + TEXT[start + length :])
