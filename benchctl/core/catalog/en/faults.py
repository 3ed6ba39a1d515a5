"""Sentences of the faults that are injected on purpose."""

TEXTS: dict[str, str] = {
    "not-simulated": "faults are injected into simulated benches that live in the run's own process only",
    "cannot-run": "the run does not even go through unspoilt: {said}",
}
