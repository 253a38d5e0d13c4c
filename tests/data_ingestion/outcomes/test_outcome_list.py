"""Lists of outcomes: usual and named columns, one row per customer, every row accounted for."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from data_ingestion.outcomes.columns import OutcomeColumns
from data_ingestion.outcomes.outcome_list import OutcomeList, is_outcome_list, read_outcome_list
from retention.errors import ContractError, OptionError, SourceError


def write(folder: Path, text: str, name: str = "outcomes.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str, columns: OutcomeColumns | None = None) -> OutcomeList:
    return read_outcome_list([write(folder, text)], columns)


def test_usual_columns_are_found_in_any_case(tmp_path: Path) -> None:
    found = read(tmp_path, "Customer_ID;Converted;Revenue;other\na;yes;1.5;x\nb;no;;y\n")
    assert found.complete
    assert found.customers.to_dict("list") == {
        "customer": ["a", "b"],
        "unknown": [False, False],
        "converted": [True, False],
        "revenue": [1.5, 0.0],
    }


def test_named_columns_win_over_usual_ones(tmp_path: Path) -> None:
    text = "user_id,buyer,converted,came back\na,x,1,0\nb,y,1,1\n"
    found = read(tmp_path, text, OutcomeColumns(customer="buyer", outcome="came back"))
    assert found.customers["customer"].tolist() == ["x", "y"]
    assert found.customers["converted"].tolist() == [False, True]


def test_rows_of_one_customer_are_added_up_and_equal_ones_count_once(tmp_path: Path) -> None:
    found = read(tmp_path, "id,converted,revenue\na,1,2\na,1,3\na,1,3\nb,0,\n,1,4\n")
    assert found.customers.set_index("customer")["revenue"].to_dict() == {"a": 5.0, "b": 0.0}
    assert found.left_out == {"missing_id": 1, "repeated_row": 1, "added_to_customer": 1}


def test_what_is_not_known_is_marked(tmp_path: Path) -> None:
    found = read(tmp_path, "id,converted,revenue\na,,\nb,1,\nc,0,\nd,1,0\n")
    assert found.customers.set_index("customer")["unknown"].to_dict() == {"a": True, "b": True, "c": False, "d": False}


def test_buyers_alone_are_no_complete_list(tmp_path: Path) -> None:
    assert not read(tmp_path, "id,converted\na,1\nb,1\n").complete
    assert read(tmp_path, "id,converted\na,1\nb,0\n").complete


def test_several_files_are_one_list(tmp_path: Path) -> None:
    one = write(tmp_path, "id,converted\na,1\nb,1\n", "one.csv")
    other = write(tmp_path, "id,converted\nb,0\nc,1\n", "other.csv")
    found = read_outcome_list([one, other])
    assert found.customers.set_index("customer")["converted"].to_dict() == {"a": True, "b": True, "c": True}
    assert found.complete
    third = write(tmp_path, "id,converted,revenue\nd,1,4\n", "third.csv")
    with pytest.raises(ContractError, match="do not have the same columns"):
        read_outcome_list([one, third])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,converted\na,2\n", "must be 0 or 1"),
        ("id,converted,revenue\na,1,much\n", "cannot be read as a number"),
        ("id,converted\na,1\nb,\n", "1 outcome is blank and none says no"),
        ("id,converted\n,1\n", "no row names a customer"),
        ("id,converted,covariate\na,1,\n", "holds no number"),
        ("id,other\na,1\n", "required columns are missing: 'converted'"),
    ],
)
def test_what_cannot_be_used_is_refused_without_naming_a_customer(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ContractError) as refused:
        read(tmp_path, text)
    assert message in str(refused.value)
    assert "much" not in str(refused.value)


def test_a_list_without_rows_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read(tmp_path, "id,converted\n")
    with pytest.raises(SourceError):
        is_outcome_list(tmp_path)
    with pytest.raises(OptionError, match="two roles"):
        OutcomeColumns(customer="a", outcome="A")


@pytest.mark.parametrize(
    ("header", "expected"),
    [("id,converted", True), ("EMAIL,Bought", True), ("user_id,event_type,event_time", False), ("converted,x", False)],
)
def test_a_list_is_known_by_its_columns(tmp_path: Path, header: str, expected: bool) -> None:
    path = write(tmp_path, f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    assert is_outcome_list(path) is expected


ROW = st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["0", "1"]), st.sampled_from(["", "0", "2.5"]))


@given(rows=st.lists(ROW, min_size=1, max_size=12).filter(lambda rows: any(row[0] for row in rows)))
def test_every_row_is_a_customer_or_left_out(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    text = "id,converted,revenue\n" + "".join(f"{','.join(row)}\n" for row in rows)
    found = read(tmp_path_factory.mktemp("list"), text)
    assert found.read == len(rows)
    assert len(found.customers) + sum(found.left_out.values()) == len(rows)
    named = {row[0] for row in rows if row[0]}
    assert set(found.customers["customer"]) == named
    bought = {row[0] for row in rows if row[0] and row[1] == "1"}
    assert set(found.customers["customer"][found.customers["converted"]]) == bought
