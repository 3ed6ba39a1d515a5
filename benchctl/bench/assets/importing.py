"""A whole register from another file: CSV, XLSX, or the XML of msl-equipment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from benchctl.bench.assets.drafts import Draft, read_drafts
from benchctl.bench.assets.msl import read_msl
from benchctl.bench.assets.reading import Asset
from benchctl.bench.assets.register import Register
from benchctl.bench.assets.tables import read_table
from benchctl.core.assets import AssetEntry
from benchctl.core.errors import RefusedError
from benchctl.core.messages import Message
from benchctl.language import Diagnostics


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: assets in the order of their certificates, and what was left out."""

    assets: Sequence[Asset]
    notes: Sequence[tuple[str, Message]]
    out_of_service: dict[str, str]
    """Why an asset is out of service, by name."""


@dataclass(slots=True)
class Imported:
    """What came of entering them."""

    entered: list[AssetEntry] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Names of assets that stand in the register exactly so."""
    refused: list[tuple[str, Message]] = field(default_factory=list)


def read_register(path: Path, diagnostics: Diagnostics, today: date) -> Found | None:
    """Return what a file holds; None where it has mistakes, which are in `diagnostics`."""
    before = len(diagnostics)
    read = read_msl if path.suffix.lower() == ".xml" else read_table
    found = read(path, diagnostics)
    if found is None:
        return None
    drafts, source = found
    assets = read_drafts(drafts, source, diagnostics, today)
    if len(diagnostics) > before:
        return None
    return Found(
        sorted(assets, key=_issued),
        [(_name(draft), note) for draft in drafts for note in draft.notes],
        {_name(draft): draft.status for draft in drafts if draft.status},
    )


def enter(register: Register, found: Found, *, at: datetime, by: str) -> Imported:
    """Enter everything that fits; of several certificates of an asset the last one is present.

    Raises:
        RecordError: the register cannot be written.
    """
    done = Imported()
    last = {asset.name: asset for asset in found.assets}
    for asset in found.assets:
        history = last[asset.name] is not asset
        try:
            entry = register.add(asset, at=at, by=by, superseded=history)
        except RefusedError as refused:
            if refused.message.id == "assets.same":
                done.known.append(asset.name)
            else:
                done.refused.append((asset.name, refused.message))
            continue
        done.entered.append(entry)
        why = found.out_of_service.get(asset.name)
        if why and not history and not register.known(asset.name).withdrawn:
            register.withdraw(asset.name, at=at, by=by, because=why)
    return done


def _issued(asset: Asset) -> str:
    return asset.certificate.issued.isoformat() if asset.certificate else ""


def _name(draft: Draft) -> str:
    return str(draft.data["asset"].value) if "asset" in draft.data else "-"
