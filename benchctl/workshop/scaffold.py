"""Write a new driver with its simulated instrument and its test: `benchctl drivers new`."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from pathlib import Path

from benchctl.core.errors import RecordError, UsageError
from benchctl.core.messages import msg
from benchctl.core.suggest import closest
from benchctl.workshop.templates import TEMPLATES, TEST


def scaffold(name: str, protocol: str, folder: Path) -> list[Path]:
    """Write the files of a driver called `name` into a lab folder and return them.

    Raises:
        UsageError: the name is none for a driver, one of the files is there already, or there is
            no template for the protocol.
        RecordError: a file cannot be written.
    """
    if protocol not in TEMPLATES:
        near = closest(protocol, TEMPLATES)
        raise UsageError(
            msg("workshop.no-template", protocol=protocol, known=", ".join(TEMPLATES)),
            hint=msg("drivers.did-you-mean", word=near) if near else None,
        )
    bad = not name.isascii() or not name.isidentifier() or name != name.lower()
    if bad or keyword.iskeyword(name) or name.startswith("_"):
        raise UsageError(msg("workshop.bad-driver-name", name=name))
    files = _files(name, protocol)
    for path in files:
        if (folder / path).exists():
            raise UsageError(msg("workshop.there-already", path=str(folder / path)))
    written = []
    for path, text in files.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise RecordError(msg("cli.not-written", path=str(target), reason=reason)) from error
        written.append(target)
    return written


def _files(name: str, protocol: str) -> Mapping[Path, str]:
    template = TEMPLATES[protocol]
    words = [word for word in name.split("_") if word]
    fields = {
        "@NAME@": name,
        "@CLASS@": "".join(word[:1].upper() + word[1:] for word in words),
        "@TITLE@": " ".join(word.upper() for word in words),
        "@SUFFIX@": template.suffix,
    }

    def filled(text: str) -> str:
        for field, value in fields.items():
            text = text.replace(field, value)
        return text

    schema = "# yaml-language-server: $schema=../.benchctl/driver.schema.json\n"
    head = schema if template.suffix == ".yaml" else ""
    return {
        Path("drivers") / f"{name}{template.suffix}": head + filled(template.driver),
        Path("sim_instruments") / f"{name}.py": filled(template.simulator),
        Path("tests") / f"test_{name}.py": filled(TEST),
    }
