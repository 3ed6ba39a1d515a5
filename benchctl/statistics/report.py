"""Statistics as a report: sections with tables and charts, worded, before anything is laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchctl.core.messages import catalog, message_from_json, msg, words
from benchctl.statistics import charts

JSON = Mapping[str, Any]
MOST_CHARTS = 60
"""Charts of errors in a report; the others are told in the table only."""
PDF_FONT, HTML_FONT = "Noto Sans CJK SC", "Noto Sans CJK SC, Noto Sans SC, sans-serif"


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table; `bad` are the numbers of rows that stand out."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bad: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportChart:
    """A chart as SVG with its title."""

    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report."""

    title: str
    notes: tuple[str, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    charts: tuple[ReportChart, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report in one language; `specimen` is what marks one of simulated runs, "" else."""

    title: str
    language: str
    lab: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    specimen: str
    page: str
    last_day: str


def report_of(found: JSON, language: str, *, lab: str = "", font: str = HTML_FONT) -> Report:
    """Return the report of a statistics document.

    Args:
        found: what `statistics_of` returned.
        language: en or zh.
        lab: the lab's name.
        font: the font family of the charts.
    """
    maker = _Maker(found, language, font)
    say = maker.say
    asked = [(say(f"asked-{name}"), str(value)) for name, value in found["asked"].items()]
    facts = [
        (say("period"), f"{found['first_day'] or '-'} … {found['last_day'] or '-'}"),
        (say("units"), str(found["units"])),
        (say("serials"), str(found["serials"])),
        (say("runs"), str(found["runs"])),
        *asked,
    ]
    return Report(
        title=say("title"),
        language=language,
        lab=lab,
        facts=tuple(facts),
        sections=tuple(s for s in maker.sections() if s.tables or s.charts or s.notes),
        specimen=say("simulated") if found["simulated"] else "",
        page=say("page"),
        last_day=str(found["last_day"] or ""),
    )


def report_data(report: Report) -> dict[str, Any]:
    """Return a report as plain data, for the template of the PDF."""
    return asdict(report)


class _Maker:
    """Words the sections of a report."""

    def __init__(self, found: JSON, language: str, font: str) -> None:
        self.found = found
        self.language = language
        self.font = font

    def say(self, name: str, /, **args: Any) -> str:
        return words(msg(f"statistics.{name}", **args), self.language)

    def sections(self) -> Iterator[Section]:
        yield self._rates()
        yield self._first_pass()
        yield self._failing()
        yield self._errors()
        yield self._ageing()
        yield self._lots()

    def _titled(self, procedure: str) -> str:
        return str(self.found["titles"].get(procedure) or procedure)

    def _stage(self, name: str) -> str:
        return catalog(self.language, "statistics").get(f"stage-{name}", name)

    # rates ------------------------------------------------------------------------------------

    def _rates(self) -> Section:
        named: dict[str, tuple[Callable[[str], str], ...]] = {
            "procedure": (self._titled,),
            "stage": (self._titled, self._stage),
            "type": (self._titled, _known),
            "batch": (self._titled, _known, _known),
            "month": (_known,),
        }
        tables = []
        for by, wordings in named.items():
            rows = self.found["rates"][by]
            if not rows or (by == "batch" and not any(r["group"][2] for r in rows)):
                continue
            tables.append(self._rate_table(by, rows, wordings))
        return Section(self.say("rates"), (self.say("about-rates"),), tuple(tables))

    def _rate_table(
        self, by: str, rows: Sequence[JSON], wordings: Sequence[Callable[[str], str]]
    ) -> ReportTable:
        columns = {"procedure": ("procedure",), "stage": ("procedure", "stage")}
        columns |= {"type": ("procedure", "type"), "batch": ("procedure", "type", "batch")}
        columns |= {"month": ("month",)}
        head = [self.say(f"column-{c}") for c in columns[by]]
        head += [self.say(f"column-{c}") for c in ("passed", "failed", "open", "rate", "interval")]
        lines = [
            (
                *(say(part) for say, part in zip(wordings, row["group"], strict=True)),
                str(row["passed"]),
                str(row["failed"]),
                str(row["open"]),
                _percent(row["rate"]),
                "/" if row["low"] is None else f"{_percent(row['low'])} … {_percent(row['high'])}",
            )
            for row in rows
        ]
        return ReportTable(self.say(f"by-{by}"), tuple(head), tuple(lines))

    def _first_pass(self) -> Section:
        rows = [r for r in self.found["first_pass"] if r["units"]]
        if not any(r["adjusted"] for r in rows):
            return Section(self.say("first-pass"))
        names = ("units", "passed-first", "adjusted", "passed-after", "passed-end")
        head = [self.say(f"column-{c}") for c in ("procedure", "type", *names)]
        lines = [
            (
                self._titled(r["group"][0]),
                _known(r["group"][1]),
                str(r["units"]),
                _of(r["passed_first"], r["units"]),
                str(r["adjusted"]),
                _of(r["passed_after_adjustment"], r["adjusted"]),
                _of(r["passed"], r["units"]),
            )
            for r in rows
        ]
        table = ReportTable("", tuple(head), tuple(lines))
        return Section(self.say("first-pass"), (self.say("about-first-pass"),), (table,))

    def _failing(self) -> Section:
        rows = self.found["failing"]
        if not rows:
            return Section(self.say("failing"))
        shown = [(f"{r['at']}", int(r["units"])) for r in rows[:20]]
        chart = ReportChart("", charts.shares(shown, font=self.font))
        head = tuple(self.say(f"column-{c}") for c in ("procedure", "at", "units"))
        lines = tuple((self._titled(r["procedure"]), str(r["at"]), str(r["units"])) for r in rows)
        return Section(self.say("failing"), (), (ReportTable("", head, lines),), (chart,))

    # errors -----------------------------------------------------------------------------------

    def _errors(self) -> Section:
        rows = self.found["errors"]
        names = ("procedure", "type", "batch", "point", "n", "mean", "s", "range", "mpe", "outside")
        head = tuple(self.say(f"column-{c}") for c in names)
        lines = tuple(self._error_row(r) for r in rows)
        bad = tuple(n for n, r in enumerate(rows) if r["outside"])
        drawn = [r for r in rows if r["n"] >= 5]
        drawn.sort(key=lambda r: bool(r["batch"]))  # whole types first
        notes = [self.say("about-errors")]
        if len(drawn) > MOST_CHARTS:
            notes.append(self.say("charts-left", shown=MOST_CHARTS, all=len(drawn)))
        shown = tuple(self._histogram(r) for r in drawn[:MOST_CHARTS])
        tables = (ReportTable("", head, lines, bad),) if lines else ()
        return Section(self.say("errors"), tuple(notes if lines else ()), tables, shown)

    def _error_row(self, row: JSON) -> tuple[str, ...]:
        unit = row["unit"] or "1"
        limits = "/"
        if row["low"] is not None or row["high"] is not None:
            limits = f"{_number(row['low'])} … {_number(row['high'])}"
        return (
            self._titled(row["procedure"]),
            _known(row["model"]),
            row["batch"] or self.say("all-batches"),
            f"{row['point']} / {unit}",
            str(row["n"]),
            _number(row["mean"]),
            _number(row["s"]),
            f"{_number(row['smallest'])} … {_number(row['largest'])}",
            limits,
            _of(row["outside"], row["n"]),
        )

    def _histogram(self, row: JSON) -> ReportChart:
        parts = [_known(row["model"]), row["batch"], row["point"], f"n = {row['n']}"]
        axis = self.say("axis-error", unit=row["unit"] or "1")
        svg = charts.histogram(row, font=self.font, axis=axis, count=self.say("axis-units"))
        title = "  ".join([self._titled(row["procedure"]), *(p for p in parts if p)])
        return ReportChart(title, svg)

    # ageing -----------------------------------------------------------------------------------

    def _ageing(self) -> Section:
        rows = self.found["ageing"]
        if not rows:
            return Section(self.say("ageing"))
        names = ("procedure", "type", "point", "n", "per-year", "u", "reaches")
        head = tuple(self.say(f"column-{c}") for c in names)
        lines = tuple(
            (
                self._titled(r["procedure"]),
                _known(r["model"]),
                f"{r['point']} / {r['unit'] or '1'}",
                str(r["n"]),
                _number(r["per_year"]),
                _number(r["u"]),
                "/" if r["reaches"] is None else f"{r['reaches']:.1f}",
            )
            for r in rows
        )
        shown = [self._by_age(r) for r in rows[:MOST_CHARTS]]
        tables = [ReportTable("", head, lines), *(self._classes(r) for r in rows)]
        return Section(self.say("ageing"), (self.say("about-ageing"),), tuple(tables), tuple(shown))

    def _by_age(self, row: JSON) -> ReportChart:
        axis = self.say("axis-error", unit=row["unit"] or "1")
        svg = charts.by_age(row, font=self.font, axis=axis, years=self.say("axis-age"))
        parts = (self._titled(row["procedure"]), _known(row["model"]), row["point"])
        return ReportChart("  ".join(parts), svg)

    def _classes(self, row: JSON) -> ReportTable:
        head = tuple(self.say(f"column-{c}") for c in ("age", "n", "mean", "s", "failed-share"))
        lines = tuple(
            (
                f"{c['years']} – {c['years'] + 1}",
                str(c["units"]),
                _number(c["mean"]),
                _number(c["s"]),
                "/"
                if not c["decided"]
                else f"{_of(c['failed'], c['decided'])} ({_percent(c['low'])} … "
                f"{_percent(c['high'])})",
            )
            for c in row["classes"]
        )
        parts = (self._titled(row["procedure"]), _known(row["model"]), row["point"])
        return ReportTable("  ".join(parts), head, lines)

    # lots -------------------------------------------------------------------------------------

    def _lots(self) -> Section:
        rows = self.found["lots"]
        if not rows:
            return Section(self.say("lots"))
        names = ("lot", "size", "plan", "measured", "nonconforming", "decision", "why")
        head = tuple(self.say(f"column-{c}") for c in names)
        lines = tuple(
            (
                str(r["name"]),
                str(r["size"]),
                self.plan_text(r["plan"]),
                str(r["measured"]),
                str(r["nonconforming"]),
                self.say(f"decision-{r['verdict']}"),
                words(message_from_json(r["why"]), self.language),
            )
            for r in rows
        )
        bad = tuple(n for n, r in enumerate(rows) if r["verdict"] == "rejected")
        notes = [self.say("about-lots")]
        notes += dict.fromkeys(
            self.say("plan-source", source=str(r["plan"]["source"])) for r in rows
        )
        if any(r["plan"]["matched"] for r in rows):
            notes.append(self.say("about-matched"))
        if any(not r["random"] for r in rows):
            notes.append(self.say("not-random"))
        shown = tuple(
            ReportChart(
                f"{r['name']}  {self.plan_text(r['plan'])}",
                charts.oc_curve(
                    r,
                    font=self.font,
                    axis=self.say("axis-share"),
                    chance=self.say("axis-chance"),
                ),
            )
            for r in rows
        )
        table = ReportTable("", head, lines, bad)
        return Section(self.say("lots"), tuple(notes), (table,), shown)

    def plan_text(self, plan: JSON) -> str:
        letter = f"{plan['letter']}: " if plan["letter"] else ""
        return letter + plan_text(plan)


def plan_text(plan: JSON) -> str:
    """Return a plan in short: `n = 80, Ac = 2, Re = 3`."""
    if plan["kind"] == "single":
        return f"n = {plan['n']}, Ac = {plan['ac']}, Re = {plan['re']}"
    if plan["kind"] == "double":
        first = f"{plan['ac1']}/{plan['re1']}"
        return f"n = {plan['n']} + {plan['n']}, Ac/Re = {first}, {plan['ac2']}/{plan['re2']}"
    return f"n = {plan['n']}, k = {plan['k']:.3f}"


def _known(text: str) -> str:
    return text or "–"


def _percent(share: float | None) -> str:
    return "/" if share is None else f"{100 * share:.1f} %"


def _of(part: int, whole: int) -> str:
    return f"{part} ({_percent(part / whole)})" if whole else str(part)


def _number(value: float | None) -> str:
    return "/" if value is None else f"{value:.4g}".replace("-", "−")
