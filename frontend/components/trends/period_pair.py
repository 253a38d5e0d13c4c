"""What changed most between two weeks, in sentences."""

from collections.abc import Iterator

from analysis.comparison import Comparison, Drift
from frontend.components.trends.moves import moves
from frontend.utils import format as fmt
from retention.customers.contracts import COLUMNS

DRIFTED = 0.02
"""A cut that moved by less than this share is not worth a sentence."""


def cut_name(drift: Drift) -> str:
    """Return a cut for people, such as `Average order value, 80 % of customers`."""
    label = COLUMNS[drift.feature].label
    return f"{label[0].upper()}{label[1:]}, {fmt.cut_words(drift.asked)}"


def words(pair: Comparison) -> list[str]:
    """Return what changed most, in sentences."""
    return [*_sizes(pair), *_scores(pair), *_cuts(pair), *_people(pair)]


def _sizes(pair: Comparison) -> Iterator[str]:
    change = pair.later - pair.earlier
    if pair.earlier:
        yield (
            f"The later week has {fmt.counted(pair.later, 'abandoner')}, {fmt.change(change)} "
            f"({fmt.percent_change(change / pair.earlier)}) against the earlier one."
        )
    rows = pair.table.dropna(subset=["Share_change"]).to_dict("records")
    most, least = (choose(rows, key=lambda row: row["Share_change"]) for choose in (max, min))
    for row, verb in ((most, "grew"), (least, "shrank")):
        if round(100 * abs(row["Share_change"]), 1) and (row["Share_change"] > 0) == (verb == "grew"):
            yield (
                f"{row['Segment']} {verb} most as a share: from {fmt.percent(row['Share_earlier'], 1)} to "
                f"{fmt.percent(row['Share_later'], 1)} of all, {_in_numbers(int(row['Size_change']))}."
            )


def _in_numbers(change: int) -> str:
    more = "more" if change > 0 else "fewer"
    return f"{fmt.counted(abs(change), f'{more} customer')} than before" if change else "as many customers as before"


def _scores(pair: Comparison) -> Iterator[str]:
    rows = pair.table.dropna(subset=["Overall_change"]).to_dict("records")
    row = max(rows, key=lambda row: abs(row["Overall_change"]), default=None)
    if row and round(abs(row["Overall_change"]), 2):
        yield (
            f"The overall score changed most for {row['Segment']}: from "
            f"{fmt.score(row['Overall_Score_earlier'])} to {fmt.score(row['Overall_Score_later'])}."
        )


def _cuts(pair: Comparison) -> Iterator[str]:
    drifted = [drift for drift in pair.drift if abs(drift.change) >= DRIFTED]
    if drifted:
        most = max(drifted, key=lambda drift: abs(drift.change))
        yield (
            f"The cut that drifted most is {cut_name(most)}: from {fmt.number_words(most.earlier)} to "
            f"{fmt.number_words(most.later)} ({fmt.percent_change(most.change)})."
        )
    elif pair.drift:
        yield f"No cut drifted by {fmt.percent(DRIFTED)} or more."


def _people(pair: Comparison) -> Iterator[str]:
    if not pair.stayed:
        yield "No customer is in both weeks."
        return
    changed = moves(pair.migration, pair.segments, pair.segments)
    share = int(changed["Customers"].sum()) / pair.stayed
    text = f"{fmt.counted(pair.stayed, 'customer')} in both weeks; {fmt.percent(share)} of them changed segment"
    if len(changed):
        most = changed.to_dict("records")[0]
        text += f", most from {most['From']} to {most['To']} ({fmt.count(int(most['Customers']))})"
    yield f"{text}."
