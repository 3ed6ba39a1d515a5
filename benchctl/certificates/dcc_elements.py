"""Elements of a DCC and of the D-SI in it: texts by language, lists of numbers, uncertainties."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from benchctl.certificates.model import JSON, Text
from benchctl.certificates.pdf import missing

DCC = "https://ptb.de/dcc"
SI = "https://ptb.de/si"
NAMESPACES = {"dcc": DCC, "si": SI}
PROBABILITY = "0.95"


def text_number(value: float) -> str:
    """Return a value as the shortest decimal text that is read back as the same number."""
    text = f"{Decimal(repr(float(value))):f}"
    return text.removesuffix(".0")


class DccWriter:
    """Makes elements; texts get a language each.

    Raises:
        UsageError: lxml is not installed.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        try:
            from lxml.builder import ElementMaker
        except ImportError as error:
            raise missing(error) from error
        self.languages = tuple(languages)
        self.dcc = ElementMaker(namespace=DCC, nsmap=NAMESPACES)
        self.si = ElementMaker(namespace=SI, nsmap=NAMESPACES)

    def text(self, tag: str, text: Text) -> Any:
        """Return a text in its languages; one wording alone has none."""
        element = getattr(self.dcc, tag)()
        if len(text) == 1:
            element.append(self.dcc.content(clean(text[0])))
            return element
        for language, worded in zip(self.languages, text, strict=True):
            element.append(self.dcc.content(clean(worded), lang=language))
        return element

    def numbers(self, values: Sequence[str], unit: str, uncertainty: Any = None) -> Any:
        """Return a list of numbers with one unit."""
        s = self.si
        made = s.realListXMLList(s.valueXMLList(" ".join(values)), s.unitXMLList(unit))
        if uncertainty is not None:
            made.append(uncertainty)
        return made

    def number(self, value: str, unit: str) -> Any:
        """Return one number with its unit."""
        return self.si.real(self.si.value(value), self.si.unit(unit))

    def uncertainty(self, points: Sequence[JSON]) -> Any:
        """Return U and k of points, None where one of them has none."""
        if any(p["U"] is None or p["k"] is None for p in points):
            return None
        s = self.si
        spread = [p["reported_U"] or text_number(p["U"]) for p in points]
        return s.measurementUncertaintyUnivariateXMLList(
            s.expandedMUXMLList(
                s.valueExpandedMUXMLList(" ".join(spread)),
                s.coverageFactorXMLList(" ".join(text_number(p["k"]) for p in points)),
                s.coverageProbabilityXMLList(PROBABILITY),
            )
        )

    def bytes_of(self, root: Any) -> bytes:
        """Return a document as bytes."""
        from lxml import etree

        data: bytes = etree.tostring(
            root, encoding="utf-8", xml_declaration=True, pretty_print=True
        )
        return data


def clean(text: str) -> str:
    """Return a text without what XML cannot hold; an empty one as "/"."""
    return "".join(c for c in text if _allowed(ord(c))).strip() or "/"


def _allowed(code: int) -> bool:
    if code < 0x20:
        return code in (0x9, 0xA)
    return not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)
