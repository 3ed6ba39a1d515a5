"""`benchctl certificate verify FILE`: what a certificate proves, and what it does not."""

from __future__ import annotations

from pathlib import Path

import click

from benchctl.cli.options import json_flag, lab_option, new_command, option, shell_of

file_path = click.Path(dir_okay=False, path_type=Path)


@new_command("verify", "help-certificate-verify")
@click.argument("file", type=file_path)
@option("--trust", type=file_path, multiple=True, help="option-trust")
@option("--tsa-ca", "authorities", type=file_path, multiple=True, help="option-tsa-ca")
@option("--anchor", "anchors", multiple=True, metavar="HEAD|FILE", help="option-anchor")
@option(
    "--schema-dir",
    "schemas",
    type=click.Path(file_okay=False, path_type=Path),
    help="option-schema-dir",
)
@lab_option
@json_flag
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path,
    trust: tuple[Path, ...],
    authorities: tuple[Path, ...],
    anchors: tuple[str, ...],
    schemas: Path | None,
    lab: Path | None,
    as_json: bool,
) -> int:
    """Say what a certificate proves; exit code 1 where something is wrong with it."""
    from benchctl.certificates.signing import WRONG
    from benchctl.cli.proof.certificate_findings import Question, findings
    from benchctl.cli.proof.reading import anchors_of

    shell = shell_of(ctx)
    asked = Question(file, lab, trust, schemas, authorities, anchors_of(anchors))
    found = list(findings(asked))
    if as_json:
        shell.out.json(
            [
                {
                    "name": f.text.id.rpartition(".")[2],
                    "aspect": f.aspect,
                    "kind": f.kind,
                    "text": shell.words(f.text),
                }
                for f in found
            ]
        )
    else:
        for f in found:
            shell.out.line(f"{shell.text(f'certificate-{f.kind}')}  {shell.words(f.text)}")
    return int(any(f.kind == WRONG for f in found))
