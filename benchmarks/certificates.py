"""What certificates cost: each step of one, and a day's five hundred with DCC and signatures.

    python benchmarks/certificates.py [--units 500] [--processes 2] [--json FILE]

The run is simulated; its documents then say that it was real, which nothing else here does. Keys
are made for the measurement. Times are of the wall clock, beside the processor time that went by.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from benchctl.certificates import LabSettings, certificate_with_dcc
from benchctl.certificates.dcc import dcc_of
from benchctl.certificates.sealing import SealSettings
from benchctl.certificates.signing import (
    Reader,
    Signing,
    seal_of,
    signature_findings,
    signed_certificate,
)
from benchctl.certificates.signing.keys import certificates_in
from benchctl.certificates.signing.pades import sign_pdf
from benchctl.certificates.signing.xades import sign_dcc
from benchctl.records import Lab

LAB = LabSettings(name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"})
NOW = datetime.now(UTC)  # noqa: TID251  # of this measurement
REPEATS = 15


def documents_of(folder: Path) -> dict[str, Any]:
    """Return the documents of a simulated run of twelve meters, as those of a real one."""
    asked = ["run", "water-meter.yaml", "--simulate", "--seed", "7", "--lab", "lab", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "benchctl", *asked, "--plain"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    with Lab.open(folder / "lab", create=False) as lab:
        run = lab.find_run("latest")
        found = {language: lab.document(run, language) for language in ("zh", "en")}
    for document in found.values():
        document["simulated"] = False
    return found


def many_of(documents: dict[str, Any], units: int) -> dict[str, Any]:
    """Return the documents of a run of so many units: its own, over and over."""
    found = {}
    for language, document in documents.items():
        uuts = document["uuts"]
        more = [copy.copy(uuts[n % len(uuts)]) | {"serial": f"M-{n:05}"} for n in range(units)]
        numbers = [
            {"uut": u["serial"], "number": f"2026-{n:05}", "revision": document["revision"]}
            | {"replaces": "", "by": "Zhao", "at": document["finished"]}
            for n, u in enumerate(more, 1)
        ]
        found[language] = document | {"uuts": more, "numbers": numbers}
    return found


def seal_in(folder: Path, kind: str) -> tuple[Path, Path]:
    """Return a key file with its chain, and the file of the root."""
    key: Any = (
        rsa.generate_private_key(65537, 3072)
        if kind == "RSA-3072"
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Seal {kind}")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = form.Encoding.PEM
    path, root = folder / f"{kind}.pem", folder / f"{kind}-root.pem"
    secret = key.private_bytes(pem, form.PrivateFormat.PKCS8, form.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(pem))
    path.chmod(0o600)
    root.write_bytes(certificate.public_bytes(pem))
    return path, root


def median(act: Callable[[], Any]) -> float:
    """Return the median time of an act in milliseconds, once it is warm."""
    act()
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        act()
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def steps(documents: dict[str, Any], folder: Path) -> dict[str, float]:
    """Return what the steps of one certificate cost, in milliseconds."""
    serial = documents["zh"]["uuts"][0]["serial"]
    dcc = dcc_of(documents, serial, LAB)
    pdf = certificate_with_dcc(documents, serial, LAB, dcc=dcc)[1]
    found = {
        "DCC": median(lambda: dcc_of(documents, serial, LAB)),
        "PDF with DCC": median(lambda: certificate_with_dcc(documents, serial, LAB)),
    }
    for kind in ("P-256", "RSA-3072"):
        path, root = seal_in(folder, kind)
        seal, roots = seal_of(SealSettings(key=str(path)), Path(), {}), certificates_in(root)
        signed = sign_pdf(pdf, seal, "approved", at=NOW)
        found |= {
            f"sign DCC, {kind}": median(lambda s=seal: sign_dcc(dcc, s, "approved", at=NOW)),
            f"sign PDF, {kind}": median(lambda s=seal: sign_pdf(pdf, s, "approved", at=NOW)),
            f"verify PDF, {kind}": median(
                lambda d=signed, r=roots: list(signature_findings(d, "", Reader(NOW, r)))
            ),
        }
    return found


def part(documents: dict[str, Any], serials: list[str], signing: Signing) -> int:
    """Make some certificates; return how many bytes they have."""
    return sum(len(signed_certificate(documents, s, LAB, signing)[1]) for s in serials)


def day(documents: dict[str, Any], folder: Path, processes: int) -> dict[str, float]:
    """Return what all units of a run cost, in seconds."""
    serials = [u["serial"] for u in documents["zh"]["uuts"]]
    path, _ = seal_in(folder, "P-256")
    signing = Signing(seal_of(SealSettings(key=str(path)), Path(), {}), "approved", NOW)
    begun, used = time.perf_counter(), os.times()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        chunks = [serials[n : n + 25] for n in range(0, len(serials), 25)]
        waiting = [pool.submit(part, of(documents, c), c, signing) for c in chunks]
        size = sum(w.result() for w in waiting)
    now = os.times()
    return {
        "certificates": len(serials),
        "processes": processes,
        "seconds": round(time.perf_counter() - begun, 2),
        "processor seconds": round(
            now.children_user + now.children_system - used.children_user - used.children_system, 2
        ),
        "megabytes": round(size / 1e6, 1),
    }


def of(documents: dict[str, Any], serials: list[str]) -> dict[str, Any]:
    """Return documents with these units alone."""
    return {
        n: d | {"uuts": [u for u in d["uuts"] if u["serial"] in serials]}
        for n, d in documents.items()
    }


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--units", type=int, default=500)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = many_of(documents_of(folder), given.units)
        found = {
            "load": os.getloadavg()[0],
            "milliseconds": steps(documents, folder),
            "day": day(documents, folder, given.processes),
        }
    for what, cost in found["milliseconds"].items():
        print(f"{what:24} {cost:8.1f} ms")
    print(", ".join(f"{value} {what}" for what, value in found["day"].items()))
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
