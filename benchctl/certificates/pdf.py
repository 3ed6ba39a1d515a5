"""A certificate as PDF/A-3b, set by typst: the same bytes for the same content.

User text goes in as JSON, never as typst source. A character without a glyph is refused, it never
becomes an empty box.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchctl.certificates.model import Certificate
from benchctl.core.errors import RefusedError, UsageError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    import typst

EXTRA = "certificates"
"""The optional part of the installation that is needed here."""
IMAGES = (".svg", ".png", ".jpg", ".jpeg")


def pdf_of(
    certificate: Certificate,
    *,
    folder: Path | None = None,
    template: str = "",
    dcc: bytes | None = None,
) -> bytes:
    """Return a certificate as PDF/A-3b.

    Args:
        certificate: what stands on it.
        folder: the lab's folder, where its logo and template lie.
        template: name of the lab's own template there; ours by default.
        dcc: the machine-readable certificate, attached to the PDF.

    Raises:
        UsageError: typst is not installed, or a file of the lab is missing.
        RefusedError: a character has no glyph, or the lab's template has a mistake.
    """
    pages = _compiled(certificate, folder, template, dcc, {"pdf_standards": ["a-3b"]})
    assert isinstance(pages, bytes)
    return pages


def pictures_of(certificate: Certificate, *, folder: Path | None = None) -> list[bytes]:
    """Return every page of a certificate as PNG, to be looked at.

    Raises:
        UsageError: typst is not installed, or a file of the lab is missing.
        RefusedError: a character has no glyph.
    """
    pages = _compiled(certificate, folder, "", None, {"format": "png", "ppi": 96.0})
    return pages if isinstance(pages, list) else [pages]


def _compiled(
    certificate: Certificate,
    folder: Path | None,
    template: str,
    dcc: bytes | None,
    how: Mapping[str, Any],
) -> Any:
    _require_files(certificate, folder, template)
    inputs = {
        "data": json.dumps(certificate.as_json(), ensure_ascii=False),
        "qr": _qr(certificate.code),
    }
    if dcc is not None:
        inputs["dcc"] = dcc.decode("utf-8")
    compiler = _compiler(None if folder is None else str(folder))
    source = _template() if not template or folder is None else (folder / template).read_bytes()
    noon = int(datetime(*certificate.date, 12, tzinfo=UTC).timestamp())
    try:
        return compiler.compile(input=source, sys_inputs=inputs, timestamp=noon, **how)
    except RuntimeError as error:
        raise _refusal(error, certificate.number) from error


def _refusal(error: RuntimeError, number: str) -> RefusedError:
    said = str(getattr(error, "message", error))
    name = (
        "certificates.no-glyph"
        if "could not be displayed with font" in said
        else "certificates.typst"
    )
    return RefusedError(msg(name, number=number, reason=said))


def _require_files(certificate: Certificate, folder: Path | None, template: str) -> None:
    for name in (certificate.logo, template):
        if name and (folder is None or not (folder / name).is_file()):
            raise UsageError(msg("certificates.no-file", path=str((folder or Path()) / name)))
    if certificate.logo and Path(certificate.logo).suffix.lower() not in IMAGES:
        raise UsageError(msg("certificates.no-image", path=certificate.logo))


@lru_cache(maxsize=4)
def _compiler(root: str | None) -> typst.Compiler:
    try:
        import noto_cjk_sans_otc
        import typst
    except ImportError as error:
        raise missing(error) from error
    fonts = Path(noto_cjk_sans_otc.__file__).parent
    return typst.Compiler(
        root=root, font_paths=typst.Fonts(False, False, [str(fonts)]), ignore_system_fonts=True
    )


def missing(error: ImportError) -> UsageError:
    """Return what is said where the extra `certificates` is not installed."""
    return UsageError(
        msg("certificates.not-installed", module=str(error.name)),
        hint=msg("certificates.install-hint", extra=EXTRA),
    )


@lru_cache(maxsize=1)
def _template() -> bytes:
    return resources.files("benchctl.certificates").joinpath("template.typ").read_bytes()


def _qr(text: str) -> str:
    try:
        import segno
    except ImportError as error:
        raise missing(error) from error
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=2)
    return out.getvalue().decode()
