"""Files to take away: one per segment, and everything as one zip; built when they are asked for."""

import streamlit as st

from frontend.components import pieces, primary
from frontend.state import Result, value_of
from frontend.utils import exports
from frontend.utils import format as fmt
from outputs import Profile

PROFILES: dict[Profile, str] = {"spreadsheet": "For spreadsheets", "machine": "For machines"}

PROFILE = "profile"


def show(result: Result) -> None:
    """Draw the downloads of a run."""
    st.subheader("Downloads", anchor=False)
    st.segmented_control(
        "Written",
        list(PROFILES),
        format_func=PROFILES.__getitem__,
        default="spreadsheet",
        required=True,
        key=PROFILE,
        help="For spreadsheets: text that a spreadsheet would run as a formula is made harmless. "
        "For machines: every value exactly as it came, for an e-mail platform.",
    )
    profile = _profile()
    names = [segment.name for segment in result.run.segmentation.tree.segments]
    with st.container(horizontal=True):
        pieces.download(
            primary.look("All files as one zip", ":material/folder_zip:"),
            lambda: exports.everything(result.people, profile),
            exports.everything_name(result.run, profile),
            key="download-all",
        )
        for name in result.run.scores.recommended["Segment"]:
            segment(result, names.index(name), "list")


def segment(result: Result, code: int, place: str, label: str = "") -> None:
    """Draw the download of one segment; `place` tells its places on the page apart, `label` replaces its name."""
    profile = _profile()
    name = result.run.segmentation.tree.segments[code].name
    pieces.download(
        f"{label or fmt.plain(name)} ({fmt.count(result.run.segmentation.sizes[code])})",
        lambda: exports.segment(result.people, code, profile),
        exports.segment_name(result.run, code, profile),
        key=f"download-{place}-{code}",
    )


def _profile() -> Profile:
    return "machine" if value_of(PROFILE) == "machine" else "spreadsheet"
