"""`benchctl orders` as a clerk uses it: import, again, changed, refused; the run of an order."""

import json
import shutil
import sqlite3
import threading

import pytest
from order_samples import CHINESE, call, row, text_of

from benchctl.core.errors import RefusedError
from benchctl.engine import RunRequest, prepare
from benchctl.exchange import read_orders, take_orders
from benchctl.language import Diagnostics, FileError
from benchctl.records import Lab, lines_of, work_orders
from benchctl.simulation import find_bench


@pytest.fixture
def orders(tmp_path):
    def write(rows, name="orders.csv", headers=CHINESE):
        path = tmp_path / name
        path.write_text(text_of(rows, headers), "utf-8")
        return path

    return write


def told(done):
    return json.loads(done.stdout)


def test_the_same_file_again_changes_nothing(benchctl, orders, tmp_path):
    orders([row(1), row(2)])
    first = told(benchctl("orders", "import", "orders.csv", "--lab", "lab", "--json"))
    again = told(benchctl("orders", "import", "orders.csv", "--lab", "lab", "--json"))
    assert [len(first[k]) for k in ("added", "changed", "known")] == [2, 0, 0]
    assert [len(again[k]) for k in ("added", "changed", "known")] == [0, 0, 2]
    with sqlite3.connect(tmp_path / "lab" / "lab.sqlite") as database:
        assert database.execute("SELECT count(*) FROM order_lines").fetchone() == (2,)
    database.close()


def test_a_unit_that_is_added_later_joins_its_order(benchctl, orders, tmp_path):
    orders([row(1)])
    benchctl("orders", "import", "orders.csv", "--lab", "lab")
    orders([row(2), row(1)])
    done = benchctl("orders", "import", "orders.csv", "--lab", "lab")
    assert "1 new, 0 changed, 1 known already" in done.stdout
    with Lab.open(tmp_path / "lab") as lab:
        assert [line.serial for line in lines_of(lab, "WO-118")] == ["W-001", "W-002"]
        assert [(o.order, o.units) for o in work_orders(lab)] == [("WO-118", 2)]


def test_a_line_that_says_something_else_is_refused_until_somebody_says_why(
    benchctl, orders, tmp_path
):
    orders([row(1), row(2)])
    benchctl("orders", "import", "orders.csv", "--lab", "lab")
    orders([row(1), row(2, model="LXS-20E"), row(3)])
    refused = benchctl("orders", "import", "orders.csv", "--lab", "lab")
    assert refused.returncode == 3
    assert "W-002" in refused.stderr
    assert "--because" in refused.stderr
    with Lab.open(tmp_path / "lab") as lab:  # all or nothing
        assert [line.serial for line in lines_of(lab, "WO-118")] == ["W-001", "W-002"]
    because = ("--because", "typed wrong", "--by", "Zhao")
    taken = benchctl("orders", "import", "orders.csv", "--lab", "lab", *because)
    assert taken.returncode == 0
    assert "model: LXS-15E -> LXS-20E" in taken.stdout
    with sqlite3.connect(tmp_path / "lab" / "lab.sqlite") as database:
        rows = database.execute(
            "SELECT serial, because FROM order_lines ORDER BY number"
        ).fetchall()
        assert rows == [("W-001", ""), ("W-002", ""), ("W-002", "typed wrong"), ("W-003", "")]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("UPDATE order_lines SET serial = 'X'")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("DELETE FROM order_lines")
    database.close()


def test_a_dry_run_says_what_would_change_and_makes_not_even_a_lab(benchctl, orders, tmp_path):
    orders([row(1)])
    done = benchctl("orders", "import", "orders.csv", "--lab", "lab", "--dry-run", "--json")
    assert told(done)["imported"] is False
    assert [u["serial"] for u in told(done)["added"]] == ["W-001"]
    assert not (tmp_path / "lab").exists()
    benchctl("orders", "import", "orders.csv", "--lab", "lab")
    orders([row(1), row(2)])
    again = told(benchctl("orders", "import", "orders.csv", "--lab", "lab", "--dry-run", "--json"))
    assert [len(again[k]) for k in ("added", "known")] == [1, 1]
    with Lab.open(tmp_path / "lab") as lab:
        assert len(lines_of(lab, "WO-118")) == 1


def test_mistakes_are_one_document_for_a_program_and_exit_code_2(benchctl, orders, tmp_path):
    orders([row(1, service_type="修"), row(2, client_uscc="X")])
    done = benchctl("orders", "import", "orders.csv", "--lab", "lab", "--json")
    assert done.returncode == 2
    mistakes = told(done)["mistakes"]
    assert [(m["row"], m["column"], m["header"], m["id"]) for m in mistakes] == [
        (2, 10, "服务类型", "exchange.not-a-choice"),
        (3, 25, "统一社会信用代码", "exchange.uscc-length"),
    ]
    assert not (tmp_path / "lab").exists()


def test_mistakes_are_shown_with_their_lines_in_both_languages(benchctl, orders):
    orders([row(1, service_type="修")])
    for language, words in (("en", "is not one of"), ("zh", "不是下列之一")):
        done = benchctl("orders", "import", "orders.csv", "--lab", "lab", "--lang", language)
        assert done.returncode == 2
        assert words in done.stderr
        assert "orders.csv:2:10" in done.stderr
        assert "Traceback" not in done.stderr


def test_of_many_mistakes_a_person_sees_twenty_and_a_program_all(benchctl, orders):
    orders([row(n, service_type="修") for n in range(1, 81)])
    shown = benchctl("orders", "import", "orders.csv", "--lab", "lab")
    assert shown.stderr.count("error[E405]") == 20
    assert "60 more" in shown.stderr
    done = benchctl("orders", "import", "orders.csv", "--lab", "lab", "--json")
    assert len(told(done)["mistakes"]) == 80


def test_a_file_or_field_that_is_not_there_is_refused(benchctl, orders):
    orders([row(1)])
    missing = benchctl("orders", "import", "order.csv", "--lab", "lab")
    assert (missing.returncode, "orders.csv" in missing.stderr) == (2, True)
    wrong = ("--set", "client_nam=X")
    field = benchctl("orders", "import", "orders.csv", "--lab", "lab", *wrong)
    assert (field.returncode, "client_name" in field.stderr) == (2, True)
    order = benchctl("orders", "show", "WO-9", "--lab", "lab")
    assert order.returncode == 2


def test_two_clerks_at_once_take_each_unit_once(orders, tmp_path):
    path = orders([row(n) for n in range(1, 200)])
    Lab.open(tmp_path / "lab").close()
    added = []

    def take(by):
        found = read_orders(path, Diagnostics())
        with Lab.open(tmp_path / "lab") as lab:
            added.append(len(take_orders(lab, found, by=by).added))

    clerks = [threading.Thread(target=take, args=(n,)) for n in ("Zhao", "Qian", "Sun")]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert sorted(added) == [0, 0, 199]


# the run of an order ------------------------------------------------------------------------------


def test_a_run_takes_the_units_of_its_order_with_all_that_is_said_of_them(simulated_lab):
    with Lab.open(simulated_lab, create=False) as lab:
        document = lab.document(lab.find_run("latest"))
    assert [u["serial"] for u in document["uuts"]] == ["W-001", "W-002", "W-003"]
    unit = document["uuts"][0]
    assert unit["order"] == "WO-118"
    assert unit["parameters"]["accuracy_class"] == "2"
    assert unit["extra"]["client_name"] == "喆堃镕水务有限公司"
    assert unit["extra"]["usage"] == "trade"


def test_a_simulated_run_leaves_the_order_open(simulated_lab, tmp_path):
    out = tmp_path / "batch.csv"
    args = ("--out", out, "--units", 2, "--procedure", "water-meter")
    done = call("orders", "batch", "WO-118", "--lab", simulated_lab, *args, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = out.read_text("utf-8").splitlines()
    assert lines[0].startswith("serial,order_no,line_no,")
    assert [line.split(",")[0] for line in lines[1:]] == ["W-001", "W-002"]


def test_units_of_which_a_run_stands_are_done(real_lab, tmp_path):
    (tmp_path / "orders.csv").write_text(text_of([row(n) for n in range(1, 5)]), "utf-8")
    call("orders", "import", "orders.csv", "--lab", real_lab, cwd=tmp_path)
    out = tmp_path / "batch.csv"
    done = call("orders", "batch", "WO-118", "--lab", real_lab, "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = out.read_text("utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["W-004"]
    listed = told(call("orders", "list", "--lab", real_lab, "--json", cwd=tmp_path))
    assert [(o["name"], o["units"], o["measured"]) for o in listed] == [("WO-118", 4, 3)]
    shown = told(call("orders", "show", "WO-118", "--lab", real_lab, "--json", cwd=tmp_path))
    assert [u["run"] for u in shown] == ["R1", "R1", "R1", None]


def test_a_line_of_which_results_stand_is_not_changed(real_lab, tmp_path):
    path = tmp_path / "orders.csv"
    for model in ("LXS-15E", "LXS-20E"):
        path.write_text(text_of([row(1, model=model)]), "utf-8")
        found = read_orders(path, Diagnostics())
        with Lab.open(real_lab) as lab:
            if model == "LXS-15E":
                take_orders(lab, found, by="Zhao")
                continue
            with pytest.raises(RefusedError, match="R1 stands"):
                take_orders(lab, found, by="Zhao", because="typed wrong")


@pytest.mark.parametrize(
    ("change", "args", "words"),
    [
        ({"procedure_id": "JJG 52-2013"}, (), "JJG 52-2013"),
        ({"procedure_id": "JJG 162-2009"}, (), "JJG 162-2009"),
        ({"service_type": "校准", "mandatory": "否"}, (), "--service calibration"),
        ({"verification_kind": "使用中检查"}, (), "--stage in_service"),
        ({}, ("--uut", "W-9"), "no unit W-9"),
        ({"accuracy": "±2 %"}, (), "WO-118:2:"),
    ],
)
def test_a_run_that_the_order_does_not_ask_for_is_refused_before_it_begins(
    benchctl, orders, tmp_path, change, args, words
):
    with Lab.open(tmp_path / "lab") as lab:
        take_orders(lab, read_orders(orders([row(1, **change)]), Diagnostics()), by="Zhao")
    run = ("--simulate", "--order", "WO-118", "--lab", "lab", *args)
    done = benchctl("plan", "water-meter", *run)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr


def test_units_of_an_order_are_named_one_by_one_where_wanted(benchctl, orders):
    orders([row(n) for n in (1, 2, 3)])
    benchctl("orders", "import", "orders.csv", "--lab", "lab")
    named = ("--uut", "W-003", "--uut", "W-001")
    args = ("--simulate", "--order", "WO-118", "--lab", "lab", "--json", *named)
    done = benchctl("plan", "water-meter", *args)
    assert done.returncode == 0, done.stderr
    assert [u["serial"] for u in told(done)["uuts"]] == ["W-003", "W-001"]


def test_an_order_that_nobody_imported_stays_a_name(benchctl):
    done = benchctl("plan", "water-meter", "--simulate", "--order", "WO-7", "--lab", "lab")
    assert done.returncode == 0, done.stderr


def test_a_field_of_an_order_is_no_misspelt_column_of_the_bench(tmp_path):
    shutil.copytree(find_bench("water_bench").bench_file.parent, tmp_path / "bench")
    bench = tmp_path / "bench" / "bench.yaml"
    text = bench.read_text("utf-8").replace("by: reading", "by: address")
    bench.write_text(text, "utf-8")
    batch = tmp_path / "batch.csv"
    request = RunRequest("water-meter", bench=bench, batch=batch, lab=tmp_path)
    batch.write_text("serial,client_addres\n1,West Lake\n", "utf-8")
    with pytest.raises(FileError, match="column"):
        prepare(request)
    batch.write_text("serial,client_address\n1,West Lake\n", "utf-8")
    assert prepare(request).files.subjects[0].uut.extra["client_address"] == "West Lake"
