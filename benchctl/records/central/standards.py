"""All runs of a standard, on all benches of the lab: the way from a certificate to the results.

runs_of_standard(central, "MM-014")      # by its name, serial number or certificate
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from benchctl.records.central.server import Central
from benchctl.records.central.tables import runs, standards_used


@dataclass(frozen=True, slots=True)
class StandardUse:
    """A run that relied on a standard, when it began, as what, under which certificate."""

    run: str
    utc: str
    bench: str
    roles: tuple[str, ...]
    certificate: str


def runs_of_standard(central: Central, word: str, *, since: str = "") -> list[StandardUse]:
    """Return the runs that relied on a standard, oldest first.

    Args:
        central: the central database.
        word: its name, serial number or certificate.
        since: only runs that began at or after this ISO date or time, UTC.

    Raises:
        CentralGoneError: the server cannot be reached.
        RecordError: the login may not see it.
    """
    used = standards_used
    columns = (used.c.run, used.c.seq, used.c.role, used.c.certificate)
    found = sa.union(  # a question for each index
        *(sa.select(*columns).where(used.c[name] == word) for name in _NAMED)
    ).subquery()
    asked = (
        sa.select(found.c.run, runs.c.utc, runs.c.bench, found.c.role, found.c.certificate)
        .join(runs, runs.c.run == found.c.run)
        .order_by(runs.c.utc, found.c.run, found.c.seq)
    )
    if since:
        asked = asked.where(runs.c.utc >= since)
    uses: dict[str, StandardUse] = {}
    with central.transaction() as connection:
        for run, utc, bench, role, certificate in connection.execute(asked):
            roles = uses[run].roles if run in uses else ()
            uses[run] = StandardUse(run, utc, bench, (*roles, role), certificate)
    return list(uses.values())


_NAMED = ("name", "serial", "certificate")
