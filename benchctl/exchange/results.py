"""Results as other systems take them: one record for each certificate, equipment and points below.

    record = result_of(document, "W-001", lab_settings(folder), "zh")
    record["cert_no"], record["conclusion"], record["points"][0]["error"]

A pure function of a run's result document and the lab's data. Numbers are decimal texts with the
digits of the certificate, days are ISO 8601, choices are the words that Chinese forms print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchctl.certificates.choosing import kind_of, unit_of
from benchctl.certificates.content import number_of
from benchctl.certificates.dates import local_day, valid_until
from benchctl.certificates.model import Kind
from benchctl.certificates.numbers import short
from benchctl.certificates.order import ordered
from benchctl.certificates.settings import LabSettings, Said
from benchctl.certificates.wording import Words
from benchctl.exchange.fields import FIELDS, field_named
from benchctl.exchange.result_fields import ORDERED_AS
from benchctl.exchange.result_points import FAIL, PASS, items_of, name_of, points_of
from benchctl.exchange.values import checked, shown

JSON = Mapping[str, Any]
SCHEMA = "benchctl.results/1"

TYPES = {"verification": "检定证书", "notice": "检定结果通知书", "calibration": "校准证书"}
CONCLUSIONS = {"verification": PASS, "notice": FAIL, "calibration": ""}


def result_of(
    document: JSON,
    serial: str,
    lab: LabSettings,
    language: str = "zh",
    *,
    kind: Kind | None = None,
) -> dict[str, Any]:
    """Return the record of a unit's certificate.

    Args:
        document: the result document of its run, worded in `language`.
        serial: the unit's serial number.
        lab: the lab's data.
        language: of names and titles; choices are Chinese in any case.
        kind: what is wanted; by default what the results bear.

    Raises:
        UsageError: the run has no such unit.
        RefusedError: its results bear no certificate, or not the wanted one.
    """
    return _Maker(document, serial, lab, language, kind).record()


def is_issued(document: JSON, serial: str) -> bool:
    """Return whether a unit's results have their certificate number, or those of a specimen."""
    return bool(number_of(document, serial))


class _Maker:
    def __init__(
        self, document: JSON, serial: str, lab: LabSettings, language: str, kind: Kind | None
    ) -> None:
        self.document = document
        self.unit: JSON = unit_of(document, serial)
        self.lab = lab
        self.words = Words((language,))
        self.kind = kind_of(document, self.unit, kind)
        self.number = number_of(document, serial)
        self.done = local_day(str(document["finished"]), lab.utc_offset)

    def record(self) -> dict[str, Any]:
        return {
            **self.ordered(),
            **self.certificate(),
            **self.institute(),
            **self.circumstances(),
            **self.people(),
            **self.origin(),
            "equipment": list(self.equipment()),
            "items": items_of(self.document, self.unit, self.words),
            "points": points_of(self.document, self.unit, self.words),
        }

    def ordered(self) -> dict[str, str]:
        """Return what the order says, by our fields; "" where it says nothing."""
        found = dict.fromkeys(FIELDS, "")
        for part in ("parameters", "extra"):
            for header, text in self.unit[part].items():
                field = field_named(str(header))
                if field is not None and str(text).strip():
                    kept, wrong = checked(field.kind, str(text).strip())
                    found[field.name] = shown(field.kind, kept) if wrong is None else str(text)
        found["serial_no"] = str(self.unit["serial"])
        found["order_no"] = str(self.unit.get("order") or found["order_no"])
        return {ORDERED_AS.get(name, name): text for name, text in found.items()}

    def certificate(self) -> dict[str, Any]:
        months = self.lab.validity.get(str(self.document["procedure"]["name"]))
        valid = self.kind == "verification" and months
        numbers: Sequence[JSON] = self.document.get("numbers", ())
        own: JSON = next((n for n in numbers if n["number"] == self.number), {})
        issued = local_day(str(own["at"]), self.lab.utc_offset).isoformat() if own else ""
        procedure = self.document["procedure"]
        return {
            "specimen": bool(self.document["simulated"]),
            "cert_no": self.number,
            "cert_type": TYPES[self.kind],
            "revision": int(self.document["revision"]),
            "replaces_cert_no": str(own.get("replaces", "")),
            "conclusion": CONCLUSIONS[self.kind],
            "grade": ordered(self.unit, "grade"),
            "fail_items": "；".join(self.failed()),
            "verified_on": self.done.isoformat(),
            "valid_until": valid_until(self.done, months).isoformat() if valid and months else "",
            "interval_months": str(months) if valid else "",
            "basis": f"{procedure['standard']} {procedure['title']}".strip(),
            "record_no": f"{self.document['run']}/{self.unit['serial']}",
            "issued_on": issued,
            "verify_url": self.lab.verify_url.replace("{number}", self.number),
        }

    def failed(self) -> list[str]:
        if self.kind == "calibration":
            return []
        wrong = (
            p
            for p in self.unit["points"]
            if p["verdict"] not in (None, "pass") and not p.get("superseded")
        )
        return list(dict.fromkeys(name_of(self.document, p, self.words) for p in wrong))

    def institute(self) -> dict[str, str]:
        scheme: JSON = self.document.get("scheme") or {}
        return {
            "institute_name": self.said(self.lab.name),
            "institute_auth_no": self.lab.authority,
            "standard_name": str(scheme.get("standard") or ""),
            "standard_cert_no": str(scheme.get("certificate") or ""),
            "standard_valid_until": str(scheme.get("valid_until") or ""),
        }

    def said(self, text: Said) -> str:
        return next(iter(self.words.of(text)), "")

    def circumstances(self) -> dict[str, Any]:
        occasions = {p["occasion"] for p in self.unit["points"]}
        return {
            "place": ordered(self.unit, "place") or str(self.document["bench"]["name"]),
            "temp": self.range_of("ambient_temperature"),
            "humidity": self.range_of("ambient_humidity"),
            "pressure": self.range_of("air_pressure", "ambient_pressure"),
            "adjusted": "as_left" in occasions,
        }

    def range_of(self, *quantities: str) -> str:
        """Return lowest and highest value of a quantity of the environment."""
        for entry in self.document.get("environment", ()):
            if entry["quantity"] in quantities and entry["min"] is not None:
                low, high = short(entry["min"], 4), short(entry["max"], 4)
                text = low if low == high else f"{low} ~ {high}"
                return f"{text} {entry['unit']}".strip()
        return ""

    def people(self) -> dict[str, str]:
        reviews: Sequence[JSON] = self.document.get("reviews", ())
        passed = {r["step"]: str(r["by"]) for r in reviews if r["current"]}
        return {
            "operator": str(self.document.get("operator") or ""),
            "checker": passed.get("checked", ""),
            "approver": passed.get("approved", ""),
        }

    def origin(self) -> dict[str, str]:
        software = self.document["software"]
        return {
            "software_name": str(software["name"]),
            "software_version": str(software["version"]),
            "software_id": str(software["id"]),
            "run_id": str(self.document["run"]),
            "log_root": str((self.document.get("log") or {}).get("root") or ""),
            "dcc_sha256": "",
            "pdf_sha256": "",
            "signature_alg": "",
        }

    def equipment(self) -> Iterator[dict[str, str]]:
        """Give the standards, each with the role that it had."""
        for standard in self.document.get("standards", ()):
            known = {k: standard.get(k) for k in ("name", "model", "serial", "unit")}
            yield {
                "role": next(iter(self.words.role(str(standard["role"]))), ""),
                **{name: str(value or "") for name, value in known.items()},
                "cert_no": str(standard.get("certificate") or ""),
                "valid_until": str(standard.get("due") or ""),
                "U": "" if standard.get("U") is None else short(standard["U"]),
                "k": "" if not standard.get("k") else short(standard["k"]),
            }
