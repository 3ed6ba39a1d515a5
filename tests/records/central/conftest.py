"""A PostgreSQL server of our own, in a temporary folder, as an unprivileged user.

`BENCHCTL_TEST_POSTGRES` (a URL of a server on which databases may be made) is used instead where it
is set.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[1]))  # record_samples

from benchctl.records.central import Central

INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "postgres" if os.geteuid() == 0 else None


def program(name: str) -> str | None:
    """Return the path of one of PostgreSQL's programs."""
    return next((str(p / name) for p in reversed(INSTALLED) if (p / name).exists()), None) or (
        shutil.which(name)
    )


@pytest.fixture(scope="session")
def server() -> Iterator[sa.URL]:
    """The URL of a server's own database."""
    given = os.environ.get("BENCHCTL_TEST_POSTGRES")
    if given:
        yield sa.make_url(given)
        return
    pytest.importorskip("psycopg", reason="the extra `postgresql` is not installed")
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not installed (initdb, pg_ctl)")
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        if USER:
            shutil.chown(name, USER)
        data = f"{name}/data"

        def run(*command: str) -> None:
            subprocess.run(command, user=USER, check=True, capture_output=True, cwd=name)

        run(initdb, "-D", data, "-A", "trust", "--no-sync", "-E", "UTF8", "-U", "keeper")
        options = f"-c listen_addresses='' -k {name} -c fsync=off -c max_connections=40"
        run(pg_ctl, "-D", data, "-w", "-l", f"{name}/log", "-o", options, "start")
        try:
            yield sa.URL.create("postgresql", "keeper", database="postgres", query={"host": name})
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "stop")


Connect = Callable[[str], str]


@pytest.fixture
def database(server: sa.URL) -> Iterator[Connect]:
    """A new central database; gives the URL for a login, which is made where it is missing."""
    name = f"lab_{uuid.uuid4().hex[:12]}"
    keeper = sa.create_engine(
        server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    made: list[str] = []
    with keeper.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")

    def url(login: str) -> str:
        if login != server.username and login not in made:
            with keeper.connect() as connection:
                connection.exec_driver_sql(f'CREATE ROLE "{login}" LOGIN')
            made.append(login)
        address = server.set(username=login, database=name)
        return address.render_as_string(hide_password=False)

    with Central.open(url(str(server.username))) as central:
        central.init()
    yield url
    with keeper.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        for login in made:
            connection.exec_driver_sql(f'DROP ROLE "{login}"')
    keeper.dispose()


@pytest.fixture
def central(server: sa.URL, database: Connect) -> Iterator[Central]:
    """The central database as its keeper has it."""
    with Central.open(database(str(server.username))) as opened:
        yield opened
