"""The command inspect, and the mapping that it writes."""

import json
from pathlib import Path

import pytest

from audience_export import read_people
from cli.options.arguments import arguments
from data_ingestion import ReadOptions, mappings_from_yaml
from main import app
from retention.errors import OptionError

LOG = "user,moment,what\n" + "".join(
    f"u{number % 40},2025-09-{1 + number % 28:02} 10:{number % 60:02},{word}\n"
    for number, word in enumerate(["front page", "add_to_cart", "front page", "purchase"] * 60)
)
CUSTOMERS = "user_id,cart_abandoned_date,email,avg_order_value\na,2025-09-01,ann@example.com,10\nb,2025-09-02,,x\n"


def run(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app(arguments([str(each) for each in given]))
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS, encoding="utf-8")
    return path


def test_a_known_file_is_shown_with_its_account_and_masked_samples(
    customers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "inspect", customers)
    assert (code, err) == (0, "")
    assert "customers.csv: customer table, recognised by its columns (confidence 100 %)" in out
    assert "2 read = 1 accepted + 1 quarantined (1 not_a_number)" in out
    assert "from 2025-09-01 00:00 to 2025-09-01 00:00; times without a zone are of UTC" in out
    assert "a***" in out
    assert "ann@" not in out


def test_json_says_the_same_for_programs(customers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "inspect", customers, "--format", "json", "--timezone", "Europe/Berlin")
    found = json.loads(out)
    (file,) = found["files"]
    assert (code, found["can_be_read"], found["timezone"]) == (0, True, "Europe/Berlin")
    assert file["rows"] == {"read": 2, "accepted": 1, "quarantined": 1, "reasons": {"not_a_number": 1}}
    assert file["span"] == ["2025-09-01T00:00:00+02:00", "2025-09-01T00:00:00+02:00"]
    assert file["columns"][2] == {"header": "email", "read_as": "email", "confidence": 1.0, "samples": ["a***"]}
    assert file["mapping"]["columns"]["user_id"] == "user_id"


def test_an_unknown_file_is_shown_with_the_guess_and_exits_with_2(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "inspect", log)
    assert code == 2
    assert "event log, guessed from its columns and cells" in out
    assert "1 unknown word for what happened" in err
    assert err.count("\n") == 1


def test_the_mapping_that_is_written_reads_the_file(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = log.with_name("map.yaml")
    code, _, err = run(capsys, "inspect", log, "--write-mapping", target)
    assert code == 0
    assert "Check it" in err
    text = target.read_text(encoding="utf-8")
    assert "front page: view" in text
    assert "u1" not in text
    code, out, _ = run(capsys, "inspect", log, "--mapping", target, "--format", "json")
    (file,) = json.loads(out)["files"]
    assert (code, file["recognised"], file["rows"]["accepted"]) == (0, "mapping", 240)
    assert file["content"]["entries"] == {"view": 120, "cart": 60, "purchase": 60}
    assert file["content"]["money"] is None


def test_the_main_command_takes_the_mapping(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = log.with_name("map.yaml")
    run(capsys, "inspect", log, "--write-mapping", target)
    code, _, err = run(capsys, "--input", log, "--output_dir", log.with_name("out"))
    assert (code, "--write-mapping" in err) == (2, True)
    code, out, _ = run(
        capsys, "--input", log, "--mapping", target, "--policy", "aov-buckets", "--output_dir", log.with_name("out")
    )
    assert code == 0
    assert "240 rows read = 240 accepted" in out


def test_a_mapping_that_stands_there_is_not_replaced(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "inspect", log, "--write-mapping", log)
    assert (code, "the file exists already" in err) == (2, True)
    assert log.read_text(encoding="utf-8") == LOG


def test_a_file_that_is_no_table_is_told_beside_the_others(customers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = customers.with_name("page.csv")
    page.write_text("<html></html>", encoding="utf-8")
    code, out, err = run(capsys, "inspect", customers, page)
    assert code == 2
    assert "customers.csv: customer table" in out
    assert "page.csv: no known layout, not recognised" in out
    assert "page.csv: the file is a web page" in err


def test_the_first_row_of_a_file_without_a_header_is_not_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("ann@example.com,2025-09-01 10:30:00,12.50\nbob@example.com,2025-09-02 10:30:00,3\n")
    code, out, err = run(capsys, "inspect", path)
    assert code == 2
    assert "looks like data" in err
    assert "example.com" not in out + err
    code, out, err = run(capsys, "inspect", path, "--format", "json")
    assert (code, "example.com" in out + err) == (2, False)


def test_orders_alone_are_told_to_have_no_carts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,order_id,order_date,order_total\n1,1,2025-09-01,5\n1,2,2025-09-02,7.5\n")
    code, out, _ = run(capsys, "inspect", path)
    assert code == 0
    assert "2 orders of 12.50, 12.50 before rows were set aside" in out
    assert "none of these files has carts or checkouts" in out


@pytest.mark.parametrize(
    ("text", "message"),
    [("format: nothing\ncolumns: {}", "is not known"), ("{", "line"), (None, "there is no such file")],
)
def test_a_mapping_that_cannot_be_is_refused(
    text: str | None, message: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = log.with_name("map.yaml")
    if text is not None:
        target.write_text(text, encoding="utf-8")
    code, _, err = run(capsys, "inspect", log, "--mapping", target)
    assert (code, message in err) == (2, True)


def test_a_mapping_needs_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "map.yaml"
    target.write_text("format: people\ncolumns: {email: mail}\n", encoding="utf-8")
    code, _, err = run(capsys, "--mock", "--mapping", target, "--output_dir", tmp_path / "out")
    assert (code, "needs files" in err) == (2, True)


def test_a_list_that_nobody_can_guess_gets_a_draft_to_fill_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    listed, target = tmp_path / "list.csv", tmp_path / "map.yaml"
    listed.write_text("Kontakt;Notiz\nanna;x\nben;y\n", encoding="utf-8")
    code, _, err = run(capsys, "inspect", listed, "--write-mapping", target)
    assert (code, "is a draft for a list of people" in err) == (2, True)
    text = target.read_text(encoding="utf-8")
    assert "The file has: Kontakt, Notiz\n" in text
    with pytest.raises(OptionError, match=r"columns\.customer is not text"):
        mappings_from_yaml(text, source="map.yaml")
    filled = text.replace("customer:", "customer: Kontakt").replace("  email:\n  phone:\n", "")
    (mapping,) = mappings_from_yaml(filled, source="map.yaml")
    assert read_people(listed, ReadOptions(mappings=(mapping,))).user_id.to_pylist() == ["anna", "ben"]
