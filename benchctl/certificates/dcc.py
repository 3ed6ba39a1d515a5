"""A certificate for machines: PTB's Digital Calibration Certificate 3.3.0 with D-SI numbers.

    data = dcc_of(documents, "W-1", lab_settings(folder))

Every number is the decimal text of the record. What a document of this kind must hold is in
docs/certificates.md; `dcc_check` finds what the XML Schema lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchctl import __version__
from benchctl.certificates.content import certificate_of
from benchctl.certificates.dates import local_day
from benchctl.certificates.dcc_elements import DccWriter, text_number
from benchctl.certificates.dsi import dsi_unit
from benchctl.certificates.model import JSON, Certificate, Kind
from benchctl.certificates.order import ordered
from benchctl.certificates.results import FINDINGS, grouped
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words

VERSION = "3.3.0"
"""The version of the DCC schema."""
CONFORMITY = {
    "pass": "pass",
    "fail": "fail",
    "conditional_pass": "conditionalPass",
    "conditional_fail": "conditionalFail",
    "indeterminate": "noPass",
}
"""Verdicts and statements of a record, and how a DCC calls them."""
STATUS = {"as_found": "beforeAdjustment", "as_left": "afterAdjustment"}


def dcc_of(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    *,
    kind: Kind | None = None,
) -> bytes:
    """Return the DCC of a unit as XML, the same bytes for the same record.

    Args:
        documents: the result document of the run in each language; the first is the binding one.
        serial: the unit's serial number.
        lab: the lab's data.
        kind: what is wanted; by default what the results bear.

    Raises:
        UsageError: the run has no such unit, or lxml is not installed.
        RefusedError: its results bear no certificate, or a unit has no name in the D-SI.
    """
    return _Dcc(documents, serial, lab, kind).data()


class _Dcc:
    """Builds one DCC."""

    def __init__(
        self, documents: Mapping[str, JSON], serial: str, lab: LabSettings, kind: Kind | None
    ) -> None:
        self.words = Words(tuple(documents))
        self.write = DccWriter(self.words.languages)
        self.documents = list(documents.values())
        self.first = self.documents[0]
        self.printed: Certificate = certificate_of(documents, serial, lab, kind=kind, budget=False)
        self.units: list[JSON] = [
            next(u for u in d["uuts"] if u["serial"] == serial) for d in self.documents
        ]
        self.unit = self.units[0]
        self.lab = lab

    def data(self) -> bytes:
        d = self.write.dcc
        root = d.digitalCalibrationCertificate(
            d.administrativeData(
                d.dccSoftware(self._software()),
                self._core(),
                d.items(self._item()),
                d.calibrationLaboratory(self._laboratory()),
                d.respPersons(*self._persons()),
                self._customer(),
                d.statements(*self._statements()),
            ),
            d.measurementResults(*self._results()),
            schemaVersion=VERSION,
        )
        return self.write.bytes_of(root)

    # who, what, when ------------------------------------------------------------------------

    def _software(self) -> Any:
        d = self.write.dcc
        return d.software(
            self.write.text("name", ("benchctl",)),
            d.release(f"v{__version__}"),
            d.type("application"),
        )

    def _core(self) -> Any:
        d = self.write.dcc
        begin = local_day(self.first["started"], self.lab.utc_offset).isoformat()
        end = local_day(self.first["finished"], self.lab.utc_offset).isoformat()
        languages = self.words.languages
        core = d.coreData(
            d.countryCodeISO3166_1(self.lab.country),
            *(d.usedLangCodeISO639_1(n) for n in languages),
            d.mandatoryLangCodeISO639_1(languages[0]),
            d.uniqueIdentifier(self.printed.number or f"{self.first['run']}/{self.unit['serial']}"),
            d.identifications(*self._identifications()),
            d.beginPerformanceDate(begin),
            d.endPerformanceDate(end),
            d.performanceLocation("laboratory"),
        )
        for number in self.first.get("numbers", ()):
            if number["number"] == self.printed.number:
                day = local_day(number["at"], self.lab.utc_offset).isoformat()
                core.append(d.issueDate(day))
                if number["replaces"]:
                    core.append(
                        d.reportAmendedSubstituted(
                            d.typeOfChange("substituted"),
                            d.replacedUniqueIdentifier(number["replaces"]),
                        )
                    )
        return core

    def _identifications(self) -> Iterator[Any]:
        record = f"{self.first['run']}/{self.unit['serial']}"
        yield self._identification("record", record)
        if order := ordered(self.unit, "order"):
            yield self._identification("order", order, refType="basic_orderNumber")

    def _identification(
        self, label: str, value: str, issuer: str = "calibrationLaboratory", **attributes: str
    ) -> Any:
        d = self.write.dcc
        name = self.write.text("name", self.words.say(label))
        return d.identification(d.issuer(issuer), d.value(value), name, **attributes)

    def _item(self) -> Any:
        d = self.write.dcc
        device = next(f.value for f in self.printed.cover if f.label == self.words.say("device"))
        item = d.item(self.write.text("name", device))
        if maker := ordered(self.unit, "maker"):
            item.append(d.manufacturer(self.write.text("name", (maker,))))
        if model := ordered(self.unit, "model"):
            item.append(d.model(model))
        serial = self._identification(
            "serial", self.unit["serial"], "manufacturer", refType="basic_serialNumber"
        )
        item.append(d.identifications(serial))
        return item

    def _laboratory(self) -> Any:
        d = self.write.dcc
        contact = d.contact(self.write.text("name", self.words.of(self.lab.name) or ("/",)))
        if self.lab.email:
            contact.append(d.eMail(self.lab.email))
        if self.lab.phone:
            contact.append(d.phone(self.lab.phone))
        location = d.location()
        for text in filter(None, self.words.of(self.lab.city)[:1]):
            location.append(d.city(text))
        location.append(d.countryCode(self.lab.country))
        if self.lab.postcode:
            location.append(d.postCode(self.lab.postcode))
        for text in filter(None, self.words.of(self.lab.address)[:1]):
            location.append(d.street(text))
        contact.append(location)
        return contact

    def _persons(self) -> Iterator[Any]:
        d = self.write.dcc
        roles = ("operator", "checker", "approver")
        named = [
            (s.name, r) for s, r in zip(self.printed.signatories, roles, strict=True) if s.name
        ]
        for n, (name, role) in enumerate(named or [("/", "operator")]):
            yield d.respPerson(
                d.person(self.write.text("name", (name,))),
                d.role(role),
                d.mainSigner("true" if n == len(named) - 1 else "false"),
            )

    def _customer(self) -> Any:
        d = self.write.dcc
        name = ordered(self.unit, "client") or "/"
        address = ordered(self.unit, "client_address") or "/"
        return d.customer(
            self.write.text("name", (name,)),
            d.location(self.write.text("further", (address,))),
        )

    # what is declared -----------------------------------------------------------------------

    def _statements(self) -> Iterator[Any]:
        d, write = self.write.dcc, self.write
        if self.printed.specimen:
            yield d.statement(
                write.text("name", self.words.say("specimen")),
                write.text("declaration", self.printed.specimen_line),
                d.valid("false"),
            )
        yield self._conformity()
        for said in self.printed.statements:
            yield d.statement(write.text("declaration", said))

    def _conformity(self) -> Any:
        d = self.write.dcc
        statement = d.statement(
            self.write.text("name", self.words.say("conclusion")), refType="basic_conformity"
        )
        if norm := self.first["procedure"].get("standard"):
            statement.append(d.norm(norm))
        rules = dict.fromkeys(p["rule"] for p in self.unit["points"] if p["rule"])
        for rule in rules:
            statement.append(d.reference(rule))
        statement.append(self.write.text("declaration", self.printed.title))
        for fact in self.printed.cover:
            if fact.label == self.words.say("valid-until"):
                statement.append(d.date(fact.value[0]))
        if self.unit["verdict"] in CONFORMITY:
            statement.append(d.conformity(CONFORMITY[self.unit["verdict"]]))
        return statement

    # results --------------------------------------------------------------------------------

    def _results(self) -> Iterator[Any]:
        points = [p for p in self.unit["points"] if p["point"] is not None]
        occasions = list(dict.fromkeys(p["occasion"] for p in points)) or [None]
        for occasion in occasions:
            status = STATUS.get(str(occasion)) if len(occasions) > 1 else None
            yield self._result([p for p in points if p["occasion"] == occasion], status)

    def _result(self, points: Sequence[JSON], status: str | None) -> Any:
        d, write = self.write.dcc, self.write
        method = d.usedMethod(
            write.text("name", self.words.say("basis")), refType="basic_calibrationMethod"
        )
        if norm := self.first["procedure"].get("standard"):
            method.append(d.norm(norm))
        parts = [
            write.text("name", self.printed.title),
            d.usedMethods(method),
            d.usedSoftware(self._software()),
        ]
        if equipment := list(self._equipment()):
            parts.append(d.measuringEquipments(*equipment))
        if conditions := list(self._conditions(status)):
            parts.append(d.influenceConditions(*conditions))
        results = [self._list(group) for group in grouped(points)]
        results += list(self._findings())
        return d.measurementResult(*parts, d.results(*filter(lambda r: r is not None, results)))

    def _equipment(self) -> Iterator[Any]:
        d, write = self.write.dcc, self.write
        seen = set()
        for s in self.first.get("standards", ()):
            key = (s.get("serial"), s.get("certificate"))
            if key in seen:
                continue
            seen.add(key)
            name = str(s.get("name") or s["role"])
            made = d.measuringEquipment(
                write.text("name", (name,)), refType="basic_measurementStandard"
            )
            if s.get("certificate"):
                issuer = str(s.get("issuer") or "/")
                made.append(
                    d.certificate(
                        write.text("referral", (issuer,)),
                        d.referralID(str(s["certificate"])),
                        d.procedure("/"),
                        d.value("/"),
                    )
                )
            if s.get("model"):
                made.append(d.model(s["model"]))
            if s.get("serial"):
                made.append(
                    d.identifications(
                        self._identification("serial", str(s["serial"]), "manufacturer")
                    )
                )
            yield made

    def _conditions(self, status: str | None) -> Iterator[Any]:
        d, write = self.write.dcc, self.write
        for entry in self.first.get("environment", ()):
            if entry["min"] is None:
                continue
            condition = d.influenceCondition(write.text("name", self.words.role(entry["quantity"])))
            if status:
                condition.append(d.status(status))
            ends = [text_number(entry[n]) for n in ("min", "max")]
            quantity = d.quantity(write.numbers(ends, dsi_unit(entry["unit"])))
            condition.append(d.data(quantity))
            yield condition

    def _list(self, points: Sequence[JSON]) -> Any:
        """Return the results of a quantity as lists that are all equally long."""
        d, write, say = self.write.dcc, self.write, self.words.say
        points = [p for p in points if p["error"] is not None]
        if not points:
            return None
        quantities = list(self._inputs(points))
        error = d.quantity(
            write.text("name", say("error")),
            write.numbers(
                [p["reported"] or text_number(p["error"]) for p in points],
                dsi_unit(points[0]["unit"]),
                write.uncertainty(points),
            ),
            refType="basic_measurementError",
        )
        stated = [CONFORMITY.get(p["statement"] or p["verdict"] or "") for p in points]
        if all(stated):
            error.append(
                d.measurementMetaData(
                    d.metaData(
                        write.text("name", say("conclusion")),
                        d.conformityXMLList(" ".join(str(s) for s in stated)),
                        refType="basic_conformity",
                    )
                )
            )
        quantities.append(error)
        quantities.extend(self._limits(points))
        name = self.words.item(
            str(points[0]["item"] or points[0]["quantity"]), self.first["titles"]
        )
        return d.result(write.text("name", name), d.data(d.list(*quantities)))

    def _inputs(self, points: Sequence[JSON]) -> Iterator[Any]:
        """Give the nominal values, where they have one unit."""
        d, write = self.write.dcc, self.write
        units = {(p["nominal"] or {}).get("unit") for p in points}
        if len(units) == 1 and None not in units:
            values = [text_number(p["nominal"]["value"]) for p in points]
            yield d.quantity(
                write.text("name", self.words.say("nominal")),
                write.numbers(values, dsi_unit(units.pop())),
                refType="basic_nominalValue",
            )

    def _limits(self, points: Sequence[JSON]) -> Iterator[Any]:
        """Give the lower and the upper limits, where every point has both."""
        d, write = self.write.dcc, self.write
        pairs = [p["mpe"] for p in points]
        if any(pair is None or None in pair for pair in pairs):
            return
        for n, name in enumerate(("lower-limit", "upper-limit")):
            values = [text_number(pair[n]) for pair in pairs]
            unit = dsi_unit(points[0]["unit"])
            yield d.quantity(write.text("name", self.words.say(name)), write.numbers(values, unit))

    def _findings(self) -> Iterator[Any]:
        """Give the items that are answered or observed, as text."""
        d, write = self.write.dcc, self.write
        table = next((t for t in self.printed.tables if t.name == FINDINGS), None)
        for item, finding, verdict in () if table is None else table.rows:
            said = self.words.listed([verdict, finding])
            yield d.result(write.text("name", item), d.data(write.text("text", said)))
