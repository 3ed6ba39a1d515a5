"""Whether what stands on a screen is in one language, and whole.

A word that is none of the catalog's, of the files' or of what was typed is foreign, or cropped.
"""

import re
from importlib import import_module
from pathlib import Path

from benchctl.core import catalog

ROOMS = [p.stem for p in (Path(catalog.__file__).parent / "en").glob("[!_]*.py")]
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z](?:[A-Za-z_'-]*[A-Za-z])?")
_FIELD = re.compile(r"\{[^}]*\}")
UNITS = {"m", "h", "L", "MPa", "kPa", "hPa", "Hz", "kg", "K", "C", "s", "g", "d", "min", "cm"}
NAMES = {"JJG", "DN", "Ctrl-C", "SIGINT", "y", "n", "mpe", "U", "Q", "R", "MAP"}
"""What stands in both languages: of standards, quantities, keys."""


def vocabulary(language, *texts):
    """Return the words of a language's catalog and of `texts`."""
    sentences = [
        sentence
        for room in ROOMS
        for sentence in import_module(f"benchctl.core.catalog.{language}.{room}").TEXTS.values()
    ]
    found = {w for text in (*sentences, *texts) for w in _LATIN.findall(_FIELD.sub(" ", text))}
    return found | UNITS | NAMES


def foreign(lines, language, *allowed):
    """Return the words of the screen that do not belong there; serials and numbers always do.

    `allowed` are texts whose words may stand there: names of a procedure, a bench, a person.
    """
    text = "\n".join(lines)
    for known in sorted(allowed, key=len, reverse=True):
        edge = r"(?<![A-Za-z]){}(?![A-Za-z])" if known.isascii() else "{}"
        text = re.sub(edge.format(re.escape(known)), " ", text)
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{26}\b", " ", text)  # the number of a run
    words = vocabulary(language, *allowed)
    if language == "zh":  # of the catalog, only what its Chinese sentences hold
        return sorted({w for w in _LATIN.findall(text) if w not in words})
    wrong = {w for w in _LATIN.findall(text) if w not in words}
    return sorted(wrong | set(_CHINESE.findall(text)))
