"""Tree: how customers come to their segments."""

import streamlit as st

from frontend.components.frame import page_header
from frontend.components.segments import policy_sql, tree_views

result = page_header.week("The decision tree behind the segments, as a picture and as rules in words.")
if result is not None:
    with st.container(border=True):
        tree_views.picture(result)
    tree_views.rules(result)
    policy_sql.show(result)
