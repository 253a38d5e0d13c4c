"""What a search of a better tree found: the verdict, its leaves, how firm it is; no drawing."""

from collections.abc import Callable

from analysis.better_tree import BetterTree
from frontend.utils import format as fmt
from retention.experiment.words import Estimate
from retention.search.held_out import TODAY


def writer(better: BetterTree, currency: str) -> Callable[[float, bool], str]:
    """Return how a worth is written, with its sign or without: as money, or as a share of the spread in value."""
    if "Arm" in better.leaves:
        return lambda worth, sign: fmt.money(worth, currency, digits=2, sign=sign)
    return lambda worth, sign: f"{'+' if sign and worth > 0 else ''}{fmt.percent(worth, 1)}"


def _told(each: Estimate, write: Callable[[float, bool], str], *, sign: bool) -> str:
    ends = f" ({write(each.low, sign)} to {write(each.high, sign)})" if each.known else ""
    return f"{write(each.value, sign)}{ends}"


def verdict(better: BetterTree, currency: str) -> str:
    """Return what the tree gains over today's policy, in words."""
    over = better.judged.over[TODAY]
    if not over.known:
        return "Thirty known customers, or thirty conversions in each arm, are the least that an interval needs."
    unit = "for each customer" if "Arm" in better.leaves else "of all the spread in value"
    shown = _told(over, writer(better, currency), sign=True)
    return f"Against today's policy: {shown} {unit}, on customers it has not seen."


def leaves(better: BetterTree, currency: str) -> dict[str, list[str]]:
    """Return the leaves as columns of a table in words."""
    table = better.leaves
    rules = zip(table["Segment"], table["Rule"], strict=True)
    columns = {
        "Segment": [f"{fmt.plain(name)}  \n:small[{fmt.plain(fmt.sentence(rule))}]" for name, rule in rules],
        "Customers": [fmt.count(int(size)) for size in table["Size"]],
        "Share": [fmt.percent(share) for share in table["Share"]],
    }
    if "Arm" not in table:
        return columns | {"Value each": [fmt.money(value, currency) for value in table["Value"]]}
    arms = {f"In {name[3:]}": table[name] for name in map(str, table) if name.startswith("In ")}
    return {
        **columns,
        **{fmt.plain(name): [fmt.count(int(each)) for each in counts] for name, counts in arms.items()},
        "Arm that pays": [fmt.plain(str(arm)) for arm in table["Arm"]],
        "Gain each": [fmt.money(gain, currency, digits=2, sign=True) for gain in table["Gain"]],
    }


def firmness(better: BetterTree) -> dict[str, list[str]]:
    """Return how often each split comes again, as columns of a table in words."""
    return {
        "Split": [fmt.plain(fmt.sentence(each.split).removesuffix(".")) for each in better.chosen],
        "Same column": [fmt.percent(each.feature) for each in better.chosen],
        "Same cut, or beside it": [fmt.percent(each.near) for each in better.chosen],
        "As the first": [fmt.percent(each.root) for each in better.chosen],
    }
