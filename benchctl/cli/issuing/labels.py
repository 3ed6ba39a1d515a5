"""`benchctl certificate labels`: a sheet of stickers with QR codes for the units that passed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchctl.cli.files import require_writable, write_bytes
from benchctl.cli.issuing.choosing import choose, chosen_runs, selection
from benchctl.cli.options import lab_option, new_command, option, shell_of
from benchctl.core.errors import RefusedError
from benchctl.core.messages import msg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchctl.certificates import LabSettings
    from benchctl.certificates.labels import Label
    from benchctl.records import Lab

LANGUAGES = {"zh": ("zh",), "en": ("en",), "both": ("zh", "en")}


@new_command("labels", "help-certificate-labels")
@selection
@option("--uut", "uuts", metavar="SERIAL", multiple=True, help="option-certificate-uut")
@option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("labels.pdf"),
    help="option-labels-out",
)
@option("--start", type=click.IntRange(1), default=1, help="option-labels-start")
@option(
    "--language",
    type=click.Choice(tuple(LANGUAGES)),
    default="both",
    help="option-certificate-language",
)
@lab_option
@click.pass_context
def labels(ctx: click.Context, /, **options: Any) -> int:
    """Write labels for the units that have a certificate, or are specimens."""
    from benchctl.certificates import lab_settings
    from benchctl.certificates.labels import labels_pdf
    from benchctl.cli.commands.records import open_lab

    shell = shell_of(ctx)
    require_writable(options["out"])
    with open_lab(options["lab"]) as lab:
        settings = lab_settings(lab.folder)
        wanted = list(_labels(lab, settings, options))
    if not wanted:
        raise RefusedError(msg("issuing.no-labels"))
    languages = LANGUAGES[options["language"]]
    data = labels_pdf(wanted, settings, start=options["start"], languages=languages)
    write_bytes(options["out"], data)
    told = msg("issuing.labels-written", path=str(options["out"]), n=len(wanted))
    shell.out.line(shell.words(told))
    return 0


def _labels(lab: Lab, settings: LabSettings, options: dict[str, Any]) -> Iterator[Label]:
    """Give the label of each unit: by its certificate in the register, or as a specimen."""
    from benchctl.certificates import kind_of, number_of
    from benchctl.certificates.choosing import unit_of
    from benchctl.certificates.labels import label_of
    from benchctl.records.issued import originals

    known = originals(lab)
    for run in chosen_runs(lab, options, settings):
        chosen, document = choose(lab, run, known, order=options["order"]), lab.document(run)
        said: dict[str, tuple[str, str]] = {
            s: (e.issued.kind, e.issued.number) for s, e in chosen.issued.items()
        }
        if chosen.simulated:
            for serial in chosen.wanted:
                bears = kind_of(document, unit_of(document, serial))
                said[serial] = (bears, number_of(document, serial))
        for serial, (kind, number) in said.items():
            if options["uuts"] and serial not in options["uuts"]:
                continue
            label = label_of(document, serial, settings, kind=kind, number=number)
            if label is not None:
                yield label
