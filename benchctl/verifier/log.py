"""The log of statements: is it whole, signed by the lab's keys, and the one kept elsewhere?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchctl.verifier.findings import NOTE, Finding, note, problem
from benchctl.verifier.hashing import Digest, UnknownHashError, digest_of, encoded
from benchctl.verifier.heads import KEY, Anchor, Statement, read_statement, signed_bytes
from benchctl.verifier.merkle import Peaks, included, leaf
from benchctl.verifier.signatures import KeyFormatError, PublicKey, public_key
from benchctl.verifier.sources import Head, Source, SourceError


@dataclass(slots=True)
class Log:
    """What the statements say, and what is wrong with them."""

    statements: list[Statement] = field(default_factory=list)
    gone: list[Statement] = field(default_factory=list)
    """Statements that only the list beside the database still has."""
    found: list[Finding] = field(default_factory=list)
    keys: dict[str, tuple[int, PublicKey]] = field(default_factory=dict)
    """The keys of the lab by id, and the statement that made each known."""
    signed: dict[str, int] = field(default_factory=dict)
    """The last statement that bears a valid signature, by key."""
    roots: dict[int, str] = field(default_factory=dict)
    """The root (hex) over the statements 1 to n, for the n that anchors name, and the last."""

    @property
    def last(self) -> int:
        """The number of the last statement, 0 without any."""
        return self.statements[-1].n if self.statements else 0

    def of_run(self, run: str) -> list[Statement]:
        """Return the statements about a run, those that are gone included."""
        return [s for s in (*self.statements, *self.gone) if s.run == run]


def read_log(source: Source, trusted: Sequence[PublicKey], anchors: Sequence[Anchor]) -> Log:
    """Read and check the statements of a record.

    Args:
        source: the record.
        trusted: public keys that were got elsewhere; without any the log's own keys are believed.
        anchors: what was kept elsewhere.
    """
    heads = source.heads()
    log = Log()
    reader = _Reader(log, {anchor.n for anchor in anchors} | {n for n, _ in source.stamps()})
    for head in heads:
        (reader.take if source.whole else reader.take_alone)(head)
    reader.end()
    if source.whole:
        _compare_list(source, heads, log)
    else:
        _tie_together(heads, log)
    _trust(log, trusted)
    for anchor in anchors:
        log.found.extend(_anchor(log, anchor, whole=source.whole))
    return log


class _Reader:
    """Goes through the statements in order, with the key that signs."""

    def __init__(self, log: Log, wanted: set[int]) -> None:
        self.log = log
        self.wanted = wanted
        self.key: PublicKey | None = None
        self.digest: Digest | None = None
        self.peaks: Peaks | None = None
        self.before = ""
        self.expected = 1
        self.unsigned: list[tuple[str, int]] = []

    def end(self) -> None:
        """Tell of the statements that no signature covers."""
        if self.unsigned:
            first, last = self.unsigned[0][1], self.unsigned[-1][1]
            self.log.found.append(problem("heads-unsigned", first=first, last=last))

    def take(self, head: Head) -> None:
        """Take the next statement of a whole log."""
        found = self.log.found
        if head.n != self.expected:
            found.append(problem("heads-gap", first=self.expected, last=head.n - 1))
        statement = self._read(head)
        self.expected = head.n + 1
        if statement is None or not self._began(statement):
            return
        assert self.peaks is not None
        assert self.digest is not None
        told = (statement.before, statement.tree)
        if told != (self.before, self.peaks.root().hex()):
            found.append(problem("head-order", statement.run or "-", n=head.n))
        self._signed(statement, head)
        self.before = self.digest(encoded(head.text)).hex()
        self.peaks.push(leaf(self.digest, encoded(head.text)))
        if head.n in self.wanted:
            self.log.roots[head.n] = self.peaks.root().hex()

    def take_alone(self, head: Head) -> None:
        """Take a statement of a pack, which brings what its place in the log rests on."""
        statement = self._read(head)
        if statement is None or not self._began(statement):
            return
        assert self.digest is not None
        try:
            peaks = Peaks(self.digest, head.n - 1, [bytes.fromhex(p) for p in head.peaks])
        except ValueError:
            self.log.found.append(problem("head-order", statement.run or "-", n=head.n))
            return
        if peaks.root().hex() != statement.tree:
            self.log.found.append(problem("head-order", statement.run or "-", n=head.n))
        self._signed(statement, head)
        peaks.push(leaf(self.digest, encoded(head.text)))
        self.log.roots[head.n] = peaks.root().hex()

    def _read(self, head: Head) -> Statement | None:
        try:
            statement = read_statement(head.text)
        except (ValueError, TypeError):
            statement = None
        if statement is None or statement.n != head.n:
            self.log.found.append(problem("head-damaged", n=head.n))
            return None
        first = self.log.statements[0] if self.log.statements else statement
        if (statement.lab, statement.tree_hash) != (first.lab, first.tree_hash):
            self.log.found.append(problem("head-foreign", n=head.n))
        self.log.statements.append(statement)
        return statement

    def _began(self, statement: Statement) -> bool:
        """Take the tree's hash from the first statement; return whether it is known here."""
        if self.digest is None:
            try:
                self.digest = digest_of(statement.tree_hash)
            except UnknownHashError:
                name = statement.tree_hash
                self.log.found.append(problem("unknown-algorithm", algorithm=name))
                return False
            self.peaks = Peaks(self.digest)
        return True

    def _signed(self, statement: Statement, head: Head) -> None:
        """Check a statement's signature; one about a key changes who signs from here on."""
        found, run = self.log.found, statement.run or "-"
        new = self._new_key(statement) if statement.what == KEY else None
        signer = self.key
        if new is not None and (self.key is None or statement.key != self.key.id):
            if self.key is not None:
                found.append(problem("key-replaced", n=statement.n, key=new.id))
            signer = new
        if not statement.key:
            self.unsigned.append((run, statement.n))
        elif signer is None or signer.id != statement.key:
            found.append(problem("head-key", run, n=statement.n, key=statement.key))
        elif not _fits(signer, head):
            found.append(problem("head-signature", run, n=statement.n, key=signer.id))
        else:
            self.log.signed[signer.id] = statement.n
            found += [note("head-unsigned", of, n=n) for of, n in self.unsigned]  # covered by this
            self.unsigned.clear()
        self.key = new or self.key

    def _new_key(self, statement: Statement) -> PublicKey | None:
        try:
            key = public_key(str(statement.about.get("public", "")))
        except KeyFormatError:
            self.log.found.append(problem("head-damaged", n=statement.n))
            return None
        self.log.keys.setdefault(key.id, (statement.n, key))
        return key


def _fits(key: PublicKey, head: Head) -> bool:
    try:
        return key.fits(bytes.fromhex(head.signature), signed_bytes(head.text))
    except ValueError:
        return False


def _compare_list(source: Source, heads: Sequence[Head], log: Log) -> None:
    """Compare the statements with the list beside the database."""
    try:
        lines = source.mirror()
    except SourceError as error:
        line = str(error)
        what = problem("heads-changed", line=int(line)) if line else problem("heads-missing")
        log.found += [what] if heads or source.runs() else []
        return
    there = {head.n: head for head in heads}
    gone: list[int] = []
    for number, (n, text, signature) in enumerate(lines or (), 1):
        head = there.get(n)
        if n != number:
            log.found.append(problem("heads-changed", line=number))
            return
        if head is None:
            gone.append(n)
            log.gone += _readable(text)
        elif (head.text, head.signature) != (text, signature):
            log.found.append(problem("heads-differ", n=n))
    if gone:
        log.found.append(problem("heads-gone", first=gone[0], last=gone[-1]))


def _readable(text: str) -> list[Statement]:
    try:
        return [read_statement(text)]
    except (ValueError, TypeError):
        return []


def _tie_together(heads: Sequence[Head], log: Log) -> None:
    """Check that a pack's statements are among those that its last one was signed over."""
    if not log.statements:
        log.found.append(problem("no-heads"))
        return
    last = log.statements[-1]
    try:
        digest = digest_of(last.tree_hash)
    except UnknownHashError:
        return
    for head in heads:
        if head.n == last.n:
            continue
        try:
            proof, tree = [bytes.fromhex(p) for p in head.proof], bytes.fromhex(last.tree)
        except ValueError:
            proof, tree = [], b""
        entry = leaf(digest, encoded(head.text))
        if not included(digest, entry, head.n - 1, last.n - 1, proof, tree):
            log.found.append(problem("head-not-included", n=head.n, last=last.n))


def _trust(log: Log, trusted: Sequence[PublicKey]) -> None:
    """Judge the lab's keys by those that were got elsewhere."""
    if not trusted:
        if log.keys:
            log.found.append(note("key-own", keys=", ".join(log.keys)))
        return
    known = [log.signed[key.id] for key in trusted if key.id in log.signed]
    if not known:
        log.found.append(problem("key-foreign", keys=", ".join(log.keys) or "-"))
        return
    for at, finding in enumerate(log.found):  # what a trusted key stated later covers it
        if finding.id == "key-replaced" and finding.args["n"] <= max(known):
            log.found[at] = Finding(finding.id, finding.run, 0, finding.args, NOTE)


def _anchor(log: Log, anchor: Anchor, *, whole: bool) -> Iterable[Finding]:
    """Compare with what was kept elsewhere."""
    root = log.roots.get(anchor.n)
    if log.statements and anchor.tree_hash != log.statements[0].tree_hash:
        return [problem("anchor-differs", n=anchor.n)]
    if root == anchor.root:
        return [note("anchor-fits", n=anchor.n)]
    if root is not None:
        return [problem("anchor-differs", n=anchor.n)]
    if anchor.n > log.last:
        if whole:
            return [problem("anchor-beyond", n=anchor.n, last=log.last)]
        return [problem("pack-older", n=anchor.n, last=log.last)]
    return [
        problem("anchor-differs", n=anchor.n) if whole else note("anchor-elsewhere", n=anchor.n)
    ]
