"""The pages that others lead to."""

from typing import NoReturn

import streamlit as st

HOME, FORM, SUMMARY, CAMPAIGN, QUALITY, POLICIES = (
    f"views/{name}.py" for name in ("this_week", "new_period", "segments", "campaign", "data_quality", "policies")
)


def go(page: str) -> NoReturn:
    """Open a page; the week in the address stays."""
    # Without parameters Streamlit clears the address, which it refuses while a field is bound to it.
    st.switch_page(page, query_params={})
