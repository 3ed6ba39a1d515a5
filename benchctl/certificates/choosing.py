"""Which certificate results bear: verification certificate, notice of result, calibration."""

from __future__ import annotations

from typing import Any

from benchctl.certificates.model import JSON, Kind
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg


def unit_of(document: JSON, serial: str) -> dict[str, Any]:
    """Return a unit of a result document.

    Raises:
        UsageError: the run has no such unit.
    """
    for uut in document["uuts"]:
        if uut["serial"] == serial:
            found: dict[str, Any] = uut
            return found
    raise UsageError(msg("records.no-uut", uut=serial, run=str(document["run"])))


def certifiable(document: JSON) -> list[str]:
    """Return the serial numbers of the units whose results may bear a certificate."""
    found = []
    for uut in document["uuts"]:
        try:
            kind_of(document, uut)
        except RefusedError:
            continue
        found.append(uut["serial"])
    return found


def kind_of(document: JSON, uut: JSON, wanted: Kind | None = None) -> Kind:
    """Return the kind of certificate that a unit's results bear.

    Raises:
        RefusedError: they bear none, or not the `wanted` one.
    """
    service, verdict, serial = document["service"], uut["verdict"], uut["serial"]
    if service == "test":
        raise RefusedError(msg("certificates.test"))
    if document["outcome"] != "finished":
        raise RefusedError(msg("certificates.not-finished", outcome=str(document["outcome"])))
    if uut.get("annulled"):
        raise RefusedError(msg("certificates.annulled", uut=serial))
    undecided = verdict == "indeterminate" and service != "calibration"
    if undecided or verdict == "not_measured":
        raise RefusedError(msg("certificates.no-verdict", uut=serial, verdict=verdict))
    usual: Kind = "calibration"
    if service == "verification":
        usual = "verification" if verdict == "pass" else "notice"
    if wanted is None or wanted == usual:
        return usual
    if wanted == "calibration":
        _require_uncertainty(uut)
        return wanted
    raise RefusedError(
        msg(
            "certificates.other-kind",
            uut=serial,
            kind=msg(f"certificates.title-{usual}"),
            wanted=msg(f"certificates.title-{wanted}"),
        )
    )


def _require_uncertainty(uut: JSON) -> None:
    """Refuse a calibration certificate for results without U."""
    bare = [str(p["point"]) for p in uut["points"] if p["error"] is not None and p["U"] is None]
    if bare:
        raise RefusedError(msg("certificates.no-u", uut=uut["serial"], points=", ".join(bare)))
