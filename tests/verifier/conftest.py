from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "records"))

from forgery import Forger, record

from benchctl import records
from benchctl.records import Lab
from benchctl.verifier.check import Report, check
from benchctl.verifier.heads import read_anchor
from benchctl.verifier.signatures import public_key
from benchctl.verifier.sources import open_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lab with three runs of ten events; its key and its anchor were kept elsewhere."""
    lab_folder = tmp_path / "lab"
    with Lab.open(lab_folder) as lab:
        for run in ("R1", "R2", "R3"):
            record(lab, run)
        (tmp_path / "key.pem").write_text(records.public_key(lab) or "")
        (tmp_path / "anchor").write_text(str(records.anchor(lab)))
    return lab_folder


@pytest.fixture
def forge(folder: Path) -> Iterator[Forger]:
    forger = Forger(folder)
    yield forger
    forger.close()


Look = Callable[..., Report]


@pytest.fixture
def look(folder: Path) -> Look:
    """Checks a record with what was kept elsewhere: the key, the anchor, both or nothing."""

    def looked(path: Path = folder, *, key: bool = False, anchor: bool = False) -> Report:
        kept = folder.parent
        source = open_source(path)
        try:
            return check(
                source,
                keys=[public_key((kept / "key.pem").read_text())] if key else [],
                anchors=[read_anchor((kept / "anchor").read_text())] if anchor else [],
            )
        finally:
            if hasattr(source, "close"):
                source.close()

    return looked
