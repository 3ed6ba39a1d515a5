"""Issues the certificates of many runs: numbers, files, register, sheet; restartable anywhere.

A certificate is issued once it is in the register. Its file is there before that, so that a batch
that was cut off goes on with what is not in the register yet and writes those files again.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.cli.files import write_bytes
from benchctl.cli.issuing.entering import issuance_of
from benchctl.cli.issuing.specimens import Specimens
from benchctl.core.errors import RefusedError
from benchctl.core.messages import Message, msg, words

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.certificates.labels import Label
    from benchctl.certificates.many import Job, Made
    from benchctl.certificates.signing import Signing
    from benchctl.certificates.summary import SummaryRow
    from benchctl.cli.issuing.choosing import Chosen
    from benchctl.records import Lab
    from benchctl.records.issued import Entry, Issuance, Kept

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """How certificates are wanted."""

    languages: tuple[str, ...]
    kind: Any
    budget: bool | None
    with_dcc: bool
    by: str
    processes: int | None
    signing: Signing | None = None


@dataclass(slots=True)
class Done:
    """What came of a batch."""

    entries: list[JSON] = field(default_factory=list)
    rows: list[SummaryRow] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    problems: list[tuple[str, str, Message]] = field(default_factory=list)
    """Run, unit and why it has no certificate although its results would bear one."""
    made: int = 0
    known: int = 0
    stopped: bool = False
    """Whether a person stopped it before its end."""


@dataclass(slots=True)
class _Work:
    """A run whose certificates are being made."""

    chosen: Chosen
    documents: Mapping[str, JSON]
    serials: tuple[str, ...]


class Batch:
    """One call of `certificate issue`."""

    def __init__(self, lab: Lab, settings: LabSettings, folder: Path, wish: Wish) -> None:
        self.lab = lab
        self.settings = settings
        self.folder = folder
        self.wish = wish
        self.done = Done()
        self._waiting: deque[_Work] = deque()
        self._names: set[str] = set()
        self._specimens = Specimens(folder, settings, wish.languages, wish.kind, wish.budget)

    def issue(self, chosen: Sequence[Chosen], progress: Callable[[int, int], None]) -> Done:
        """Issue what is wanted of the chosen runs; return what came of it.

        Args:
            chosen: the runs with their units.
            progress: told how many of how many certificates are there.

        Raises:
            UsageError: the extra `certificates` is not installed, or a file of the lab is missing.
            RecordError: a file or the register cannot be written.
        """
        from benchctl.certificates.many import made_of

        expected = sum(len(c.wanted) for c in chosen)
        jobs = self._jobs(chosen)
        for made in made_of(jobs, self.settings, processes=self.wish.processes, expected=expected):
            work = self._waiting.popleft()
            self._keep(work, made)
            progress(self.done.made + len(self.done.problems), expected)
        return self.done

    def _jobs(self, chosen: Sequence[Chosen]) -> Iterator[Job]:
        from benchctl.certificates.many import Job

        for of_run in chosen:
            work = self._work(of_run)
            if work is None:
                continue
            self._waiting.append(work)
            wish = self.wish
            yield Job(work.documents, work.serials, wish.kind, wish.budget, wish.signing)

    def _work(self, chosen: Chosen) -> _Work | None:
        """Number the units of a run, list those that are known; return what is to be made."""
        from benchctl.records import issue_all

        serials = list(chosen.wanted)
        if serials and not chosen.simulated:
            try:
                issue_all(self.lab, chosen.run, serials, by=self.wish.by)
            except RefusedError as error:
                self.done.problems += [(chosen.run, s, error.message) for s in serials]
                chosen.left_out.update(dict.fromkeys(serials, error.message))
                serials = []
        documents = {n: self.lab.document(chosen.run, n) for n in self.wish.languages}
        for serial in [*chosen.issued, *chosen.left_out]:
            self._list_known(chosen, documents, serial)
        if chosen.simulated:
            serials = [s for s in serials if not self._known_specimen(documents, s)]
        return _Work(chosen, documents, tuple(serials)) if serials else None

    # what is there already --------------------------------------------------------------------

    def _list_known(self, chosen: Chosen, documents: Mapping[str, JSON], serial: str) -> None:
        entry = chosen.issued.get(serial)
        if entry is None:
            why = chosen.left_out[serial]
            said = tuple(dict.fromkeys(words(why, n) for n in self.wish.languages))
            self._row(documents, serial, number="", why=said)
            return
        said_of = entry.issued
        self._row(
            documents,
            serial,
            number=said_of.number,
            file=said_of.file,
            dcc_sha256=said_of.dcc_sha256,
        )
        self._label(documents, serial, said_of.kind, said_of.number)
        problem = self._restore(entry)
        if problem is not None:
            self.done.problems.append((chosen.run, serial, problem))
        self.done.known += 1
        self.done.entries.append(entry.as_json() | {"specimen": False, "known": True})

    def _restore(self, entry: Entry) -> Message | None:
        """Write the files of a certificate again where they are gone; None where they are there."""
        from benchctl.certificates.copies import again
        from benchctl.records.issued import kept

        path = self.folder / entry.issued.file
        dcc = path.with_suffix(".xml")
        if self.wish.with_dcc and not dcc.exists():
            write_bytes(dcc, kept(self.lab, entry.issued.number).dcc)
        if path.exists():
            return None
        if not entry.issued.signed:
            was = kept(self.lab, entry.issued.number)
            pdf = again(was.content, was.dcc, self.settings)
            if hashlib.sha256(pdf).hexdigest() == entry.issued.pdf_sha256:
                write_bytes(path, pdf)
                return None
        return msg("issuing.file-gone", number=entry.issued.number, path=str(path))

    def _known_specimen(self, documents: Mapping[str, JSON], serial: str) -> bool:
        found = self._specimens.known(documents, serial)
        if found is None:
            return False
        self._row(
            documents,
            serial,
            number=found["number"],
            file=found["file"],
            dcc_sha256=found["dcc_sha256"],
        )
        self._label(documents, serial, str(found["kind"]), str(found["number"]))
        self._names.add(str(found["file"]))
        self.done.known += 1
        self.done.entries.append(found | {"known": True})
        return True

    # what is new ------------------------------------------------------------------------------

    def _keep(self, work: _Work, made: Sequence[Made]) -> None:
        """Write the certificates of a run and enter them in the register."""
        from benchctl.records.issued import Kept, register

        entered: list[tuple[Issuance, Kept]] = []
        for one in made:
            if one.problem is not None:
                self.done.problems.append((work.chosen.run, one.serial, one.problem))
                said = tuple(dict.fromkeys(words(one.problem, n) for n in self.wish.languages))
                self._row(work.documents, one.serial, number="", why=said)
                continue
            issuance = self._written(work, one)
            entered.append((issuance, Kept(one.content, one.dcc)))
            self._row(
                work.documents,
                one.serial,
                number=one.number,
                file=issuance.file,
                dcc_sha256=issuance.dcc_sha256,
            )
            self._label(work.documents, one.serial, one.kind, one.number)
        if work.chosen.simulated:
            self._specimens.enter(work.documents, [issuance for issuance, _ in entered])
        else:
            register(self.lab, entered)
        self.done.made += len(entered)
        specimen = {"specimen": work.chosen.simulated, "known": False}
        self.done.entries += [_as_json(issuance) | specimen for issuance, _ in entered]

    def _written(self, work: _Work, made: Made) -> Issuance:
        """Write the files of a certificate; return what the register says of it."""
        name = self._name(made.number)
        write_bytes(self.folder / name, made.pdf)
        if self.wish.with_dcc:
            write_bytes(self.folder / f"{name.removesuffix('.pdf')}.xml", made.dcc)
        signed = self.wish.signing is not None
        return issuance_of(
            work.documents, made, self.settings, by=self.wish.by, file=name, signed=signed
        )

    def _name(self, number: str) -> str:
        """Return the file of a certificate: its number, without what no file name holds."""
        stem = re.sub(r"[^\w.-]+", "_", number).strip(".") or "certificate"
        name, n = f"{stem}.pdf", 1
        while name.casefold() in self._names:
            n += 1
            name = f"{stem}-{n}.pdf"
        self._names.add(name.casefold())
        return name

    # sheet and labels -------------------------------------------------------------------------

    def _row(self, documents: Mapping[str, JSON], serial: str, **about: Any) -> None:
        from benchctl.certificates.summary import summary_row

        self.done.rows.append(summary_row(documents, serial, self.settings, **about))

    def _label(self, documents: Mapping[str, JSON], serial: str, kind: str, number: str) -> None:
        label = self._label_of(documents, serial, kind, number)
        if label is not None:
            self.done.labels.append(label)

    def _label_of(
        self, documents: Mapping[str, JSON], serial: str, kind: str, number: str
    ) -> Label | None:
        from benchctl.certificates.labels import label_of

        first = next(iter(documents.values()))
        return label_of(first, serial, self.settings, kind=kind, number=number)


def _as_json(issuance: Issuance) -> JSON:
    from benchctl.records.issued import Entry

    return Entry(0, "", issuance).as_json()
