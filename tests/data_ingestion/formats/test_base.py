import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from data_ingestion.formats.base import judged, repeated
from retention.customers.reasons import Reason

ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 1.5, float("nan")]),
        st.sampled_from(["2025-09-01", "2025-09-02", None]),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=12,
)


@given(ROWS)
def test_repeated_rows_are_those_that_pandas_finds(rows: list[tuple[float, str | None, str | None]]) -> None:
    frame = pd.DataFrame(
        {
            "number": np.array([row[0] for row in rows], dtype=float),
            "time": pd.to_datetime(pd.Series([row[1] for row in rows], dtype="str")).dt.tz_localize("Europe/Berlin"),
            "text": pd.array([row[2] for row in rows], dtype="str"),
        }
    )
    assert repeated(frame).tolist() == frame.duplicated().tolist()


def test_a_record_that_fails_two_tests_gets_the_first_reason() -> None:
    fails = np.array([True, False, True])
    verdict = judged(3, (fails, "a", Reason.CANCELLATION), (np.ones(3, dtype=bool), "b", Reason.REFUND))
    assert verdict.keep.tolist() == [False] * 3
    assert verdict.rejected["reason"].tolist() == ["cancellation", "refund", "cancellation"]
    assert verdict.rejected["column"].tolist() == ["a", "b", "a"]
