from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from data_ingestion import intake_of_frame
from data_ingestion.frames import ArrowFrame
from retention.errors import ContractError, SourceError


def frame(**columns: object) -> pd.DataFrame:
    base = {"user_id": ["a", "b"], "cart_abandoned_date": pd.to_datetime(["2025-09-01 00:00", "2025-09-02 10:00"])}
    return pd.DataFrame({**base, **columns})


def test_a_typed_frame_becomes_an_intake() -> None:
    given = frame(avg_order_value=[1, 2], email_consent=[True, False], region=["North", None], other=[1, 2])
    intake = intake_of_frame(given, name="synthetic", fingerprint="f", timezone="Europe/Berlin")
    assert intake.rows["user_id"].tolist() == ["a", "b"]
    assert intake.rows["cart_abandoned_date"].astype(str).tolist()[1] == "2025-09-02 10:00:00+02:00"
    assert intake.rows["email_consent"].tolist() == [True, False]
    assert intake.rows["region"].isna().tolist() == [False, True]
    assert intake.sources[0].ignored == ("other",)
    assert (intake.read, intake.sources[0].sha256, intake.sources[0].format) == (2, "f", "frame")


def test_an_aware_time_is_converted_to_the_shops_zone() -> None:
    aware = frame(cart_abandoned_date=pd.to_datetime(["2025-08-31 22:00", ""], utc=True))
    intake = intake_of_frame(aware, name="x", fingerprint="f", timezone="Europe/Berlin")
    assert intake.rows["cart_abandoned_date"].astype(str).tolist() == ["2025-09-01 00:00:00+02:00"]
    assert intake.quarantine["reason"].tolist() == ["missing_date"]


def test_bounds_hold_for_a_frame_too() -> None:
    given = frame(avg_order_value=[np.inf, 1.0], engagement_score=[2.0, np.nan], sessions_last_30d=[1.5, 1])
    intake = intake_of_frame(given, name="x", fingerprint="f")
    assert intake.quarantine.to_dict("records") == [
        {"file": "x", "line": 1, "column": "avg_order_value", "value": "inf", "reason": "infinite", "faults": 3}
        | {"suggestion": "", "original": ""}
    ]


def test_dates_as_text_are_read_as_in_a_file() -> None:
    intake = intake_of_frame(frame(cart_abandoned_date=["13-09-2025", "01-09-2025"]), name="x", fingerprint="f")
    assert [str(day) for day in intake.rows["cart_abandoned_date"].dt.date] == ["2025-09-13", "2025-09-01"]


def test_the_frame_is_not_changed() -> None:
    given = frame(avg_order_value=[-0.0, 2.0])
    before = given.copy(deep=True)
    intake_of_frame(given, name="x", fingerprint="f")
    pd.testing.assert_frame_equal(given, before)


def test_an_empty_or_incomplete_frame_is_refused() -> None:
    with pytest.raises(SourceError, match="no rows"):
        intake_of_frame(frame().iloc[:0], name="x", fingerprint="f")
    with pytest.raises(ContractError, match="'cart_abandoned_date'"):
        intake_of_frame(frame().drop(columns="cart_abandoned_date"), name="x", fingerprint="f")


def test_rows_taken_in_again_stay_the_same() -> None:
    first = intake_of_frame(frame(avg_order_value=[1.5, np.nan]), name="x", fingerprint="f").rows
    again = intake_of_frame(first, name="x", fingerprint="f").rows
    pd.testing.assert_frame_equal(first.drop(columns="derived"), again)


def test_categories_and_text_flags_are_read_as_in_a_file() -> None:
    given = frame(region=pd.Categorical(["North", None]), email_consent=["subscribed", "no"], user_id=[7, 8])
    rows = intake_of_frame(given, name="x", fingerprint="f").rows
    assert rows["user_id"].tolist() == ["7", "8"]
    assert rows["email_consent"].tolist() == [True, False]
    assert rows["region"].isna().tolist() == [False, True]


def test_a_text_date_that_is_none_is_rejected() -> None:
    intake = intake_of_frame(frame(cart_abandoned_date=["soon", "2025-09-01"]), name="x", fingerprint="f")
    assert intake.quarantine["value"].tolist() == ["soon"]


@pytest.mark.parametrize("form", [lambda table: table, lambda table: table.to_reader(), pl.from_arrow])
def test_frames_of_arrow_and_polars_are_read_as_those_of_pandas(form: Callable[[pa.Table], ArrowFrame]) -> None:
    frame = pd.DataFrame(
        {
            "user_id": pd.array([1, None, 12345678901234567, 4], "Int64"),
            "cart_abandoned_date": pd.to_datetime(["2025-09-20T10:00", "2025-09-20T00:00", "NaT", "2025-09-19T00:00"]),
            "last_order_date": [date(2025, 9, 1), None, date(2025, 8, 1), date(2025, 7, 2)],
            "avg_order_value": [10.5, float("inf"), None, 3.0],
            "region": pd.Categorical(["North", "South", None, "North"]),
            "email_consent": pd.array([True, None, False, True], "boolean"),
        }
    )
    expected = intake_of_frame(frame, name="shop", fingerprint="1")
    found = intake_of_frame(form(pa.Table.from_pandas(frame, preserve_index=False)), name="shop", fingerprint="1")
    pd.testing.assert_frame_equal(found.rows, expected.rows)
    pd.testing.assert_frame_equal(found.quarantine, expected.quarantine)
