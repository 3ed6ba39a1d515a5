"""Reads a DCC, ours or another laboratory's: what it is, and the numbers in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchctl.certificates.dcc_elements import DCC, NAMESPACES, SI
from benchctl.certificates.pdf import missing
from benchctl.core.errors import UsageError
from benchctl.core.messages import Message, msg

LARGEST = 50 * 1024 * 1024
"""Bytes that a DCC may have."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A list of numbers as text; what a DCC gives once for all of them stands here once.

    `line` is where it stands in the file; `table` is the line of the `dcc:list` whose column it
    is, 0 where it is none. A hybrid (the same in two units) gives a quantity for each of them.
    """

    names: tuple[str, ...]
    ref: str
    values: tuple[str, ...]
    units: tuple[str, ...]
    U: tuple[str, ...]
    k: tuple[str, ...]
    probability: tuple[str, ...]
    conformity: tuple[str, ...]
    line: int
    table: int = 0


@dataclass(frozen=True, slots=True)
class Dcc:
    """What a DCC says; dates are texts as they stand there, "" where they are missing."""

    version: str
    number: str
    languages: tuple[str, ...]
    mandatory: tuple[str, ...]
    texts: tuple[str, ...]
    """The languages of its texts."""
    received: str
    begin: str
    end: str
    issued: str
    records: tuple[str, ...]
    """Identifications that the laboratory gave."""
    conformity: tuple[str, ...]
    """What it states overall."""
    quantities: tuple[Quantity, ...]


def parse(data: bytes, name: str) -> Any:
    """Return the root of a DCC; no entity is resolved and nothing is fetched.

    Raises:
        UsageError: it is no XML, or no DCC, or lxml is not installed.
    """
    try:
        from lxml import etree
    except ImportError as error:
        raise missing(error) from error
    if len(data) > LARGEST:
        raise UsageError(msg("certificates.no-dcc", path=name, reason="> 50 MB"))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UsageError(msg("certificates.no-dcc", path=name, reason=str(error))) from error
    if root.tag != f"{{{DCC}}}digitalCalibrationCertificate":
        raise UsageError(msg("certificates.no-dcc", path=name, reason=str(root.tag)))
    return root


def read_dcc(data: bytes, name: str = "DCC") -> Dcc:
    """Return what a DCC says.

    Raises:
        UsageError: it is none.
    """
    root = parse(data, name)
    core = root.find("dcc:administrativeData/dcc:coreData", NAMESPACES)

    def one(tag: str) -> str:
        return _text(None if core is None else core.find(f"dcc:{tag}", NAMESPACES))

    def every(path: str) -> tuple[str, ...]:
        return tuple(_text(e) for e in root.iterfind(path, NAMESPACES))

    languages = (e.get("lang") for e in root.iter(f"{{{DCC}}}content"))
    return Dcc(
        version=str(root.get("schemaVersion") or ""),
        number=one("uniqueIdentifier"),
        languages=every(".//dcc:coreData/dcc:usedLangCodeISO639_1"),
        mandatory=every(".//dcc:coreData/dcc:mandatoryLangCodeISO639_1"),
        texts=tuple(dict.fromkeys(n for n in languages if n)),
        received=one("receiptDate"),
        begin=one("beginPerformanceDate"),
        end=one("endPerformanceDate"),
        issued=one("issueDate"),
        records=every(".//dcc:coreData/dcc:identifications/dcc:identification/dcc:value"),
        conformity=every(".//dcc:statements/dcc:statement/dcc:conformity"),
        quantities=tuple(_quantities(root)),
    )


def _text(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()


def _quantities(root: Any) -> Iterator[Quantity]:
    for element in root.iter(f"{{{DCC}}}quantity"):
        for holder in (element, *element.iterfind("si:hybrid", NAMESPACES)):
            for real in holder:
                if real.tag == f"{{{SI}}}realListXMLList":
                    yield _quantity(element, real, "XMLList")
                elif real.tag == f"{{{SI}}}real":
                    yield _quantity(element, real, "")


def _quantity(element: Any, real: Any, form: str) -> Quantity:
    """Return a quantity from a number or a list of numbers; `form` ends the names of its parts."""

    def words(*tags: str) -> tuple[str, ...]:
        for tag in tags:
            found = real.find(f".//si:{tag}{form}", NAMESPACES)
            if found is not None:
                return tuple(_text(found).split())
        return ()

    unit = real.find(f"si:unit{form}", NAMESPACES)
    value = real.find(f"si:value{form}", NAMESPACES)
    above = element.getparent()
    return Quantity(
        names=tuple(_text(e) for e in element.iterfind("dcc:name/dcc:content", NAMESPACES)),
        ref=str(element.get("refType") or ""),
        values=tuple(_text(value).split()),
        units=tuple(_text(unit).split()),
        U=words("valueExpandedMU", "uncertainty"),
        k=words("coverageFactor"),
        probability=words("coverageProbability"),
        conformity=_conformity(element),
        line=int(real.sourceline or 0),
        table=int(above.sourceline or 0) if above.tag == f"{{{DCC}}}list" else 0,
    )


def _conformity(element: Any) -> tuple[str, ...]:
    """Return what a quantity states of its own values, as a list or once for all of them."""
    stated = "dcc:measurementMetaData/dcc:metaData/dcc:conformity"
    for path in (f"{stated}XMLList", stated):
        found = element.find(path, NAMESPACES)
        if found is not None:
            return tuple(_text(found).split())
    return ()


def schema_problems(data: bytes, folder: Path) -> list[Message]:
    """Return where a DCC breaks the XML Schema `dcc.xsd` of a folder.

    Raises:
        UsageError: there is no schema, or it cannot be used without the network.
    """
    from lxml import etree

    path = folder / "dcc.xsd"
    parser = etree.XMLParser(no_network=True)
    try:
        schema = etree.XMLSchema(etree.parse(str(path), parser))
    except (OSError, etree.LxmlError) as error:
        raise UsageError(
            msg("certificates.no-schema", path=str(path), reason=str(error))
        ) from error
    schema.validate(parse(data, str(path)))
    return [
        msg("certificates.dcc-schema", line=entry.line, reason=entry.message)
        for entry in schema.error_log
    ]
