"""Call the program in this process: the same code that the shell starts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchctl.cli.app import command_line


@dataclass
class Done:
    """A finished call."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return tmp_path / "lab"


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Done]:
    """Call benchctl with arguments."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("BENCHCTL_LANG", "en")

    def done(*args: object) -> Done:
        capsys.readouterr()
        code = command_line([str(a) for a in args])
        streams = capsys.readouterr()
        return Done(code, streams.out, streams.err)

    return done


@pytest.fixture
def told(call: Callable[..., Done]) -> Callable[..., Any]:
    """Call benchctl with --json and return the document."""
    return lambda *args: json.loads(call(*args, "--json").stdout)
