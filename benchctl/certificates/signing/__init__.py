"""Electronic signatures on certificates: XAdES on the DCC, PAdES on the PDF, and their checks.

    seal = seal_of(SealSettings(key="seal.p12"), folder, environment)
    signed = signed_file(data, "W-1.pdf", Signing(seal, "approved", at=utc_now()))

What needs signxml, pyHanko or lxml is imported when it is called: the extra `certificates`.
"""

from benchctl.certificates.sealing import ROLES, Role, SealSettings
from benchctl.certificates.signing.files import (
    Signing,
    sign_files,
    sign_files_beside,
    signed_certificate,
    signed_dcc,
    signed_file,
)
from benchctl.certificates.signing.found import Found
from benchctl.certificates.signing.keys import seal_of
from benchctl.certificates.signing.proving import (
    GOOD,
    OPEN,
    WRONG,
    Finding,
    Reader,
    beside_findings,
    signature_findings,
)
from benchctl.certificates.signing.seal import Seal

__all__ = [
    "GOOD",
    "OPEN",
    "ROLES",
    "WRONG",
    "Finding",
    "Found",
    "Reader",
    "Role",
    "Seal",
    "SealSettings",
    "Signing",
    "beside_findings",
    "seal_of",
    "sign_files",
    "sign_files_beside",
    "signature_findings",
    "signed_certificate",
    "signed_dcc",
    "signed_file",
]
