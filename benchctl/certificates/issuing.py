"""A certificate for people that carries the one for machines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from benchctl.certificates.content import certificate_of
from benchctl.certificates.model import JSON, Certificate, Kind
from benchctl.certificates.pdf import pdf_of
from benchctl.certificates.settings import LabSettings


def certificate_with_dcc(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    *,
    kind: Kind | None = None,
    budget: bool | None = None,
    dcc: bytes | None = None,
) -> tuple[Certificate, bytes]:
    """Return a certificate and its PDF, with the DCC attached and its hash in the QR code.

    Args:
        documents: the result document of the run in each language, in the certificate's order.
        serial: the unit's serial number.
        lab: the lab's data.
        kind: what is wanted; by default what the results bear.
        budget: whether every point's budget is printed; by default on a calibration certificate.
        dcc: the DCC, where it was made already (and perhaps signed).

    Raises:
        UsageError: the run has no such unit, or the extra `certificates` is not installed.
        RefusedError: the results bear no such certificate, or it cannot be set.
    """
    from benchctl.certificates.dcc import dcc_of

    if dcc is None:
        dcc = dcc_of(documents, serial, lab, kind=kind)
    digest = hashlib.sha256(dcc).hexdigest()
    made = certificate_of(documents, serial, lab, kind=kind, budget=budget, dcc_sha256=digest)
    return made, pdf_of(made, folder=lab.folder, template=lab.template, dcc=dcc)
