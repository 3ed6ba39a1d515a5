"""What an editor needs: where the schemas are, and how a mistake that `check` finds is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CONCISE = r"^(.+):(\d+):(\d+): ([A-Z]\d+) (.*)$"
"""A line of `check --format concise`: file, line, column, code, sentence."""


def settings() -> dict[str, Any]:
    """Return the settings of the folder: which file has which schema."""
    return {
        "yaml.schemas": {
            "./.benchctl/procedure.schema.json": ["procedures/*.yaml", "procedures/*.yml"],
            "./.benchctl/bench.schema.json": ["bench*.yaml", "*bench.yaml"],
            "./.benchctl/driver.schema.json": ["drivers/*.yaml", "drivers/*.yml"],
        },
        "[python]": {"editor.rulers": [100]},
        "files.encoding": "utf8",
    }


def extensions() -> dict[str, Any]:
    """Return the extensions that read the schemas."""
    return {"recommendations": ["redhat.vscode-yaml"]}


def tasks(checked: Sequence[str], labels: tuple[str, str]) -> dict[str, Any]:
    """Return the tasks `check` of the lab and of the open file, with their problem matcher."""
    matcher = {
        "owner": "benchctl",
        "source": "benchctl",
        "fileLocation": ["autoDetect", "${workspaceFolder}"],
        "pattern": {
            "regexp": CONCISE,
            "file": 1,
            "line": 2,
            "column": 3,
            "code": 4,
            "message": 5,
        },
    }

    def task(label: str, files: Sequence[str], group: Any) -> dict[str, Any]:
        return {
            "label": label,
            "type": "process",
            "command": "benchctl",
            "args": ["check", "--format", "concise", *files],
            "options": {"cwd": "${workspaceFolder}", "env": {"BENCHCTL_LAB": "${workspaceFolder}"}},
            "group": group,
            "presentation": {"reveal": "silent"},
            "problemMatcher": matcher,
        }

    whole, one = labels
    default = {"kind": "build", "isDefault": True}
    return {
        "version": "2.0.0",
        "tasks": [task(whole, checked, default), task(one, ["${file}"], "build")],
    }
