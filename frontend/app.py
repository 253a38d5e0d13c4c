"""Navigation and page configuration; start it with `streamlit run frontend/app.py`."""

import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import streamlit as st
from starlette.middleware import Middleware

# A second thread of OpenBLAS only waits for the first; it reads this when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path[:0] = [root for root in [str(Path(__file__).resolve().parents[1])] if root not in sys.path]

from frontend import components
from frontend.components.campaign.week import STEP
from frontend.components.frame import bar, login, page_header, periods_address
from frontend.components.new_period import new_period
from frontend.components.segments import tree_search
from frontend.door import Door, opened
from frontend.state import current
from frontend.utils import pieces, places, startup
from retention.errors import InputError

# Sections of the navigation, and the file of each page in `views/`: title, icon, and what it is for. A comment, because
# Streamlit shows a text that stands alone in this file.
PAGES = {
    "": {
        "this_week": ("This week", "today", "What the week is worth, whom to contact, and what is open."),
        "new_period": ("New Analysis Period", "add_circle", "Seven days, customers and a policy: a new analysis."),
    },
    "Segments": {
        "segments": ("Segments Summary", "leaderboard", "The week's segments: sizes, scores, campaigns and files."),
        "tree": ("Tree Visualization", "account_tree", "How customers get into their segments."),
        "users": (
            "User Mapping",
            "person_search",
            "Every customer with segment, path and scores, and why they are there.",
        ),
        "better_tree": ("Better tree", "forest", "The best tree that there is, and whether it beats today's policy."),
        "what_if": ("What if", "tune", "Other cuts, sizes and weights beside today's policy, without a new run."),
    },
    "Campaign": {
        "campaign": ("Campaign", "campaign", "Whom to contact, who is held out, the files, and what came of it."),
    },
    "Trends": {
        "trends": ("Weeks", "timeline", "The saved weeks over time: sizes, who came back, lift and money."),
        "compare": (
            "Compare weeks",
            "compare_arrows",
            "Two weeks side by side: sizes, scores, drift of the cuts, and who moved.",
        ),
        "backtest": ("Backtest", "history", "What would have been predicted for a past week, beside who came back."),
    },
    "Trust": {
        "mece": (
            "MECE Report",
            "verified",
            "The proof that every customer is in exactly one segment, to mail and to print.",
        ),
        "audit": ("Audit of rules", "rule_settings", "Customers whom rules from elsewhere leave out or take twice."),
        "data_quality": (
            "Data quality",
            "fact_check",
            "What was read, what is missing, and which rows were set aside.",
        ),
    },
    "More": {
        "policies": (
            "Policies",
            "rule",
            "What the segments of each policy mean, and what is sent to them.",
        ),
        "settings": (
            "Settings",
            "settings",
            "Currency, time zone, costs, weights and sizes that every analysis starts from.",
        ),
        "weekly_run": ("Weekly run", "event_repeat", "The file that runs a week automatically."),
        "periods": ("Saved weeks", "bookmarks", "Weeks that were kept: open, rename, export, delete."),
        "readme": ("README", "menu_book", "How everything here works."),
        "glossary": ("Glossary", "dictionary", "Every word and number of the pages."),
    },
}
# Addresses that steps of a campaign had once.
MOVED = {"experiment": "Hold out", "results": "Results"}
# Files of our own: a named icon would be fetched from another host.
ASSETS = Path(__file__).with_name("assets")

if __name__ == "__main__":
    st.set_page_config(page_title="Cart Recovery Segmenter", page_icon=ASSETS / "icon.png", layout="wide")
    st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.png"), size="large")
    startup.prepare()
    inside, state = login.is_open(), current()
    # Made once a session: each looks for its file on the disk.
    state.pages = state.pages or {
        part: [
            st.Page(
                f"views/{file}.py",
                title=title,
                icon=f":material/{icon}:",
                help=about,
                default=file == "this_week",
            )
            for file, (title, icon, about) in pages.items()
        ]
        for part, pages in PAGES.items()
    } | {
        "Moved": [
            st.Page(partial(places.go, places.CAMPAIGN), title=step, url_path=address, visibility="hidden")
            for address, step in MOVED.items()
        ]
    }
    page = st.navigation(state.pages, position="top" if inside else "hidden")
    if not inside:
        login.show()
        st.stop()
    if page.url_path in MOVED and state.address is None:
        # Before the field of the week is drawn: Streamlit refuses to set that part of the address afterwards.
        st.switch_page(places.CAMPAIGN, query_params={**st.query_params, STEP: MOVED[page.url_path]})
    if page.url_path != "campaign":
        state.steps.clear()
    login.come_back(state)
    periods_address.show(state)
    meanwhile = bar.show(state, on_form=page.url_path == "new_period")
    if not page.url_path and state.result is None:
        # An empty app begins with the form.
        places.go(places.FORM)
    if page.url_path not in (*MOVED, "readme"):
        page_header.show(page.title, state)
    try:
        page.run()
    except InputError as error:
        # Such as the customers of a saved period that was deleted since it was opened.
        pieces.problem(error)
    with meanwhile:
        new_period.follow(state)
        tree_search.follow(state)
else:
    # Here nobody waits for what the first visit of a page would load.
    for part in walk_packages(components.__path__, "frontend.components."):
        import_module(part.name)
    # `streamlit run` finds this name, imports this file to serve it, and runs the file as a script for each visitor.
    app = st.App(__file__, middleware=[Middleware(Door)], lifespan=opened)
