"""What is proven of a run, and by which numbers, in plain words; pages and report say the same."""

from analysis import OUTSIDE_WORDS, WITHOUT_END, Accounting, Run
from retention.customers.contracts import COLUMNS
from retention.partition.tree import Threshold
from retention.policy.policy import quantile_of
from retention.wording import SPACE, count, counted, cut_words, number_words, sentence

SOUND = "Every possible customer falls into exactly one segment."
BROKEN = "The rules do not cover every customer exactly once; the numbers below say how often."
SOURCES = {
    "measured": "from the data",
    "modelled": "from a fitted model",
    "heuristic": "by a stated formula, not measured",
    "measured + assumed": "measured by an experiment, together with what the policy assumes",
    "assumed": "set in the policy until an experiment measures it",
}
"""Where numbers come from."""
THRESHOLDS = ("Column", "Asked for", "Cut at", "Note")


def proof_words(run: Run) -> tuple[str, ...]:
    """Return the proof in sentences."""
    proof, universe = run.proof, run.accounting.universe
    whole = proof.exclusive and proof.exhaustive
    leaves = "its one leaf was" if proof.leaves == 1 else f"all {count(proof.leaves)} leaves were"
    cells = (
        f"The cuts of the tree divide all possible customers into {counted(proof.cells, 'cell')}: no rule can tell two "
        "customers of one cell apart. So it is enough to look at each cell once."
    )
    rules = (
        f"The rules of {leaves} asked about each cell, at both ends of its intervals and for missing values: "
        f"{count(proof.gaps)} cells belong to no leaf, {count(proof.overlaps)} belong to two or more, and "
        f"{count(proof.disagreements)} differ from the table that assigns customers."
    )
    counts = (
        f"Of {counted(universe, 'customer')} in the window, {count(sum(run.segmentation.sizes))} are in a segment. "
        "Before files are handed out they are read back, and every user_id is counted again."
    )
    return (SOUND if whole else BROKEN, cells, rules, counts)


def threshold_rows(run: Run) -> list[tuple[str, str, str, str]]:
    """Return the fitted cuts: column, what was asked for, the cut with its unit, and the note."""
    return [
        (
            COLUMNS[each.feature].label.capitalize(),
            _asked(each, run.currency),
            _number(each.feature, each.cut, run.currency),
            sentence(each.told(run.currency)) or "As asked for.",
        )
        for each in run.segmentation.tree.thresholds
    ]


def sizing_words(run: Run) -> list[str]:
    """Return the limits of sizes and what sizing did, in sentences."""
    segmentation = run.segmentation
    limits = segmentation.tree.limits
    head = f"At least {count(limits.minimum)}, at most {count(limits.maximum)} customers to a segment or wave."
    steps = [sentence(str(step)) for step in segmentation.sizing_log]
    return [head, *(steps or ["Every segment is within the limits; nothing was merged or divided."])]


def account_rows(run: Run) -> list[tuple[str, str]]:
    """Return where every input row went."""
    account = run.accounting
    rows = [
        ("Rows read", count(account.read)),
        ("Accepted", count(account.accepted)),
        ("Set aside", count(account.quarantined)),
        ("Outside the window", count(account.outside_window)),
        *_outside(account),
        ("Abandoners in the window", count(account.universe)),
        *([("Cells that cannot be read", count(unread))] if (unread := sum(account.cells_missing.values())) else []),
    ]
    return [*rows, ("Erased on request", count(account.erased))] if account.erased else rows


def _asked(threshold: Threshold, currency: str) -> str:
    words = cut_words(threshold.asked, COLUMNS[threshold.feature].unit, currency)
    return words if quantile_of(threshold.asked) is None else f"{words} at or below"


def _number(feature: str, value: float, currency: str) -> str:
    if abs(value) >= WITHOUT_END:
        return "beyond every value"
    return number_words(value, COLUMNS[feature].unit, currency)


def _outside(account: Accounting) -> list[tuple[str, str]]:
    if account.outside.keys() <= {"other_dates"}:
        return []
    return [(f"{SPACE}{SPACE}{OUTSIDE_WORDS[name]}", count(number)) for name, number in account.outside.items()]
