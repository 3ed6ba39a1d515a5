"""A result document as JUnit XML, for CI servers: one test case per point of each unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchctl.core.verdicts import Verdict

JSON = Mapping[str, Any]


def junit_xml(document: JSON, why: str = "") -> str:
    """Return the document as JUnit XML.

    A fail is a `failure`, what is undecidable or not measured an `error`. A run that ended early
    has one test case more, with `why` it ended.
    """
    from xml.etree import ElementTree

    suites = ElementTree.Element("testsuites")
    total = {"tests": 0, "failures": 0, "errors": 0}
    for uut in document.get("uuts", ()):
        counts = _suite(suites, document, uut)
        total = {k: total[k] + counts[k] for k in total}
    if document.get("outcome") != "finished":
        _ended_early(suites, document, why)
        total["tests"] += 1
        total["errors"] += 1
    for key, count in total.items():
        suites.set(key, str(count))
    ElementTree.indent(suites)
    text: str = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suite(suites: Any, document: JSON, uut: JSON) -> dict[str, int]:
    from xml.etree.ElementTree import SubElement

    counts = {"tests": 0, "failures": 0, "errors": 0}
    suite = SubElement(suites, "testsuite", name=clean(str(uut["serial"])))
    for point in uut["points"]:
        counts["tests"] += 1
        name = str(point.get("point") or point.get("item"))
        if point.get("occasion") == "as_left":
            name += " as left"
        procedure = str(document["procedure"]["name"])
        class_name = f"{procedure}.{uut['serial']}"
        case = SubElement(suite, "testcase", classname=clean(class_name), name=clean(name))
        verdict = point.get("verdict")
        if verdict in (None, Verdict.PASS) or point.get("superseded"):
            continue
        kind = "failure" if verdict == Verdict.FAIL else "error"
        counts["failures" if kind == "failure" else "errors"] += 1
        reason = str((point.get("why") or {}).get("text") or verdict)
        SubElement(case, kind, type=str(verdict), message=clean(reason)).text = clean(reason)
    for key, count in counts.items():
        suite.set(key, str(count))
    return counts


def _ended_early(suites: Any, document: JSON, why: str) -> None:
    from xml.etree.ElementTree import SubElement

    outcome = str(document.get("outcome"))
    suite = SubElement(suites, "testsuite", name="run", tests="1", failures="0", errors="1")
    case = SubElement(suite, "testcase", classname="run", name=outcome)
    SubElement(case, "error", type=outcome, message=clean(why)).text = clean(why)


def clean(text: str) -> str:
    """Return `text` without the characters that XML 1.0 cannot hold."""
    return "".join(c for c in text if c in "\t\n\r" or _allowed(ord(c)))


def _allowed(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
