"""Two periods under one frozen tree, or two policies over one period: what grew, what drifted, who moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from analysis import Run
from analysis.engines.anywhere import spool_in
from retention.customers.normalise import text_column
from retention.errors import OptionError, ensure
from retention.partition.fitted import FittedTree, PartedSegmentation, Partition, Segmentation
from retention.partition.sizing import SizeLimits
from retention.partition.what_if import WhatIf, moves
from retention.policy.policy import Policy, Sizes
from retention.policy.yaml_text import policy_hash
from segment_scorer import SegmentScores, score
from segmentation_engine import assign, assign_parts, fit, fit_parts


@dataclass(frozen=True)
class Drift:
    """One cut of the policy in both periods."""

    feature: str
    asked: float | str
    earlier: float
    later: float

    @property
    def change(self) -> float:
        """Relative change of the cut; not a number where the earlier one is 0."""
        return (self.later - self.earlier) / abs(self.earlier) if self.earlier else float("nan")


@dataclass(frozen=True)
class Comparison:
    """The later period under the earlier period's tree, without the customers of both.

    Args:
        policy: Of the earlier period.
        currency: Of the later period, or of the earlier one where that has none.
        segments: Their names, in the order of the tree.
        table: One row per segment: Segment, Size, Share, Overall_Score, Incremental_Profit of both periods
            (`_earlier`, `_later`) and `Size_change` [customers], `Share_change`, `Overall_change`.
        drift: The policy's cuts in both periods; empty if the policies differ.
        migration: Customers present in both, by earlier segment (rows) and later one (columns).
        arrived: Customers of the later period who were not in the earlier one.
        left: Customers of the earlier period who are not in the later one.
    """

    policy: Policy
    currency: str
    segments: tuple[str, ...]
    table: pd.DataFrame
    drift: tuple[Drift, ...]
    migration: npt.NDArray[np.int64]
    arrived: int
    left: int

    @property
    def stayed(self) -> int:
        """Customers present in both periods."""
        return int(self.migration.sum())

    @property
    def earlier(self) -> int:
        """Customers of the earlier period."""
        return self.stayed + self.left

    @property
    def later(self) -> int:
        """Customers of the later period."""
        return self.stayed + self.arrived


def compare(earlier: Run, later: Run) -> Comparison:
    """Compare two runs under the earlier one's tree; their customers may come in parts.

    Raises:
        OptionError: The runs are the same period, or the later data lacks a column of the tree.
    """
    tree = earlier.segmentation.tree
    if earlier.window == later.window and earlier.input_hash == later.input_hash:
        raise OptionError("both periods are the same", hint="Choose two different saved periods")
    lacking = [name for name in tree.features if name not in later.segmentation.customers.columns]
    if lacking:
        raise OptionError(
            f"the later period has no column {', '.join(lacking)}, which the earlier tree splits on",
            hint="Compare periods whose files have the same columns",
        )
    frozen = _under(later.segmentation, tree)
    # With other weights or assumptions part of a change would come from the settings, so they are frozen like the tree.
    # The evidence is about the customers who are scored, who are the later ones.
    scores = score(
        frozen, weights=earlier.weights, assumptions=earlier.scores.assumptions, evidence=later.scores.evidence
    )
    migration, arrived, left = _migration(earlier.segmentation, frozen)
    names = tree.names
    table, drift = _side_by_side(earlier.scores.table, scores.table, names), _drift(earlier, later)
    currency = later.currency or earlier.currency
    return Comparison(earlier.policy, currency, names, table, drift, migration, arrived, left)


def _under(own: Segmentation, tree: FittedTree) -> Segmentation:
    """Return the same customers under another tree."""
    if isinstance(own, PartedSegmentation):
        return assign_parts(own.rows, tree, waves=False)
    return assign(own.customers, tree)


def _refitted(own: Segmentation, policy: Policy) -> Segmentation:
    """Return the same customers under another policy."""
    if isinstance(own, PartedSegmentation):
        return _under(own, fit_parts(own.rows, policy))
    return assign(own.customers, fit(own.customers, policy))


@dataclass(frozen=True)
class PolicyChange:
    """Two policies over the customers of one run.

    Args:
        moves: Customers by segment before (rows) and after (columns).
    """

    before: Partition
    after: Partition
    moves: npt.NDArray[np.int64]
    scores: tuple[SegmentScores, SegmentScores]


def compare_policies(run: Run, what_if: WhatIf, before: Policy, after: Policy) -> PolicyChange:
    """Return where the customers of a run are under two policies, from the what-if cube where its cells tell.

    What the run was asked for in place of its policy's own settings goes for both.

    Raises:
        InputError: A policy does not fit the customers.
    """
    policies = [_as_asked(run, each) for each in (before, after)]
    trees = [what_if.tree_of(each) for each in policies]
    parts: list[Partition] = [Partition(tree, what_if.cube) for tree in trees if tree is not None]
    codes, weights = [part.tree.segment_of_cell for part in parts], what_if.cube.size if len(parts) == 2 else None
    if weights is None:
        today, own = run.segmentation, policy_hash(_as_asked(run, run.policy))
        placed = [
            today if policy_hash(each) == own and not run.accounting.erased else _refitted(today, each)
            for each in policies
        ]
        # Without the customers, of whom a comparison that is remembered must not hold any.
        parts = [Partition(each.tree, each.cube) for each in placed]
        codes = [
            np.concatenate([part.codes for part in each.in_parts(each.tree.features, waves=False)]) for each in placed
        ]
    scores = [
        score(part, weights=each.weights, assumptions=each.assumptions, evidence=run.scores.evidence)
        for part, each in zip(parts, policies, strict=True)
    ]
    moved = moves(codes[0], codes[1], (len(parts[0].tree.segments), len(parts[1].tree.segments)), weights)
    return PolicyChange(parts[0], parts[1], moved, (scores[0], scores[1]))


def _as_asked(run: Run, policy: Policy) -> Policy:
    """Return a policy with what the run was asked for in place of its own policy's settings."""
    own, limits = run.policy, run.segmentation.tree.limits
    settings = {"weights": (run.weights, own.weights), "assumptions": (run.scores.assumptions, own.assumptions)}
    update: dict[str, object] = {name: wanted for name, (wanted, usual) in settings.items() if wanted != usual}
    # The minimum is a share of all who were there, who was erased since among them.
    if limits != SizeLimits.of(own.sizes, sum(run.segmentation.sizes) + run.accounting.erased):
        sizes = Sizes(min_size=limits.minimum, max_size=max(limits.maximum, limits.minimum))
        update["sizes"] = sizes.model_copy(update={"split_oversize": limits.split_oversize})
    return policy.model_copy(update=update)


def _migration(earlier: Segmentation, later: Segmentation) -> tuple[npt.NDArray[np.int64], int, int]:
    columns, sizes = ["user_id", *later.tree.features], list[int]()
    rows = sum(earlier.sizes) + sum(later.sizes)
    with TemporaryDirectory() as place, spool_in(Path(place)).engine(rows) as joining:
        for week, into in ((earlier, "INSERT INTO earlier FROM part"), (later, "INSERT INTO later FROM part")):
            joining.execute(f"CREATE TEMP TABLE {into.split()[2]} (customer VARCHAR, code INTEGER)")
            for own in week.in_parts(columns, waves=False):
                joining.register("part", pa.table({"who": text_column(own.customers, "user_id"), "code": own.codes}))
                joining.execute(into)
            sizes.append(sum(week.sizes))
        moved = joining.execute(_MOVED).fetchnumpy()
    matrix = np.zeros((len(earlier.tree.segments),) * 2, dtype=np.int64)
    matrix[moved["was"], moved["now"]] = moved["customers"]
    left, arrived = (size - int(matrix.sum()) for size in sizes)
    ensure(min(arrived, left) >= 0, "moved is at most each universe")
    return matrix, arrived, left


_MOVED = """
SELECT earlier.code AS was, later.code AS now, count(*) AS customers
FROM earlier JOIN later USING (customer) GROUP BY ALL
"""


def _drift(earlier: Run, later: Run) -> tuple[Drift, ...]:
    if policy_hash(earlier.policy) != policy_hash(later.policy):
        return ()
    own = {(t.feature, t.asked): t.cut for t in later.segmentation.tree.thresholds}
    return tuple(
        Drift(t.feature, t.asked, t.cut, own[t.feature, t.asked])
        for t in earlier.segmentation.tree.thresholds
        if (t.feature, t.asked) in own
    )


def _side_by_side(earlier: pd.DataFrame, later: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    columns = ["Size", "Share", "Overall_Score", "Incremental_Profit"]
    sides = []
    for table, suffix in ((earlier, "_earlier"), (later, "_later")):
        side = table.assign(Share=table["Size"] / table["Size"].sum()).set_index("Segment")[columns]
        sides.append(side.add_suffix(suffix))
    joined = sides[0].join(sides[1], how="outer").reindex([*order]).rename_axis("Segment").reset_index()
    for name, short in (("Size", "Size_change"), ("Share", "Share_change"), ("Overall_Score", "Overall_change")):
        joined[short] = joined[f"{name}_later"] - joined[f"{name}_earlier"]
    return joined
