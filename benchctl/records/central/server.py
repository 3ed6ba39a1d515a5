"""The central database as a bench, a reader or its keeper meets it.

with Central.open("postgresql://bench3@lab-db/benchctl") as central:
central.last_head(lab)
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.records.central import tables
from benchctl.records.rows import HeadRow, RecordRow, RunRow

SCRIPTS = Path(__file__).parent / "migrations"
CONNECT_SECONDS = 10
_MEANINGS = {
    "BC001": "records.central-fork",
    "BC002": "records.central-hash",
    "BC003": "records.central-blob",
    "BC004": "records.central-algorithm",
    "BC005": "records.central-kept",
}
"""What the server's own checks mean."""


class CentralGoneError(RefusedError):
    """The central database cannot be reached just now; the bench goes on, and nothing is lost."""


class ForkError(RefusedError):
    """The central database holds something else than this bench: one of them was altered."""


@dataclass(frozen=True, slots=True)
class Position:
    """How much of a run the central database holds: the number of its last record, its hash."""

    seq: int
    hash: str


class Central:
    """A connection to the central database; used by one thread."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self._engine = engine
        self.name = name
        """The address without its password."""

    @classmethod
    def open(cls, url: str) -> Central:
        """Return the database at a URL `postgresql://[login[:password]@]host[:port]/name`.

        Nothing is connected yet. Passwords are better kept where libpq looks for them.

        Raises:
            UsageError: it is no such URL, or the extra `postgresql` is not installed.
        """
        try:
            address = sa.make_url(url)
        except sa.exc.ArgumentError as error:
            raise UsageError(msg("records.central-url", url=url)) from error
        if address.get_backend_name() != "postgresql":
            raise UsageError(msg("records.central-url", url=url))
        address = address.set(drivername="postgresql+psycopg")
        try:
            engine = sa.create_engine(
                address,
                pool_size=1,
                max_overflow=0,
                pool_pre_ping=True,
                connect_args={"connect_timeout": CONNECT_SECONDS},
            )
        except ModuleNotFoundError as error:
            hint = msg("records.central-extra-hint")
            raise UsageError(msg("records.central-extra"), hint=hint) from error
        # a connection that broke is told once, by us; psycopg would write lines of its own
        logging.getLogger("psycopg").addHandler(logging.NullHandler())
        shown = address.set(drivername="postgresql", password=None)
        return cls(engine, shown.render_as_string())

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give a connection; what was done on it is kept when the block ends, all or nothing.

        Raises:
            CentralGoneError: the server cannot be reached, or went away.
            ForkError: the server refused what it was given.
            RecordError: anything else that the server says.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise self._meaning(error) from error

    def _meaning(self, error: sa.exc.DBAPIError) -> RecordError | RefusedError:
        state = getattr(error.orig, "sqlstate", None) or ""
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
        if state in _MEANINGS:
            message = msg(_MEANINGS[state], central=self.name, reason=reason)
            return ForkError(message, hint=msg("records.central-fork-hint"))
        if state == "42501":  # insufficient_privilege, row-level security among it
            return RecordError(msg("records.central-rights", central=self.name, reason=reason))
        if state == "42P01":
            hint = msg("records.central-init-hint")
            return RecordError(msg("records.central-empty", central=self.name), hint=hint)
        if error.connection_invalidated or not state or state[:2] in ("08", "57", "28", "3D"):
            return CentralGoneError(
                msg("records.central-gone", central=self.name, reason=reason),
                hint=msg("records.central-gone-hint"),
            )
        return RecordError(msg("records.central-says", central=self.name, reason=reason))

    # the keeper's -----------------------------------------------------------------------------

    def init(self) -> str:
        """Make the tables, or bring them to the newest revision; return that revision.

        Raises:
            RecordError: the server refuses, or cannot be reached.
        """
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        with self.transaction() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return tables.HEAD

    def grant(self, login: str, *, role: str, benches: Sequence[str] = ()) -> None:
        """Let a login of the server be a bench, a reader or a clerk.

        Raises:
            UsageError: there is no such role.
            RecordError: the server refuses: there is no such login, or you may not.
        """
        if role not in ("bench", "reader", "clerk"):
            raise UsageError(msg("records.central-role", role=role))
        with self.transaction() as connection:
            name = connection.dialect.identifier_preparer.quote(login)
            connection.exec_driver_sql(f"GRANT benchctl_{role} TO {name}")
            for bench in benches:
                known = sa.select(tables.logins.c.login).where(
                    tables.logins.c.login == login, tables.logins.c.bench == bench
                )
                if connection.execute(known).first() is None:
                    connection.execute(sa.insert(tables.logins), {"login": login, "bench": bench})

    # a bench's --------------------------------------------------------------------------------

    def last_head(self, lab: str) -> tuple[int, str]:
        """Return number and text of the last statement of a bench's database; (0, "") without."""
        heads = tables.heads
        asked = sa.select(heads.c.n, heads.c.text).where(heads.c.lab == lab)
        with self.transaction() as connection:
            found = connection.execute(asked.order_by(heads.c.n.desc()).limit(1)).first()
        return (0, "") if found is None else (int(found[0]), str(found[1]))

    def position(self, run: str) -> Position | None:
        """Return how much of a run is there, None where nothing of it is."""
        records, runs = tables.records, tables.runs
        with self.transaction() as connection:
            if connection.execute(sa.select(runs.c.run).where(runs.c.run == run)).first() is None:
                return None
            asked = sa.select(records.c.seq, records.c.hash).where(records.c.run == run)
            last = connection.execute(asked.order_by(records.c.seq.desc()).limit(1)).first()
        return Position(0, "") if last is None else Position(int(last[0]), str(last[1]))

    def add(
        self,
        run: RunRow | None,
        rows: Sequence[RecordRow],
        data: Sequence[tuple[int, bytes]],
    ) -> None:
        """Add a page of a run's records, and the run's row with the first of them.

        Raises:
            ForkError: it does not follow what is there.
            CentralGoneError: the server went away; whether the page is there is to be asked.
        """
        with self.transaction() as connection:
            if run is not None:
                connection.execute(sa.insert(tables.runs), asdict(run))
            if rows:
                connection.execute(sa.insert(tables.records), [asdict(row) for row in rows])
            if data:
                blobs = [{"run": rows[0].run, "seq": seq, "data": d} for seq, d in data]
                connection.execute(sa.insert(tables.blobs), blobs)

    def add_heads(self, lab: str, heads: Sequence[HeadRow]) -> None:
        """Add statements of a bench's database, in order.

        Raises:
            ForkError: they do not follow what is there.
        """
        values = [
            {
                "lab": lab,
                "n": head.n,
                "run": head.run,
                "what": head.what,
                "text": head.text,
                "signature": head.signature,
            }
            for head in heads
        ]
        with self.transaction() as connection:
            connection.execute(sa.insert(tables.heads), values)

    # a reader's -------------------------------------------------------------------------------

    def benches(self) -> list[dict[str, Any]]:
        """Return each bench with the number of its runs and records, and its last run."""
        runs, records = tables.runs, tables.records
        counted = (
            sa.select(runs.c.bench, sa.func.count(), sa.func.max(runs.c.run))
            .group_by(runs.c.bench)
            .order_by(runs.c.bench)
        )
        of_bench = (
            sa.select(runs.c.bench, sa.func.count())
            .join(records, records.c.run == runs.c.run)
            .group_by(runs.c.bench)
        )
        with self.transaction() as connection:
            sizes = {str(bench): int(n) for bench, n in connection.execute(of_bench)}
            return [
                {"name": str(b), "runs": int(n), "records": sizes.get(str(b), 0), "last": str(r)}
                for b, n, r in connection.execute(counted)
            ]
