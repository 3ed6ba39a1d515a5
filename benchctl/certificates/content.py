"""A certificate from a result document: a pure function of the record and the lab's data.

documents = {"zh": lab.document(run, "zh"), "en": lab.document(run, "en")}
certificate = certificate_of(documents, "W-1", lab_settings(folder))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from benchctl.certificates import numbers
from benchctl.certificates.choosing import kind_of, unit_of
from benchctl.certificates.dates import local_day, valid_until
from benchctl.certificates.family import family_of
from benchctl.certificates.model import JSON, Certificate, Fact, Kind, Signatory, Table, Text
from benchctl.certificates.order import ordered
from benchctl.certificates.results import budget_tables, item_table, point_tables, said_once
from benchctl.certificates.settings import LabSettings
from benchctl.certificates.wording import Words

SPECIMEN = "SPECIMEN"


def certificate_of(
    documents: Mapping[str, JSON],
    serial: str,
    lab: LabSettings,
    *,
    kind: Kind | None = None,
    budget: bool | None = None,
    dcc_sha256: str = "",
) -> Certificate:
    """Return the certificate of a unit.

    Args:
        documents: the result document of the run in each language, in the certificate's order.
        serial: the unit's serial number.
        lab: the lab's data.
        kind: what is wanted; by default what the results bear.
        budget: whether every point's budget is printed; by default on a calibration certificate.
        dcc_sha256: hash of the DCC that goes with it, for the QR code.

    Raises:
        UsageError: the run has no such unit.
        RefusedError: its results bear no certificate, or not the wanted one.
    """
    maker = _Maker(documents, serial, lab, kind)
    with_budget = maker.kind == "calibration" if budget is None else budget
    return maker.certificate(with_budget, dcc_sha256)


def number_of(document: JSON, serial: str) -> str:
    """Return a unit's certificate number, "" where none was issued for what the record says now.

    That of a simulated run is no number: it begins with SPECIMEN.
    """
    if document["simulated"]:
        return f"{SPECIMEN}-{document['run']}-{serial}"
    for entry in document.get("numbers", ()):
        if (entry["uut"], entry["revision"]) == (serial, document["revision"]):
            return str(entry["number"])
    return ""


class _Maker:
    """Makes one certificate."""

    def __init__(
        self, documents: Mapping[str, JSON], serial: str, lab: LabSettings, kind: Kind | None
    ) -> None:
        self.documents = list(documents.values())
        self.first = self.documents[0]
        self.family = family_of(str(self.first["procedure"]["name"]), lab)
        self.words = Words(tuple(documents), self.family)
        self.units = [unit_of(d, serial) | {"titles": d["titles"]} for d in self.documents]
        self.unit = self.units[0]
        self.lab = lab
        self.kind = kind_of(self.first, self.unit, kind)
        self.number = number_of(self.first, serial)
        self.done = local_day(self.first["finished"], lab.utc_offset)

    def certificate(self, with_budget: bool, dcc_sha256: str) -> Certificate:
        say = self.words.say
        simulated = bool(self.first["simulated"])
        tables, notes = said_once(tuple(self._tables(with_budget)))
        return Certificate(
            kind=self.kind,
            languages=self.words.languages,
            title=say(f"title-{self.kind}"),
            number=self.number,
            number_label=say("number"),
            specimen=Words(("zh", "en")).say("specimen") if simulated else (),
            specimen_line=say("specimen-line") if simulated else (),
            lab=self.words.of(self.lab.name) or ("",),
            lab_facts=tuple(self._given(self._lab_facts())),
            logo=self.lab.logo,
            cover=tuple(self._given(self._cover())),
            conclusion=self._conclusion(),
            passed=self.unit["verdict"] != "fail",
            signatories=tuple(self._signatories()),
            facts=tuple(self._given(self._facts())),
            standards=self._standards(),
            tables=tables,
            statements=(*notes, *self._statements()),
            page=say("page"),
            end=say("end"),
            date=(self.done.year, self.done.month, self.done.day),
            code=self._code(dcc_sha256),
        )

    def _given(self, facts: Iterator[tuple[str, Text]]) -> Iterator[Fact]:
        """Give the facts that have a value, with their labels."""
        for label, value in facts:
            if any(value):
                yield Fact(self.words.say(label), value)

    def _lab_facts(self) -> Iterator[tuple[str, Text]]:
        lab = self.lab
        yield "authority", (lab.authority,)
        yield "address", self.words.of(lab.address)
        yield "postcode", (lab.postcode,)
        yield "phone", (lab.phone,)
        yield "email", (lab.email,)

    def _cover(self) -> Iterator[tuple[str, Text]]:
        same = self.words.same
        for fact in ("client", "client_address"):
            yield fact.replace("_", "-"), same(ordered(self.unit, fact))
        device = ordered(self.unit, "device")
        yield "device", same(device) if device else self._procedure("title")
        yield "model", same(ordered(self.unit, "model"))
        yield "serial", same(self.unit["serial"])
        for fact in ("maker", "asset", "grade", "order"):
            yield fact, same(ordered(self.unit, fact))
        yield "basis", self._basis()
        yield "received", same(ordered(self.unit, "received"))
        calibrated = self.kind == "calibration"
        yield ("calibrated-on" if calibrated else "verified-on"), same(self.done.isoformat())
        yield "issued-on", same(self._issued_on())
        months = self.lab.validity.get(str(self.first["procedure"]["name"]))
        if self.kind == "verification" and months:
            yield "valid-until", same(valid_until(self.done, months).isoformat())

    def _procedure(self, name: str) -> Text:
        return self.words.of(
            {
                language: str(d["procedure"].get(name) or "")
                for language, d in zip(self.words.languages, self.documents, strict=True)
            }
        )

    def _basis(self) -> Text:
        standard = str(self.first["procedure"].get("standard") or "")
        return self.words.say("basis-of", standard=standard, title=self._procedure("title"))

    def _issued_on(self) -> str:
        for entry in self.first.get("numbers", ()):
            if entry["number"] == self.number:
                return local_day(str(entry["at"]), self.lab.utc_offset).isoformat()
        return ""

    def _conclusion(self) -> Fact | None:
        if self.kind == "calibration":
            return None
        if self.kind == "verification":
            said = self.words.say("verdict-pass")
        else:
            said = self.words.say("failed-items", items=self._failed())
        return Fact(self.words.say("conclusion"), said)

    def _failed(self) -> Text:
        """Return the items and points that did not pass, in words."""
        titles = self.unit["titles"]
        names = dict.fromkeys(
            self.words.item(str(p["item"] or p["point"]), titles, p["quantity"])
            for p in self.unit["points"]
            if p["verdict"] not in (None, "pass") and not p.get("superseded")
        )
        return tuple(
            (", " if language == "en" else "、").join(n[min(i, len(n) - 1)] for n in names)
            for i, language in enumerate(self.words.languages)
        )

    def _signatories(self) -> Iterator[Signatory]:
        doer = "calibrated-by" if self.kind == "calibration" else "verified-by"
        name = str(self.first.get("operator") or "")
        yield Signatory(self.words.say(doer), name, self.done.isoformat() if name else "")
        reviews: Sequence[JSON] = self.first.get("reviews", ())
        for step in ("checked", "approved"):
            passed = [r for r in reviews if r["step"] == step and r["current"]]
            last = passed[-1] if passed else None
            day = local_day(last["at"], self.lab.utc_offset).isoformat() if last else ""
            yield Signatory(self.words.say(f"{step}-by"), str(last["by"]) if last else "", day)

    def _facts(self) -> Iterator[tuple[str, Text]]:
        same = self.words.same
        yield "record", same(f"{self.first['run']} / {self.unit['serial']}")
        yield "place", same(ordered(self.unit, "place") or self.first["bench"]["name"])
        if scheme := self.first.get("scheme"):
            yield (
                "scheme",
                same(f"{scheme['standard']} {scheme['certificate']} ({scheme['scope']})"),
            )
        known = [e for e in self.first.get("environment", ()) if e["min"] is not None]
        if known:
            yield "environment", self.words.listed([self._environment(e) for e in known])
        yield "parameters", self.words.listed(list(self._parameters()))
        software = self.first["software"]
        yield "software", same(f"{software['name']} {software['version']}")

    def _parameters(self) -> Iterator[Text]:
        given: Mapping[str, str] = self.unit["parameters"]
        names = given if self.family.parameters is None else self.family.parameters
        for name in (n for n in names if n in given):
            value = self.words.word(name, given[name], given[name])
            yield self.words.say("setting", name=self.words.role(name), value=value)

    def _environment(self, entry: JSON) -> Text:
        low, high = (numbers.printed(numbers.short(entry[n], 4)) for n in ("min", "max"))
        return self.words.say(
            "environment-range",
            role=self.words.role(entry["quantity"]),
            low=low,
            high=high,
            unit=str(entry["unit"]),
        )

    def _standards(self) -> Table | None:
        say, same, words = self.words.say, self.words.same, self.words
        uses: dict[tuple[str, ...], list[JSON]] = {}
        for s in self.first.get("standards", ()):
            name = f"{s.get('name', '')} {s.get('model', '')}".strip() or s["role"]
            known = (name, s.get("serial"), s.get("certificate"), s.get("due"))
            uses.setdefault(tuple(str(k or "/") for k in known), []).append(s)
        rows: dict[tuple[Text, ...], None] = {}
        for cells, all_of in uses.items():
            stated = [s for s in all_of if s.get("U") is not None] or all_of
            by_u: dict[str, list[Text]] = {}
            for s in stated:
                by_u.setdefault(_uncertainty(s) or "/", []).append(words.role(s["role"]))
            for u, roles in by_u.items():
                used = words.listed(list(dict.fromkeys(roles)))
                rows[(*(same(c) for c in (*cells[:3], u, cells[3])), used)] = None
        names = ("standard", "serial", "certificate", "standard-U", "valid-until", "used-for")
        head = tuple(say(n) for n in names)
        return Table(say("standards"), head, tuple(rows), name="standards") if rows else None

    def _tables(self, with_budget: bool) -> Iterator[Table]:
        items = item_table(self.words, self.units)
        if items is not None:
            yield items
        yield from point_tables(self.words, self.units)
        if with_budget:
            yield from budget_tables(self.words, self.unit)

    def _statements(self) -> Iterator[Text]:
        say = self.words.say
        replaced = [
            n["replaces"]
            for n in self.first.get("numbers", ())
            if n["number"] == self.number and n["replaces"]
        ]
        for number in replaced:
            reasons = "; ".join(str(a["because"]) for a in self.first.get("amendments", ()))
            yield say("replaces", number=number, because=reasons)
        yield say(f"about-{self.kind}")
        for given in self.lab.statements:
            yield self.words.of(given)
        yield say("in-full")
        yield say("electronic", anchor=self._anchor())

    def _anchor(self) -> str:
        log = self.first.get("log") or {}
        return str((log.get("signature") or {}).get("anchor") or log.get("root") or "/")

    def _code(self, dcc_sha256: str) -> str:
        """Return what the QR code says: the number, the record and its anchor."""
        address = self.lab.verify_url.replace("{number}", self.number)
        lines = [address, self.number, f"{self.first['run']}/{self.unit['serial']}", self._anchor()]
        if dcc_sha256:
            lines.append(f"dcc sha256:{dcc_sha256}")
        return "\n".join(line for line in lines if line)


def _uncertainty(standard: JSON) -> str:
    if standard.get("U") is None:
        return ""
    k = f" (k = {standard['k']:g})" if standard.get("k") else ""
    return f"U = {numbers.figure(standard['U'], 6)} {standard.get('unit') or ''}".rstrip() + k


def day_of(certificate: Certificate) -> date:
    """Return the day that a certificate bears."""
    return date(*certificate.date)
