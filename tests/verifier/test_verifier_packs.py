"""Evidence packs: whole on a machine without benchctl, and every forgery of one is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forgery import pem_of, record, repacked, stolen_key

from benchctl import records
from benchctl.core.errors import UsageError
from benchctl.records import Lab, document_problems, verified_pack, write_pack, write_verifier
from benchctl.verifier.hashing import canonical_json
from benchctl.verifier.heads import PACK_PURPOSE, read_anchor
from benchctl.verifier.signatures import public_key

Files = dict[str, bytes]


@pytest.fixture
def pack(folder: Path) -> Path:
    path = folder.parent / "evidence.zip"
    with Lab.open(folder) as lab:
        assert write_pack(lab, "R2", path)
    return path


def ids(report) -> set[str]:
    return {finding.id for finding in report.problems}


def test_a_pack_is_whole_with_the_key_and_the_anchor(look, pack: Path) -> None:
    found = look(pack, key=True, anchor=True)
    assert found.problems == ()
    assert found.unseen == ()
    assert (found.runs, found.heads) == (1, 4)
    assert verified_pack(pack).problems == ()


def test_a_pack_of_the_same_record_has_the_same_records_and_proofs(
    folder: Path, pack: Path, tmp_path: Path
) -> None:
    import zipfile

    again = tmp_path / "again.zip"
    with Lab.open(folder) as lab:
        write_pack(lab, "R2", again)
    with zipfile.ZipFile(pack) as one, zipfile.ZipFile(again) as other:
        for name in set(one.namelist()) - {"pack.json", "pack.sig"}:
            assert one.read(name) == other.read(name)


def verifier(path: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier as one file, in a Python that finds no benchctl."""
    return subprocess.run(
        [sys.executable, "-I", path, *map(str, arguments)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_verifier_alone_checks_packs_and_labs(folder: Path, pack: Path, tmp_path: Path) -> None:
    alone = tmp_path / "verifier.pyz"
    write_verifier(alone)
    key, anchor = tmp_path / "key.pem", tmp_path / "anchor"
    good = verifier(alone, pack, "--key", key, "--anchor", anchor)
    assert (good.returncode, good.stderr) == (0, "")
    assert "1 run(s), 4 statement(s), 0 problem(s)" in good.stdout
    whole = verifier(alone, folder, "--key", key, "--json")
    assert whole.returncode == 0
    assert json.loads(whole.stdout)["runs"] == 3
    forged = repacked(pack, edited_record, relist=True)
    bad = verifier(alone, forged, "--key", key, "--lang", "zh")
    assert bad.returncode == 1
    assert "不是当时写入的内容" in bad.stdout
    for wrong in ([tmp_path / "nothing.zip"], [pack, "--key", anchor], [pack, "--anchor", "x"]):
        refused = verifier(alone, *wrong)
        assert refused.returncode == 2
        assert "Traceback" not in refused.stderr


def test_the_verifier_imports_nothing_else_of_benchctl() -> None:
    program = (
        "import sys, benchctl.verifier.__main__\n"
        "print(*[m for m in sys.modules if m.startswith('benchctl') and 'verifier' not in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["benchctl"]


def edited_record(files: Files) -> None:
    files["records.jsonl"] = files["records.jsonl"].replace(b"100.52", b"100.11")


def edited_result(files: Files) -> None:
    files["result.en.json"] = files["result.en.json"].replace(b'"error": 0.41', b'"error": 0.01')


def edited_blob(files: Files) -> None:
    files["blobs/4.bin"] = b"\0" * len(files["blobs/4.bin"])


def shortened(files: Files) -> None:
    files["records.jsonl"] = b"".join(files["records.jsonl"].splitlines(keepends=True)[:-2])


def without_end(files: Files) -> None:
    """Take the end of the run, and the statement that fixed it."""
    shortened(files)
    lines = files["heads.jsonl"].splitlines(keepends=True)
    files["heads.jsonl"] = b"".join(line for line in lines if b'\\"closed\\"' not in line)


def slipped_in(files: Files) -> None:
    files["certificate.pdf"] = b"%PDF"


def taken_out(files: Files) -> None:
    del files["procedure.yaml"]


@pytest.mark.parametrize(
    ("forgery", "without_list", "with_list"),
    [
        (edited_record, {"pack-changed", "chain-broken"}, {"pack-unsigned", "chain-broken"}),
        (edited_result, {"pack-changed"}, {"pack-unsigned"}),
        (edited_blob, {"pack-changed", "blob-changed"}, {"pack-unsigned", "blob-changed"}),
        (shortened, {"pack-changed", "end-gone"}, {"pack-unsigned", "end-gone"}),
        (without_end, {"pack-changed"}, {"pack-unsigned"}),
        (slipped_in, {"pack-added"}, {"pack-unsigned"}),
        (taken_out, {"pack-removed"}, {"pack-unsigned"}),
    ],
)
def test_each_forgery_of_a_pack_is_found(
    look, pack: Path, forgery, without_list: set[str], with_list: set[str]
) -> None:
    assert without_list <= ids(look(repacked(pack, forgery, relist=False), key=True))
    assert with_list <= ids(look(repacked(pack, forgery, relist=True), key=True))


def test_a_result_that_somebody_with_the_key_altered_differs_from_its_records(
    look, folder: Path, pack: Path
) -> None:
    key = stolen_key(folder)

    def sign_again(files: Files) -> None:
        signature = key.sign(PACK_PURPOSE + files["pack.json"]).hex()
        files["pack.sig"] = f"{public_key(pem_of(key)).id}:{signature}".encode()

    forged = repacked(repacked(pack, edited_result, relist=True), sign_again, relist=False)
    assert look(forged, key=True).problems == ()  # the verifier alone cannot fold records
    found = verified_pack(forged)
    assert {p.message.id for p in found.problems} == {"records.document-differs"}
    places = [p.message.args["place"] for p in found.problems]
    assert "uuts[W-1].points[Q3].error" in places


def test_a_pack_signed_with_another_key_is_found_with_the_labs_key(look, pack: Path) -> None:
    stranger = Ed25519PrivateKey.generate()

    def swap(files: Files) -> None:
        """Put the stranger's key where the lab states its own."""
        lines = [json.loads(line) for line in files["heads.jsonl"].decode().splitlines()]
        statement = json.loads(lines[0][1])
        statement["about"]["public"] = pem_of(stranger)
        lines[0][1] = canonical_json(statement)
        files["heads.jsonl"] = "".join(f"{json.dumps(line)}\n" for line in lines).encode()

    found = ids(look(repacked(pack, swap, relist=True), key=True))
    assert {"head-not-included", "head-key", "pack-unsigned"} <= found
    assert "key-foreign" in found


def test_an_old_pack_that_is_shown_again_is_older_than_the_anchor(
    look, folder: Path, pack: Path
) -> None:
    with Lab.open(folder) as lab:
        record(lab, "R4")
        anchor = records.anchor(lab)
        document = lab.document("R2")
    (folder.parent / "anchor").write_text(str(anchor))
    assert ids(look(pack, key=True, anchor=True)) == {"pack-older"}
    printed = read_anchor(document["log"]["signature"]["anchor"])  # as on the certificate
    (folder.parent / "anchor").write_text(str(printed))
    assert look(pack, key=True, anchor=True).problems == ()


def test_a_pack_of_another_lab_does_not_fit_the_anchor(look, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with Lab.open(other) as lab:
        for run in ("R1", "R2", "R3"):
            record(lab, run)
        write_pack(lab, "R2", tmp_path / "other.zip")
    assert ids(look(tmp_path / "other.zip", key=True)) == {"key-foreign"}
    assert "anchor-differs" in ids(look(tmp_path / "other.zip", anchor=True))


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UsageError):
        verified_pack(tmp_path / "no.zip")


# the certificate's data -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(verdict="fail"), "verdict"),
        (lambda d: d["uuts"][0].update(serial="W-9"), "uuts[W-1].serial"),
        (lambda d: d["uuts"][0]["points"][1].update(U=0.01), "uuts[W-1].points[Q3].U"),
        (lambda d: d["uuts"][0]["points"].pop(), "uuts[W-1].points"),
        (lambda d: d["uuts"][0]["points"][1].pop("mpe"), "uuts[W-1].points[Q3].mpe"),
        (lambda d: d["standards"].append({"role": "x"}), "standards"),
        (lambda d: d.update(simulated=False), "simulated"),
        (lambda d: d["log"].update(root="sha256:00"), "log.root"),
    ],
)
def test_an_altered_document_is_named_at_its_place(folder: Path, change, place: str) -> None:
    path = folder.parent / "certificate.json"
    with Lab.open(folder) as lab:
        document = lab.document("R2", "zh")
        path.write_text(json.dumps(document))
        assert document_problems(lab, path)[1] == []
        change(document)
        path.write_text(json.dumps(document))
        run, (found,), _ = document_problems(lab, path)
    assert (run, found.message.args["place"]) == ("R2", place)
