from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path

import pytest

from benchctl.core.errors import UsageError
from benchctl.core.places import bundled, find_file, search_path
from benchctl.driver import DriverError
from benchctl.drivers import Shelf
from benchctl.workshop import all_subjects, check_driver

DRIVER = '''
"""A meter."""
from benchctl.driver import Instrument, Modbus, Reading, holding

class Meter(Instrument):
    """A meter of lab {lab}."""
    protocol = Modbus()
    flow = Reading(holding({number}), unit="m³/h")
'''


def lab(folder: Path, name: str = "acme.py", text: str = DRIVER, **fields: object) -> Path:
    drivers = folder / "drivers"
    drivers.mkdir(parents=True, exist_ok=True)
    filled = text
    for key, value in fields.items():
        filled = filled.replace(f"{{{key}}}", str(value))
    (drivers / name).write_text(filled)
    return drivers


def test_a_driver_file_in_the_lab_is_found(tmp_path: Path) -> None:
    shelf = Shelf([lab(tmp_path, lab="A", number=7)])
    cls = shelf.find("acme")
    assert cls.__name__ == "Meter"
    assert shelf.find("acme") is cls


def test_two_labs_in_one_process_do_not_mix(tmp_path: Path) -> None:
    a = Shelf([lab(tmp_path / "a", lab="A", number=1)])
    b = Shelf([lab(tmp_path / "b", lab="B", number=2)])
    assert a.find("acme") is not b.find("acme")
    assert a.find("acme").channels["flow"].address.start == 1
    assert b.find("acme").channels["flow"].address.start == 2
    assert a.find("acme").__module__ != b.find("acme").__module__


def test_the_first_folder_wins_and_shadowing_is_told(tmp_path: Path) -> None:
    first = lab(tmp_path / "a", lab="A", number=1)
    second = lab(tmp_path / "b", lab="B", number=2)
    shelf = Shelf([first, second])
    assert shelf.find("acme").channels["flow"].address.start == 1
    (info,) = shelf.list()
    assert info.summary == "A meter of lab A."
    assert info.path == str(first / "acme.py")
    assert info.shadows == (str(second / "acme.py"),)


def test_files_of_one_shelf_may_import_each_other(tmp_path: Path) -> None:
    lab(tmp_path, "base.py", DRIVER, lab="A", number=1)
    more = "from .base import Meter\n\nclass BigMeter(Meter):\n    '''A big meter.'''\n"
    folder = lab(tmp_path, "big.py", more)
    shelf = Shelf([folder])
    assert issubclass(shelf.find("big"), shelf.find("base"))
    assert shelf.find("big").__name__ == "BigMeter"


def test_helpers_with_an_underscore_are_no_drivers(tmp_path: Path) -> None:
    folder = lab(tmp_path, "_common.py", "REGISTER = 5\n")
    lab(tmp_path, "acme.py", "from ._common import REGISTER\n" + DRIVER, lab="A", number=5)
    assert [info.name for info in Shelf([folder]).list()] == ["acme"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def broken(:\n", "broken.py:1: SyntaxError"),
        ("x = 1\n\nx.nothing\n", "broken.py:3: AttributeError"),
        ("import nothing_of_this_name\n", "broken.py:1: ModuleNotFoundError"),
        ("raise SystemExit\n", "broken.py:1: SystemExit"),
        ("x = 1\n", "must declare one instrument"),
        ("DRIVER = 5\n", "is no Instrument"),
        (DRIVER + "\nclass Other(Meter):\n    pass\n", "declares Meter, Other"),
        (
            DRIVER.replace("Reading", "Setting"),
            "Meter can change its instrument, so it needs make_safe()",
        ),
    ],
)
def test_a_broken_file_is_one_line_and_the_others_work(
    tmp_path: Path, text: str, says: str
) -> None:
    folder = lab(tmp_path, "acme.py", DRIVER, lab="A", number=1)
    lab(tmp_path, "broken.py", text.replace("{lab}", "A").replace("{number}", "1"))
    shelf = Shelf([folder])
    with pytest.raises(DriverError) as caught:
        shelf.find("broken")
    assert says in str(caught.value)
    assert caught.value.exit_code == 2
    good, broken = shelf.list()
    assert (good.name, good.error) == ("acme", "")
    assert says in broken.error
    assert "\n" not in broken.error
    assert shelf.find("acme").__name__ == "Meter"


def test_a_mended_file_is_loaded_at_the_next_attempt(tmp_path: Path) -> None:
    folder = lab(tmp_path, "acme.py", "x = \n")
    shelf = Shelf([folder])
    with pytest.raises(DriverError):
        shelf.find("acme")
    lab(tmp_path, "acme.py", DRIVER, lab="A", number=1)
    assert shelf.find("acme").__name__ == "Meter"


def test_one_of_several_classes_is_named(tmp_path: Path) -> None:
    text = DRIVER + "\nclass Other(Meter):\n    pass\n\nDRIVER = Other\n"
    folder = lab(tmp_path, "acme.py", text, lab="A", number=1)
    assert Shelf([folder]).find("acme").__name__ == "Other"


def test_an_unknown_driver_is_told_with_the_nearest(shelf: Shelf) -> None:
    with pytest.raises(UsageError, match="there is no driver `micromotion_2800`") as caught:
        shelf.find("micromotion_2800")
    assert "did you mean `micromotion_2700`?" in str(caught.value)
    with pytest.raises(UsageError):
        shelf.find("../secrets")
    with pytest.raises(UsageError, match="looked in"):
        shelf.find("zzz")


def test_a_driver_of_an_installed_package_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site"
    dist = package / "acme_drivers-1.0.dist-info"
    dist.mkdir(parents=True)
    (package / "acme_bench.py").write_text(DRIVER.replace("{lab}", "P").replace("{number}", "9"))
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-drivers\nVersion: 1.0\n")
    points = "[benchctl.drivers]\nacme = acme_bench:Meter\nother = acme_bench:Meter\n"
    (dist / "entry_points.txt").write_text(points + "wrong = acme_bench:nothing\n")
    monkeypatch.syspath_prepend(package)
    importlib.invalidate_caches()
    shelf = Shelf([lab(tmp_path, lab="A", number=1)])
    assert shelf.find("other").channels["flow"].address.start == 9
    assert shelf.find("acme").channels["flow"].address.start == 1
    told = {info.name: info for info in shelf.list()}
    assert told["other"].origin == "acme-drivers"
    assert told["acme"].shadows == ("acme_bench:Meter",)
    assert "AttributeError" in told["wrong"].error
    sys.modules.pop("acme_bench")


PACKAGED = """from benchctl.driver import Instrument, Reading, Scpi


class {name}(Instrument):
    \"\"\"ACME P9, a meter of a package.

    Bus: LAN.
    Reading: 10 ms.
    Safe: nothing to do.
    Document: none, it is invented.
    Hardware: not yet seen on hardware.
    \"\"\"

    protocol = Scpi()
    identity = "^ACME,P9,"
    voltage = Reading("READ?", unit="V", doc="Voltage.")
"""
PACKAGED_SIM = """from benchctl.simulation import ScpiBus, SimulatedInstrument, Wire, scpi_memory


def simulator(serial="P9-1"):
    device = scpi_memory(f"ACME,P9,{serial},1.0", {}, {"READ?": 1.25})
    return SimulatedInstrument(
        ScpiBus(Wire(), device.instrument),
        at="TCPIP::{host}::{port}::SOCKET",
        shows=lambda: {"voltage": device["READ?"]},
        units={"voltage": "V"},
    )
"""


def test_drivers_of_a_package_are_checked_with_the_simulators_it_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site"
    dist = package / "acme_p-1.0.dist-info"
    dist.mkdir(parents=True)
    (package / "acme_p.py").write_text(PACKAGED.format(name="P9"))
    (package / "acme_p_sim.py").write_text(PACKAGED_SIM)
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-p\nVersion: 1.0\n")
    (dist / "entry_points.txt").write_text(
        "[benchctl.drivers]\nacme_p9 = acme_p:P9\nacme_p8 = acme_p:P9\nacme_p7 = acme_p:P9\n"
        "[benchctl.simulators]\nacme_p9 = acme_p_sim:simulator\nacme_p7 = acme_p_sim:nothing\n"
    )
    monkeypatch.syspath_prepend(package)
    importlib.invalidate_caches()
    shelf = Shelf([])
    found = {s.name: check_driver(s) for s in all_subjects(shelf, None)}
    assert (found["acme_p9"].ok, found["acme_p9"].proven) == (True, True)
    without = found["acme_p8"]
    assert (without.ok, without.proven) == (True, False)
    assert [(s.name, s.outcome) for s in without.steps] == [
        ("declaration", "ok"),
        ("identify", "skipped"),
    ]
    assert "benchctl.simulators" in str(without.steps[1].what)
    assert not found["acme_p7"].ok
    assert "AttributeError" in str(found["acme_p7"].failed[0].what)
    for name in ("acme_p", "acme_p_sim"):
        sys.modules.pop(name)


def test_a_shelf_leaves_nothing_behind(tmp_path: Path) -> None:
    shelf = Shelf([lab(tmp_path, lab="A", number=1)])
    module = shelf.find("acme").__module__
    assert module in sys.modules
    del shelf
    gc.collect()
    assert module not in sys.modules


def test_places_are_searched_in_order(tmp_path: Path) -> None:
    mine, extra = tmp_path / "lab", tmp_path / "extra"
    (mine / "procedures").mkdir(parents=True)
    (extra / "procedures").mkdir(parents=True)
    (extra / "procedures" / "own.yaml").write_text("x")
    (mine / "procedures" / "water-meter.yaml").write_text("x")
    folders = search_path("procedures", mine, [extra, tmp_path / "none"])
    assert folders == [mine / "procedures", extra / "procedures", bundled("procedures")]
    found = find_file("procedures", "water-meter", (".yaml",), mine, [extra])
    assert found == mine / "procedures" / "water-meter.yaml"
    assert find_file("procedures", "own.yaml", (".yaml",), mine, [extra])
    bundled_one = find_file("procedures", "water-meter", (".yaml",), None)
    assert bundled_one == bundled("procedures") / "water-meter.yaml"


@pytest.mark.parametrize("name", ["../drivers/manual", "/etc/passwd", "", "none"])
def test_nothing_outside_the_search_path_is_found(name: str) -> None:
    assert find_file("procedures", name, ("", ".py"), None) is None


def test_a_folder_that_is_named_twice_is_searched_once(tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    folders = search_path("drivers", tmp_path, [tmp_path])
    assert folders == [tmp_path / "drivers", bundled("drivers")]
