"""`python -m benchctl.verifier RECORD [--key FILE] [--anchor HEAD] [--run RUN] [--json]`.

RECORD is an evidence pack, a database, or the folder of a lab. Exit code 0 where nothing is wrong,
1 where something is, 2 where it could not be checked.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from benchctl.verifier.check import Report, check
from benchctl.verifier.heads import Anchor, read_anchor
from benchctl.verifier.signatures import KeyFormatError, public_key
from benchctl.verifier.sources import SourceError, open_source
from benchctl.verifier.words import EN, ZH


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a record as the command line asks; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchctl.verifier", description=__doc__)
    parser.add_argument("record", type=Path)
    parser.add_argument("--key", type=Path, action="append", default=[])
    parser.add_argument("--anchor", action="append", default=[], help="a head, or a file of heads")
    parser.add_argument("--tsa-ca", type=Path, action="append", default=[])
    parser.add_argument("--run")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    asked = parser.parse_args(arguments)
    try:
        keys = [public_key(path.read_text()) for path in asked.key]
        anchors = [anchor for text in asked.anchor for anchor in anchors_of(text)]
        authorities = [path.read_bytes() for path in asked.tsa_ca]
        report = check(
            open_source(asked.record),
            keys=keys,
            anchors=anchors,
            authorities=authorities,
            run=asked.run,
        )
    except (OSError, SourceError, KeyFormatError, ValueError, sqlite3.Error) as error:
        print(f"{asked.record}: {error}", file=sys.stderr)
        return 2
    show(report, ZH if asked.lang == "zh" else EN, as_json=asked.json)
    return int(bool(report.problems))


def anchors_of(text: str) -> list[Anchor]:
    """Return the anchors that a text says, or the file of that name, one in each line.

    Raises:
        ValueError: there are none in it.
        OSError: it is no anchor and no file that can be read.
    """
    try:
        return [read_anchor(text)]
    except ValueError:
        lines = Path(text).read_text(encoding="utf-8").splitlines()
    return [read_anchor(line.split()[0]) for line in lines if line.strip()]


def show(report: Report, words: dict[str, str], *, as_json: bool) -> None:
    """Print what was found, and what could not be seen."""
    told = [
        {
            "severity": f.severity,
            "run": f.run,
            "seq": f.seq,
            "id": f.id,
            "text": words[f.id].format(**f.args),
        }
        for f in report.findings
    ]
    if as_json:
        count = {"runs": report.runs, "heads": report.heads}
        unseen = [{"id": id_, "text": words[id_]} for id_ in report.unseen]
        print(json.dumps({**count, "findings": told, "unseen": unseen}, ensure_ascii=False))
        return
    for one in told:
        print(f"{one['severity']}: {one['run']} #{one['seq']}: {one['text']}")
    print(f"{report.runs} run(s), {report.heads} statement(s), {len(report.problems)} problem(s)")
    for id_ in report.unseen:
        print(words[id_])


def run() -> None:
    """Check a record and leave with the exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
