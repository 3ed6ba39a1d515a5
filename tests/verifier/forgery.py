"""What somebody can do to a record who has the files, a database tool and time."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from record_samples import clock, whole_run

from benchctl.records import Lab
from benchctl.verifier import hashing
from benchctl.verifier.heads import KEY, read_statement, signed_bytes
from benchctl.verifier.merkle import Peaks, leaf
from benchctl.verifier.signatures import public_key

SHA256 = hashing.digest_of("sha256")


class Forger:
    """Writes in a lab's database past its triggers, and makes hashes and statements fit again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = sqlite3.connect(folder / "lab.sqlite", isolation_level=None)
        for (name,) in self.db.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            self.db.execute(f"DROP TRIGGER {name}")

    def __call__(self, *statements: str) -> None:
        for statement in statements:
            assert self.db.execute(statement).rowcount != 0, statement

    def close(self) -> None:
        self.db.close()

    def rehash(self, run: str) -> None:
        """Make the chain of a run fit what now stands in it, from its row to its end."""
        names = "run, bench, utc, algorithm, previous_run, previous_seq, previous_hash"
        row = self.db.execute(f"SELECT {names} FROM runs WHERE run = ?", (run,)).fetchone()
        previous = hashing.origin(SHA256, row)
        found = self.db.execute(
            "SELECT seq, kind, version, utc, t, body FROM records WHERE run = ? ORDER BY seq",
            (run,),
        ).fetchall()
        for seq, kind, version, utc, t, body in found:
            head = hashing.header(run, seq, kind, version, utc, t)
            previous = hashing.chained(SHA256, previous, head, body)
            self.db.execute(
                "UPDATE records SET hash = ? WHERE run = ? AND seq = ?", (previous.hex(), run, seq)
            )

    def restate(
        self,
        key: Ed25519PrivateKey | None,
        *,
        public: str | None = None,
        signer: str | None = None,
    ) -> None:
        """Write every statement and the list anew, so that they fit.

        They are signed with `key`, or not at all, and say so of the key with the id `signer`.
        `public` is put into the first statement in place of the key that stands there.
        """
        tree, before, lines = Peaks(SHA256), "", []
        rows = self.db.execute("SELECT n, text FROM heads ORDER BY n").fetchall()
        if key is not None:
            signer = public_key(pem_of(key)).id
        for at, (n, text) in enumerate(rows, 1):
            statement = read_statement(text)
            changes: dict[str, Any] = {"n": at, "tree": tree.root().hex(), "before": before}
            if signer is not None:
                changes["key"] = signer
            if statement.run:
                changes |= self._facts(statement.run, statement.size)
            if statement.what == KEY and public is not None:
                changes["about"] = {**statement.about, "public": public}
            text = replace(statement, **changes).text
            signature = "" if key is None else key.sign(signed_bytes(text)).hex()
            before = SHA256(text.encode()).hex()
            tree.push(leaf(SHA256, text.encode()))
            self.db.execute(
                "UPDATE heads SET n = ?, text = ?, signature = ?, peaks = ? WHERE n = ?",
                (at, text, signature, ",".join(p.hex() for p in tree.peaks), n),
            )
            lines.append([at, text, signature])
        self.write_list(lines)

    def write_list(self, lines: Iterable[Any]) -> None:
        (self.folder / "heads.jsonl").write_text("".join(f"{json.dumps(x)}\n" for x in lines))

    def list_as_database(self) -> None:
        """Make the list beside the database say what the database says."""
        self.write_list(self.db.execute("SELECT n, text, signature FROM heads ORDER BY n"))

    def _facts(self, run: str, size: int) -> dict[str, Any]:
        rows = self.db.execute(
            "SELECT hash FROM records WHERE run = ? AND seq <= ? ORDER BY seq", (run, size)
        ).fetchall()
        tree = Peaks(SHA256)
        tree.extend([leaf(SHA256, bytes.fromhex(h)) for (h,) in rows])
        return {"root": tree.root().hex(), "hash": rows[-1][0]}


def record(lab: Lab, run: str) -> None:
    journal = lab.begin_run("Line 2", run, clock=clock())
    for event in whole_run():
        journal.emit(event)


def pem_of(key: Ed25519PrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def stolen_key(folder: Path) -> Ed25519PrivateKey:
    """The lab's own key, as somebody inside has it."""
    key = form.load_pem_private_key((folder / "keys/signing.pem").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def repacked(pack: Path, change: Callable[[dict[str, bytes]], None], *, relist: bool) -> Path:
    """Return a copy of a pack with changed files; `relist` makes its list of files fit them."""
    from hashlib import sha256

    with zipfile.ZipFile(pack) as source:
        files = {name: source.read(name) for name in source.namelist()}
    change(files)
    if relist:
        manifest = json.loads(files["pack.json"])
        own = {n: d for n, d in files.items() if n not in ("pack.json", "pack.sig")}
        manifest["files"] = {name: sha256(data).hexdigest() for name, data in own.items()}
        files["pack.json"] = json.dumps(manifest).encode()
    copy = pack.with_name(f"forged-{len(list(pack.parent.glob('forged-*')))}.zip")
    with zipfile.ZipFile(copy, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
    return copy
