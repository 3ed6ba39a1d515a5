"""The files of an issued certificate: what their hashes are, and by what they are signed.

about_files(Path("certificates"), "2026-00017")["pdf_sha256"]
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

NOTHING = {"pdf_sha256": "", "dcc_sha256": "", "signature_alg": ""}


def about_files(folder: Path, number: str) -> dict[str, str]:
    """Return hashes and algorithms of the files of a certificate, "" for one that is not there.

    The DCC is `NUMBER.xml`, else the one that lies in `NUMBER.pdf`.

    Raises:
        UsageError: a file is no certificate, or the extra `certificates` is not installed.
        RefusedError: it is that of another number, or what was signed was changed.
    """
    stem = re.sub(r"[^\w.-]+", "_", number).strip(".") or "certificate"
    path = folder / f"{stem}.pdf"
    pdf, dcc = _bytes(path), _bytes(folder / f"{stem}.xml")
    if dcc is None and pdf is not None:
        from benchctl.certificates.attached import dcc_in

        dcc = dcc_in(pdf, str(path))
    if dcc is None:
        return dict(NOTHING)
    from benchctl.certificates.dcc_reading import read_dcc

    found = read_dcc(dcc, str(path)).number
    if found != number:
        raise RefusedError(msg("exchange.other-number", path=str(path), found=found, number=number))
    return {
        "pdf_sha256": "" if pdf is None else hashlib.sha256(pdf).hexdigest(),
        "dcc_sha256": hashlib.sha256(dcc).hexdigest(),
        "signature_alg": ", ".join(sorted(set(_algorithms(pdf, dcc, str(path))))),
    }


def _algorithms(pdf: bytes | None, dcc: bytes, name: str) -> Iterator[str]:
    """Give the algorithm of each signature."""
    from benchctl.certificates.signing.keys import public_in
    from benchctl.certificates.signing.pades_reading import pdf_signatures
    from benchctl.certificates.signing.seal import algorithm_of
    from benchctl.certificates.signing.xades_reading import dcc_signatures

    signatures = [*dcc_signatures(dcc, name), *(pdf_signatures(pdf, name) if pdf else ())]
    for signature in signatures:
        if signature.problem is not None:
            raise RefusedError(msg("exchange.broken", path=name, problem=signature.problem))
        yield algorithm_of(public_in(signature.chain[0]))


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
