"""Navigation and page configuration; start it with `streamlit run frontend/app.py`."""

import sys
from pathlib import Path

import streamlit as st

sys.path[:0] = [root for root in [str(Path(__file__).resolve().parents[1])] if root not in sys.path]

from frontend.components import analysis_run, login, mapping_editor, new_period, periods_address, pieces
from frontend.state import current
from frontend.utils import startup
from retention.errors import InputError

# Files of our own: a named icon would be fetched from another host.
ASSETS = Path(__file__).with_name("assets")
st.set_page_config(page_title="Cart Recovery Segmenter", page_icon=ASSETS / "icon.png", layout="wide")
st.html(ASSETS / "charts.css")
st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.png"), size="large")
startup.prepare()
inside = login.is_open()
page = st.navigation(
    {
        "This period": [
            st.Page(
                "views/segments.py",
                title="Segments summary",
                icon=":material/leaderboard:",
                help="The week's segments: sizes, scores, campaigns and files.",
                default=True,
            ),
            st.Page(
                "views/tree.py",
                title="Tree",
                icon=":material/account_tree:",
                help="How customers get into their segments.",
            ),
            st.Page(
                "views/what_if.py",
                title="What if",
                icon=":material/tune:",
                help="Other cuts, sizes and weights beside today's policy, without a new run.",
            ),
            st.Page(
                "views/users.py",
                title="User mapping",
                icon=":material/person_search:",
                help="Every customer with segment, path and scores, and why they are there.",
            ),
            st.Page(
                "views/mece.py",
                title="MECE report",
                icon=":material/verified:",
                help="The proof that every customer is in exactly one segment, to mail and to print.",
            ),
            st.Page(
                "views/data_quality.py",
                title="Data quality",
                icon=":material/fact_check:",
                help="What was read, what is missing, and which rows were set aside.",
            ),
        ],
        "Campaign": [
            st.Page(
                "views/experiment.py",
                title="Experiment",
                icon=":material/science:",
                help="Hold out a control group, see what that can show, and take the files to send.",
            ),
            st.Page(
                "views/results.py",
                title="Results",
                icon=":material/query_stats:",
                help="What the campaign achieved, compared with the customers who were held out.",
            ),
            st.Page(
                "views/campaign.py",
                title="Campaign plan",
                icon=":material/savings:",
                help="With a budget or a number of sends: whom to contact, and what that is expected to bring.",
            ),
        ],
        "Workspace": [
            st.Page(
                "views/compare.py",
                title="Compare periods",
                icon=":material/compare_arrows:",
                help="Two weeks side by side: sizes, scores, drift of the cuts, and who moved.",
            ),
            st.Page(
                "views/backtest.py",
                title="Backtest",
                icon=":material/history:",
                help="What would have been predicted for a past week, beside who came back.",
            ),
            st.Page(
                "views/periods.py",
                title="Saved periods",
                icon=":material/bookmarks:",
                help="Weeks that were kept: open, rename, export, delete.",
            ),
            st.Page(
                "views/settings.py",
                title="Settings",
                icon=":material/settings:",
                help="Currency, time zone, costs, weights and sizes that every analysis starts from.",
            ),
            st.Page("views/readme.py", title="README", icon=":material/menu_book:", help="How everything here works."),
        ],
    },
    position="sidebar" if inside else "hidden",
    expanded=True,
)
if not inside:
    login.show()
    st.stop()
state = current()
with st.sidebar:
    # In a container, so that the field of the address keeps its place: one that moves loses its hold on the address.
    with st.container():
        login.account(state)
        order = new_period.show(state)
        if order is not None:
            analysis_run.show(order, state)
    periods_address.show(state)
mapping_editor.show(state)
try:
    page.run()
except InputError as error:
    # Such as the customers of a saved period that was deleted since it was opened.
    pieces.problem(error)
