"""The DCC that is attached to a PDF."""

from __future__ import annotations

import io
import struct
import zlib

from benchctl.certificates.pdf import missing
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    struct.error,
    zlib.error,
)
"""What reading a damaged PDF raises besides the errors of pyHanko."""


def dcc_in(data: bytes, name: str = "PDF") -> bytes:
    """Return the bytes of the DCC that a PDF carries as its data.

    Raises:
        UsageError: it is no PDF, or carries none, or pyHanko is not installed.
    """
    try:
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError as error:
        raise missing(error) from error
    try:
        root = PdfFileReader(io.BytesIO(data)).root
        files = root["/AF"]
        for n in range(len(files)):
            entry = files[n]  # resolves the reference, which iterating does not
            if str(entry["/AFRelationship"]) == "/Data":
                found: bytes = entry["/EF"]["/F"].data
                return found
    except (PdfError, *BROKEN) as error:
        raise UsageError(msg("certificates.no-pdf", path=name, reason=str(error))) from error
    raise UsageError(msg("certificates.no-pdf", path=name, reason="/AF"))
