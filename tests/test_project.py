"""What holds for the whole house: the layers, and every sentence in both languages."""

import ast
import string
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from benchctl.core.messages import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
CATALOGS = ROOT / "benchctl" / "core" / "catalog"
ROOMS = sorted(p.stem for p in (CATALOGS / "en").glob("[!_]*.py"))
SOURCES = [
    path
    for folder in ("benchctl", "drivers", "sim_instruments")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "catalog" not in path.parts
]


def texts(language, room):
    return import_module(f"benchctl.core.catalog.{language}.{room}").TEXTS


def fields(pattern):
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_rooms_look_downwards_only():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


def test_every_language_has_the_same_rooms():
    for language in LANGUAGES:
        assert sorted(p.stem for p in (CATALOGS / language).glob("[!_]*.py")) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_is_there_in_every_language_with_the_same_fields(room):
    english = texts("en", room)
    for language in LANGUAGES:
        other = texts(language, room)
        assert english.keys() == other.keys()
        # the author of a procedure words its own questions, one field per language
        same = {k for k in english if k != "question"}
        assert {k: fields(english[k]) for k in same} == {k: fields(other[k]) for k in same}


@pytest.mark.parametrize("room", ROOMS)
def test_chinese_sentences_are_chinese(room):
    untranslated = [
        key
        for key, pattern in texts("zh", room).items()
        if pattern == texts("en", room)[key] and len(words_of(pattern)) > 2
    ]
    assert untranslated == []


def words_of(pattern):
    literal = "".join(text for text, *_ in string.Formatter().parse(pattern))
    return [w for w in literal.split() if w.isalpha()]


def messages_in(path):
    """Give line, id and argument names (None where some are computed) of each `msg(...)`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        cli_text = isinstance(node.func, ast.Attribute) and node.func.attr == "text"
        if name != "msg" and not (cli_text and "cli" in path.parts):
            continue
        given = (
            None if any(k.arg is None for k in node.keywords) else {k.arg for k in node.keywords}
        )
        room = "live." if "live" in path.parts else "cli."
        prefix = room if name != "msg" else ""
        for id_ in literals(node.args[0]):
            yield node.lineno, f"{prefix}{id_}", given


def literals(node):
    """Give the constant texts that an expression can be; none for what is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


USES = [(path, *use) for path in SOURCES for use in messages_in(path)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_that_the_program_makes_can_be_worded(language):
    assert len(USES) > 100
    wrong = []
    for path, line, id_, given in USES:
        room, _, name = id_.rpartition(".")
        pattern = texts(language, room or "judgement").get(name) if known(room) else None
        if pattern is None:
            wrong.append(f"{path.relative_to(ROOT)}:{line}: no sentence {id_}")
        elif given is not None and name != "question" and not fields(pattern) <= given:
            missing = ", ".join(sorted(fields(pattern) - given))
            wrong.append(f"{path.relative_to(ROOT)}:{line}: {id_} lacks {missing}")
    assert wrong == []


def known(room):
    return (room or "judgement") in ROOMS
