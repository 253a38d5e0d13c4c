"""The proof that every customer is in exactly one segment, with all that it rests on, and the files of it."""

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from analysis import Run
from analysis.versions import versions
from frontend.components.trust import accounting
from frontend.state import Result
from frontend.utils import format as fmt, pieces, primary
from frontend.utils.workspace import noted
from outputs.names import REPORT
from outputs.report import html_report
from outputs.report.proof import THRESHOLDS, proof_words, sizing_words, threshold_rows
from outputs.run_folder import fill_folder


def show(result: Result) -> None:
    """Draw the verdict and the numbers that it rests on."""
    proof = result.run.proof
    verdict, *why = proof_words(result.run)
    whole = proof.exclusive and proof.exhaustive
    box = st.success if whole else st.error
    box(fmt.plain(verdict), icon=":material/verified:" if whole else ":material/error:")
    with pieces.numbers():
        pieces.number("Cells", fmt.count(proof.cells), about="Kinds of customers that the cuts can tell apart.")
        pieces.number("Leaves", fmt.count(proof.leaves), about="Ends of the tree; small ones share a segment.")
        pieces.number("In no leaf", fmt.count(proof.gaps), about="Cells that no rule covers.")
        pieces.number("In two leaves", fmt.count(proof.overlaps), about="Cells that several rules cover.")
    pieces.points(why)


def downloads(result: Result) -> None:
    """Draw the report as files: for programs, and for people."""
    name = f"{result.run.policy.name}_{result.run.window.end}"
    told = partial(noted, customers=result.run.accounting.universe, things="customers in a report")
    with st.container(horizontal=True):
        pieces.download(
            primary.look("Report to mail or print (HTML)", ":material/description:"),
            told(lambda: html_report(result.run, versions=versions())),
            f"report_{name}.html",
            key="download-html",
            about="One file with the charts, the tree and the proof; it loads nothing and holds no customer.",
        )
        pieces.download(
            "Report for programs (JSON)",
            told(lambda: mece_report(result.run)),
            "mece_report.json",
            key="download-json",
            icon=":material/data_object:",
            about="As the command line writes it: all files are written, read back and counted first.",
        )


def mece_report(run: Run) -> bytes:
    """Return `mece_report.json`; like the command line's, it says what reading the written files back found."""
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        fill_folder(run, Path(name), profile="machine", file_format="csv")
        return (Path(name) / REPORT).read_bytes()


def thresholds(result: Result) -> None:
    """Draw the cuts of the tree."""
    about = "A value equal to a cut goes to the lower side. A cut moves where many customers share one value."
    pieces.heading("Cuts", about)
    rows = threshold_rows(result.run)
    pieces.table(
        {name: [fmt.plain(row[place]) for row in rows] for place, name in enumerate(THRESHOLDS)},
        alt="Cuts of the tree: what was asked for, where the cut is, and why it moved",
    )


def segments(result: Result) -> None:
    """Draw each segment's rule and size."""
    segmentation, ends = result.run.segmentation, result.run.segmentation.tree.segments
    rules = [segmentation.tree.rule(segment, result.run.currency) for segment in ends]
    pieces.heading("Segments")
    pieces.table(
        {
            "Segment": [fmt.plain(segment.name) for segment in ends],
            "Rule": [fmt.plain(fmt.sentence(rule)) for rule in rules],
            "Customers": [fmt.count(size) for size in segmentation.sizes],
            "Waves": [fmt.count(number) for number in segmentation.wave_counts],
        },
        alt="Segments with rule, size and number of waves",
    )


def account(result: Result) -> None:
    """Draw where the rows went, beside what sizing did."""
    left, right = st.columns(2)
    with left, pieces.framed("Data accounting", stretched=True):
        accounting.table(result)
        st.caption("Page Data quality has the reasons for each row that was set aside.")
    with right, pieces.framed("Sizes"):
        pieces.points(sizing_words(result.run))


def provenance(result: Result) -> None:
    """Draw versions and hashes: the same three give the same result."""
    run = result.run
    pieces.heading("Versions and hashes", "The same input, policy and version give the same segments, bit for bit.")
    rows = {
        "Policy": f"{run.policy.title} ({run.policy.name})",
        "Policy hash": run.policy_hash,
        "Input hash": run.input_hash,
        **{name.capitalize() if name in ("program", "python") else name: text for name, text in versions().items()},
    }
    pieces.facts({name: fmt.plain(text) for name, text in rows.items()}, alt="Versions and hashes")
