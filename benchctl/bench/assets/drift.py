"""How a standard drifts: two certificates, one after the other, compared where both state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchctl.bench.assets.reading import Asset
from benchctl.bench.certificate import Certified, Drift
from benchctl.bench.certificate_reading import YEAR
from benchctl.core.units import converter, difference_factor, same_dimension


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a correction changed at a place, in the new certificate's terms and range."""

    at: float
    before: float
    after: float

    @property
    def by(self) -> float:
        """The change."""
        return self.after - self.before


def changes(new: Certified, old: Certified) -> list[Change]:
    """Return how the correction changed where both certificates hold; none if not comparable."""
    a, b = new.correction, old.correction
    if a is None or b is None or a.terms.relative != b.terms.relative:
        return []
    if not same_dimension(a.terms.unit, b.terms.unit):
        return []
    scale = difference_factor(b.terms.unit, a.terms.unit)
    if new.range_unit is None or old.range_unit is None or new.low is None or new.high is None:
        return []
    if not same_dimension(new.range_unit, old.range_unit):
        return []
    factor, offset = converter(new.range_unit, old.range_unit)
    places = sorted({*a.law.places(new.low, new.high), *_back(b.law.x, factor, offset)})
    return [
        Change(x, old.correction_at(x * factor + offset) * scale, new.correction_at(x))
        for x in places
        if new.holds_at(x) and old.holds_at(x * factor + offset)
    ]


def _back(places: tuple[float, ...], factor: float, offset: float) -> tuple[float, ...]:
    return tuple((x - offset) / factor for x in places)


def with_drift(new: Asset, old: Asset) -> Asset:
    """Return an asset whose channels know the drift since its former certificate.

    The largest change of the correction, per year between the two, counted from the date of the
    new certificate until it is due. A drift that the file states stands.
    """
    if new.certificate is None or old.certificate is None:
        return new
    years = (new.certificate.issued - old.certificate.issued).days / YEAR
    until_due = (new.certificate.due - new.certificate.issued).days / YEAR
    if years <= 0:
        return new
    channels = dict(new.channels)
    for name, certified in new.channels.items():
        before = old.channels.get(name)
        if before is None or certified.drift is not None or certified.correction is None:
            continue
        largest = max((abs(c.by) for c in changes(certified, before)), default=0.0)
        if largest > 0:
            rate = largest / years
            terms = certified.correction.terms
            drift = Drift(rate * until_due, rate, terms, "history")
            channels[name] = replace(certified, drift=drift)
    return replace(new, channels=channels)
