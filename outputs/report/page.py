"""The report as one HTML file: no script, nothing from another host, made for the screen and for paper."""

import math
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from analysis import Run
from analysis.headline import headline_of
from outputs.ownership import ZEROS, seal
from outputs.report import charts
from outputs.report.colours import of_segments
from outputs.report.markup import escaped, listed, pairs, paragraph, table
from outputs.report.proof import SOURCES, THRESHOLDS, account_rows, proof_words, sizing_words, threshold_rows
from outputs.report.tree import tree_picture
from retention.customers.reach import reach_words
from retention.customers.reasons import Reason
from retention.partition.outline import outline
from retention.scores.measures import MEASURES
from retention.wording import UNKNOWN, count, counted, days, interval, money, percent, score, sentence
from segment_scorer import NO_CAMPAIGN, composition

# Whatever the text of a file or a policy holds, a browser that opens the report loads and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_STYLE = Path(__file__).with_name("report.css")


def section(title: str, *parts: str, kind: str = "") -> str:
    """Return a part with its heading; `kind` names classes of the style sheet."""
    return f'<section class="{kind}"><h2>{escaped(title)}</h2>{"".join(parts)}</section>'


def summary(run: Run) -> str:
    """Return the headline numbers and what they say."""
    numbers = headline_of(run)
    segments = len(run.segmentation.tree.segments)
    week = f"the week of {days(run.window.start, run.window.end)} ({run.window.timezone})"
    lead = (
        f"In {week}, {counted(numbers.abandoners, 'customer')} left a cart behind. They are in "
        f"{counted(segments, 'segment')}, each customer in exactly one. {_advice(run)}"
    )
    at_stake = UNKNOWN if numbers.at_stake is None else money(numbers.at_stake, run.currency)
    profit = f"{money(numbers.profit, run.currency)} ({', '.join(numbers.profit_sources)})"
    shown = pairs(
        [
            ("Abandoners", count(numbers.abandoners)),
            ("Value at stake", at_stake),
            ("Expected incremental profit", profit),
            ("Assigned to one segment", percent(numbers.assigned / max(numbers.abandoners, 1))),
        ]
    )
    return f'<div class="headline">{shown}</div>{paragraph(lead)}{paragraph(" ".join(reach_words(run.reach)))}'


def _advice(run: Run) -> str:
    first = run.scores.recommended.iloc[0]
    if not first["Profit_per_Send"] > 0:
        return "No segment is expected to bring in more than contact costs."
    each = money(float(first["Profit_per_Send"]), run.currency)
    return f"Contact {first['Segment']} first: {each} of expected profit per contact."


def segments(run: Run) -> str:
    """Return the ranked segments as a table and as pictures."""
    scores, colours = run.scores.recommended, of_segments(run.policy, run.scores.table["Segment"])
    rows = [_segment_row(row, run.currency) for row in scores.to_dict("records")]
    counts = ("Order", "Customers", "Reachable", "Profit each")
    headers = ("Segment", *counts, "Expected profit", "Profit is", "Overall", "95 % interval", "P(best)")
    return section(
        "Segments, in the order to contact",
        table(headers, rows, numbers=(1, 2, 3, 4, 5, 7, 9)),
        "<h3>Customers per segment</h3>",
        charts.sizes(scores, colours),
        "<h3>What makes up each score</h3>",
        paragraph("Each bar ends at the segment's overall score; a part is a measure times its weight."),
        charts.composition(composition(run.scores)),
    )


def measures(run: Run) -> str:
    """Return the priority map and every measure with its interval and source."""
    scores, colours = run.scores.recommended, of_segments(run.policy, run.scores.table["Segment"])
    rows = [[row["Segment"], *(_measured(row, name) for name in MEASURES)] for row in scores.to_dict("records")]
    used = sorted({str(source) for name in MEASURES for source in scores[f"{name}_source"]})
    sources = "; ".join(f"{name}: {SOURCES[name]}" for name in used)
    return section(
        "Priority and measures",
        paragraph(
            "Right: likelier to come back. Up: worth more. Larger: more customers. Numbers are the order to contact."
        ),
        charts.priority(scores, colours),
        table(
            ("Segment", *(measure.label for measure in MEASURES.values())), rows, numbers=range(1, 1 + len(MEASURES))
        ),
        paragraph(f"The 95 % interval is in brackets. {sentence(sources)}"),
    )


def stories(run: Run) -> str:
    """Return what is unusual about each segment."""
    sentences = {
        segment.name: [sentence(each.words(run.currency)) for each in run.stories[code]]
        for code, segment in enumerate(run.segmentation.tree.segments)
    }
    rows = [(name, " ".join(sentences[name]) or "Like everyone else.") for name in run.scores.recommended["Segment"]]
    about = "Averages and shares of a segment against everyone else; in brackets the 95 % interval of each difference."
    return section("What is unusual about each segment", paragraph(about), table(("Segment", "What is unusual"), rows))


def tree(run: Run) -> str:
    """Return the tree as a picture and as rules."""
    scores = run.scores.table
    overall = dict(zip(scores["Segment"].tolist(), scores["Overall_Score"].tolist(), strict=True))
    nodes = outline(run.segmentation, overall, run.currency)
    ends = [node for node in nodes if node.is_segment]
    rows = [(n.segment, sentence(n.rule), count(n.size), percent(n.share)) for n in ends]
    return section(
        "From all abandoners to segments",
        paragraph(
            "Wider lines carry more customers. The rules below cover every customer, and no two of them overlap."
        ),
        tree_picture(nodes, of_segments(run.policy, scores["Segment"])),
        table(("Segment", "Rule", "Customers", "Share"), rows, numbers=(2, 3)),
    )


def campaigns(run: Run) -> str:
    """Return what to send to whom."""
    by_name = {segment.name: segment.campaign for segment in run.segmentation.tree.segments}
    stopped = run.scores.stopped
    ranked = [(name, by_name[name]) for name in run.scores.recommended["Segment"] if name not in stopped]
    rows = [(name, each.audience, each.message, each.offer, each.channel, each.timing) for name, each in ranked]
    lines = [f"{name}: {NO_CAMPAIGN}" for name in run.scores.recommended["Segment"] if name in stopped]
    return section(
        "Recommended campaigns",
        table(("Segment", "Audience", "Message", "Offer", "Channel", "Timing"), rows),
        *([listed(lines)] if lines else []),
    )


def proof(run: Run) -> str:
    """Return the proof, the cuts and what sizing did."""
    return section(
        "Proof: every customer in exactly one segment",
        listed(proof_words(run)),
        "<h3>Cuts</h3>",
        table(THRESHOLDS, threshold_rows(run)),
        "<h3>Sizes</h3>",
        listed(sizing_words(run)),
    )


def data(run: Run) -> str:
    """Return where the rows went, and what to know."""
    reasons = [(Reason(code).sentence, count(number)) for code, number in run.accounting.reasons.items()]
    parts = [table(("Rows", "Number"), account_rows(run), numbers=(1,))]
    if reasons:
        parts += ["<h3>Why rows were set aside</h3>", table(("Reason", "Rows"), reasons, numbers=(1,))]
    if run.warnings:
        parts += ["<h3>Please note</h3>", listed([sentence(text) for text in run.warnings])]
    return section("Data accounting", *parts)


def provenance(run: Run, versions: Mapping[str, str]) -> str:
    """Return what this report can be made again from."""
    files = [(source.name, f"{count(source.rows_read)} rows, SHA-256 {source.sha256}") for source in run.sources]
    assumed = run.scores.assumptions
    baseline, lift = assumed.stated_baseline, assumed.stated_lift
    assumptions = [
        ("Conversion without a campaign", "{} ({} to {})".format(*(percent(each, 1) for each in baseline))),
        ("Relative lift of a campaign", "{} ({} to {})".format(*(percent(each) for each in lift))),
        ("Contribution margin", percent(assumed.margin, 1)),
        ("Cost of a contact", money(assumed.contact_cost, run.currency)),
    ]
    hashes = [
        ("Policy", f"{run.policy.title} ({run.policy.name})"),
        ("Policy hash", run.policy_hash),
        ("Input hash", run.input_hash),
        *((name, version) for name, version in versions.items()),
    ]
    return section(
        "What this rests on",
        "<h3>Assumptions of the policy</h3>",
        table(("Assumption", "Value"), assumptions),
        "<h3>Versions and hashes</h3>",
        table(("What", "Value"), [*hashes, *files]),
    )


def _segment_row(row: Mapping[Hashable, Any], currency: str) -> tuple[str, ...]:
    return (
        row["Segment"],
        str(row["Send_Order"]),
        count(row["Size"]),
        count(row["Reachable"]),
        money(row["Profit_per_Send"], currency),
        money(row["Incremental_Profit"], currency),
        row["Incremental_Profit_source"],
        score(row["Overall_Score"]),
        interval(score(row["Overall_Score_low"]), score(row["Overall_Score_high"])),
        percent(row["P_best"]),
    )


def _measured(row: Mapping[Hashable, Any], name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if math.isnan(value) or math.isnan(low):
        return score(value)
    shown = interval(score(low), score(high))
    return score(value) if shown == score(value) else f"{score(value)} ({shown})"


def html_report(run: Run, *, versions: Mapping[str, str] | None = None) -> bytes:
    """Return the report; equal runs and versions give equal bytes."""
    title = f"Cart recovery segments, {days(run.window.start, run.window.end)}"
    sources = ", ".join(source.name for source in run.sources)
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>\n{_STYLE.read_text(encoding='utf-8')}</style></head>"
    )
    parts = [
        f"<header><h1>{escaped(title)}</h1>{paragraph(f'{run.policy.title}. Customers from {sources}.')}</header>",
        summary(run),
        segments(run),
        measures(run),
        stories(run),
        tree(run),
        campaigns(run),
        proof(run),
        data(run),
        provenance(run, versions or {}),
    ]
    return seal(f"{head}<body><main>{''.join(parts)}</main></body><!-- {ZEROS} --></html>\n")
