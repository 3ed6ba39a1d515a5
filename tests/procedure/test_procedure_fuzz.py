"""Whatever is done to the text of a procedure: diagnostics, never an exception, never a half."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procedure_samples import WATER, Loaded

from benchctl.core.messages import words
from benchctl.language import Diagnostics, Span, parse_document

TEXT = WATER.read_text(encoding="utf-8")
LINES = TEXT.split("\n")
SCALARS = [
    *(
        "",
        "~",
        "true",
        "-1",
        "0",
        "1e400",
        "1e-320",
        ".nan",
        "0012345",
        "Q3",
        "Q3 / 0",
        "流量",
        "%",
    ),
    *("[]", "{}", "[1, 2", "{a: b", "'", '"', "±", "± %", "±(((", "2 m³/h", "1/0", "at least"),
    *("within", "a" * 600, "(" * 40 + ")" * 40, "9 ** 9 ** 9", "[[[[1]]]]", "&a", "*a", "!!int 1"),
    *("Q3 if", "mpe", "meter_volume.resolution", "2026-01-01", "\u0000", "\u202e", "x: y", "- a"),
    *("#", "point.flow", "accuracy_class", "not", "lambda: 1", "__import__('os')"),
]
quick = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
line_number = st.integers(0, len(LINES) - 1)


def survives(text):
    """Check what every text must do: end in a procedure or in errors, all of them in words."""
    loaded = Loaded(text)
    failed = loaded.diagnostics.failed
    assert (loaded.procedure is None) == failed
    for diagnostic in loaded.diagnostics.items:
        assert isinstance(diagnostic.span, Span)
        assert 1 <= diagnostic.span.line <= text.count("\n") + 2
        for language in ("en", "zh"):
            assert words(diagnostic.message, language)
            assert diagnostic.hint is None or words(diagnostic.hint, language)
    if loaded.procedure is not None:
        whole(loaded)


def whole(loaded):
    """Check that nothing of the text was left out silently."""
    procedure, document = loaded.procedure, parse_document(loaded.source, Diagnostics())
    for axis, choice in procedure.chosen.items():
        document = document.overlaid(("variants", axis, str(choice)))
    data = document.data
    for part in ("items", "points", "limits", "stages", "needs"):
        assert len(getattr(procedure, part)) == len(data[part]) > 0
    for part in ("parameters", "where", "environment"):
        assert len(getattr(procedure, part)) == len(data.get(part) or ())
    uncertainty = data["measurand"]["uncertainty"]
    inputs = {k: len(v) for k, v in procedure.measurand.inputs.items()}
    assert inputs.items() >= {k: len(v) for k, v in uncertainty.items()}.items()
    assert procedure.each_point.set.keys() == data["each_point"]["set"].keys()
    assert (procedure.each_point.retest is None) == (data["each_point"].get("retest") is None)
    assert (procedure.line is None) == (data.get("line") is None)
    for item in procedure.items:
        for key, value in (data.get(item.name) or {}).items():
            name = {"pass": "passes", "ask": "question", "vent": "set"}.get(key, key)
            kept = getattr(item, name if hasattr(item, name) else key)
            assert (kept is None or kept == "") == (value is None or value == ""), key
    values, problems = procedure.parameters_from({})
    if not problems:
        for stage in procedure.stages_known():
            resolved = procedure.resolve(values, stage=stage)
            for point in resolved.points:
                assert point.mpe[0] < point.mpe[1]
                assert point.keep[0] <= point.nominal <= point.keep[1]


@quick
@given(st.sets(line_number, min_size=1, max_size=3))
def test_lines_may_be_missing(gone):
    survives("\n".join(line for i, line in enumerate(LINES) if i not in gone))


@quick
@given(line_number, line_number)
def test_lines_may_stand_twice_or_elsewhere(source, target):
    lines = list(LINES)
    lines.insert(target, LINES[source])
    survives("\n".join(lines))


@quick
@given(line_number, st.sampled_from(SCALARS), st.randoms(use_true_random=False))
def test_values_may_be_anything(number, scalar, random):
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
def test_characters_may_be_anything(start, length, new):
    survives(TEXT[:start] + new + TEXT[start + length :])


@quick
@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_lines_may_be_in_any_order(lines):
    survives("\n".join(lines))
