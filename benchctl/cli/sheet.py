"""The run sheet: one page that says what was run, what came of it, what happened, and who signs.

    sheet = sheet_of(shell, document)
    write_sheet(Path("sheet.html"), shell, document)

A sheet is no certificate. It is made from the result document alone, in the person's language, as
plain text of 80 columns or as HTML that needs no other file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchctl.cli.cells import duration, plain
from benchctl.cli.files import write_text
from benchctl.cli.result_table import cell_of, columns_of, limits_of
from benchctl.cli.shell import Shell
from benchctl.cli.spoken import spoken_role
from benchctl.cli.standing import override_message
from benchctl.cli.summary import ending_line, incident_lines, reason_lines
from benchctl.cli.wording import service_text, stage_text, stated_of, verdict_text
from benchctl.core.errors import UsageError
from benchctl.core.messages import msg

JSON = Mapping[str, Any]

HTML, TEXT = (".html", ".htm"), (".txt",)
"""Endings of file names, by what is written."""
MOST_COMMON = 6
"""So many columns of the order that are the same for all units are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A unit: its cells, and its verdict for a program."""

    cells: tuple[str, ...]
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the operator was shown: what was asked beside it, its file as a data URI."""

    name: str
    ask: str
    data: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a run sheet, worded; an empty text stands for nothing."""

    language: str
    title: str
    simulated: str
    facts: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    limits: tuple[str, ...]
    rows: tuple[Row, ...]
    ending: str
    reasons: tuple[str, ...]
    incidents: tuple[str, ...]
    headings: tuple[str, str]
    """What stands above the reasons and above the incidents."""
    signatures: tuple[str, ...]
    foot: str
    shown: str = ""
    """What stands above the pictures."""
    pictures: tuple[Picture, ...] = ()


def require_sheet(path: Path) -> None:
    """Find out from a file's name whether a sheet can be written there.

    Raises:
        UsageError: nobody can tell from the name what is wanted.
    """
    if path.suffix.lower() not in (*HTML, *TEXT):
        raise UsageError(msg("sheet.which", path=str(path)))


def write_sheet(path: Path, shell: Shell, document: JSON) -> None:
    """Write the sheet of a run as HTML or text, as the file's name says.

    Raises:
        RecordError: the file cannot be written.
    """
    if path.suffix.lower() in HTML:
        from benchctl.cli.sheet_html import html

        write_text(path, html(sheet_of(shell, document)))
    else:
        from benchctl.cli.sheet_text import text

        write_text(path, text(shell, document, sheet_of(shell, document)))


def sheet_of(shell: Shell, document: JSON) -> Sheet:
    """Return what stands on the sheet of a run."""
    uuts: Sequence[JSON] = document.get("uuts", ())
    columns = columns_of(document, shell.language)
    text = shell.text
    rows = tuple(
        Row(
            (
                str(uut.get("position") or "-"),
                plain(str(uut["serial"])),
                *(_cell(shell, cell_of(uut, c)) for c in columns),
                verdict_text(shell, uut["verdict"]),
            ),
            uut["verdict"],
        )
        for uut in uuts
    )
    return Sheet(
        language=shell.language,
        title=_said(shell, "title"),
        simulated=_said(shell, "simulated") if document.get("simulated") else "",
        facts=tuple((label, plain(value)) for label, value in _facts(shell, document) if value),
        head=(text("position"), text("serial"), *(c.name for c in columns), text("verdict")),
        limits=("", text("limits"), *(limits_of(uuts, c) for c in columns), ""),
        rows=rows,
        ending=ending_line(shell, document),
        reasons=tuple(line for line in reason_lines(shell, document) if line),
        incidents=tuple(line for line in incident_lines(shell, document) if line),
        headings=(_said(shell, "reasons"), _said(shell, "incidents")),
        signatures=tuple(_said(shell, name) for name in ("operator", "checked", "date")),
        foot=_foot(shell, document),
        shown=_said(shell, "shown"),
        pictures=tuple(_pictures(document)),
    )


def _said(shell: Shell, name: str, /, **args: str) -> str:
    return shell.words(msg(f"sheet.{name}", **args))


def _cell(shell: Shell, point: JSON | None) -> str:
    """Return an error with its sign and a verdict that is no pass, or the verdict of an item."""
    if point is None:
        return ""
    verdict, error = point.get("verdict"), point.get("error")
    if error is None:
        return verdict_text(shell, verdict)
    value = stated_of(point)
    return value if verdict in (None, "pass") else f"{value} {verdict_text(shell, verdict)}"


def _facts(shell: Shell, document: JSON) -> Iterator[tuple[str, str]]:
    """Give what was run, in pairs of a label and a value."""
    text = shell.text
    procedure: JSON = document.get("procedure") or {}
    title, standard = (str(procedure.get(name) or "") for name in ("title", "standard"))
    yield text("run"), str(document.get("run") or "-")
    yield text("procedure"), f"{title or procedure.get('name', '-')} ({standard or '-'})"
    kinds = [
        service_text(shell, str(document.get("service") or "")),
        stage_text(shell, str(document.get("stage") or "")),
    ]
    yield text("stage"), text("comma").join(kinds)
    yield text("bench"), str((document.get("bench") or {}).get("name", ""))
    times = [_minute(document.get(name)) for name in ("started", "finished")]
    yield _said(shell, "time"), " .. ".join(time for time in times if time)
    yield _said(shell, "people"), text("comma").join(_people(document))
    behind: dict[str, list[str]] = {}
    for standard in document.get("standards", ()):
        role = spoken_role(str(standard["role"]), shell.language)
        behind.setdefault(_standard(shell, standard), []).append(role)
    for what, roles in behind.items():
        yield text("comma").join(dict.fromkeys(roles)), what
    for aside in document.get("overrides") or ():
        yield _said(shell, "set-aside"), shell.words(override_message(aside))
    if scheme := document.get("scheme"):
        yield _said(shell, "scheme"), f"{scheme['certificate']} ({scheme['scope']})"
    seen = [_range(shell, entry) for entry in document.get("environment", ())]
    yield _said(shell, "environment"), text("comma").join(seen)
    if document.get("follows"):
        yield _said(shell, "follows"), str(document["follows"])
    yield from _common(document.get("uuts", ()))


def _pictures(document: JSON) -> Iterator[Picture]:
    """Give the pictures that the record holds, never one from elsewhere."""
    for found in (document.get("procedure") or {}).get("pictures", ()):
        if str(found["data"]).startswith("data:image/"):
            name, ask = (plain(str(found[key])) for key in ("picture", "ask"))
            yield Picture(name, ask, str(found["data"]))


def _minute(utc: object) -> str:
    return str(utc)[:16].replace("T", " ") if utc else ""


def _people(document: JSON) -> list[str]:
    """Return who was responsible, one after the other, with the bench time of each relief."""
    found = [
        f"{entry['name']} ({duration(since)})" if since else str(entry["name"])
        for entry in document.get("operators") or ()
        for since in (float(entry.get("from") or 0.0),)
        if entry["name"]
    ]
    alone = str(document.get("operator") or "")
    return found or ([alone] if alone else [])


def _standard(shell: Shell, standard: JSON) -> str:
    known = {n: str(standard.get(n) or "-") for n in ("model", "serial", "certificate", "due")}
    return _said(shell, "standard", **known)


def _range(shell: Shell, entry: JSON) -> str:
    low, high = entry.get("min"), entry.get("max")
    name = spoken_role(str(entry["quantity"]), shell.language)
    if low is None or high is None:
        return f"{name} -"
    return f"{name} {low:.4g} .. {high:.4g} {entry.get('unit', '')}".rstrip()


def _common(uuts: Sequence[JSON]) -> Iterator[tuple[str, str]]:
    """Give what the order says of all units alike: its further columns, and parameters."""
    shown = 0
    for part in ("extra", "parameters"):
        for name in dict.fromkeys(n for uut in uuts for n in uut.get(part) or {}):
            values = {str((uut.get(part) or {}).get(name, "")) for uut in uuts}
            if len(values) == 1 and shown < MOST_COMMON and (value := values.pop()):
                shown += 1
                yield str(name), value


def _foot(shell: Shell, document: JSON) -> str:
    software: JSON = document.get("software") or {}
    name = f"{software.get('name', '')} {software.get('version', '')}".strip()
    log: JSON = document.get("log") or {}
    root = str((log.get("signature") or {}).get("anchor") or log.get("root", "-"))
    return _said(shell, "foot", software=name or "benchctl", root=root)
