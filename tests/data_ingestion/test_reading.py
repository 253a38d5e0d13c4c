import gzip
import hashlib
import os
import re
from pathlib import Path

import numpy as np
import pytest

from cli.inputs.read_options import limits_of
from cli.shown.setting_names import message
from data_ingestion import SAMPLE, ReadLimits, ReadOptions, read_customers, sample_bytes
from retention.errors import ContractError, OptionError, PeriodError, SourceError
from tests.data_ingestion.conftest import Read

HEADER = "user_id,cart_abandoned_date,region\n"


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_sample_is_read_whole() -> None:
    intake = read_customers([SAMPLE])
    assert (intake.read, len(intake.rows), len(intake.quarantine)) == (24, 24, 0)
    assert intake.sources[0].sha256 == hashlib.sha256(sample_bytes()).hexdigest()
    assert SAMPLE.exists()


def test_headers_match_after_trimming_and_folding_case(read: Read) -> None:
    intake = read(" USER_ID ,Cart_Abandoned_Date,\ufeffx,,region\na,2025-09-01,1,2,North\n")
    assert list(intake.rows.columns) == ["user_id", "cart_abandoned_date", "region"]
    assert intake.sources[0].ignored == ("\ufeffx", "column 4")


def test_rows_hold_the_contract_columns_in_contract_order(read: Read) -> None:
    intake = read("region,avg_order_value,user_id,note,cart_abandoned_date\nNorth,1,a,x,2025-09-01\n")
    assert list(intake.rows.columns) == [
        "user_id",
        "cart_abandoned_date",
        "avg_order_value",
        "profitability_score",
        "region",
        "derived",
    ]
    assert intake.sources[0].columns == ("region", "avg_order_value", "user_id", "cart_abandoned_date")
    assert intake.sources[0].ignored == ("note",)


def test_several_files_are_one_table_with_lines_per_file(tmp_path: Path) -> None:
    first = put(tmp_path, "one.csv", HEADER + "a,2025-09-01,North\nb,bad,North\n")
    second = put(tmp_path, "two.csv", "cart_abandoned_date;user_id;email\n2025-09-02;c;c@example.com\nbad;d;\n")
    intake = read_customers([first, second])
    assert intake.rows["user_id"].tolist() == ["a", "c"]
    assert intake.rows["region"].isna().tolist() == [False, True]
    assert intake.rows["email"].isna().tolist() == [True, False]
    assert intake.quarantine[["file", "line"]].values.tolist() == [["one.csv", 3], ["two.csv", 3]]
    assert [(source.rows_read, source.rows_quarantined) for source in intake.sources] == [(2, 1), (2, 1)]
    assert intake.locate(np.array([1, 0])).values.tolist() == [["two.csv", 2], ["one.csv", 2]]


def test_files_of_one_name_are_told_apart_and_no_path_is_shown(tmp_path: Path) -> None:
    paths = [put(tmp_path / folder, "x.csv", HEADER + f"{folder},bad,\n{folder},2025-09-01,\n") for folder in "ab"]
    intake = read_customers(paths)
    assert [source.name for source in intake.sources] == ["x.csv", "x.csv (2)"]
    assert intake.quarantine["file"].tolist() == ["x.csv", "x.csv (2)"]


def test_the_input_hash_depends_on_content_and_order_only(tmp_path: Path) -> None:
    one, two = put(tmp_path, "1.csv", HEADER + "a,2025-09-01,\n"), put(tmp_path, "2.csv", HEADER + "b,2025-09-01,\n")
    copy = put(tmp_path, "copy.csv", HEADER + "a,2025-09-01,\n")
    assert read_customers([one, two]).input_hash == read_customers([copy, two]).input_hash
    assert read_customers([one, two]).input_hash != read_customers([two, one]).input_hash


def test_the_hash_is_of_the_raw_bytes_of_a_compressed_file(read: Read) -> None:
    packed = gzip.compress((HEADER + "a,2025-09-01,\n").encode())
    assert read(packed).sources[0].sha256 == hashlib.sha256(packed).hexdigest()


def test_two_currencies_in_two_files_are_refused(tmp_path: Path) -> None:
    top = "user_id,cart_abandoned_date,currency\n"
    paths = [put(tmp_path, f"{code}.csv", top + f"{code},2025-09-01,{code}\n") for code in ("EUR", "USD")]
    with pytest.raises(ContractError, match=r"2 currencies \(EUR, USD\)"):
        read_customers(paths)


def test_the_currency_of_a_rejected_row_does_not_count(read: Read) -> None:
    intake = read("user_id,cart_abandoned_date,currency\na,2025-09-01,eur\nb,2025-09-01, EUR \nc,bad,USD\n")
    assert len(intake.rows) == 2


def test_progress_ends_at_one(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    path = put(tmp_path, "x.csv", HEADER + "a,2025-09-01,\n" * 5)
    read_customers([path], progress=lambda name, fraction: seen.append((name, fraction)))
    assert seen[-1] == ("x.csv", 1.0)
    assert [fraction for _, fraction in seen] == sorted(fraction for _, fraction in seen)


def test_a_file_of_many_blocks_keeps_order_and_lines(read: Read) -> None:
    body = [f'u{i},2025-09-01,"{"x" * 60}"\n' for i in range(120_000)]
    body[70_000] = "u70000,bad,\n"
    body[90_000] = '"q"z,2025-09-01,\n'
    intake = read(HEADER + "".join(body))
    assert intake.quarantine["line"].tolist() == [70_002, 90_002]
    assert intake.rows["user_id"].tolist() == [f"u{i}" for i in range(120_000) if i not in {70_000, 90_000}]
    assert intake.locate(np.array([0, 70_000, 119_997]))["line"].tolist() == [2, 70_003, 120_001]


def test_a_cp1252_file_is_read_with_a_warning(read: Read) -> None:
    intake = read((HEADER + "Müller,2025-09-01,Süd\n").encode("cp1252"))
    assert intake.rows["user_id"].tolist() == ["Müller"]
    assert intake.sources[0].encoding == "cp1252"
    said = "it was read as Western (Windows-1252), and every encoding that fits gives the same text"
    assert intake.warnings == (f"customers.csv is not UTF-8; {said}",)


def test_identifiers_with_the_apostrophe_of_an_export_are_kept_and_counted(read: Read) -> None:
    intake = read(HEADER + "'00123,2025-09-01,\n00123,2025-09-01,\n")
    assert intake.rows["user_id"].tolist() == ["'00123", "00123"]
    assert intake.warnings[0].startswith("1 cell of user_id with an apostrophe at the start")


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_spreadsheets_separator_line_is_passed_over_and_counted(read: Read, end: str) -> None:
    intake = read(end.join(["sep=;", "user_id;cart_abandoned_date", "a;bad", "b;2025-09-01", ""]))
    assert (intake.accepted, intake.quarantine["line"].tolist()) == (1, [3])


@pytest.mark.parametrize("row", ['"a\nb",2025-09-01,5,more', '"a\r\nb",2025-09-01,5,more,"and\nmore"'])
def test_a_row_with_an_extra_cell_and_a_line_break_is_set_aside(read: Read, row: str) -> None:
    intake = read(f"{HEADER}c,2025-09-01,1\n{row}\nd,2025-09-01,2\n")
    assert intake.rows["user_id"].tolist() == ["c", "d"]
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[3, "too_many_fields"]]


def test_a_column_that_the_analysis_computes_is_ignored_with_a_warning(read: Read) -> None:
    intake = read("user_id,cart_abandoned_date,days_since_last_order\na,2025-09-01,5\n")
    assert "days_since_last_order" not in intake.rows
    assert "ignored days_since_last_order" in intake.warnings[0]


def test_missing_scores_are_derived_counted_and_marked(read: Read) -> None:
    text = "user_id,cart_abandoned_date,avg_order_value,sessions_last_30d,engagement_score,profitability_score\n"
    intake = read(text + "a,2025-09-01,100,6,,\nb,2025-09-01,100,6,0.9,0.1\nc,2025-09-01,,,,\n")
    assert intake.rows["engagement_score"].tolist()[:2] == [0.5, 0.9]
    assert intake.rows["profitability_score"].tolist()[:2] == [0.5, 0.1]
    assert intake.rows[["engagement_score", "profitability_score"]].iloc[2].isna().all()
    assert intake.rows["derived"].tolist() == ["engagement_score;profitability_score", "", ""]
    assert [(one.column, one.rows) for one in intake.derived] == [("engagement_score", 1), ("profitability_score", 1)]
    assert len(intake.warnings) == 2


def test_nothing_derived_adds_no_marker(read: Read) -> None:
    intake = read(HEADER + "a,2025-09-01,North\n")
    assert "derived" not in intake.rows
    assert intake.derived == ()


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (ReadLimits(rows=3), "more than 3 rows"),
        (ReadLimits(columns=2), "more than 2 columns"),
        (ReadLimits(decoded_bytes=50), "more than 50 bytes"),
    ],
)
def test_a_file_over_a_limit_is_refused_and_read_as_the_error_advises(
    limits: ReadLimits, match: str, read: Read
) -> None:
    text = HEADER + "a,2025-09-01,\n" * 5
    with pytest.raises(SourceError, match=match) as refused:
        read(text, limits=limits)
    advice = re.search(r"--limits (\w+=\d+)$", message(refused.value))
    assert advice is not None
    assert read(text, limits=limits_of(advice[1])).read == 5


def test_a_small_file_that_decodes_to_a_huge_one_is_refused_while_reading(read: Read) -> None:
    bomb = gzip.compress((HEADER + "a,2025-09-01,\n").encode() + b"b,2025-09-01,x\n" * 2_000_000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        read(bomb, limits=ReadLimits(decoded_bytes=10_000_000))


def test_a_line_without_end_is_refused_naming_it(read: Read) -> None:
    with pytest.raises(SourceError, match="starts on line 3 is longer than 1,000 bytes"):
        read(HEADER + "a,2025-09-01,\nb" + "x" * 9_000_000, limits=ReadLimits(record_bytes=1_000))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv: the file cannot be opened"):
        read_customers([tmp_path / "gone.csv"])
    with pytest.raises(SourceError, match="is a folder"):
        read_customers([tmp_path])
    with pytest.raises(SourceError, match=r"^\.: the input is a folder"):
        read_customers([Path()])
    with pytest.raises(SourceError, match="no input file"):
        read_customers([])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(SourceError, match=r"pipe\.csv: the input is a pipe"):
        read_customers([tmp_path / "pipe.csv"])


def test_options_are_checked() -> None:
    with pytest.raises(OptionError, match="date order 'ydm' is not known"):
        ReadOptions(date_order="ydm")  # type: ignore[arg-type]
    with pytest.raises(PeriodError, match="Mars/Base"):
        ReadOptions(timezone="Mars/Base")
    with pytest.raises(OptionError, match="the limit rows"):
        ReadLimits(rows=0)
    with pytest.raises(OptionError, match="threads"):
        ReadOptions(threads=0)


def test_threads_change_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", HEADER + "".join(f"u{i},2025-09-0{i % 9 + 1},{'y' * 50}\n" for i in range(100_000)))
    one, four = (read_customers([path], options=ReadOptions(threads=threads)) for threads in (1, 4))
    assert one.rows.equals(four.rows)


def test_a_header_that_is_cp1252_is_read_as_such(read: Read) -> None:
    intake = read("user_id,cart_abandoned_date,Größe\na,2025-09-01,1\n".encode("cp1252"))
    assert intake.sources[0].ignored == ("Größe",)


def test_a_column_of_any_kind_that_one_file_lacks_is_missing_there(tmp_path: Path) -> None:
    top = "user_id,cart_abandoned_date"
    full = put(
        tmp_path, "1.csv", f"{top},last_order_date,cart_value,email_consent,zip\na,2025-09-01,2025-08-01,5,yes,01\n"
    )
    bare = put(tmp_path, "2.csv", f"{top}\nb,2025-09-01\n")
    rows = read_customers([full, bare]).rows
    assert rows.notna().to_numpy().tolist() == [[True] * 6, [True, True, False, False, False, False]]
    assert str(rows["email_consent"].dtype) == "boolean"
    assert str(rows["last_order_date"].dtype) == "datetime64[us, UTC]"


def test_a_damaged_header_quote_is_named(read: Read) -> None:
    with pytest.raises(SourceError, match="the first line is not a header"):
        read('"user_id"x,cart_abandoned_date\na,2025-09-01\n')


def test_text_in_the_place_of_a_currency_is_counted_and_not_repeated(read: Read) -> None:
    header = "user_id,cart_abandoned_date,currency,avg_order_value\n"
    with pytest.raises(ContractError, match=r"in 2 currencies \(USD; 1 not known\)") as caught:
        read(f"{header}a,2025-09-01,ann@example.com,5\nb,2025-09-01,USD,5\n")
    assert "ANN" not in str(caught.value).upper()
