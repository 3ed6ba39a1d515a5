"""Assets as a lab writes them, and the water bench with its standards in the register."""

import re
from datetime import UTC, date, datetime, timedelta

from benchctl.bench.assets import Register, read_asset
from benchctl.core.clock import utc_now
from benchctl.core.places import bundled
from benchctl.language import Diagnostics, Source
from benchctl.records.standards import AssetStore

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)

MASTER = """\
asset: MM-014
model: Micro Motion CMFS025 with 2700
serial: "14077123"
certificate: {number: NIM-2026-0147, issuer: NIM, issued: 2026-06-10, due: 2027-06-09}
channels:
  volume_total:
    table:
      - {at: 0.01 m³/h, error: 0.10 %, U: 0.15 %}
      - {at: 1 m³/h, error: 0.30 %, U: 0.10 %}
      - {at: 7 m³/h, error: -0.04 %, U: 0.08 %}
  volume_flow: {U: 0.20 %, range: 0.01 .. 7 m³/h}
"""
BALANCE = """\
asset: BAL-021
model: Mettler-Toledo KCC150
serial: B622014785
certificate: {number: NIM-2026-0152, issuer: NIM, issued: 2026-06-10, due: 2027-06-09}
channels:
  mass: {U: 0.01 %, range: 1 .. 150 kg}
  mass_now: {U: 0.01 %, range: 1 .. 150 kg}
"""


def spoilt(old, new, text=MASTER):
    """Return the text with one piece replaced."""
    assert old in text, old
    return text.replace(old, new, 1)


def read(text, today=TODAY):
    """Return the asset and the mistakes: `line:column code id`, as they are told."""
    diagnostics = Diagnostics()
    asset = read_asset(Source("mm-014.yaml", text), diagnostics, today=today)
    return asset, diagnostics.items


def good(text, today=None):
    asset, mistakes = read(text, today)
    assert mistakes == (), [str(m.message) for m in mistakes]
    return asset


def dated(text, *, issued=30, due=335):
    """Return an asset whose certificate is dated relative to the real day."""
    today = utc_now().date()
    days = {"issued": today - timedelta(days=issued), "due": today + timedelta(days=due)}
    for key, day in days.items():
        text = re.sub(rf"{key}: \d+-\d+-\d+", f"{key}: {day.isoformat()}", text)
    return text


def without_standards(text):
    """Return a bench file of which the register knows the standards."""
    found, count = re.subn(r"^standards:.*?(?=^\w)", "", text, flags=re.DOTALL | re.MULTILINE)
    assert count == 1
    return found


def write_bench(folder):
    """Write the water bench without its `standards:` into a folder; return the file."""
    source = bundled("sim_instruments") / "water_bench"
    for curve in source.glob("*.csv"):
        (folder / curve.name).write_bytes(curve.read_bytes())
    file = folder / "bench.yaml"
    text = (source / "bench.yaml").read_text(encoding="utf-8")
    file.write_text(without_standards(text), encoding="utf-8")
    return file


def entered(lab, *texts, **options):
    """Return the register of an open lab into which assets were entered, one after the other."""
    found = Register(AssetStore(lab.store))
    for text in texts:
        found.add(good(text), at=NOW, by="Li Wei", **options)
    return found
