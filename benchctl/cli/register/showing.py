"""Assets as a person or a program wants them: state, what a certificate states, due dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from benchctl.cli.cells import table
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from benchctl.bench import Certified
    from benchctl.bench.assets import Asset, Known
    from benchctl.cli.shell import Shell
    from benchctl.core.assets import AssetEntry

JSON = dict[str, Any]
ROWS = 5
"""So many places of a range are shown where a law is no table."""


def known_json(known: Known, today: date, asset: Asset | None = None) -> JSON:
    """Return an asset as `--json` prints it; with `asset` what its certificate states, too."""
    now = known.current
    left = due_json(known, today)
    found: JSON = {
        "name": known.name,
        "model": now.model,
        "serial": now.serial,
        "certificate": now.certificate or None,
        "issuer": now.issuer or None,
        "issued": now.issued or None,
        "due": now.due or None,
        "days": None if left is None else left["days"],
        "state": _state(known, left),
        "withdrawn": known.withdrawn or None,
        "certificates": len(known.certificates),
    }
    if asset is None:
        return found
    standard = asset.standard(known.withdrawn)
    from benchctl.bench import standard_json

    stated = {} if standard is None else {c: standard_json(standard, c) for c in asset.channels}
    return found | {
        "kind": asset.kind,
        "title": dict(asset.title),
        "location": dict(asset.location),
        "note": dict(asset.note),
        "accessories": list(asset.accessories),
        "conditions": {
            role: {"low": c.low, "high": c.high, "unit": c.unit.symbol}
            for role, c in (standard.conditions if standard else {}).items()
        },
        "channels": stated,
        "file": now.file_name or None,
        "sha256": now.file_sha256 or None,
        "hash": now.hash,
    }


def _state(known: Known, left: JSON | None) -> str:
    from benchctl.bench.assets import SOON

    if known.withdrawn:
        return "withdrawn"
    if left is None:
        return "none"
    if left["days"] < 0:
        return "overdue"
    return "soon" if left["days"] <= SOON else "valid"


def due_json(known: Known, today: date) -> JSON | None:
    """Return when an asset is due and in how many days, None where nothing of it is."""
    now = known.current
    if not now.due or known.withdrawn:
        return None
    days = (date.fromisoformat(now.due) - today).days
    return {"name": known.name, "certificate": now.certificate, "due": now.due, "days": days}


def entry_json(entry: AssetEntry) -> JSON:
    """Return an entry of the register as `--json` prints it."""
    from dataclasses import asdict

    return asdict(entry)


def shown(shell: Shell, known: Known, asset: Asset) -> Iterator[str]:
    """Give the lines that tell an asset."""
    facts = known_json(known, known_today(), asset)
    yield shell.out.paint(f"{asset.name}  {_text(shell, asset.title)}".rstrip(), "bold")
    rows = [
        ["model", asset.model],
        ["serial", asset.serial],
        ["location", _text(shell, asset.location)],
        ["accessories", ", ".join(asset.accessories)],
        ["certificate", facts["certificate"] or ""],
        ["issuer", facts["issuer"] or ""],
        ["issued", facts["issued"] or ""],
        ["due", facts["due"] or ""],
        ["state", shell.words(msg(f"assets.state-{facts['state']}"))],
        ["why", facts["withdrawn"] or ""],
        ["note", _text(shell, asset.note)],
    ]
    rows += [
        [role, f"{c['low']:g} … {c['high']:g} {c['unit']}"]
        for role, c in facts["conditions"].items()
    ]
    heads = {name for name, _ in rows} - facts["conditions"].keys()
    named = [
        [shell.words(msg(f"assets.head-{n}")) if n in heads else n, text]
        for n, text in rows
        if text
    ]
    yield from table(["", ""], named)[1:]
    for name, certified in asset.channels.items():
        yield ""
        yield from _channel(shell, name, certified)


def known_today() -> date:
    """Return today's date, UTC."""
    from benchctl.core.clock import utc_now

    return utc_now().date()


def _channel(shell: Shell, name: str, certified: Certified) -> Iterator[str]:
    """Give the lines of a channel: U and correction where the certificate states them."""
    yield shell.out.paint(name, "bold")
    at = certified.range_unit.symbol if certified.range_unit else ""
    unit = _unit(shell, certified.unit.symbol, relative=certified.relative)
    correction = certified.correction
    c_unit = ""
    if correction is not None:
        c_unit = _unit(shell, correction.terms.unit.symbol, relative=correction.terms.relative)
    header = [
        shell.words(msg("assets.head-at", unit=at)),
        shell.words(msg("assets.head-U", unit=unit, k=f"{certified.k:g}")),
    ]
    if correction is not None:
        header.append(shell.words(msg("assets.head-correction", unit=c_unit)))
    rows = []
    for x in _places(certified):
        row = [f"{x:.6g}", f"{certified.U_at(x):.4g}"]
        if correction is not None:
            row.append(f"{certified.correction_at(x):+.4g}")
        rows.append(row)
    yield from table(header, rows, right={0, 1, 2})
    if certified.drift is not None:
        drift = certified.drift
        yield shell.words(
            msg(
                f"assets.drift-{drift.source}",
                rate=f"{drift.per_year:.3g}",
                half=f"{drift.half_width:.3g}",
                unit=_unit(shell, drift.terms.unit.symbol, relative=drift.terms.relative),
            )
        )


def _places(certified: Certified) -> list[float]:
    """Return where a channel is shown: the places of its tables, else some of its range."""
    if certified.low is None or certified.high is None:
        return [0.0]
    laws = (certified.U_law, certified.correction.law if certified.correction else None)
    listed = sorted({x for law in laws if law is not None for x in law.x})
    if listed:
        return [x for x in listed if certified.holds_at(x)]
    if all(law is None or law.kind == "constant" for law in laws):
        return [certified.low, certified.high]
    step = (certified.high - certified.low) / (ROWS - 1)
    return [certified.low + step * i for i in range(ROWS)]


def _unit(shell: Shell, symbol: str, *, relative: bool) -> str:
    return shell.words(msg("assets.of-value")) if relative else symbol


def _text(shell: Shell, words: Any) -> str:
    return str(words.get(shell.language) or words.get("") or next(iter(words.values()), ""))
