"""Rows that were set aside: shown whole, corrected, and read again in the place where they stand."""

import gzip
import json
from pathlib import Path

import pytest

from analysis import Run, Settings, analyze
from data_ingestion import ReadOptions, read_customers, read_repairs
from outputs.reports import quarantine_files
from retention.errors import ContractError, InputError, InvariantError, SourceError
from retention.policy.policy import Sizes
from run_store import load_policy

HEADER = "user_id,cart_abandoned_date,avg_order_value,email,Note\n"
GOOD = "u1,2025-09-24,10.50,u1@example.com,=1+1\n"
SHOP = (
    HEADER
    + GOOD
    + (
        'u2,yesterday,10.50,u2@example.com,"two, or\nmore"\n'
        'u3,2025-09-24,"12,55",+49301,"she said ""no"""\n'
        "u4,2025-09-24,7.25,u4@example.com,one,too many\n"
        "00123,2025-09-24,-1,u5@example.com,@risk\n"
        "u6,2025-09-23,3.25,u6@example.com,earlier\n"
        "u6,2025-09-24,3.25,u6@example.com,later\n"
    )
)


def run_of(folder: Path, text: str = SHOP, *repaired: Path, name: str = "shop.csv") -> Run:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    repairs = read_repairs(repaired, ReadOptions())
    intake = read_customers([path], options=ReadOptions(repairs=repairs))
    return analyze(intake, load_policy("aov-buckets"), Settings(sizes=Sizes(min_size=1)))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The shop's run as its file is, which tests only read."""
    return run_of(tmp_path_factory.mktemp("shop"))


def kept(folder: Path, run: Run, *changes: tuple[str, str], profile: str = "machine") -> Path:
    """Write the quarantine of a run with some texts replaced."""
    (content,) = quarantine_files(run.quarantine, "spreadsheet" if profile == "spreadsheet" else "machine").values()
    text = content.decode("utf-8-sig")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "quarantine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def people(run: Run) -> set[str]:
    return set(run.segmentation.customers["user_id"])


def test_each_rejected_row_is_there_whole_and_a_row_without_cells_keeps_its_text(before: Run) -> None:
    rows = before.quarantine
    assert rows["line"].tolist() == [3, 5, 6, 7, 8]
    assert rows["suggestion"].tolist() == ["", "12.55", "", "", ""]
    originals = [json.loads(text, strict=False) for text in rows["original"]]
    assert list(originals[0].values()) == ["u2", "yesterday", "10.50", "u2@example.com", "two, or\nmore"]
    assert originals[1]["Note"] == 'she said "no"'
    assert set(originals[2].values()) == {""}
    assert rows["value"][2] == "u4,2025-09-24,7.25,u4@example.com,one,too many"
    assert originals[4]["Note"] == "earlier"


@pytest.mark.parametrize("profile", ["machine", "spreadsheet"])
@pytest.mark.parametrize("name", ["shop.csv", "shop.csv.gz"])
def test_a_repaired_run_is_the_run_of_the_repaired_file(tmp_path: Path, profile: str, name: str) -> None:
    before = run_of(tmp_path, name=name)
    path = kept(
        tmp_path,
        before,
        (",u2,yesterday", ",u2,2025-09-22"),
        ('2025-09-24,"12,55"', "2025-09-24,12.55"),
        ('"u4,2025-09-24,7.25,u4@example.com,one,too many"', '"u4,2025-09-24,7.25,u4@example.com,""one,too many"""'),
        ("00123,2025-09-24,-1" if profile == "machine" else "00123,2025-09-24,'-1", "00123,2025-09-24,1"),
        profile=profile,
    )
    after = run_of(tmp_path, SHOP, path, name=name)
    by_hand = SHOP.replace("yesterday", "2025-09-22").replace('"12,55"', "12.55").replace(",-1,", ",1,")
    same = run_of(tmp_path, by_hand.replace("one,too many", '"one,too many"'), name=name)
    assert after.repairs is not None
    assert (after.repairs.before, after.repairs.repaired, after.repairs.still_set_aside) == (5, 4, 1)
    assert after.segmentation.customers.equals(same.segmentation.customers)
    assert after.quarantine.equals(same.quarantine)
    assert after.accounting == same.accounting
    assert after.input_hash != before.input_hash
    assert after.warnings[0].startswith("4 of the 5 rows that were set aside are repaired, 1 are still")


def test_a_file_that_a_spreadsheet_saved_gives_the_same(tmp_path: Path, before: Run) -> None:
    path = kept(tmp_path, before, (",00123,2025-09-24,'-1", ",123,2025-09-24,1"), profile="spreadsheet")
    text = path.read_text(encoding="utf-8")
    assert "'+49301" in text
    assert "'@risk" in text
    lines = text.replace('"12,55"', "12,55 kept apart").replace(",", ";").replace("12;55 kept apart", "12,55")
    path.write_text(lines, encoding="cp1252", newline="\r\n")
    after = run_of(tmp_path, SHOP, path)
    row = after.segmentation.customers.set_index("user_id").loc["00123"]
    assert row["avg_order_value"] == 1
    kept_rows = [run.quarantine.set_index("line")["original"].to_dict()[5] for run in (before, after)]
    assert kept_rows[0] == kept_rows[1]


def test_rows_left_as_they_are_or_deleted_stay_set_aside(tmp_path: Path, before: Run) -> None:
    after = run_of(tmp_path, SHOP, kept(tmp_path, before))
    assert after.quarantine.equals(before.quarantine)
    assert people(after) == people(before) == {"u1", "u6"}
    path = tmp_path / "quarantine.csv"
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:1]), encoding="utf-8")
    assert run_of(tmp_path, SHOP, path).quarantine.equals(before.quarantine)


def test_cells_filled_in_for_a_row_that_had_none_are_read(tmp_path: Path, before: Run) -> None:
    path = kept(tmp_path, before, ("too_many_fields,1,,,,,,", "too_many_fields,1,,u4,2025-09-24,7.25,u4@example.com,"))
    assert "u4" in people(run_of(tmp_path, SHOP, path))


def test_a_half_repaired_row_is_shown_as_it_was_repaired(tmp_path: Path, before: Run) -> None:
    path = kept(tmp_path, before, (",u2,yesterday,10.50", ",u2,today,11.50"))
    again = run_of(tmp_path, SHOP, path).quarantine
    assert (again["value"][0], json.loads(again["original"][0], strict=False)["avg_order_value"]) == ("today", "11.50")


def test_a_row_that_was_not_set_aside_is_refused_because_it_would_enter_twice(tmp_path: Path, before: Run) -> None:
    path = kept(tmp_path, before, ("shop.csv,3,", "shop.csv,2,"))
    with pytest.raises(ContractError, match="would count twice"):
        run_of(tmp_path, SHOP, path)


def test_a_row_that_then_repeats_another_sets_one_aside(tmp_path: Path, before: Run) -> None:
    path = kept(tmp_path, before, (",u2,yesterday,10.50,u2@example.com", ",u1,2025-09-24,11.50,u1@example.com"))
    account = run_of(tmp_path, SHOP, path).repairs
    assert account is not None
    assert (account.repaired, account.still_set_aside, account.newly_set_aside) == (0, 5, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("shop.csv,3,", "other.csv,3,"), "other.csv: rows of this file are repaired"),
        (("shop.csv,3,", "shop.csv,five,"), "'five' is not a line"),
        (("shop.csv,3,", "shop.csv,5,"), "'5' is not a line of shop.csv, or is listed twice"),
        (("reason,faults", "reason,count"), "not a quarantine file of this program"),
        ((",Note\n", ",Remark\n"), "the columns of the corrected rows are not those of the file"),
    ],
)
def test_a_file_that_cannot_be_a_repair_says_why(
    tmp_path: Path, before: Run, change: tuple[str, str], told: str
) -> None:
    path = kept(tmp_path, before, change)
    with pytest.raises(InputError, match=told):
        run_of(tmp_path, SHOP, path)


def test_files_with_other_headers_get_files_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    texts = (HEADER + GOOD + "a2,never ever,1,,\n", "user_id,cart_abandoned_date\nb1,2025-09-24\nb2,soon\n", HEADER)
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text + ("c1,x,1,,\nc2,2025-09-24,1,,\n" if path.name == "c.csv" else ""), encoding="utf-8")
    files = quarantine_files(read_customers(paths).quarantine, "machine")
    assert files["quarantine.csv"].decode().splitlines()[1:] == [
        "a.csv,3,cart_abandoned_date,never ever,not_a_date,1,,a2,never ever,1,,",
        "c.csv,2,cart_abandoned_date,x,not_a_date,1,,c1,x,1,,",
    ]
    assert files["quarantine-2.csv"].decode() == (
        "file,line,column,value,reason,faults,suggestion,user_id,cart_abandoned_date\n"
        "b.csv,3,cart_abandoned_date,soon,not_a_date,1,,b2,soon\n"
    )


def test_lines_of_json_are_repaired_by_their_cells(tmp_path: Path) -> None:
    rows = [
        {"user_id": name, "cart_abandoned_date": day, "avg_order_value": 1}
        for name, day in (("a", "2025-09-24"), ("b", "x"))
    ]
    text = "".join(f"{json.dumps(row)}\n" for row in rows) + '{"us\n'
    before = run_of(tmp_path, text, name="shop.jsonl")
    change = [(",b,x", ",b,2025-09-24"), ("not_json,1,,,,", "not_json,1,,c,2025-09-23,2")]
    after = run_of(tmp_path, text, kept(tmp_path, before, *change), name="shop.jsonl")
    assert people(after) == {"a", "b", "c"}


def test_headers_that_spreadsheets_run_or_that_repeat_come_back(tmp_path: Path) -> None:
    text = '=x,user_id,"a, b",cart_abandoned_date,avg_order_value,"a, b"\n1,u1,2,2025-09-24,3,9\n4,u2,5,x,6,9\n'
    path = kept(tmp_path, run_of(tmp_path, text), (",x,6", ",2025-09-23,6"), profile="spreadsheet")
    assert "suggestion,'=x,user_id" in path.read_text(encoding="utf-8")
    assert people(run_of(tmp_path, text, path)) == {"u1", "u2"}


def test_a_large_file_is_looked_up_only_where_rows_were_set_aside(tmp_path: Path) -> None:
    lines = [f"u{number},2025-09-24,{number},u{number}@example.com,n{number}\n" for number in range(200_000)]
    lines[150_000] = "u150000,x,1,,found\n"
    text = HEADER + "".join(lines)
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    intake = read_customers([path])
    assert len(intake.originals) == 1
    assert json.loads(intake.quarantine["original"][0])["Note"] == "found"


def test_an_account_that_does_not_add_up_stops_the_run() -> None:
    from analysis.accounting import RepairAccount  # noqa: PLC0415 - the only test of it alone

    with pytest.raises(InvariantError, match="repaired"):
        RepairAccount(before=3, repaired=1, still_set_aside=1, newly_set_aside=0)


def test_no_file_at_all_is_still_refused() -> None:
    with pytest.raises(SourceError, match="no input file"):
        read_customers([])


FIXED = '"{""user_id"": ""007"", ""cart_abandoned_date"": ""2025-09-24"", ""k"": {""n"": 1}}"'


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (",,,\n", "u2,2025-09-24,5,\n", {"u1", "u2"}),
        (
            "{broken",
            '"{""user_id"": ""007"", ""cart_abandoned_date"": ""2025-09-24"", ""k"": {""n"": 1}}"',
            {"u1", "007"},
        ),
        ("{broken", "{still broken", {"u1"}),
        ("{broken", "[1]", {"u1"}),
    ],
)
def test_a_line_of_json_is_repaired_by_its_cells_or_by_its_text(
    old: str, new: str, found: set[str], tmp_path: Path
) -> None:
    text = '{"user_id": "u1", "cart_abandoned_date": "2025-09-24", "avg_order_value": 5, "k": {"n": 1}}\n{broken\n'
    before = run_of(tmp_path, text, name="shop.jsonl")
    assert people(before) == {"u1"}
    after = run_of(tmp_path, text, kept(tmp_path, before, (old, new)), name="shop.jsonl")
    assert people(after) == found
    assert after.repairs is not None
    assert after.repairs.repaired == len(found) - 1
