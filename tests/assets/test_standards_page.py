"""docs/standards.md is true: its files are read, its commands exist."""

import re
import shlex
from pathlib import Path

import click
import pytest
from asset_samples import read
from test_scheme import read as read_scheme

from benchctl.cli import app
from benchctl.core.messages import words
from benchctl.engine.standards import CHECKS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "standards.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def test_its_files_are_read_without_a_mistake():
    asset, scheme = blocks("yaml")
    assert read(asset)[1] == ()
    assert read_scheme(scheme)[1] == []


@pytest.mark.parametrize(
    "line", [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
)
def test_its_commands_exist_with_their_options(line):
    argv = shlex.split(line, comments=True)
    assert argv[0] == "benchctl"
    group: click.Command = app.root()
    context = click.Context(group, info_name="benchctl")
    rest = argv[1:]
    while isinstance(group, click.Group):
        found = group.get_command(context, rest.pop(0))
        assert found is not None, line
        group = found
    known = {option for param in group.params for option in param.opts}
    assert {word for word in rest if word.startswith("--")} <= known


def test_it_names_every_check_that_can_be_set_aside():
    assert all(f"`{check}`" in PAGE for check in CHECKS)
    from benchctl.core.messages import msg

    assert all(check in words(msg("cli.option-override")) for check in CHECKS)
