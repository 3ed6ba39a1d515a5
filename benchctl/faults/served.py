"""A simulated bench in a process of its own, for trials that kill the run and not the bench."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchctl.core.errors import UsageError
from benchctl.core.messages import msg
from benchctl.engine import RunRequest

ENDS_WITHIN = 20.0
"""Real seconds."""


class ServedBench:
    """`benchctl sim serve`; its files lie in `folder`, and the first `units` of its units run."""

    def __init__(self, name: str, folder: Path, *, seed: int, rate: float, units: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.bench_file, self.batch_file = folder / "bench.yaml", folder / "batch.csv"
        self._rate = rate
        argv = [name, "--seed", str(seed), "--rate", f"{rate:g}"]
        argv += ["--bench-file", str(self.bench_file), "--batch-file", str(self.batch_file)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchctl", "sim", "serve", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if not self._answer():
            raise UsageError(msg("faults.cannot-run", said=f"sim serve {name}"))
        rows = self.batch_file.read_text(encoding="utf-8").splitlines(keepends=True)
        self.batch_file.write_text("".join(rows[: 1 + units]), encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=ENDS_WITHIN)

    def request(self, request: RunRequest) -> RunRequest:
        """Return the request to run on this bench, as fast as it goes."""
        return replace(
            request,
            bench=self.bench_file,
            batch=self.batch_file,
            uuts=(),
            simulate=False,
            speed=f"{self._rate:g}",
        )

    def state(self) -> dict[str, Any]:
        """Return what the plant does now."""
        assert self._process.stdin is not None
        self._process.stdin.write("state\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._answer())["state"]
        return found

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
