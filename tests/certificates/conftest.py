"""Two labs: one of a simulated run, one with the same run recorded as one on real instruments."""

import copy
import dataclasses
import shutil
from pathlib import Path

import pytest
from calling_benchctl import call
from certification import LAB, NOW, Authority

from benchctl.certificates.sealing import SealSettings
from benchctl.certificates.signing import Signing, seal_of, signed_certificate
from benchctl.core.clock import VirtualClock
from benchctl.core.events import RawBlock, RunOpened
from benchctl.records import Lab

for module in ("typst", "noto_cjk_sans_otc", "signxml", "pyhanko"):
    pytest.importorskip(module, reason="the extra `certificates` is not installed")


@pytest.fixture(scope="session")
def simulated_lab(tmp_path_factory):
    """The folder of a lab with one simulated run: W-1 fails, W-2 passes (seed 7)."""
    folder = tmp_path_factory.mktemp("certificates")
    batch = folder / "batch.csv"
    rows = [f"W-{n},喆堃镕水务有限公司,LXS-15E,某仪表厂\n" for n in range(1, 13)]
    batch.write_text("serial,送检单位,型号规格,制造单位\n" + "".join(rows), "utf-8")
    run = call(
        *("run", "water-meter.yaml", "--simulate", "--seed", 7, "--batch", batch),
        *("--operator", "Li Wei", "--lab", folder / "lab", "--quiet", "--plain"),
        cwd=folder,
    )
    assert run.returncode in (0, 1), run.stderr
    return folder / "lab"


@pytest.fixture(scope="session")
def documents(simulated_lab):
    """The result document of the simulated run in both languages."""
    with Lab.open(simulated_lab, create=False) as lab:
        run = lab.find_run("latest")
        return {language: lab.document(run, language) for language in ("zh", "en")}


@pytest.fixture(scope="session")
def recorded_lab(simulated_lab, tmp_path_factory):
    """The same events, recorded as those of a run on real instruments; to be copied."""
    folder = tmp_path_factory.mktemp("recorded") / "real"
    with Lab.open(simulated_lab, create=False) as source, Lab.open(folder) as lab:
        events = [stored.event for stored in source.events(source.find_run("latest"))]
        journal = lab.begin_run("Line 2", "R1", clock=VirtualClock())
        for event in events:
            if isinstance(event, RawBlock):
                continue  # read without its bytes
            if isinstance(event, RunOpened):
                event = dataclasses.replace(event, run="R1", simulated=False)
            journal.emit(event)
    return folder


@pytest.fixture
def real_lab(recorded_lab, tmp_path):
    """A lab with the same events, recorded as those of a run on real instruments."""
    return shutil.copytree(recorded_lab, tmp_path / "real")


@pytest.fixture
def benchctl(tmp_path):
    return lambda *args, **env: call(*args, cwd=tmp_path, **env)


@pytest.fixture(scope="session")
def real_documents(documents):
    """The documents as those of a real run, in which W-2 has a number."""
    changed = copy.deepcopy(documents)
    for document in changed.values():
        document["simulated"] = False
        document["numbers"] = [
            {
                "uut": "W-2",
                "number": "2026-00001",
                "revision": 0,
                "replaces": "",
                "by": "Zhao",
                "at": "2026-11-21T20:00:00Z",
            }
        ]
    return changed


@pytest.fixture(scope="session")
def ca(tmp_path_factory):
    """The certification authority that the tests trust."""
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def seals(ca):
    """A seal for each role: other people, other kinds of keys."""
    return {
        role: seal_of(SealSettings(key=str(ca.issue(name, kind=kind))), Path(), {})
        for role, name, kind in (
            ("calibrated", "Li Wei", "P-256"),
            ("checked", "王芳", "RSA-2048"),
            ("approved", "赵堃", "P-384"),
        )
    }


@pytest.fixture(scope="session")
def signed_pdf(real_documents, seals):
    """The certificate of W-2, signed by who calibrated."""
    signing = Signing(seals["calibrated"], "calibrated", NOW)
    return signed_certificate(real_documents, "W-2", LAB, signing)[1]
