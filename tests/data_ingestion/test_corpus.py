"""The corpus of bad files: every one is accounted for to the row, or refused with one sentence that helps."""

from pathlib import Path

import pandas as pd
import pytest

from data_ingestion import Intake, ReadOptions, read_customers
from retention.customers.reasons import Reason
from retention.errors import InputError
from tests.data_ingestion.corpus import cells, encodings, files, records, wholes
from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import GOOD, HEADER, csv

CASES = [case for part in (cells, records, wholes, encodings, files) for case in part.cases()]
"""A format's own cases join by a module like these."""
NAMES = [case.name for case in CASES]


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("good") / "good.csv"
    path.write_text(csv(), encoding="utf-8")
    intake = read_customers([path])
    assert (intake.read, len(intake.rows)) == (6, 6)
    return intake.rows[sorted(HEADER)]


def read(case: Case, folder: Path) -> Intake:
    path = folder / "customers.csv"
    path.write_bytes(case.build())
    return read_customers([path], options=ReadOptions(**case.options))


def expected(good: pd.DataFrame, outcome: Accounted) -> pd.DataFrame:
    rows = good[~good["user_id"].isin(outcome.without)].reset_index(drop=True)
    if outcome.cell is None:
        return rows
    user, column, value = outcome.cell
    dtype = rows[column].dtype
    held = rows[column].astype("object")
    held[rows["user_id"] == user] = (
        pd.Timestamp(str(value), tz="UTC") if dtype.kind == "M" and value is not None else value
    )
    return rows.assign(**{column: held.astype(dtype)})


@pytest.mark.parametrize(
    "case", [each for each in CASES if isinstance(each.outcome, Accounted)], ids=lambda case: case.name
)
def test_a_bad_file_is_accounted_for_to_the_row(case: Case, good: pd.DataFrame, tmp_path: Path) -> None:
    assert isinstance(case.outcome, Accounted)
    intake = read(case, tmp_path)
    assert tuple(intake.quarantine["reason"]) == case.outcome.reasons
    assert tuple(intake.cells["reason"]) == case.outcome.unread
    assert intake.quarantine["line"].is_monotonic_increasing
    assert intake.read == len(intake.rows) + len(case.outcome.reasons)
    assert intake.rows[sorted(HEADER)].equals(expected(good, case.outcome))
    assert any(case.outcome.warning in warning for warning in (*intake.warnings, ""))


@pytest.mark.parametrize(
    "case", [each for each in CASES if isinstance(each.outcome, Refused)], ids=lambda case: case.name
)
def test_a_bad_file_is_refused_with_one_sentence_that_helps(case: Case, tmp_path: Path) -> None:
    assert isinstance(case.outcome, Refused)
    with pytest.raises(InputError) as caught:
        read(case, tmp_path)
    error = caught.value
    assert case.outcome.phrase in error.what
    assert "customers.csv" in error.where or "column" in error.where
    assert case.outcome.place in f"{error.where} {error.what}"
    assert error.hint
    assert "\n" not in str(error)
    assert not any(personal in str(error) for personal in ("example.com", "+1555", "00123"))


def test_the_corpus_is_large_enough_and_has_no_case_twice() -> None:
    assert len(CASES) >= 150
    assert len(set(NAMES)) == len(NAMES)


def test_every_reason_that_reading_a_customer_table_gives_is_in_the_corpus() -> None:
    found = {
        reason
        for case in CASES
        if isinstance(case.outcome, Accounted)
        for reason in (*case.outcome.reasons, *case.outcome.unread)
    }
    assert {Reason(reason) for reason in found} >= {
        *(Reason.TOO_FEW_FIELDS, Reason.TOO_MANY_FIELDS, Reason.BROKEN_QUOTING, Reason.MISSING_USER_ID),
        *(Reason.MISSING_DATE, Reason.NOT_A_DATE, Reason.NOT_A_NUMBER, Reason.NOT_AN_INTEGER, Reason.INFINITE),
        *(Reason.OUT_OF_BOUNDS, Reason.NOT_A_FLAG, Reason.TOO_LONG),
    }


def test_a_check_that_expects_too_much_fails(good: pd.DataFrame, tmp_path: Path) -> None:
    wrong = Case("good", lambda: csv(GOOD[:-1]).encode(), Accounted())
    with pytest.raises(AssertionError):
        test_a_bad_file_is_accounted_for_to_the_row(wrong, good, tmp_path)
