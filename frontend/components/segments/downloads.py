"""Files to take away: one per segment, and everything as one zip; built when they are asked for."""

import streamlit as st

from frontend.state import Result, value_of
from frontend.utils import format as fmt, pieces, primary
from frontend.utils.workspace import noted
from outputs import Profile, archive, archive_name, segment_file, segment_name

PROFILES: dict[Profile, str] = {"spreadsheet": "For spreadsheets", "machine": "For machines"}

PROFILE = "profile"


def show(result: Result) -> None:
    """Draw the downloads of a run."""
    pieces.heading("Downloads")
    profile = pieces.segmented(
        "Written",
        PROFILES,
        PROFILE,
        "spreadsheet",
        help="For spreadsheets: text that a spreadsheet would run as a formula is made harmless. "
        "For machines: every value exactly as it came, for an e-mail platform.",
    )
    names = list(result.run.segmentation.tree.names)
    with st.container(horizontal=True):
        pieces.download(
            primary.look("All files as one zip", ":material/folder_zip:"),
            noted(lambda: archive(result.run, profile), result.run.accounting.universe),
            archive_name(result.run, profile),
            key="download-all",
        )
        for name in result.run.scores.recommended["Segment"]:
            segment(result, names.index(name), "list")


def segment(result: Result, code: int, place: str, label: str = "") -> None:
    """Draw the download of one segment; `place` tells its places on the page apart, `label` replaces its name."""
    profile: Profile = value_of(PROFILE) or "spreadsheet"
    name, size = result.run.segmentation.tree.segments[code].name, result.run.segmentation.sizes[code]
    pieces.download(
        f"{label or fmt.plain(name)} ({fmt.count(size)})",
        noted(lambda: segment_file(result.run, code, profile), size),
        segment_name(result.run, code, profile),
        key=f"download-{place}-{code}",
    )
