"""The page of records is true: its commands exist, its settings are read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from record_samples import ROOT

from benchctl.cli import app
from benchctl.records.settings import Settings, settings_of

TEXT = (ROOT / "docs/records.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    lines = [
        line for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)
        for line in block.splitlines()
    ]  # fmt: skip
    return [re.split(r" (?:>>|#) ?", line)[0].strip() for line in lines]


@pytest.mark.parametrize("line", commands())
def test_every_command_of_the_page_exists_with_these_options(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line)[1:]
    command: click.Command | None = app.root()
    ctx = click.Context(app.root(), obj=app.open_shell([]))
    while isinstance(command, click.Group):
        _, command, words = command.resolve_command(ctx, words)
    assert command is not None
    command.make_context(line, words, parent=ctx)


def test_the_settings_of_the_page_are_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.M | re.S)
    (tmp_path / "records.yaml").write_text(block, encoding="utf-8")
    found = settings_of(tmp_path)
    assert found.signer.command == ("sign-head",)
    assert found.review.checked
    assert not Settings().review.checked
    (token,) = re.findall(r"`signer: (\{pkcs11.*?\}\})`", TEXT)
    (tmp_path / "records.yaml").write_text(f"signer: {token}", encoding="utf-8")
    pkcs11 = settings_of(tmp_path).signer.pkcs11
    assert pkcs11 is not None
    assert (pkcs11.token, pkcs11.pin_variable) == ("lab", "BENCHCTL_PIN")
