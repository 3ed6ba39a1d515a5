"""The room as a whole: what importing costs, and that every sentence is worded twice."""

import re
import string
import subprocess
import sys
from pathlib import Path

import benchctl.language
from benchctl.core.catalog.en.language import TEXTS as EN
from benchctl.core.catalog.zh.language import TEXTS as ZH

ROOM = Path(benchctl.language.__file__).parent


def test_importing_the_room_imports_nothing_heavy():
    heavy = ["pydantic", "yaml", "openpyxl", "numpy", "difflib", "csv", "json", "rich", "zipfile"]
    code = f"import benchctl.language, sys; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOM.parents[1],
    )
    assert done.stdout.strip() == "[]"


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_sentence_exists_in_both_languages_with_the_same_fields():
    assert EN.keys() == ZH.keys()
    for name, text in EN.items():
        assert fields(text) == fields(ZH[name]), name


def test_every_sentence_that_the_code_says_is_in_the_catalog_and_the_other_way_round():
    source = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    said = set(re.findall(r'"language\.([a-z0-9-]+)"', source))
    assert said <= EN.keys()
    assert {name for name in EN if f'"{name}"' not in source} - said == set()


def test_all_that_the_room_exports_is_there():
    assert all(hasattr(benchctl.language, name) for name in benchctl.language.__all__)
