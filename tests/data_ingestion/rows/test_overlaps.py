"""What several files say twice counts once."""

import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from data_ingestion.rows.overlaps import NEAR, SourceEntries, again_words, equal_lines, equal_words, told_once
from retention.activity.activity import Event


def told(layout: str, *rows: tuple[int, int, Event, str | None], name: str = "x.csv") -> SourceEntries:
    """Return a file of entries: customer, time, event, order."""
    frame = pd.DataFrame({"time": [row[1] for row in rows], "event": [int(row[2]) for row in rows]})
    frame["order"] = pd.array([row[3] for row in rows], dtype="str")
    return SourceEntries(name, layout, frame, np.array([row[0] for row in rows], dtype=np.int32))


def test_an_order_in_two_exports_counts_once() -> None:
    first = told("shopify_orders", (0, 5, Event.PURCHASE, "#1"), (0, 9, Event.PURCHASE, "#2"))
    second = told("shopify_orders", (0, 9, Event.PURCHASE, "#2"), (0, 10, Event.PURCHASE, "#3"), name="later.csv")
    keep = told_once([first, second])
    assert [mask.tolist() for mask in keep] == [[True, True], [False, True]]
    told_twice = "later.csv: checkouts or purchases that are also in another file: 1; they count once"
    assert again_words("later.csv", 1) == told_twice


def test_a_checkout_in_the_export_and_in_the_interface_counts_once() -> None:
    first = told("shopify_checkouts", (0, 5, Event.CHECKOUT, None), (1, 5, Event.CHECKOUT, None))
    second = told("shopify_checkout_rows", (0, 5, Event.CHECKOUT, None), (0, 6, Event.CHECKOUT, None))
    keep = told_once([first, second])
    assert [mask.tolist() for mask in keep] == [[True, True], [False, True]]


def test_a_completed_checkout_is_the_order_that_another_file_has() -> None:
    checkouts = told(
        "shopify_checkout_rows",
        (0, 0, Event.CHECKOUT, None),
        (0, NEAR, Event.PURCHASE, "t"),
        (1, NEAR, Event.PURCHASE, "u"),
    )
    orders = told("shopify_orders", (0, 0, Event.PURCHASE, "#1"), (1, 2 * NEAR + 1, Event.PURCHASE, "#2"))
    keep = told_once([checkouts, orders])
    assert [mask.tolist() for mask in keep] == [[True, False, True], [True, True]]


def test_purchases_of_one_source_are_never_the_same() -> None:
    log = told("ga4", (0, 0, Event.PURCHASE, None), (0, 1, Event.PURCHASE, None))
    other = told("ga4", (0, 0, Event.PURCHASE, None))
    assert all(mask.all() for mask in told_once([log, other]))
    assert equal_lines([log, other]) == {}


def test_lines_of_logs_that_overlap_are_left_alone_and_told() -> None:
    log = told("rees46", (0, 0, Event.PURCHASE, None), (0, 0, Event.PURCHASE, None), (1, 9, Event.CART, None))
    later = told("rees46", (1, 9, Event.CART, None), (2, 9, Event.CART, None), (0, 12, Event.CART, None), name="y.csv")
    files = [log, told("shopify_orders", (0, 0, Event.PURCHASE, "#1")), later]
    assert all(mask.all() for mask in told_once(files))
    assert equal_lines(files) == {(2, 0): 1}
    line = equal_words("y.csv", "x.csv", 1, 3)
    assert line.startswith("y.csv: 1 of its 3 lines also in x.csv, with equal customer, time, event and money;")


def test_logs_of_other_times_or_layouts_have_no_line_in_common() -> None:
    log = told("rees46", (0, 0, Event.CART, None))
    files = [log, told("rees46", (0, 1, Event.CART, None)), told("retailrocket", (0, 0, Event.CART, None))]
    assert equal_lines(files) == {(1, 0): 0}


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from([0, 1, NEAR, NEAR + 1, 3 * NEAR]), st.sampled_from(["#1", "#2", "#3"])
    ),
    max_size=6,
)


@given(ROWS, ROWS)
def test_of_orders_and_checkouts_exactly_those_without_a_near_order_are_kept(
    orders: list[tuple[int, int, str]], checkouts: list[tuple[int, int, str]]
) -> None:
    first = told("shopify_orders", *((who, when, Event.PURCHASE, name) for who, when, name in orders))
    second = told("shopify_checkout_rows", *((who, when, Event.PURCHASE, name) for who, when, name in checkouts))
    keep = told_once([second, first])
    near = [any(who == w and abs(when - t) <= NEAR for w, t, _ in orders) for who, when, _ in checkouts]
    assert keep[0].tolist() == [not one for one in near]
    assert keep[1].all()
