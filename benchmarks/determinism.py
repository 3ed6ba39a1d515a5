"""The same seed gives the same document: whole runs while another process keeps a core busy.

    python benchmarks/determinism.py [--runs 10] [--seed 3]

Every run is a process of its own (with its own hashing of strings) and has its own lab folder. What
identifies a run or says when it was made is taken out by `normalise`; everything else must be equal
byte for byte, the order of keys included. The exit code is 1 where it is not, or where another seed
gives the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Any

SPIN = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Ends with the process that started it, however that ends."""
SHOWN = 20
"""Lines of a difference that are printed."""


def normalise(document: dict[str, Any]) -> dict[str, Any]:
    """Return a result document without what tells one run of a seed from another.

    The run's id, its two instants and the hashes of its log are dropped. Days are counted from the
    run's date: simulated standards are dated relative to it.
    """
    today = datetime.fromisoformat(document["started"]).date()
    copy: dict[str, Any] = json.loads(json.dumps(document))
    copy["run"] = copy["started"] = copy["finished"] = None
    copy["log"] |= {"root": None, "head": None, "signature": None}
    for standard in copy["standards"]:
        for day in ("issued", "due"):
            if standard[day] is not None:
                standard[day] = (date.fromisoformat(standard[day]) - today).days
    return copy


def document_of(lab: Path, seed: int, options: Sequence[str] = ()) -> str:
    """Run the standard procedure in a process of its own; return its normalised document.

    Raises:
        RuntimeError: the run did not finish.
    """
    argv = ["run", "water-meter", "--seed", str(seed), "--lab", str(lab), "--quiet", "--json", "-"]
    done = subprocess.run(
        [sys.executable, "-m", "benchctl", *argv, *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=lab,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr)
    return json.dumps(normalise(json.loads(done.stdout)), ensure_ascii=False, indent=1)


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy as long as the context lasts."""
    spinning = subprocess.Popen([sys.executable, "-c", SPIN])
    try:
        yield
    finally:
        spinning.kill()
        spinning.wait()


def main() -> int:
    """Make the runs and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, busy_core():
        documents = []
        for n in range(options.runs):
            lab = Path(folder) / str(n)
            lab.mkdir()
            documents.append(document_of(lab, options.seed))
        other = document_of(Path(folder), options.seed + 1)
    for n, document in enumerate(documents):
        lines = unified_diff(documents[0].splitlines(), document.splitlines(), "0", str(n), n=0)
        print(*list(lines)[:SHOWN], sep="\n", end="")
    kinds = len(set(documents))
    size = len(documents[0].encode())
    print(f"{options.runs} runs of seed {options.seed}: {kinds} document(s) of {size} bytes")
    print(f"seed {options.seed + 1} differs: {other not in documents}")
    return int(kinds != 1 or other in documents)


if __name__ == "__main__":
    sys.exit(main())
