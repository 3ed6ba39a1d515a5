"""The timestamps that a record brings, against its own statements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from benchctl.verifier.findings import Finding, note, problem
from benchctl.verifier.heads import NOTED, Anchor
from benchctl.verifier.log import Log
from benchctl.verifier.sources import Source

STAMPED = "timestamp"
"""What a statement is about that says: there is a timestamp with this hash."""


def check_stamps(
    source: Source, log: Log, authorities: Sequence[bytes]
) -> tuple[int, list[Finding]]:
    """Return the newest statement whose timestamp holds (0 for none), and what was found."""
    stamps = source.stamps()
    found: list[Finding] = []
    newest = 0
    for n, response in stamps:
        finding = _check(log, n, response, authorities)
        found.append(finding)
        if finding.id == "stamp-fits":
            newest = max(newest, n)
    there = {hashlib.sha256(response).hexdigest() for _, response in stamps}
    told = [s for s in log.statements if s.what == NOTED and s.about.get("what") == STAMPED]
    for statement in told if source.whole else ():
        about = statement.about
        if about.get("sha256") not in there:
            found.append(problem("stamp-missing", n=about.get("n"), by=statement.n))
    return newest, found


def _check(log: Log, n: int, response: bytes, authorities: Sequence[bytes]) -> Finding:
    try:
        from benchctl.verifier.timestamps import StampError, StampUncheckedError, check_stamp
    except ImportError:
        return note("stamp-unchecked", n=n, at="-", reason="asn1crypto is not installed")
    root = log.roots.get(n)
    if root is None:
        return problem("stamp-foreign", n=n)
    anchor = str(Anchor(log.statements[0].tree_hash, n, root))
    try:
        stamp = check_stamp(response, anchor, authorities)
    except ImportError:
        return note("stamp-unchecked", n=n, at="-", reason="asn1crypto is not installed")
    except StampUncheckedError as unchecked:
        return note("stamp-unchecked", n=n, at=_time(response), reason=str(unchecked))
    except StampError as error:
        if str(error) == "foreign":
            return problem("stamp-foreign", n=n)
        return problem("stamp-bad", n=n, reason=str(error))
    return note("stamp-fits", n=n, by=stamp.by, at=stamp.at)


def _time(response: bytes) -> str:
    from benchctl.verifier.timestamps import read_stamp

    return read_stamp(response).at
