"""Many certificates at once: issued once, restartable, registered, copied, replaced, labelled."""

import csv
import hashlib
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from calling_benchctl import call

from benchctl.certificates import LabSettings, lab_settings
from benchctl.certificates.attached import dcc_in
from benchctl.certificates.dcc_reading import read_dcc
from benchctl.certificates.labels import Label, label_of, labels_data, labels_pictures
from benchctl.certificates.many import Job, made_of
from benchctl.certificates.summary import summary_data, summary_pictures, summary_row
from benchctl.core.errors import RefusedError, UsageError
from benchctl.language import FileError
from benchctl.records import Amendment, Fact, Lab, amend
from benchctl.records.issued import issued, kept, register, register_problems
from benchctl.records.verify import verify

LAB = LabSettings(
    name={"zh": "某市计量检定测试所", "en": "Institute of Metrology"}, validity={"water-meter": 24}
)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def named_lab(real_lab):
    (real_lab / "certificates.yaml").write_text(
        "name: Institute\nvalidity: {water-meter: 24}\n", "utf-8"
    )
    return real_lab


@pytest.fixture
def issue(benchctl, tmp_path):
    """Issue into a folder; returns exit code, entries, the folder and what was complained of."""

    def call(lab, *args, out=tmp_path / "out"):
        wanted = ("--language", "en", "--no-summary", *args)
        done = benchctl("certificate", "issue", *wanted, "--lab", lab, "--out", out, "--json")
        return done.returncode, json.loads(done.stdout or "[]"), out, done.stderr

    return call


@pytest.fixture(scope="session")
def issued_once(recorded_lab, tmp_path_factory):
    """A lab whose one run was issued, and the folder of its certificates; to be copied."""
    folder = tmp_path_factory.mktemp("issued")
    lab, out = shutil.copytree(recorded_lab, folder / "lab"), folder / "out"
    settings = "name: Institute\nvalidity: {water-meter: 24}\n"
    (lab / "certificates.yaml").write_text(settings, "utf-8")
    wanted = ("R1", "--language", "en", "--labels", "--dcc", "--by", "Zhao")
    done = call("certificate", "issue", *wanted, "--lab", lab, "--out", out, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return lab, out, json.loads(done.stdout)


@pytest.fixture
def issued_lab(issued_once, tmp_path):
    """A lab whose one run was issued, the folder, and the entries that were told."""
    lab, out, entries = issued_once
    return shutil.copytree(lab, tmp_path / "lab"), shutil.copytree(out, tmp_path / "out"), entries


def listed(benchctl, lab, *args):
    return json.loads(benchctl("certificate", "list", "--lab", lab, "--json", *args).stdout)


# issuing -----------------------------------------------------------------------------------------


def test_a_run_is_issued_with_numbers_files_register_and_sheet(benchctl, issued_lab):
    lab, out, entries = issued_lab
    assert [e["number"][-5:] for e in entries] == [f"{n:05}" for n in range(1, 13)]
    assert {e["uut"]: e["kind"] for e in entries}["W-1"] == "notice"
    for entry in entries:
        pdf = (out / entry["file"]).read_bytes()
        assert sha256(pdf) == entry["pdf_sha256"]
        dcc = (out / entry["file"]).with_suffix(".xml").read_bytes()
        assert dcc_in(pdf) == dcc
        assert sha256(dcc) == entry["dcc_sha256"]
        assert read_dcc(dcc).number == entry["number"]
    names = {p.name for p in out.iterdir()}
    assert {"summary.pdf", "labels.pdf"} <= names
    register = listed(benchctl, lab)
    assert [e["number"] for e in register] == [e["number"] for e in entries]
    assert {e["state"] for e in register} == {"valid"}
    assert register[1]["valid_until"]
    assert register[0]["valid_until"] == ""  # a notice has no end


def test_what_was_issued_is_not_issued_again_and_a_lost_file_comes_back(issue, issued_lab):
    named_lab, out, first = issued_lab
    lost, spoilt = out / first[0]["file"], out / first[1]["file"]
    before = lost.read_bytes()
    lost_dcc = spoilt.with_suffix(".xml")
    lost.unlink()
    lost_dcc.unlink()
    code, again, _, _ = issue(named_lab, "R1", "--dcc")
    assert code == 0
    assert all(e["known"] for e in again)
    assert [e["number"] for e in again] == [e["number"] for e in first]
    assert lost.read_bytes() == before
    assert spoilt.exists()
    assert sha256(lost_dcc.read_bytes()) == first[1]["dcc_sha256"]
    with Lab.open(named_lab, create=False) as lab:
        assert len(issued(lab)) == 12
        assert len(lab.document("R1")["numbers"]) == 12


def test_a_batch_that_was_cut_off_goes_on_where_it_was(issue, named_lab, monkeypatch, tmp_path):
    from benchctl.cli.issuing.batch import Batch, Wish
    from benchctl.cli.issuing.choosing import choose
    from benchctl.records.issued import originals

    settings = lab_settings(named_lab)
    wish = Wish(("en",), None, None, with_dcc=False, by="Zhao", processes=1)
    (tmp_path / "out").mkdir()
    with Lab.open(named_lab, create=False) as lab:
        batch = Batch(lab, settings, tmp_path / "out", wish)
        monkeypatch.setattr(batch, "_keep", cut_after_the_files(batch))
        with pytest.raises(KeyboardInterrupt):
            batch.issue([choose(lab, "R1", originals(lab))], lambda n, of: None)
        assert issued(lab) == []
        numbers = [n["number"] for n in lab.document("R1")["numbers"]]
    code, entries, out, _ = issue(named_lab, "R1")
    assert code == 0
    assert [e["number"] for e in entries] == numbers
    for entry in entries:
        assert sha256((out / entry["file"]).read_bytes()) == entry["pdf_sha256"]


def cut_after_the_files(batch):
    def cut(work, made):
        for one in made:
            batch._written(work, one)
        raise KeyboardInterrupt

    return cut


def test_two_processes_give_the_same_bytes_as_one(documents):
    serials = tuple(u["serial"] for u in documents["zh"]["uuts"])[:4]
    jobs = [Job(documents, serials[:2]), Job(documents, serials[2:])]
    one = [m for made in made_of(jobs, LAB, processes=1) for m in made]
    two = [m for made in made_of(jobs, LAB, processes=2) for m in made]
    assert [m.serial for m in one] == list(serials)
    assert one == two


CUT_OFF = """
import json, multiprocessing, pathlib, sys, threading
from benchctl.certificates import LabSettings
from benchctl.certificates.many import Job, made_of

def jobs():
    documents = json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8"))
    yield Job(documents, ("W-2",))
    yield Job(documents, ("W-3",))
    print(*(c.pid for c in multiprocessing.active_children()), flush=True)
    threading.Event().wait(60)

if __name__ == "__main__":
    list(made_of(jobs(), LabSettings(name="A"), processes=2))
"""


def test_a_batch_that_is_killed_leaves_no_process_behind(documents, tmp_path):
    (tmp_path / "cut_off.py").write_text(CUT_OFF, "utf-8")
    (tmp_path / "documents.json").write_text(json.dumps(documents), "utf-8")
    program = [sys.executable, tmp_path / "cut_off.py", tmp_path / "documents.json"]
    batch = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    workers = [int(pid) for pid in batch.stdout.readline().split()]
    assert len(workers) == 2
    batch.kill()
    batch.communicate(timeout=60)  # ends once nobody holds the other end of the pipe
    assert not [pid for pid in workers if is_working(pid)]


def is_working(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_two_issues_at_once_give_each_number_once(benchctl, issue, named_lab, tmp_path):
    found = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(issue(named_lab, "R1", out=tmp_path / n)))
        for n in ("a", "b")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {code for code, *_ in found} <= {0, 3}
    assert len(listed(benchctl, named_lab)) == 12
    assert sum(not e["known"] for _, entries, *_ in found for e in entries) == 12


def test_a_character_without_a_glyph_stops_one_certificate_and_no_other(issue, named_lab):
    with Lab.open(named_lab, create=False) as lab:
        fact = Fact("W-3", "送检单位", "Waterworks \U0001f600")
        amend(lab, "R1", Amendment(by="Li", because="typed wrong", facts=[fact]))
    code, entries, _, stderr = issue(named_lab, "R1")
    assert code == 1
    assert "W-3" not in [e["uut"] for e in entries]
    assert len(entries) == 11
    assert "W-3" in stderr


def test_reviews_that_the_lab_asks_for_must_be_there(issue, named_lab):
    (named_lab / "records.yaml").write_text("review: {checked: true}\n", "utf-8")
    code, entries, _, stderr = issue(named_lab, "R1")
    assert (code, entries) == (1, [])
    assert "W-12" in stderr
    with Lab.open(named_lab, create=False) as lab:
        assert lab.document("R1")["numbers"] == []


def test_without_a_choice_or_with_an_empty_one_it_is_said(issue, named_lab):
    assert issue(named_lab)[0] == 2
    assert issue(named_lab, "--since", "2000-13-01")[0] == 2
    assert issue(named_lab, "--order", "WO-nowhere")[0] == 2
    assert issue(named_lab, "--since", "2999-01-01")[0] == 2


def test_days_are_those_of_the_lab(issue, named_lab):
    with Lab.open(named_lab, create=False) as lab:
        finished = lab.document("R1")["finished"]
    day = label_day(finished)
    assert issue(named_lab, "--since", day, "--until", day)[0] == 0


def label_day(finished):
    from benchctl.certificates.dates import local_day

    return local_day(finished, 480).isoformat()


# specimens ---------------------------------------------------------------------------------------


def test_specimens_are_made_once_and_again_when_something_changed(issue, simulated_lab, benchctl):
    code, first, out, _ = issue(simulated_lab, "latest", "--labels")
    assert code == 0
    assert all(e["specimen"] and not e["known"] for e in first)
    assert len(first) == 12
    _, second, _, _ = issue(simulated_lab, "latest")
    assert all(e["known"] for e in second)
    (out / first[3]["file"]).write_bytes(b"spoilt")
    _, third, _, _ = issue(simulated_lab, "latest")
    assert [e["uut"] for e in third if not e["known"]] == [first[3]["uut"]]
    assert sha256((out / first[3]["file"]).read_bytes()) == first[3]["pdf_sha256"]
    _, priced, _, _ = issue(simulated_lab, "latest", "--budget")
    assert not any(e["known"] for e in priced)
    assert listed(benchctl, simulated_lab) == []


# amendment ---------------------------------------------------------------------------------------


def test_an_amended_unit_gets_another_certificate_and_its_neighbours_keep_theirs(
    benchctl, issue, issued_lab
):
    named_lab, _, first = issued_lab
    numbers = {e["uut"]: e["number"] for e in first}
    with Lab.open(named_lab, create=False) as lab:
        fact = Fact("W-2", "送检单位", "Harbour")
        amend(lab, "R1", Amendment(by="Li", because="typed wrong", facts=[fact]))
    assert {e["uut"]: e["state"] for e in listed(benchctl, named_lab)}["W-2"] == "amended"
    _, second, out, _ = issue(named_lab, "R1")
    new = [e for e in second if not e["known"]]
    assert [(e["uut"], e["replaces"]) for e in new] == [("W-2", numbers["W-2"])]
    assert new[0]["because"] == "typed wrong"
    assert (out / new[0]["file"]).exists()
    states = {e["number"]: e["state"] for e in listed(benchctl, named_lab)}
    assert states.pop(numbers["W-2"]) == "replaced"
    assert set(states.values()) == {"valid"}
    assert len(states) == 12


def test_asked_for_one_by_one_a_unit_of_which_nothing_was_amended_keeps_its_number(
    benchctl, issued_lab, tmp_path
):
    named_lab, _, first = issued_lab
    numbers = {e["uut"]: e["number"] for e in first}
    with Lab.open(named_lab, create=False) as lab:
        amend(lab, "R1", Amendment("Li", "typed wrong", [Fact("W-2", "送检单位", "Harbour")]))
    call = ("certificate", "R1", "--lab", named_lab, "--out", tmp_path, "--by", "Li", "--json")
    number = ("records", "number", "R1", "--uut", "W-1", "--by", "Li", "--lab", named_lab)
    for asked in (("certificate", "R1", "--uut", "W-1", *call[2:]), number):
        refused = benchctl(*asked)
        assert refused.returncode == 3, refused.stderr
        assert numbers["W-1"] in refused.stderr
        assert "reissue" in refused.stderr
    made = benchctl(*call)
    assert made.returncode == 0, made.stderr
    (entry,) = json.loads(made.stdout)
    assert entry["uut"] == "W-2"
    assert entry["number"] not in numbers.values()
    assert benchctl(*call).returncode == 0  # the same again for what was amended
    assert len(listed(benchctl, named_lab)) == len(numbers) + 1


def test_an_annulled_unit_gets_none_and_what_it_had_is_void(benchctl, issue, issued_lab):
    named_lab, _, _ = issued_lab
    done = benchctl(
        *("records", "annul", "R1", "--uut", "W-4", "--because", "air in the master"),
        *("--by", "Li", "--second", "Wang", "--lab", named_lab),
    )
    assert done.returncode == 0, done.stderr
    assert {e["uut"]: e["state"] for e in listed(benchctl, named_lab)}["W-4"] == "annulled"
    _, entries, _, _ = issue(named_lab, "R1")
    assert "W-4" not in [e["uut"] for e in entries]


# duplicates --------------------------------------------------------------------------------------


def test_a_duplicate_has_the_same_content_and_dcc_and_is_marked(benchctl, issued_lab, tmp_path):
    named_lab, out, first = issued_lab
    (named_lab / "certificates.yaml").write_text("name: Another name\n", "utf-8")
    again = ("certificate", "reissue", first[1]["number"], "--lab", named_lab)
    assert benchctl(*again, "--because", " ").returncode == 2
    for n in (1, 2):
        done = benchctl(*again, "--because", "lost by the client", "--out", tmp_path, "--json")
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)[0]
        assert made["copy"] == n
        pdf = Path(made["path"]).read_bytes()
        assert dcc_in(pdf) == dcc_in((out / first[1]["file"]).read_bytes())
        assert sha256(pdf) != first[1]["pdf_sha256"]
    register = [e for e in listed(benchctl, named_lab) if e["number"] == first[1]["number"]]
    assert [e["copy"] for e in register] == [0, 1, 2]
    assert register[2]["because"] == "lost by the client"
    with Lab.open(named_lab, create=False) as lab:
        content = json.loads(kept(lab, first[1]["number"]).content)
    assert content["lab"] == ["Institute"]


def test_a_replaced_or_unknown_certificate_has_no_duplicate(benchctl, issue, issued_lab):
    named_lab, _, first = issued_lab
    with Lab.open(named_lab, create=False) as lab:
        amend(lab, "R1", Amendment("Li", "typed wrong", [Fact("W-2", "owner", "Harbour")]))
    issue(named_lab, "R1")
    again = ("--because", "lost", "--lab", named_lab)
    old = next(e["number"] for e in first if e["uut"] == "W-2")
    assert benchctl("certificate", "reissue", old, *again).returncode == 3
    assert benchctl("certificate", "reissue", "2026-99999", *again).returncode == 2


def test_who_verifies_learns_what_the_register_says(benchctl, issue, issued_lab):
    lab, out, first = issued_lab

    def said(entry, folder=out):
        done = benchctl("certificate", "verify", folder / entry["file"], "--lab", lab, "--json")
        found = [f for f in json.loads(done.stdout) if f["aspect"] == "register"]
        return [(f["name"], f["kind"]) for f in found]

    assert said(first[1]) == [("registered", "proved")]
    with Lab.open(lab, create=False) as records:
        amend(records, "R1", Amendment("Li", "typed wrong", [Fact("W-2", "owner", "Harbour")]))
    assert said(first[1]) == [("void-amended", "problem")]
    _, second, _, _ = issue(lab, "R1")
    new = next(e for e in second if not e["known"])
    assert said(first[1]) == [("void-replaced", "problem")]
    assert said(new) == [("registered", "proved")]


def test_every_page_of_a_duplicate_is_marked(documents):
    from dataclasses import replace

    from benchctl.certificates import certificate_of, pictures_of

    original = certificate_of(documents, "W-2", LAB)
    marked = replace(original, duplicate=("副本", "DUPLICATE"))
    pages, copies = pictures_of(original), pictures_of(marked)
    assert len(pages) == len(copies)
    assert all(a != b for a, b in zip(pages, copies, strict=True))


# the register ------------------------------------------------------------------------------------


def test_the_register_is_append_only_and_a_change_is_found(benchctl, issued_lab):
    named_lab, _, _ = issued_lab
    with Lab.open(named_lab, create=False) as lab:
        assert register_problems(lab) == []
    database = sqlite3.connect(named_lab / "lab.sqlite")
    for statement in (
        "UPDATE certificates SET uut = 'x' WHERE id = 3",
        "DELETE FROM certificates WHERE id = 3",
        "INSERT OR REPLACE INTO certificates SELECT * FROM certificates WHERE id = 3",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)
    for trigger in ("no_update", "no_delete"):
        database.execute(f"DROP TRIGGER certificates_{trigger}")
    database.execute("UPDATE certificates SET dcc = x'00' WHERE id = 3")
    database.execute("DELETE FROM certificates WHERE id = 7")
    database.commit()
    database.close()
    with Lab.open(named_lab, create=False) as lab:
        assert register_problems(lab) == [3, 7]
        of_run = [p.message.args["row"] for p in verify(lab, lab.find_run("latest"))]
        assert of_run == [3, 7]
    verified = benchctl("records", "verify", "--json", "--lab", named_lab)
    assert verified.returncode == 1
    problems = json.loads(verified.stdout)["problems"]
    assert [p["id"] for p in problems] == ["records.register-changed"] * 2
    assert [p["run"] for p in problems] == ["R1", "-"]  # of a row that is gone nobody knows whose
    checked = benchctl("certificate", "list", "--check", "--lab", named_lab)
    assert checked.returncode == 1
    assert "3, 7" in checked.stdout


def test_a_single_certificate_is_registered_too_and_not_issued_again(benchctl, issue, named_lab):
    single = ("certificate", "R1", "--uut", "W-2", "--lab", named_lab, "--json")
    made = json.loads(benchctl(*single).stdout)
    assert [e["number"] for e in listed(benchctl, named_lab)] == [made[0]["number"]]
    benchctl(*single)
    _, entries, _, _ = issue(named_lab, "R1")
    assert [e["number"] for e in entries if e["known"]] == [made[0]["number"]]
    assert len(listed(benchctl, named_lab)) == 12


def test_a_number_is_entered_once(issued_lab):
    named_lab, _, _ = issued_lab
    with Lab.open(named_lab, create=False) as lab:
        first = issued(lab)[0]
        with pytest.raises(RefusedError):
            register(lab, [(first.issued, kept(lab, first.issued.number))])
        assert len(issued(lab)) == 12


def test_the_register_as_csv_has_every_column_and_no_formula(benchctl, issue, named_lab):
    with Lab.open(named_lab, create=False) as lab:
        fact = Fact("W-2", "送检单位", "=1+1")
        amend(lab, "R1", Amendment("Li", "typed wrong", [fact]))
    issue(named_lab, "R1")
    done = benchctl("certificate", "list", "--csv", "--lab", named_lab)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 12
    assert rows[1]["client"] == "'=1+1"
    assert rows[1]["state"] == "valid"


def test_the_register_counts_days_by_the_labs_clock(benchctl, issued_lab):
    named_lab, _, _ = issued_lab
    with Lab.open(named_lab, create=False) as lab:
        at = datetime.fromisoformat(issued(lab)[0].at)
    for hours in (-12, 0, 14):
        settings = f'name: Institute\nutc_offset: "{hours:+03}:00"\n'
        (named_lab / "certificates.yaml").write_text(settings, "utf-8")
        day = (at + timedelta(hours=hours)).date()
        assert listed(benchctl, named_lab)[0]["issued_on"] == str(day)
        of_day = ("--since", day, "--until", day)
        assert listed(benchctl, named_lab, *of_day)[0]["issued_on"] == str(day)
        assert str(day) in benchctl("certificate", "list", "--lab", named_lab).stdout


def test_a_lab_without_records_has_an_empty_register(benchctl, tmp_path):
    done = benchctl("certificate", "list", "--json", "--lab", tmp_path / "none")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


# the sheet ---------------------------------------------------------------------------------------


def row(documents, serial, **about):
    return summary_row(documents, serial, LAB, **about)


def test_the_sheet_counts_and_shows_what_the_record_reports(documents):
    serials = [u["serial"] for u in documents["zh"]["uuts"]]
    rows = [row(documents, s) for s in serials]
    data = summary_data(rows, LAB, ("zh", "en"))
    facts = {label[1]: value[0] for label, value in data["facts"]}
    verdicts = [u["verdict"] for u in documents["zh"]["uuts"]]
    assert facts["Units"] == "12"
    assert facts["PASS"] == str(verdicts.count("pass"))
    assert facts["FAIL"] == str(verdicts.count("fail"))
    group = data["groups"][0]
    shown = [line[1][0] for line in group["rows"]]
    assert shown == serials
    points = [p for p in documents["zh"]["uuts"][1]["points"] if p["point"]]
    heads = [h[0] for h in group["head"]]
    for point in points:
        cell = group["rows"][1][heads.index(f"{point['point']} / %")][0]
        assert cell == point["reported"].replace("-", "−")
    assert group["bad"] == [n for n, v in enumerate(verdicts) if v != "pass"]


def test_what_fixes_the_list_changes_with_each_part_of_it(documents):
    from dataclasses import replace

    from benchctl.certificates.summary import hash_of

    one = row(documents, "W-2", dcc_sha256="ab")
    changed = [
        replace(one, number="x"),
        replace(one, dcc_sha256="cd"),
        replace(one, verdict="fail"),
        replace(one, serial="W-3"),
    ]
    assert len({hash_of([r]) for r in [one, *changed]}) == 5


def test_five_hundred_units_break_over_pages(documents):
    rows = [row(documents, "W-2", number=f"2026-{n:05}", file=f"{n}.pdf") for n in range(500)]
    assert len(summary_pictures(rows, LAB)) >= 10


# labels ------------------------------------------------------------------------------------------


def test_a_label_says_what_the_certificate_says_and_a_notice_has_none(documents):
    document = documents["zh"]
    label = label_of(document, "W-2", LAB, kind="verification", number="2026-00002")
    assert (label.serial, label.number) == ("W-2", "2026-00002")
    assert label.until.startswith(str(label.day.year + 2))
    assert label_of(document, "W-2", LAB, kind="calibration", number="2").until == ""
    assert label_of(document, "W-1", LAB, kind="notice", number="1") is None


def labels(count):
    return [
        Label(f"W-{n}", f"2026-{n:05}", "verification", date(2026, 11, 22)) for n in range(count)
    ]


def test_labels_begin_where_a_used_sheet_goes_on(documents):
    data = labels_data(labels(41), LAB, 3, ("zh", "en"))
    assert [len(sheet) for sheet in data["sheets"]] == [40, 3]
    assert data["sheets"][0][:2] == [None, None]
    assert data["sheets"][0][2]["facts"][0][1] == "W-0"
    for start in (0, 41):
        with pytest.raises(UsageError):
            labels_data(labels(1), LAB, start, ("zh",))
    assert len(labels_pictures(labels(41), LAB)) == 2


def test_labels_that_do_not_fit_a_sheet_are_refused(tmp_path):
    (tmp_path / "certificates.yaml").write_text("name: A\nlabels: {columns: 5}\n", "utf-8")
    with pytest.raises(FileError) as wrong:
        lab_settings(tmp_path)
    assert "certificates.yaml:2:" in str(wrong.value)
    (tmp_path / "certificates.yaml").write_text("name: A\nlabels: {rows: 5, top: 3}\n", "utf-8")
    assert lab_settings(tmp_path).labels.rows == 5


def test_labels_are_printed_again_for_what_was_issued(benchctl, issued_lab, tmp_path):
    named_lab, _, _ = issued_lab
    file = tmp_path / "again.pdf"
    done = benchctl("certificate", "labels", "R1", "--lab", named_lab, "--out", file)
    assert done.returncode == 0, done.stderr
    with Lab.open(named_lab, create=False) as lab:
        passed = sum(e.issued.kind == "verification" for e in issued(lab))
    assert str(passed) in done.stdout
    assert file.read_bytes().startswith(b"%PDF-1.7")
    none = benchctl(
        *("certificate", "labels", "R1", "--uut", "W-1", "--lab", named_lab, "--out", file)
    )
    assert none.returncode == 3


# signatures --------------------------------------------------------------------------------------


def test_a_batch_is_signed_and_so_are_its_duplicates(benchctl, issue, named_lab, ca, tmp_path):
    key = ca.issue("Li Wei", kind="P-256")
    seal = ("--sign", "--as", "calibrated", "--key", key)
    code, entries, out, stderr = issue(named_lab, "R1", *seal)
    assert code == 0, stderr
    assert all(e["signed"] for e in entries)
    trusted = ("--trust", ca.root, "--lab", named_lab, "--json")
    done = benchctl("certificate", "verify", out / entries[1]["file"], *trusted)
    assert done.returncode == 0, done.stdout
    assert "Li Wei" in done.stdout
    with Lab.open(named_lab, create=False) as lab:
        was = kept(lab, entries[1]["number"])
    assert was.dcc == dcc_in((out / entries[1]["file"]).read_bytes())
    assert b"Signature" in was.dcc
    again = ("certificate", "reissue", entries[1]["number"], "--because", "lost")
    again = (*again, "--lab", named_lab)
    assert benchctl(*again, *seal, "--out", tmp_path).returncode == 0
    copy = next(tmp_path.glob("*-duplicate-1.pdf")).read_bytes()
    assert b"/ByteRange" in copy
    assert dcc_in(copy) == was.dcc
    (out / entries[2]["file"]).unlink()
    code, _, _, stderr = issue(named_lab, "R1")
    assert code == 1  # a signature cannot be made as it was
    assert "reissue" in stderr


def test_specimens_are_not_signed_and_a_seal_without_sign_is_a_mistake(issue, simulated_lab, ca):
    key = ca.issue("Li Wei", kind="P-256")
    assert issue(simulated_lab, "latest", "--sign", "--key", key)[0] == 3
    assert issue(simulated_lab, "latest", "--key", key)[0] == 2
