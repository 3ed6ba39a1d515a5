"""What the register says of a certificate that was just made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchctl.certificates import LabSettings
    from benchctl.certificates.many import Made
    from benchctl.records import Lab
    from benchctl.records.issued import Issuance

JSON = dict[str, Any]


def issuance_of(
    documents: Mapping[str, JSON],
    made: Made,
    settings: LabSettings,
    *,
    by: str,
    file: str,
    signed: bool,
) -> Issuance:
    """Return the entry of a certificate.

    Args:
        documents: the result document of its run in each of its languages.
        made: the certificate.
        settings: the lab's data.
        by: who issues it.
        file: the name of its file.
        signed: whether it bears an electronic signature.
    """
    from benchctl.certificates.labels import label_of
    from benchctl.certificates.order import ordered
    from benchctl.records.issued import Issuance

    first = next(iter(documents.values()))
    unit = next(u for u in first["uuts"] if u["serial"] == made.serial)
    label = label_of(first, made.serial, settings, kind=made.kind, number=made.number)
    numbered = [n for n in first["numbers"] if n["number"] == made.number]
    replaces = str(numbered[-1]["replaces"]) if numbered else ""
    return Issuance(
        number=made.number,
        run=str(first["run"]),
        uut=made.serial,
        kind=made.kind,
        revision=int(first["revision"]),
        by=by,
        file=file,
        pdf_sha256=hashlib.sha256(made.pdf).hexdigest(),
        dcc_sha256=hashlib.sha256(made.dcc).hexdigest(),
        languages=tuple(documents),
        day=made.day,
        verdict=unit["verdict"],
        client=ordered(unit, "client"),
        valid_until=label.until if label else "",
        replaces=replaces,
        because="; ".join(str(a["because"]) for a in first["amendments"]) if replaces else "",
        signed=signed,
    )


def enter(
    lab: Lab,
    documents: Mapping[str, JSON],
    made: Made,
    settings: LabSettings,
    *,
    by: str,
    file: str,
    signed: bool,
) -> None:
    """Enter a certificate in the register, unless its number is there already.

    Raises:
        RefusedError: another process is issuing.
        RecordError: it cannot be written.
    """
    from benchctl.records.issued import Kept, alone_issuing, originals, register

    with alone_issuing(lab):
        if made.number not in originals(lab):
            entry = issuance_of(documents, made, settings, by=by, file=file, signed=signed)
            register(lab, [(entry, Kept(made.content, made.dcc))])
