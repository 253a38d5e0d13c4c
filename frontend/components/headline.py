"""The four numbers on top of the summary."""

import streamlit as st

from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils import loaders, palette
from frontend.utils.summary import Headline


def show(result: Result) -> None:
    """Draw the headline numbers, each with what it rests on."""
    numbers, currency = loaders.headline(result), result.run.currency
    with st.grid(4, min_column_width=150, gap="small"):
        _number(
            "Abandoners",
            fmt.count(numbers.abandoners),
            f"of {fmt.counted(result.run.accounting.read, 'row')}",
            "Customers who abandoned a cart in the window, each counted once.",
        )
        _at_stake(numbers, currency)
        _number(
            "Expected profit",
            fmt.money(numbers.profit, currency),
            ", ".join(numbers.profit_sources),
            "Incremental profit expected from contacting every segment, after contact cost. It rests on the policy's "
            "assumptions about baseline conversion, lift and margin until an experiment measures them.",
            colour=palette.SOURCES[numbers.profit_sources[0]],
        )
        _number(
            "Assigned",
            fmt.percent(numbers.assigned / numbers.abandoners),
            f"{fmt.count(numbers.assigned)} of {fmt.count(numbers.abandoners)}",
            "Share of the abandoners who are in exactly one segment.",
        )


def _at_stake(numbers: Headline, currency: str) -> None:
    known = numbers.abandoners - numbers.without_value
    if numbers.at_stake is None or not known:
        _number("Value at stake", fmt.UNKNOWN.capitalize(), "no cart values", "The sum of the abandoned carts.")
        return
    missing = f" {fmt.counted(numbers.without_value, 'cart')} without a known value." if numbers.without_value else ""
    each = f"{fmt.money(numbers.at_stake / known, currency)} per cart"
    _number("Value at stake", fmt.money(numbers.at_stake, currency), each, f"The sum of the abandoned carts.{missing}")


def _number(label: str, value: str, note: str, explanation: str, *, colour: palette.Badge = "gray") -> None:
    st.metric(
        label,
        value,
        fmt.plain(note),
        delta_color=colour,
        delta_arrow="off",
        border=True,
        height="stretch",
        help=explanation,
    )
