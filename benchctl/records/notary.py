"""States what the records are, and signs it: the lab's log of tree heads.

    notary = Notary(folder, settings)
    with store.writing() as writer:
        writer.add_records(rows)
        notary.state(writer, CLOSED, facts)      # in the transaction of the records it speaks of
    HeadList(folder).catch_up(store)

Every statement fixes all before it (see `benchctl.verifier.heads`). A signer that cannot be used
does not stop a run: the statement is kept unsigned and says so, and the next one that is signed
covers it.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import Any

from benchctl.core.clock import utc_now
from benchctl.core.errors import RecordError
from benchctl.core.messages import Message, msg
from benchctl.records import keys
from benchctl.records.rows import Facts, HeadRow, RunRow
from benchctl.records.settings import Settings
from benchctl.records.sql import Reader, Writer
from benchctl.verifier.hashing import digest_of, encoded, hash_name
from benchctl.verifier.heads import (
    ADOPTED,
    KEY,
    PACK_PURPOSE,
    Statement,
    read_statement,
    signed_bytes,
)
from benchctl.verifier.merkle import Peaks, leaf
from benchctl.verifier.signatures import PublicKey, public_key


class Notary:
    """The signing hand of a lab; one for all its journals in a process."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.failure: Message | None = None
        """Why the last statement was not signed, None where it was."""
        self._signer: keys.Signer | None = None
        self._lock = threading.RLock()

    def state(
        self,
        writer: Writer,
        what: str,
        facts: Facts | None = None,
        about: dict[str, Any] | None = None,
    ) -> HeadRow:
        """Add a statement, signed where that is possible.

        Raises:
            RecordError: it cannot be kept.
        """
        with self._lock:
            if writer.last_head() is None:
                self._begin(writer, "" if facts is None else facts.run)
            signer = self._present_signer(writer)
            return self._add(writer, what, facts, about or {}, signer)

    def rotate(self, writer: Writer) -> str:
        """Hand over to a new key file, by a statement that the present key signs; return its id.

        `complete_rotation` puts it in place once the statement is on the disk.

        Raises:
            RecordError: the present key cannot be used, or the new one not be made.
        """
        with self._lock:
            if writer.last_head() is None:
                self._begin(writer)
            signer = self._present_signer(writer)
            if signer is None or not isinstance(signer, keys.FileSigner):
                raise RecordError(self.failure or msg("records.rotate-elsewhere"))
            public = keys.staged_signer(self.folder).public
            self._add(writer, KEY, None, _about(public), signer)
            return public.id

    def complete_rotation(self, key: str) -> None:
        """Put the new key in place of the old one."""
        with self._lock:
            keys.take_staged(self.folder, key)
            self._signer = None

    def sign_pack(self, manifest: bytes) -> str:
        """Return key id and signature (hex) of a pack's list of files, "" where it cannot be."""
        signature, key = self.sign(PACK_PURPOSE + manifest)
        return f"{key.id}:{signature.hex()}" if key is not None else ""

    def sign(self, data: bytes) -> tuple[bytes, PublicKey | None]:
        """Return the signature of bytes that begin with their purpose, and whose it is.

        Without a key that can be used it is empty, and `failure` says why.
        """
        with self._lock:
            signer = self._signer or self._load()
            try:
                return (b"", None) if signer is None else (signer.sign(data), signer.public)
            except RecordError as error:
                self.failure = error.message
                return b"", None

    @staticmethod
    def public_pem(reader: Reader) -> str | None:
        """Return the PEM text of the key that signs now, None before the first statement."""
        row = reader.last_head(KEY)
        return None if row is None else str(read_statement(row.text).about["public"])

    def _begin(self, writer: Writer, of_now: str = "") -> None:
        """Make the first statements: the key, and the runs from before there were statements."""
        signer = self._load()
        if signer is None:
            return
        self._add(writer, KEY, None, _about(signer.public), signer)
        for row in writer.runs():
            last = writer.last(row.run)
            if last is not None and row.run != of_now:
                peaks = peaks_of(writer, row, last.seq)
                root = peaks.root().hex()
                facts = Facts(row.run, row.bench, row.algorithm, last.seq, last.hash, root)
                self._add(writer, ADOPTED, facts, {}, signer)

    def _present_signer(self, writer: Writer) -> keys.Signer | None:
        """Return the key that the log names last; state it where another one was put in place."""
        signer = self._signer or self._load()
        row = writer.last_head(KEY)
        named = None if row is None else public_key(read_statement(row.text).about["public"]).id
        if signer is not None and named is not None and signer.public.id != named:
            keys.take_staged(self.folder, named)  # a rotation of another process, or one cut short
            signer = self._load()
        if signer is not None and signer.public.id != named:
            self._add(writer, KEY, None, _about(signer.public), signer)
        return signer

    def _load(self) -> keys.Signer | None:
        try:
            self._signer = keys.signer_of(self.folder, self.settings.signer)
        except RecordError as error:
            self._signer, self.failure = None, error.message
        return self._signer

    def _add(
        self,
        writer: Writer,
        what: str,
        facts: Facts | None,
        about: dict[str, Any],
        signer: keys.Signer | None,
    ) -> HeadRow:
        statement, peaks = self._next(writer, what, facts, about, signer)
        signature = self._signature(signer, statement.text)
        if signer is not None and not signature:  # it must not claim a key that did not sign
            statement, peaks = self._next(writer, what, facts, about, None)
        row = HeadRow(
            n=statement.n,
            run=statement.run or None,
            what=what,
            text=statement.text,
            signature=signature,
            peaks=",".join(peak.hex() for peak in peaks.peaks),
        )
        writer.add_head(row)
        return row

    def _next(
        self,
        writer: Writer,
        what: str,
        facts: Facts | None,
        about: dict[str, Any],
        signer: keys.Signer | None,
    ) -> tuple[Statement, Peaks]:
        """Return the next statement, and the subtrees over all statements with it."""
        last = writer.last_head()
        if last is None:
            lab, tree_hash, before = secrets.token_hex(8), self.settings.hash, ""
            digest = digest_of(tree_hash)
            peaks = Peaks(digest)
        else:
            told = read_statement(last.text)
            lab, tree_hash = told.lab, told.tree_hash
            digest = digest_of(tree_hash)
            before = digest(encoded(last.text)).hex()
            peaks = Peaks(digest, last.n, [bytes.fromhex(p) for p in last.peaks.split(",")])
        statement = Statement(
            lab=lab,
            n=peaks.size + 1,
            what=what,
            utc=utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            tree_hash=tree_hash,
            tree=peaks.root().hex(),
            before=before,
            key="" if signer is None else signer.public.id,
            about=about,
            **({} if facts is None else _fields(facts)),
        )
        peaks.push(leaf(digest, encoded(statement.text)))
        return statement, peaks

    def _signature(self, signer: keys.Signer | None, text: str) -> str:
        if signer is None:
            return ""
        try:
            signature = signer.sign(signed_bytes(text)).hex()
        except RecordError as error:
            self.failure = error.message
            return ""
        self.failure = None
        return signature


def peaks_of(reader: Reader, row: RunRow, size: int) -> Peaks:
    """Return the subtrees over the first `size` records of a run, from their hashes."""
    digest = digest_of(hash_name(row.algorithm))
    peaks = Peaks(digest)
    peaks.extend([leaf(digest, bytes.fromhex(h)) for h in reader.hashes(row.run)[:size]])
    return peaks


def _about(public: PublicKey) -> dict[str, Any]:
    return {"public": public.pem, "algorithm": public.algorithm}


def _fields(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}
