"""Certificates: a finished record becomes a PDF for people and a DCC for machines.

    documents = {language: lab.document(run, language) for language in ("zh", "en")}
    certificate = certificate_of(documents, "W-1", lab_settings(folder))
    Path("W-1.pdf").write_bytes(pdf_of(certificate))

What needs typst, segno or lxml is imported when it is called: the extra `certificates`.
"""

from benchctl.certificates.choosing import certifiable, kind_of
from benchctl.certificates.content import certificate_of, number_of
from benchctl.certificates.issuing import certificate_with_dcc
from benchctl.certificates.model import KINDS, Certificate, Fact, Kind, Signatory, Table
from benchctl.certificates.pdf import pdf_of, pictures_of
from benchctl.certificates.settings import LabSettings, lab_settings

__all__ = [
    "KINDS",
    "Certificate",
    "Fact",
    "Kind",
    "LabSettings",
    "Signatory",
    "Table",
    "certifiable",
    "certificate_of",
    "certificate_with_dcc",
    "kind_of",
    "lab_settings",
    "number_of",
    "pdf_of",
    "pictures_of",
]
