"""The files of a new lab, put together from what the program knows already."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.cli.commands.schema import KINDS, schema_of_kind
from benchctl.cli.starter import bench, driver, editor
from benchctl.cli.starter.yaml_text import commented, with_comments, with_schema, without_comments
from benchctl.core.errors import UsageError
from benchctl.core.messages import catalog, msg, words
from benchctl.core.places import bundled
from benchctl.language import Diagnostics
from benchctl.procedure import Procedure, find_procedure, load_procedure

if TYPE_CHECKING:
    from benchctl.procedure import Parameter

PROCEDURE_SCHEMA = "../.benchctl/procedure.schema.json"
SERIALS = ("10000001", "10000002")
"""Eight digits: Excel leaves them alone, and they fit a bus address."""
HEADERS = {"en": ("serial", "position"), "zh": ("序列号", "表位")}


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: the procedure that the lab is made for, and how.

    `copied`: the procedure becomes the lab's own. `simulated`: the bench file is a copy of the
    procedure's simulated bench, else an example with placeholders.
    """

    procedure: str
    copied: bool
    simulated: bool
    language: str
    lab: Path | None = None
    extra: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class StarterFile:
    """A file's content, and the id of the sentence that says what it is for ("" for none)."""

    data: bytes
    told: str = ""


def starter_files(order: Order) -> dict[str, StarterFile]:
    """Return every file of a new lab by its path in the folder.

    Raises:
        UsageError: there is no such procedure, or it has no simulated bench that could be copied.
        FileError: the procedure has mistakes.
    """
    return _Starter(order).files()


class _Starter:
    def __init__(self, order: Order) -> None:
        self.order = order
        self.path = find_procedure(order.procedure, order.lab, order.extra)
        diagnostics = Diagnostics()
        procedure = load_procedure(self.path, diagnostics)
        diagnostics.raise_if_failed()
        assert procedure is not None
        self.procedure: Procedure = procedure

    def words(self, id_: str, /, **args: Any) -> str:
        """Return the sentence `init.<id_>`, "" where there is none."""
        if id_ not in catalog(self.order.language, "init"):
            return ""
        return words(msg(f"init.{id_}", **args), self.order.language)

    def files(self) -> dict[str, StarterFile]:
        """Return the files, the most important first."""
        made = self.bench()
        found = {"bench.yaml": StarterFile(made.text.encode(), "file-bench")}
        found |= {name: StarterFile(data, "") for name, data in made.curves.items()}
        found["batch.csv"] = StarterFile(self.batch(), "file-batch")
        if self.order.copied:
            name = f"procedures/{self.path.stem}.yaml"
            found[name] = StarterFile(self.copy().encode(), "file-procedure")
        example = driver.example_driver(self.words).encode()
        found[f"drivers/{driver.NAME}.py"] = StarterFile(example, "file-driver")
        found |= {name: StarterFile(_json(data), told) for name, data, told in self.editor()}
        return found

    def bench(self) -> bench.BenchText:
        """Return the bench file."""
        name, order = self.procedure.name, self.order
        if self.procedure.simulated_bench is None:
            if order.simulated:
                raise UsageError(msg("init.no-simulated-bench", procedure=name))
            return bench.bare_bench(self.procedure.needs.values(), name, self.words)
        from benchctl.simulation import find_bench

        file = find_bench(self.procedure.simulated_bench, order.lab, order.extra).bench_file
        made = bench.simulated_bench if order.simulated else bench.example_bench
        return made(file, name, self.words)

    def copy(self) -> str:
        """Return the procedure for the lab's own shelf.

        A bundled one gets comments in the person's language; a person's own keeps its own.
        """
        text, name = self.procedure.source.text, self.procedure.name
        head = commented(self.words("head-procedure", procedure=name))
        if self.path.resolve().is_relative_to(bundled("procedures").resolve()):
            text = without_comments(text).lstrip("\n")
            text = with_comments(text, lambda part: self.words(f"procedure-{part}"))
            return with_schema(f"{head}\n{text}", PROCEDURE_SCHEMA)
        return with_schema(text, PROCEDURE_SCHEMA)

    def batch(self) -> bytes:
        """Return the batch template as CSV, marked as UTF-8 so that Excel reads it so."""
        parameters = self.procedure.parameters.values()
        headers = [f"{p.name} ({p.unit})" if p.unit else p.name for p in parameters]
        values = [_default(p) for p in parameters]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([*HEADERS[self.order.language], *headers])
        for position, serial in enumerate(SERIALS, 1):
            writer.writerow([serial, position, *values])
        return text.getvalue().encode("utf-8-sig")

    def editor(self) -> list[tuple[str, Any, str]]:
        """Return the schemas and the editor's settings."""
        own = f"procedures/{self.path.stem}.yaml"
        procedure = own if self.order.copied else self.procedure.name
        labels = (self.words("task-lab"), self.words("task-file"))
        tasks = editor.tasks(["bench.yaml", procedure, "batch.csv"], labels)
        schemas = [
            (f".benchctl/{kind}.schema.json", schema_of_kind(kind, self.order.language), "")
            for kind in KINDS
        ]
        return [
            *schemas,
            (".vscode/settings.json", editor.settings(), "file-settings"),
            (".vscode/tasks.json", tasks, "file-tasks"),
            (".vscode/extensions.json", editor.extensions(), ""),
        ]


def _default(parameter: Parameter) -> str:
    usual = (parameter.default, *parameter.choices, parameter.at_least)
    value = next((v for v in usual if v is not None), None)
    return f"{value:.12g}" if isinstance(value, float | int) else value or ""


def _json(data: Any) -> bytes:
    return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n".encode()
