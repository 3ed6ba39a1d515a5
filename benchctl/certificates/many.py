"""Many certificates at once, on as many processors as there are: a day's five hundred meters.

    for made in made_of([Job(documents, ("W-1", "W-2"))], lab_settings(folder)):
        for certificate in made: ...

Certificates come in the order of the jobs, each job's together. A certificate that cannot be set (a
character without a glyph, a unit that the D-SI has no name for) is told as a problem of its own and
stops none of the others.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING

from benchctl.certificates.issuing import certificate_with_dcc
from benchctl.certificates.model import JSON, Certificate, Kind
from benchctl.certificates.settings import LabSettings
from benchctl.core.errors import RefusedError
from benchctl.core.messages import Message

if TYPE_CHECKING:
    from benchctl.certificates.signing import Signing

WORTH_A_PROCESS = 24
"""Certificates below which a second process costs more than it brings (it loads the fonts anew)."""


@dataclass(frozen=True, slots=True)
class Job:
    """Units of one run whose certificates are wanted; `documents` as for `certificate_of`."""

    documents: Mapping[str, JSON]
    serials: tuple[str, ...]
    kind: Kind | None = None
    budget: bool | None = None
    signing: Signing | None = None
    """Who signs the DCC and the PDF, None where nobody does."""


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate that was made, or why it was not (`problem`)."""

    serial: str
    number: str = ""
    kind: str = ""
    pdf: bytes = b""
    dcc: bytes = b""
    content: bytes = b""
    """What stands on it, as JSON: `pdf_of_content` makes the same PDF of it."""
    day: str = ""
    problem: Message | None = None


def made_of(
    jobs: Iterable[Job], lab: LabSettings, *, processes: int | None = None, expected: int = 0
) -> Iterator[list[Made]]:
    """Give the certificates of each job, in the order of the jobs.

    Args:
        jobs: what is wanted; the next one is asked for when a process is free.
        lab: the lab's data.
        processes: how many work; by default as many as there are processors, one where few
            certificates are `expected`.
        expected: how many certificates there will be in all.

    Raises:
        UsageError: the extra `certificates` is not installed, or a file of the lab is missing.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if expected >= WORTH_A_PROCESS else 1
    if processes <= 1:
        for job in jobs:
            yield make(job, lab)
        return
    with ExitStack() as stack:
        # a process that is copied with threads in it may hang: each begins afresh
        pool = ProcessPoolExecutor(processes, get_context("spawn"), _end_with_parent)
        stack.callback(pool.shutdown, cancel_futures=True)
        waiting: deque[Future[list[Made]]] = deque()
        for job in jobs:
            waiting.append(pool.submit(make, job, lab))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _end_with_parent() -> None:
    """End this process with the one that began it: a pool that is killed leaves its workers."""
    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def make(job: Job, lab: LabSettings) -> list[Made]:
    """Return the certificates of a job."""
    return [_one(job, serial, lab) for serial in job.serials]


def _one(job: Job, serial: str, lab: LabSettings) -> Made:
    try:
        dcc, (certificate, pdf) = _signed(job, serial, lab) or _plain(job, serial, lab)
    except RefusedError as error:
        return Made(serial, problem=error.message)
    year, month, day = certificate.date
    return Made(
        serial,
        certificate.number,
        certificate.kind,
        pdf,
        dcc,
        content_of(certificate),
        f"{year:04}-{month:02}-{day:02}",
    )


def _plain(job: Job, serial: str, lab: LabSettings) -> tuple[bytes, tuple[Certificate, bytes]]:
    """Return the DCC of a unit, and its certificate with the PDF."""
    from benchctl.certificates.dcc import dcc_of

    dcc = dcc_of(job.documents, serial, lab, kind=job.kind)
    return dcc, certificate_with_dcc(
        job.documents, serial, lab, kind=job.kind, budget=job.budget, dcc=dcc
    )


def _signed(
    job: Job, serial: str, lab: LabSettings
) -> tuple[bytes, tuple[Certificate, bytes]] | None:
    """Return the same, signed; None where nobody signs."""
    if job.signing is None:
        return None
    from benchctl.certificates.signing import signed_certificate, signed_dcc

    dcc = signed_dcc(job.documents, serial, lab, job.signing, kind=job.kind)
    return dcc, signed_certificate(
        job.documents, serial, lab, job.signing, kind=job.kind, budget=job.budget, dcc=dcc
    )


def content_of(certificate: Certificate) -> bytes:
    """Return what stands on a certificate as JSON: the same certificate gives the same bytes."""
    return json.dumps(certificate.as_json(), ensure_ascii=False).encode()
