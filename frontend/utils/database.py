"""The shop's database, where the server's secrets name one: `[database]` with a `url`. It is never shown."""

from collections.abc import Mapping

import streamlit as st


def address() -> str:
    """Return the URL that the server's secrets hold; empty where they hold none."""
    if not st.secrets.load_if_toml_exists() or "database" not in st.secrets:
        return ""
    section = st.secrets["database"]
    url = section.get("url", "") if isinstance(section, Mapping) else ""
    return url if isinstance(url, str) else ""
