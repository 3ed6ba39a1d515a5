"""An evidence pack: one run with everything that proves it, in one ZIP file.

    write_pack(lab, run, Path("evidence.zip"))

It holds the records as they were written, the raw readings, the lab's statements about the run with
the proofs that tie them to the lab's last statement, the result document in both languages, and the
texts of the procedure and the bench file. The list of its files (`pack.json`) is signed with the
lab's key. `python -m benchctl.verifier evidence.zip --key lab-key.pem` checks it anywhere.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipapp
import zipfile
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import benchctl
import benchctl.verifier
from benchctl.core.clock import utc_now
from benchctl.core.errors import RecordError
from benchctl.core.events import RunOpened
from benchctl.core.messages import LANGUAGES, msg
from benchctl.records.rows import HeadRow, RunRow
from benchctl.records.statements import anchor_of
from benchctl.verifier.hashing import canonical_json, digest_of, encoded
from benchctl.verifier.heads import KEY, MIRROR, read_statement
from benchctl.verifier.merkle import inclusion, leaf
from benchctl.verifier.sources import PACK

if TYPE_CHECKING:
    from benchctl.records.lab import Lab

_WHEN = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a pack: the same record makes the same bytes."""

README = """\
This is an evidence pack of benchctl: one run of a measuring bench, as it was recorded.
records.jsonl    every event with its hash           blobs/    the raw readings
heads.jsonl      the lab's signed statements         pack.json the list of these files, signed

To check it you need the lab's public key, got from the lab itself, and a verifier of your own:
    python -m benchctl.verifier THIS.zip --key lab-key.pem [--anchor HEAD]
HEAD is the line that begins with "head1:" on the certificate.

本文件为 benchctl 的证据包：一次检定/校准运行的完整原始记录。
核验需要实验室公布的公钥和您自己的核验程序：
    python -m benchctl.verifier 本文件.zip --key lab-key.pem [--anchor 树头]
树头即证书上以 "head1:" 开头的一行。
"""


def write_pack(lab: Lab, run: str, path: Path) -> bool:
    """Write the pack of a run; return whether its list of files could be signed.

    Raises:
        UsageError: there is no such run.
        RecordError: the record cannot be read, has no statements, or the pack not be written.
    """
    data, signed = pack_bytes(lab, run)
    try:
        path.write_bytes(data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordError(msg("records.io", path=str(path), reason=reason)) from error
    return signed


def pack_bytes(lab: Lab, run: str) -> tuple[bytes, bool]:
    """Return the pack of a run, and whether its list of files could be signed."""
    with lab.store.reading() as reader:
        row, heads = reader.run(run), reader.heads()
    if row is None:
        raise RecordError(msg("records.no-run", run=run))
    if not any(head.run == run for head in heads):
        raise RecordError(msg("records.no-statements", run=run))
    files = {
        "run.json": _json(asdict(row)),
        "README.txt": README.encode(),
        MIRROR: _heads(heads, run),
        **_stamps(lab, heads, run),
        **_records(lab, row),
        **_documents(lab, run),
    }
    manifest = _json(
        {
            "format": PACK,
            "run": run,
            "made": utc_now().isoformat(timespec="seconds"),
            "software": f"benchctl {benchctl.__version__}",
            "anchor": str(anchor_of(heads[-1])),
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
    )
    signature = lab.notary.sign_pack(manifest)
    files["pack.json"] = manifest
    if signature:
        files["pack.sig"] = signature.encode()
    return _zipped(files), bool(signature)


def write_verifier(path: Path) -> None:
    """Write the verifier as one file that `python FILE RECORD --key KEY` runs.

    Raises:
        RecordError: it cannot be written.
    """
    source = Path(benchctl.verifier.__file__).parent
    try:
        with TemporaryDirectory() as folder:
            inside = Path(folder, "benchctl", "verifier")
            inside.mkdir(parents=True)
            (inside.parent / "__init__.py").write_text('"""Only the verifier."""\n')
            for module in sorted(source.glob("*.py")):
                (inside / module.name).write_bytes(module.read_bytes())
            zipapp.create_archive(folder, path, main="benchctl.verifier.__main__:run")
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordError(msg("records.io", path=str(path), reason=reason)) from error


def _records(lab: Lab, row: RunRow) -> dict[str, bytes]:
    lines: list[str] = []
    files: dict[str, bytes] = {}
    for record in lab.store.records(row.run):
        cells = [record.seq, record.kind, record.version, record.utc, record.t, record.body]
        lines.append(canonical_json([*cells, record.hash]))
    with lab.store.reading() as reader:
        for seq in sorted(reader.blob_seqs(row.run)):
            files[f"blobs/{seq}.bin"] = reader.blob(row.run, seq) or b""
    return {"records.jsonl": _lines(lines), **files}


def _documents(lab: Lab, run: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        files[f"result.{language}.json"] = _json(lab.document(run, language), indent=2)
    for stored in lab.events(run, kind=RunOpened.KIND):
        if isinstance(stored.event, RunOpened):
            opened = stored.event
            for name, part in (("procedure", opened.procedure), ("bench", opened.bench)):
                if part.get("text"):
                    files[f"{name}.yaml"] = encoded(str(part["text"]))
    return files


def _heads(heads: list[HeadRow], run: str) -> bytes:
    """Return the statements about the run, of the keys, and the last, with their proofs."""
    last = heads[-1]
    digest = digest_of(read_statement(last.text).tree_hash)
    leaves = [leaf(digest, encoded(head.text)) for head in heads[:-1]]
    lines: list[str] = []
    for head in heads:
        if head.run == run or head.what == KEY or head is last:
            before = heads[head.n - 2].peaks.split(",") if head.n > 1 else []
            proof = [] if head is last else inclusion(digest, leaves, head.n - 1)
            cells = [head.n, head.text, head.signature, before, [step.hex() for step in proof]]
            lines.append(canonical_json(cells))
    return _lines(lines)


def _stamps(lab: Lab, heads: list[HeadRow], run: str) -> dict[str, bytes]:
    """Return the timestamps of the statements that are packed."""
    packed = {h.n for h in heads if h.run == run or h.what == KEY or h is heads[-1]}
    with lab.store.reading() as reader:
        stamps = [(n, data) for n, data in reader.stamps() if n in packed]
    return {f"stamps/{n:09d}-{at}.tsr": data for at, (n, data) in enumerate(stamps)}


def _json(data: dict[str, Any], indent: int | None = None) -> bytes:
    text = json.dumps(data, ensure_ascii=False, sort_keys=indent is None, indent=indent)
    return encoded(f"{text}\n")


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            pack.writestr(info, data)
    return buffer.getvalue()
