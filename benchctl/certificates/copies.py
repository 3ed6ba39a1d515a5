"""A certificate once more from what was kept of it: as it was, or marked as a duplicate.

pdf = again(content, dcc, lab)                              # the bytes that were issued
pdf = duplicate(content, dcc, lab, n=1, day="2026-11-23")   # the same content, marked on every page
"""

from __future__ import annotations

import json

from benchctl.certificates.pdf import pdf_of_content
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words


def again(content: bytes, dcc: bytes, lab: LabSettings) -> bytes:
    """Return the PDF of a certificate that was issued, without signatures.

    They are the bytes of then where typst, the fonts and the lab's template are those of then.

    Raises:
        UsageError: typst is not installed, or a file of the lab is missing.
        RefusedError: it cannot be set any more.
    """
    return pdf_of_content(json.loads(content), folder=lab.folder, template=lab.template, dcc=dcc)


def duplicate(content: bytes, dcc: bytes, lab: LabSettings, *, n: int, day: str) -> bytes:
    """Return the PDF of the n-th duplicate of a certificate, with the DCC of the original.

    Args:
        content: what stood on it.
        dcc: its DCC, as it was issued.
        lab: the lab's data, for logo and template.
        n: which duplicate it is, from 1.
        day: the day on which it is made, ISO 8601.

    Raises:
        UsageError: typst is not installed, or a file of the lab is missing.
        RefusedError: it cannot be set any more.
    """
    data = json.loads(content)
    data["duplicate"] = Words(tuple(data["languages"])).say("duplicate", n=n, day=day)
    return pdf_of_content(data, folder=lab.folder, template=lab.template, dcc=dcc)
