"""A certificate for machines: PTB's Digital Calibration Certificate 3.3.0 with D-SI numbers.

    data = dcc_of(documents, "W-1", lab_settings(folder))

Every number is the decimal text of the record. What a document of this kind must hold is in
docs/certificates.md; `dcc_check` finds what the XML Schema lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchctl.certificates.dates import local_day
from benchctl.certificates.dcc_results import CONFORMITY, DccResults
from benchctl.certificates.model import JSON, Kind
from benchctl.certificates.order import ordered
from benchctl.certificates.settings import LabSettings

VERSION = "3.3.0"
"""The version of the DCC schema."""


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


class _Dcc(DccResults):
    """Builds one DCC."""

    def data(self) -> bytes:
        d = self.write.dcc
        root = d.digitalCalibrationCertificate(
            d.administrativeData(
                d.dccSoftware(self.software()),
                self._core(),
                d.items(self._item()),
                d.calibrationLaboratory(self._laboratory()),
                d.respPersons(*self._persons()),
                self._customer(),
                d.statements(*self._statements()),
            ),
            d.measurementResults(*self.results()),
            schemaVersion=VERSION,
        )
        return self.write.bytes_of(root)

    # who, what, when ------------------------------------------------------------------------

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
        yield self.identification("record", record)
        if order := ordered(self.unit, "order"):
            yield self.identification("order", order, refType="basic_orderNumber")

    def _item(self) -> Any:
        d = self.write.dcc
        device = next(f.value for f in self.printed.cover if f.label == self.words.say("device"))
        item = d.item(self.write.text("name", device))
        if maker := ordered(self.unit, "maker"):
            item.append(d.manufacturer(self.write.text("name", (maker,))))
        if model := ordered(self.unit, "model"):
            item.append(d.model(model))
        serial = self.identification(
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
