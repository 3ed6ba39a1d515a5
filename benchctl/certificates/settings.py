"""What a lab says of itself on its certificates: the file `certificates.yaml` in its folder.

name: {zh: 某市计量检定测试所, en: Institute of Metrology}
address: {zh: 计量路 1 号, en: 1 Metrology Road}
city: {zh: 杭州, en: Hangzhou}
authority: （浙）法计（2026）01001 号
utc_offset: "+08:00"
validity: {water-meter: 24}       # months, by procedure
tables: {water-meter: water-meter.tables.yaml}
logo: logo.svg
signers:
  calibrated: {key: keys/li.p12}
  approved: {key: "pkcs11:token=lab;object=seal?module-path=/usr/lib/softhsm/libsofthsm2.so"}
tsa: http://tsa.example
tsa_trust: [tsa-root.pem]
trust: [root.pem]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchctl.certificates.sealing import SealSettings

FILE = "certificates.yaml"
Said = Mapping[str, str] | str
"""A text, or its wordings by language."""


@dataclass(frozen=True, slots=True)
class LabelGrid:
    """How labels lie on an A4 sheet, in mm: `across` and `down` are the gaps between them."""

    columns: int = 4
    rows: int = 10
    width: float = 48.5
    height: float = 25.4
    left: float = 8.0
    top: float = 21.5
    across: float = 0.0
    down: float = 0.0
    frame: bool = True
    """Whether a thin line is drawn around each, to cut by."""


@dataclass(frozen=True, slots=True)
class LabSettings:
    """The lab's data; `folder` is where `logo` and `template` lie.

    `validity` is in months and `tables` a file in the folder, by name of procedure. `utc_offset`
    is in minutes: a certificate's dates are those of the lab's clock on the wall. `signers` are
    by role, `tsa` is the address of an authority that states the time of signatures; `trust` and
    `tsa_trust` name files with root certificates, of who signs and of who states times.
    `verifier` is a program that checks signatures which lie beside a file.
    """

    folder: Path | None = None
    name: Said = ""
    address: Said = ""
    city: Said = ""
    country: str = "CN"
    phone: str = ""
    postcode: str = ""
    email: str = ""
    authority: str = ""
    utc_offset: int = 480
    validity: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    logo: str = ""
    template: str = ""
    verify_url: str = ""
    statements: tuple[Said, ...] = ()
    labels: LabelGrid = field(default_factory=LabelGrid)
    signers: Mapping[str, SealSettings] = field(default_factory=dict)
    tsa: str = ""
    tsa_trust: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    verifier: tuple[str, ...] = ()


def lab_settings(folder: Path) -> LabSettings:
    """Return the data of a lab's folder; all empty where it has no such file.

    Raises:
        FileError: the file has mistakes; each with its line and column.
    """
    path = folder / FILE
    if not path.exists():
        return LabSettings(folder)
    from benchctl.certificates.settings_file import read_settings

    return read_settings(path)
