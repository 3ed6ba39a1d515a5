"""The register of standards: what is known of each asset now, and everything known before.

    register = Register(store)
    register.standard("MM-014")            # with its present certificate, drift, or withdrawal
    register.add(asset, by="Li Wei", ...)  # refused where it does not fit what is known

The present certificate is the one that was issued last; entering an older one is history.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from benchctl.bench.assets.drift import with_drift
from benchctl.bench.assets.reading import Asset, read_asset
from benchctl.bench.certificate import Standard
from benchctl.core.assets import ENTERED, RETURNED, WITHDRAWN, AssetEntry, StandardsStore
from benchctl.core.errors import RecordError, RefusedError, UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.language import Diagnostics, Source

SOON = 30
"""Days before the due date from which a person is warned."""


@dataclass(slots=True)
class Known:
    """Everything about one asset: its entries, and the certificates among them, oldest first."""

    name: str
    entries: list[AssetEntry] = field(default_factory=list)

    @property
    def certificates(self) -> list[AssetEntry]:
        """Its files, by date of the certificate; of one certificate entered anew the last."""
        by_number: dict[str, AssetEntry] = {}
        for entry in self.entries:
            if entry.what == ENTERED:
                by_number[entry.certificate] = entry
        return sorted(by_number.values(), key=lambda e: (e.issued, e.number))

    @property
    def current(self) -> AssetEntry:
        """The entry of the present certificate."""
        return self.certificates[-1]

    @property
    def withdrawn(self) -> str:
        """Why it is out of service, "" where it is not."""
        words = [e for e in self.entries if e.what in (WITHDRAWN, RETURNED)]
        return words[-1].because if words and words[-1].what == WITHDRAWN else ""

    def asset(self, entry: AssetEntry | None = None) -> Asset:
        """Return the asset as an entry tells it, by default the present one, with its drift.

        Raises:
            RecordError: the entry cannot be understood.
        """
        chosen = entry or self.current
        asset = _read(chosen)
        before = [e for e in self.certificates if e.issued < chosen.issued]
        return with_drift(asset, _read(before[-1])) if before else asset


class Register:
    """The register over what keeps it."""

    def __init__(self, store: StandardsStore) -> None:
        self._store = store

    def all(self) -> dict[str, Known]:
        """Return everything that is known, by name."""
        found: dict[str, Known] = {}
        for entry in self._store.entries():
            found.setdefault(entry.name, Known(entry.name)).entries.append(entry)
        return dict(sorted(found.items()))

    def names(self) -> Iterable[str]:
        """Return the names of all assets."""
        return self.all()

    def known(self, name: str) -> Known:
        """Return what is known of an asset.

        Raises:
            UsageError: there is none of that name.
        """
        entries = self._store.entries(name)
        if not entries:
            near = closest(name, self.names())
            raise UsageError(
                msg("assets.unknown", name=name),
                hint=msg("bench.did-you-mean", name=near) if near else None,
            )
        return Known(name, entries)

    def standard(self, name: str) -> Standard | None:
        """Return a standard with its present certificate, None where there is none of that name.

        Raises:
            RecordError: its entry cannot be understood.
        """
        entries = self._store.entries(name)
        if not entries:
            return None
        known = Known(name, entries)
        return known.asset().standard(known.withdrawn)

    def file(self, entry: AssetEntry) -> bytes | None:
        """Return the file of a certificate, None where none was entered with it."""
        return self._store.file(entry.file_sha256) if entry.file_sha256 else None

    # writing ------------------------------------------------------------------------------------

    def add(
        self,
        asset: Asset,
        *,
        at: datetime,
        by: str,
        because: str = "",
        file: tuple[str, bytes] | None = None,
        superseded: bool = False,
    ) -> AssetEntry:
        """Enter an asset, or a new certificate of one that is known.

        Args:
            asset: what its file says.
            at: now, UTC.
            by: who enters it.
            because: why, where a certificate that is known is entered anew.
            file: name and bytes of the certificate itself.
            superseded: whether it may be past its due date or older than the present one: history.

        Raises:
            RefusedError: it does not fit what is known, or is past its due date.
            RecordError: it could not be kept.
        """
        everything = self.all()
        self._require_fitting(asset, everything, because=because, superseded=superseded)
        self._require_in_date(asset, at.date(), superseded=superseded)
        for name in asset.accessories:
            if name not in everything:
                raise RefusedError(msg("assets.no-accessory", name=name, asset=asset.name))
        certificate = asset.certificate
        name, data = file or ("", None)
        entry = AssetEntry(
            name=asset.name,
            what=ENTERED,
            serial=asset.serial,
            model=asset.model,
            certificate=certificate.number if certificate else "",
            issuer=certificate.issuer if certificate else "",
            issued=certificate.issued.isoformat() if certificate else "",
            due=certificate.due.isoformat() if certificate else "",
            by=by,
            because=because,
            utc=_utc(at),
            text=asset.source.text,
            file_name=name,
            file_sha256="" if data is None else hashlib.sha256(data).hexdigest(),
        )
        return self._store.enter(entry, data)

    def withdraw(self, name: str, *, at: datetime, by: str, because: str) -> AssetEntry:
        """Take an asset out of service.

        Raises:
            UsageError: there is none of that name.
            RefusedError: it is out of service already.
        """
        known = self.known(name)
        if known.withdrawn:
            raise RefusedError(msg("bench.withdrawn", standard=name, why=known.withdrawn))
        return self._say(known, WITHDRAWN, at, by, because)

    def put_back(self, name: str, *, at: datetime, by: str, because: str) -> AssetEntry:
        """Put an asset back into service.

        Raises:
            UsageError: there is none of that name.
            RefusedError: it is in service.
        """
        known = self.known(name)
        if not known.withdrawn:
            raise RefusedError(msg("assets.in-service", name=name))
        return self._say(known, RETURNED, at, by, because)

    def _say(self, known: Known, what: str, at: datetime, by: str, because: str) -> AssetEntry:
        now = known.current
        return self._store.enter(
            AssetEntry(
                *(known.name, what, now.serial, now.model, now.certificate, now.issuer),
                *(now.issued, now.due, by, because, _utc(at), ""),
            )
        )

    # what does not fit

    def _require_fitting(
        self, asset: Asset, everything: dict[str, Known], *, because: str, superseded: bool
    ) -> None:
        number = asset.certificate.number if asset.certificate else ""
        for other in everything.values():
            if other.name == asset.name:
                continue
            now = other.current
            if (now.serial, now.model) == (asset.serial, asset.model):
                twin = msg("assets.twin", name=other.name, serial=asset.serial)
                raise RefusedError(twin)
            for entry in other.certificates:
                issuer = asset.certificate.issuer if asset.certificate else ""
                if number and (entry.certificate, entry.issuer) == (number, issuer):
                    raise RefusedError(msg("assets.number-taken", number=number, name=other.name))
        known = everything.get(asset.name)
        if known is None:
            return
        self._require_same(asset, known, number, because=because, superseded=superseded)

    def _require_same(
        self, asset: Asset, known: Known, number: str, *, because: str, superseded: bool
    ) -> None:
        now = known.current
        if now.serial != asset.serial:
            raise RefusedError(
                msg("assets.serial", name=asset.name, known=now.serial, given=asset.serial)
            )
        if now.model != asset.model:
            raise RefusedError(
                msg("assets.model", name=asset.name, known=now.model, given=asset.model)
            )
        before = {e.certificate: e for e in known.certificates}.get(number)
        if before is not None and before.text == asset.source.text:
            raise RefusedError(msg("assets.same", name=asset.name, number=number))
        if before is not None and not because:
            raise RefusedError(
                msg("assets.again", name=asset.name, number=number),
                hint=msg("assets.again-hint"),
            )
        issued = asset.certificate.issued.isoformat() if asset.certificate else ""
        if before is None and issued and issued <= now.issued and not superseded:
            raise RefusedError(
                msg("assets.older", number=number, issued=issued, now=now.certificate),
                hint=msg("assets.superseded-hint"),
            )

    def _require_in_date(self, asset: Asset, today: date, *, superseded: bool) -> None:
        certificate = asset.certificate
        if certificate is None or superseded or certificate.due >= today:
            return
        raise RefusedError(
            msg("assets.expired", number=certificate.number, due=certificate.due.isoformat()),
            hint=msg("assets.superseded-hint"),
        )


def _read(entry: AssetEntry) -> Asset:
    diagnostics = Diagnostics()
    asset = read_asset(Source(f"{entry.name}.yaml", entry.text), diagnostics)
    if asset is None:
        problem = diagnostics.items[0].message
        raise RecordError(msg("assets.unreadable", name=entry.name, what=problem))
    return asset


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
