"""Tables of experiments: any layout and labels, every row accounted for, refused with one clear message."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_table import BLANK, OutcomeTable, read_outcomes
from retention.errors import ContractError, InputError, OptionError, SourceError
from tests.mailing import ARMS, mailing, mailing_file
from tests.real_data import whole

COLUMNS = OutcomeColumns("Arm", "bought", "money", "segment", "", "before")
WITH_ID = OutcomeColumns("Arm", "bought", "money", "", "id")
HEADER = "id,Arm,segment,bought,money,before\n"
ROWS = "a,hold,VIP,0,0,3\nb,mail,VIP,1,20.50,4\nc,mail,Rest,no,0,5\nd,hold,Rest,YES,7,6\n"


def read(folder: Path, text: str | bytes, columns: OutcomeColumns = COLUMNS, control: str = "hold") -> OutcomeTable:
    path = folder / "outcomes.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_outcomes(path, columns, control=control)


def test_labels_outcomes_and_money_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + ROWS)
    seen = table.observations
    assert seen.arms == ("hold", "mail")
    assert seen.arm.tolist() == [0, 1, 1, 0]
    assert seen.converted.tolist() == [False, True, False, True]
    assert seen.revenue is not None
    assert seen.revenue.tolist() == [0, 20.5, 0, 7]
    assert seen.groups == ("Rest", "VIP")
    assert seen.group is not None
    assert seen.group.tolist() == [1, 1, 0, 0]
    assert seen.covariate is not None
    assert seen.covariate.tolist() == [3, 4, 5, 6]
    assert (table.read, dict(table.left_out), table.assigned) == (4, {}, (2, 2))


@pytest.mark.parametrize(
    "text",
    [
        (HEADER + ROWS).replace(",", ";").encode(),
        ("\ufeff" + HEADER + ROWS).encode(),
        (HEADER + ROWS).encode("utf-16"),
        (HEADER + ROWS).replace("\n", "\r\n").encode(),
        gzip.compress((HEADER + ROWS).encode()),
        lzma.compress((HEADER + ROWS).encode()),
        b'"id","Arm","segment","bought","money","before"\n' + ROWS.encode(),
        (HEADER + ROWS).replace("Arm", " arm ").encode(),
        (HEADER + ROWS).replace("20.50", '"20,50"').replace("VIP", "Größe").encode("cp1252"),
    ],
    ids=["semicolons", "BOM", "UTF-16", "CRLF", "gzip", "xz", "quoted header", "other case", "Windows-1252"],
)
def test_any_way_of_writing_it_gives_the_same(tmp_path: Path, text: bytes) -> None:
    seen = read(tmp_path, text).observations
    assert seen.arm.tolist() == [0, 1, 1, 0]
    assert seen.converted.tolist() == [False, True, False, True]
    assert seen.revenue is not None
    assert seen.revenue.tolist() == [0, 20.5, 0, 7]


@pytest.mark.parametrize("kind", ["parquet", "xlsx", "jsonl"])
def test_other_kinds_of_files_give_the_same(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(
        {"Arm": ["hold", "mail", "mail", None], "bought": [True, False, True, True], "money": [1.25, 0.0, 3.0, 2.0]}
    )
    path = tmp_path / f"outcomes.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True)
    table = read_outcomes(path, OutcomeColumns("Arm", "bought", "money"), control="hold")
    assert table.observations.converted.tolist() == [True, False, True]
    assert table.observations.revenue is not None
    assert table.observations.revenue.tolist() == [1.25, 0.0, 3.0]
    assert dict(table.left_out) == {"missing_arm": 1}


def test_rows_that_cannot_be_used_are_counted_by_reason(tmp_path: Path) -> None:
    more = "e,,VIP,1,1,1\nf,mail,VIP,,1,1\ng,mail,VIP,1,,1\nh,mail,VIP,0,,1\ni,mail,VIP\n"
    table = read(tmp_path, HEADER + ROWS + more)
    assert table.read == 9
    assert dict(table.left_out) == {
        "missing_arm": 1, "missing_outcome": 1, "missing_revenue": 1, "too_few_fields": 1
    }  # fmt: skip
    assert table.assigned == (2, 5)
    assert any("1 customer without conversion and without revenue" in note for note in table.notes)


def test_a_blank_group_is_a_group_and_a_blank_covariate_counts_with_the_mean(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + ROWS + "e,mail,,1,1,\n")
    assert table.observations.groups == (BLANK, "Rest", "VIP")
    assert table.observations.covariate is not None
    assert table.observations.covariate[-1] == 4.5
    assert any("without a covariate" in note for note in table.notes)


def test_refunds_count_and_are_told(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + ROWS + "e,mail,VIP,1,-9.5,1\n")
    assert table.observations.revenue is not None
    assert table.observations.revenue.min() == -9.5
    assert any("negative revenue" in note for note in table.notes)


def test_without_an_identifier_every_row_is_a_person(tmp_path: Path) -> None:
    assert len(read(tmp_path, HEADER + ROWS * 3).observations.arm) == 12


def test_with_an_identifier_a_customer_counts_once(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + ROWS * 2 + "b,mail,VIP,0,4,4\n,mail,VIP,1,1,1\n", WITH_ID)
    assert len(table.observations.arm) == 4
    assert dict(table.left_out) == {"missing_id": 1, "repeated_row": 4, "added_to_customer": 1}
    assert table.observations.revenue is not None
    assert sorted(table.observations.revenue) == [0, 0, 7, 24.5]
    assert table.observations.converted.sum() == 2


def test_identifiers_are_compared_as_text(tmp_path: Path) -> None:
    table = read(tmp_path, "id,Arm,bought,money\n007,hold,0,0\n7,mail,1,2\n", WITH_ID)
    assert table.assigned == (1, 1)


def test_a_customer_in_two_arms_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"line 6: 1 customer has several values of 'Arm'"):
        read(tmp_path, HEADER + ROWS + "a,mail,VIP,0,0,3\n", WITH_ID)


@pytest.mark.parametrize(
    ("text", "control", "message"),
    [
        (HEADER.replace("bought", "buoght") + ROWS, "hold", "are missing: 'bought'. Did you mean to rename 'buoght'"),
        (HEADER + ROWS, "holdout", "no row of 'Arm' is 'holdout'. Did you mean 'hold'? Known: hold, mail"),
        (HEADER + ROWS, "zzz", "no row of 'Arm' is 'zzz'. Known: hold, mail"),
        (HEADER + "a,hold,VIP,0,0,3\n", "hold", "all rows of 'Arm' are in one arm"),
        (HEADER + ROWS + "e,mail,VIP,2,0,1\nf,mail,VIP,3,0,1\n", "hold", "line 6: 2 cells of 'bought' must be 0 or 1"),
        (HEADER + ROWS + "e,mail,VIP,1,lots,1\n", "hold", "line 6: 1 cell of 'money' cannot be read as a number"),
        (HEADER + ROWS + "e,mail,VIP,1,inf,1\n", "hold", "line 6: 1 cell of 'money' cannot be read as a number"),
        (HEADER + ROWS + "e,mail,VIP,1,1,x\n", "hold", "line 6: 1 cell of 'before' cannot be read as a number"),
        (HEADER, "hold", "a header but no row"),
        ("", "hold", "the file is empty"),
        (HEADER + "".join(f"{i},arm {i},VIP,0,0,1\n" for i in range(30)), "arm 1", "30 different values"),
        (HEADER + "a,hold,VIP,,0,3\nb,mail,VIP,,0,3\n", "hold", "no row has an arm and an outcome"),
        ("id,Arm,arm,segment,bought,money,before\n" + "a,b,c,d,0,0,0\n", "hold", "'Arm' more than once"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_one_message(tmp_path: Path, text: str, control: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, text, control=control)
    assert message.casefold() in str(refused.value).casefold()


def test_a_column_of_people_named_as_arms_is_not_repeated(tmp_path: Path) -> None:
    text = "id,who,bought\nann@example.com,ann@example.com,1\nbob@example.com,bob@example.com,0\n"
    for control in ("hold", "bob@example.co"):
        with pytest.raises(ContractError, match="No two rows") as refused:
            read(tmp_path, text, OutcomeColumns("who", "bought"), control)
        assert "ann@" not in str(refused.value)


def test_blank_arms_are_no_labels(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="All its cells are blank"):
        read(tmp_path, "arm,bought\n,1\n,0\n", OutcomeColumns("arm", "bought"))


@pytest.mark.parametrize(("arm", "outcome"), [("", "bought"), ("arm", " ")])
def test_the_arm_and_the_outcome_need_a_column(tmp_path: Path, arm: str, outcome: str) -> None:
    with pytest.raises(OptionError, match="no column is given"):
        read(tmp_path, HEADER + ROWS, OutcomeColumns(arm, outcome))


def test_a_column_has_one_meaning() -> None:
    with pytest.raises(OptionError, match="the column 'Arm' is given two roles"):
        OutcomeColumns("Arm", "bought", group="arm")


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder"):
        read_outcomes(tmp_path, COLUMNS, control="hold")
    with pytest.raises(SourceError, match="cannot be opened"):
        read_outcomes(tmp_path / "none.csv", COLUMNS, control="hold")


@given(
    st.lists(
        st.tuples(st.sampled_from(["hold", "mail", " mail ", "", "x"]), st.sampled_from(["0", "1", "", "yes", "nan"])),
        min_size=1,
        max_size=40,
    )
)
def test_no_row_is_ever_lost(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    cells = [("hold", "0"), ("mail", "1"), *rows]
    text = "Arm,bought\n" + "".join(f'"{arm}",{outcome}\n' for arm, outcome in cells)
    table = read(tmp_path, text, OutcomeColumns("Arm", "bought"))
    used = [(arm.strip(), outcome) for arm, outcome in cells if arm.strip() and outcome not in ("", "nan")]
    assert len(table.observations.arm) == len(used)
    assert table.observations.converted.sum() == sum(outcome in ("1", "yes") for _, outcome in used)
    assert table.read == len(cells)
    assert sum(table.assigned) == sum(bool(arm.strip()) for arm, _ in cells)
    labels = [table.observations.arms[code] for code in table.observations.arm]
    assert labels == [arm for arm, _ in used]


def test_rows_that_repeat_are_distinct_people_where_no_column_names_them(tmp_path: Path) -> None:
    made = mailing()
    assert made.duplicated().sum() > 500
    table = read_outcomes(
        mailing_file(tmp_path, made), OutcomeColumns("segment", "conversion", "spend"), control=ARMS[0]
    )
    assert table.assigned == (3_000, 3_000, 3_000)
    assert table.observations.converted.sum() == made["conversion"].sum()
    assert table.observations.revenue is not None
    assert np.isclose(table.observations.revenue.sum(), made["spend"].sum())


def test_the_real_experiment_is_read_whole() -> None:
    path = whole("hillstrom/hillstrom.csv.gz", "the published sizes of its arms")
    table = read_outcomes(path, OutcomeColumns("segment", "conversion", "spend"), control="No E-Mail")
    assert table.assigned == (21_306, 21_307, 21_387)
    assert table.observations.revenue is not None
    # 6,562 rows repeat an earlier one, and are distinct people.
    assert np.isclose(table.observations.revenue.sum(), pd.read_csv(path)["spend"].sum())
