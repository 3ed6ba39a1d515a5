"""The register of standards: assets, their certificates, drift, import."""

from benchctl.bench.assets.drift import Change, changes
from benchctl.bench.assets.importing import Found, Imported, enter, read_register
from benchctl.bench.assets.model import AssetPart
from benchctl.bench.assets.reading import Asset, Certificate, read_asset
from benchctl.bench.assets.register import SOON, Known, Register

__all__ = [
    "SOON",
    "Asset",
    "AssetPart",
    "Certificate",
    "Change",
    "Found",
    "Imported",
    "Known",
    "Register",
    "changes",
    "enter",
    "read_asset",
    "read_register",
]
