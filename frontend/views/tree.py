"""Tree: how customers come to their segments."""

import streamlit as st

from frontend.components import page_header, tree_views
from frontend.state import current
from frontend.utils.theme import is_dark

state = current()
result = page_header.show(
    "Tree", state, promise="The decision tree behind the segments, as a picture, a chart and rules in words."
)
if result is not None:
    with st.container(border=True):
        tree_views.picture(result, dark=is_dark())
    tree_views.rules(result)
    tree_views.chart(result, dark=is_dark())
