"""A certificate as PDF/A-3b, set by typst: the same bytes for the same content.

User text goes in as JSON, never as typst source. A character without a glyph is refused, it never
becomes an empty box.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
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
    return pdf_of_content(certificate.as_json(), folder=folder, template=template, dcc=dcc)


def pdf_of_content(
    content: Mapping[str, Any],
    *,
    folder: Path | None = None,
    template: str = "",
    dcc: bytes | None = None,
) -> bytes:
    """Return what `Certificate.as_json` gave as PDF/A-3b, as `pdf_of` does."""
    pages = _compiled(content, folder, template, dcc, {"pdf_standards": ["a-3b"]})
    assert isinstance(pages, bytes)
    return pages


def pictures_of(certificate: Certificate, *, folder: Path | None = None) -> list[bytes]:
    """Return every page of a certificate as PNG, to be looked at.

    Raises:
        UsageError: typst is not installed, or a file of the lab is missing.
        RefusedError: a character has no glyph.
    """
    content = certificate.as_json()
    pages = _compiled(content, folder, "", None, {"format": "png", "ppi": 96.0})
    return pages if isinstance(pages, list) else [pages]


def set_pages(
    source: bytes,
    data: Mapping[str, Any],
    *,
    day: date,
    name: str,
    folder: Path | None = None,
    pictures: bool = False,
) -> Any:
    """Return pages of another template as PDF/A-3b, or each as PNG with `pictures`.

    Args:
        source: the template; it reads `json(bytes(sys.inputs.data))`.
        data: plain data, what of it is drawn by a template as SVG included.
        day: the day that the document bears; the bytes depend on it and on nothing else.
        name: what the document is called where something is wrong with it.
        folder: the folder of files that the template reads.
        pictures: whether to return pictures, a list of PNG.

    Raises:
        UsageError: typst is not installed.
        RefusedError: a character has no glyph, or the template has a mistake.
    """
    compiler = _compiler(None if folder is None else str(folder))
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
    how: dict[str, Any] = {"pdf_standards": ["a-3b"]}
    if pictures:
        how = {"format": "png", "ppi": 96.0}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        pages = compiler.compile(input=source, sys_inputs=inputs, timestamp=noon, **how)
    except RuntimeError as error:
        raise _refusal(error, name) from error
    return [pages] if pictures and isinstance(pages, bytes) else pages


def _compiled(
    content: Mapping[str, Any],
    folder: Path | None,
    template: str,
    dcc: bytes | None,
    how: Mapping[str, Any],
) -> Any:
    _require_files(content, folder, template)
    inputs = {"data": json.dumps(content, ensure_ascii=False), "qr": qr_of(content["code"])}
    if dcc is not None:
        inputs["dcc"] = dcc.decode("utf-8")
    compiler = _compiler(None if folder is None else str(folder))
    source = _template() if not template or folder is None else (folder / template).read_bytes()
    year, month, day = content["date"]
    noon = int(datetime(year, month, day, 12, tzinfo=UTC).timestamp())
    try:
        return compiler.compile(input=source, sys_inputs=inputs, timestamp=noon, **how)
    except RuntimeError as error:
        raise _refusal(error, str(content["number"])) from error


def _refusal(error: RuntimeError, number: str) -> RefusedError:
    said = str(getattr(error, "message", error))
    name = (
        "certificates.no-glyph"
        if "could not be displayed with font" in said
        else "certificates.typst"
    )
    return RefusedError(msg(name, number=number, reason=said))


def _require_files(content: Mapping[str, Any], folder: Path | None, template: str) -> None:
    logo = str(content["logo"])
    for name in (logo, template):
        if name and (folder is None or not (folder / name).is_file()):
            raise UsageError(msg("certificates.no-file", path=str((folder or Path()) / name)))
    if logo and Path(logo).suffix.lower() not in IMAGES:
        raise UsageError(msg("certificates.no-image", path=logo))


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


def qr_of(text: str) -> str:
    """Return a QR code as SVG.

    Raises:
        UsageError: segno is not installed.
    """
    try:
        import segno
    except ImportError as error:
        raise missing(error) from error
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=2)
    return out.getvalue().decode()
