"""Which theme the browser shows."""

import streamlit as st


def is_dark() -> bool:
    """Return whether the page is dark; light until the browser has said."""
    return bool(st.context.theme.type == "dark")
