"""The measurement results of a DCC: methods, equipment, conditions, lists of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchctl import __version__
from benchctl.certificates.content import certificate_of
from benchctl.certificates.dcc_elements import DccWriter, text_number
from benchctl.certificates.dsi import dsi_unit
from benchctl.certificates.family import family_of
from benchctl.certificates.model import JSON, Certificate, Kind
from benchctl.certificates.point_table import layout_of, nominal_name, quantity_name
from benchctl.certificates.results import FINDINGS, grouped
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words

CONFORMITY = {
    "pass": "pass",
    "fail": "fail",
    "conditional_pass": "conditionalPass",
    "conditional_fail": "conditionalFail",
    "indeterminate": "noPass",
}
"""Verdicts and statements of a record, and how a DCC calls them."""
STATUS = {"as_found": "beforeAdjustment", "as_left": "afterAdjustment"}


class DccResults:
    """Builds the measurement results of a DCC, and what its other parts share with them."""

    def __init__(
        self, documents: Mapping[str, JSON], serial: str, lab: LabSettings, kind: Kind | None
    ) -> None:
        procedure = next(iter(documents.values()))["procedure"]
        self.family = family_of(str(procedure["name"]), lab)
        self.words = Words(tuple(documents), self.family)
        self.write = DccWriter(self.words.languages)
        self.documents = list(documents.values())
        self.first = self.documents[0]
        self.printed: Certificate = certificate_of(documents, serial, lab, kind=kind, budget=False)
        self.units: list[JSON] = [
            next(u for u in d["uuts"] if u["serial"] == serial) for d in self.documents
        ]
        self.unit = self.units[0]
        self.lab = lab

    def software(self) -> Any:
        """Return this program."""
        d = self.write.dcc
        return d.software(
            self.write.text("name", ("benchctl",)),
            d.release(f"v{__version__}"),
            d.type("application"),
        )

    def identification(
        self, label: str, value: str, issuer: str = "calibrationLaboratory", **attributes: str
    ) -> Any:
        """Return an identification with what it is called."""
        d = self.write.dcc
        name = self.write.text("name", self.words.say(label))
        return d.identification(d.issuer(issuer), d.value(value), name, **attributes)

    def results(self) -> Iterator[Any]:
        """Give the results, those before and after an adjustment apart."""
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
            d.usedSoftware(self.software()),
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
                        self.identification("serial", str(s["serial"]), "manufacturer")
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
        is_error = layout_of(self.words, points).is_error
        quantities = [*self._inputs(points), *self._own(points)]
        error = d.quantity(
            write.text("name", quantity_name(self.words, points)),
            write.numbers(
                [p["reported"] or text_number(p["error"]) for p in points],
                dsi_unit(points[0]["unit"]),
                write.uncertainty(points),
            ),
            refType="basic_measurementError" if is_error else "basic_measuredValue",
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
        first = points[0]
        name = self.words.item(
            str(first["item"] or first["quantity"]), self.first["titles"], first["quantity"]
        )
        return d.result(write.text("name", name), d.data(d.list(*quantities)))

    def _inputs(self, points: Sequence[JSON]) -> Iterator[Any]:
        """Give the nominal values, where they have one unit."""
        d, write = self.write.dcc, self.write
        units = {(p["nominal"] or {}).get("unit") for p in points}
        if len(units) == 1 and None not in units:
            values = [text_number(p["nominal"]["value"]) for p in points]
            yield d.quantity(
                write.text("name", nominal_name(self.words, points)),
                write.numbers(values, dsi_unit(units.pop())),
                refType="basic_nominalValue",
            )

    def _own(self, points: Sequence[JSON]) -> Iterator[Any]:
        """Give the points' own quantities that are printed and are numbers of one unit."""
        d, write = self.write.dcc, self.write
        for name in layout_of(self.words, points).columns:
            given = [p.get("values", {}).get(name) or {} for p in points]
            units = {v.get("unit") for v in given}
            if len(units) == 1 and None not in units:
                values = [text_number(v["value"]) for v in given]
                yield d.quantity(
                    write.text("name", self.words.role(name)),
                    write.numbers(values, dsi_unit(units.pop())),
                )

    def _limits(self, points: Sequence[JSON]) -> Iterator[Any]:
        """Give the lower and the upper limits, each where every point has it."""
        d, write = self.write.dcc, self.write
        pairs: list[Any] = [p["mpe"] or (None, None) for p in points]
        for n, name in enumerate(("lower-limit", "upper-limit")):
            ends = [pair[n] for pair in pairs if pair[n] is not None]
            if len(ends) == len(pairs):
                given = write.numbers([text_number(e) for e in ends], dsi_unit(points[0]["unit"]))
                yield d.quantity(write.text("name", self.words.say(name)), given)

    def _findings(self) -> Iterator[Any]:
        """Give the items that are answered or observed, as text."""
        d, write = self.write.dcc, self.write
        table = next((t for t in self.printed.tables if t.name == FINDINGS), None)
        found = [p for p in self.unit["points"] if p["point"] is None]
        for row, point in zip(() if table is None else table.rows, found, strict=True):
            item, finding, verdict = row
            data = d.data(write.text("text", self.words.listed([verdict, finding])))
            value = point["observed"].get("value")
            if isinstance(value, int | float) and not isinstance(value, bool):
                number = write.number(text_number(value), dsi_unit(point["observed"].get("unit")))
                data.append(d.quantity(write.text("name", item), number))
            yield d.result(write.text("name", item), data)
