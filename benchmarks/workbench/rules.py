"""All gaps and overlaps of large decision tables, against a sweep over the columns and against published times.

The tables are the leaves of a random tree, of which one in ten has gone or reaches into its neighbours. Calvanese and
others (Semantics and analysis of DMN decision tables, BPM 2016) report, for tables of 1,500 rules, under 3 s for all
overlaps and under 2 s for all gaps.
"""

import time

import numpy as np

from benchmarks.harness import Row, at_least, paired, single, times_note
from retention.rules.audit import RuleAudit, audit
from retention.rules.decision_table import read_table
from retention.rules.logic import RuleSet

COLUMNS = {
    "avg_order_value": 500.0,
    "cart_value": 500.0,
    "engagement_score": 1.0,
    "profitability_score": 1.0,
    "days_since_last_order": 365.0,
}
NOISE = 0.1


def run() -> list[Row]:
    """Return the rows of the audit of rules."""
    return [_timed(1_500, 5, 1.0), _timed(10_000, 5, 10.0), _swept()]


def random_table(rules: int, columns: int, *, seed: int = 1) -> RuleSet:
    """Return the rules of a random table with gaps and overlaps, the same in every run."""
    rng = np.random.default_rng(seed)
    names = list(COLUMNS)[:columns]
    leaves: list[dict[str, tuple[float, float]]] = [{}]
    while len(leaves) < rules:
        place, name = int(rng.integers(len(leaves))), names[int(rng.integers(columns))]
        low, high = leaves[place].get(name, (0.0, COLUMNS[name]))
        cut = round(float(low + (high - low) * rng.uniform(0.2, 0.8)), 0 if name.startswith("days") else 4)
        if low < cut < high:
            leaf = leaves[place]
            leaves[place] = leaf | {name: (low, cut)}
            leaves.append(leaf | {name: (cut, high)})
    lines = [",".join(["segment", *names])]
    for place, leaf in enumerate(leaves):
        noisy = rng.random() < NOISE
        if noisy and rng.random() < 0.5:
            continue
        wide = list(leaf)[int(rng.integers(len(leaf)))] if noisy else ""
        ends = {name: leaf.get(name, (0.0, COLUMNS[name])) for name in names}
        lines.append(",".join([f"S{place}", *(_cell(name, *ends[name], wide=name == wide) for name in names)]))
    return read_table("\n".join(lines), "table.csv")


def _cell(name: str, low: float, high: float, *, wide: bool) -> str:
    high += 0.3 * (high - low) * wide
    if low == 0:
        return f'"< {high!r}, missing"' if high < COLUMNS[name] else "-"
    return f"[{low!r}..{high!r})" if high < COLUMNS[name] else f">= {low!r}"


def sweep(found: RuleAudit) -> int:
    """Return the regions without a rule, column by column, cut at every bound of the rules that are still active."""
    low, high = found.parts.low.tolist(), found.parts.high.tolist()
    sizes = [axis.size for axis in found.space.axes]

    def gaps(column: int, active: list[int]) -> int:
        edges = {0, *(low[rule][column] for rule in active), *(high[rule][column] + 1 for rule in active)}
        count = 0
        for edge in edges - {sizes[column]}:
            here = [rule for rule in active if low[rule][column] <= edge <= high[rule][column]]
            count += not here if not here or column + 1 == len(sizes) else gaps(column + 1, here)
        return count

    return gaps(0, list(range(len(low))))


def _timed(rules: int, columns: int, limit: float) -> Row:
    table = random_table(rules, columns)
    found = audit(table)
    times = sorted(_processor_seconds(table) for _ in range(5))
    counts = f"{len(found.gaps):,} gaps and {len(found.overlaps):,} overlapping pairs"
    note = f"{counts}, {times[0]:.2f} to {times[-1]:.2f} s"
    what = f"all gaps and overlaps of {rules:,} rules x {columns} columns"
    return single(what, "seconds of a core", times[2], limit, note)


def _processor_seconds(table: RuleSet) -> float:
    """Return what one audit takes of one core: a clock on the wall would tell what else the machine does."""
    start = time.process_time()
    audit(table)
    return time.process_time() - start


def _swept() -> Row:
    table = random_table(1_500, 3)
    found = audit(table)
    pairs = paired(lambda: audit(table), lambda: sweep(found), runs=3)
    what = "gaps and overlaps of 1,500 rules x 3 columns, against a sweep for the gaps alone"
    return at_least(what, pairs, 2, times_note(pairs))
