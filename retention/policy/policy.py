"""The policy: what the marketer means, a decision tree as data.

A policy is intent. It says which column is split where (`90`, `q80`, a mix of both, or learned), which branch a
missing value takes, which campaign each named leaf gets, and what is assumed about money. It holds no
number of any data set: `segmentation_engine.fit` turns it into a fitted tree.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator, model_validator

from retention.customers.contracts import CATEGORICAL_FEATURES, COLUMNS, NUMERIC_FEATURES, OUTCOMES
from retention.errors import did_you_mean

QUANTILE = re.compile(r"q([0-9]{1,2}(?:\.[0-9]{1,9})?)")
MAX_DEPTH = 12
_PLAIN = r"[^\x00-\x1f\x7f]"
_INK = r"[^\s\x00-\x1f\x7f]"
Name = Annotated[str, Field(strict=True, min_length=1, max_length=60, pattern=f"^{_INK}({_PLAIN}*{_INK})?$")]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=400)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Money = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]
Ratio = Annotated[float, Field(strict=True, ge=-1, le=100, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]


USUAL = 0.98
"""Logits on each side that a baseline without a range of its own may be off: .08 lies between .03 and .19."""


class _Model(BaseModel):
    """Frozen, and strict about keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Campaign(_Model):
    """What to send to a segment."""

    audience: Text
    message: Text
    offer: Text
    channel: Text
    timing: Text


def _ordered(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must have low <= value <= high, not {low}, {value}, {high}")


class Lift(_Model):
    """Assumed relative lift of the conversion rate against no campaign, with the range believed in."""

    value: Ratio = 0.15
    low: Ratio = 0.0
    high: Ratio = 0.30

    @model_validator(mode="after")
    def _ranged(self) -> Self:
        _ordered("lift", self.value, self.low, self.high)
        return self


class Baseline(_Model):
    """Assumed conversion rate without a campaign, with the range believed in."""

    value: Share
    low: Share
    high: Share

    @model_validator(mode="after")
    def _ranged(self) -> Self:
        _ordered("baseline_conversion", self.value, self.low, self.high)
        return self


class Assumptions(_Model):
    """Numbers that nobody measured yet; every result that uses them is labelled `assumed`."""

    baseline_conversion: Annotated[
        Annotated[Share, Tag("share")] | Annotated[Baseline, Tag("range")],
        Discriminator(lambda given: "range" if isinstance(given, dict | Baseline) else "share"),
    ] = Field(default=0.08, description="Share of abandoners who buy without a campaign; it may have a range.")
    lift: Lift = Field(default_factory=Lift, description="Relative lift of a campaign.")
    margin: Share = Field(default=0.30, description="Contribution margin as a share of revenue.")
    contact_cost: Money = Field(default=0.02, description="Cost of contacting one customer, in money.")
    discount: Money = Field(default=0.0, description="Cost of one redeemed discount, in money.")
    redemption: Share = Field(default=0.0, description="Share of all treated customers who redeem the discount.")

    @property
    def stated_baseline(self) -> tuple[float, float, float]:
        """The baseline with the lower and the upper end of its range: a plain number has the usual one around it."""
        stated = self.baseline_conversion
        if isinstance(stated, Baseline):
            return stated.value, stated.low, stated.high
        if not 0 < stated < 1:
            return stated, stated, stated
        odds = stated / (1 - stated)
        low, high = (odds * math.exp(logits) / (1 + odds * math.exp(logits)) for logits in (-USUAL, USUAL))
        return stated, low, high

    def plain(self, name: str) -> float:
        """Return an assumption as one number."""
        return self.stated_baseline[0] if name == "baseline_conversion" else float(getattr(self, name))

    @property
    def stated_lift(self) -> tuple[float, float, float]:
        """The lift with the lower and the upper end of its range."""
        return self.lift.value, self.lift.low, self.lift.high


class Sizes(_Model):
    """How small and how large a segment may be."""

    min_size: Count | None = Field(default=None, description="Empty: min(500, ceil(3 % of the universe)).")
    max_size: Count = 20_000
    split_oversize: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_size is not None and self.min_size > self.max_size:
            raise ValueError(f"min_size {self.min_size} is above max_size {self.max_size}")
        return self


class Weights(_Model):
    """Weights of the measures in `Overall_Score`; only their proportions matter."""

    conv_pot: Weight = 0.35
    lift: Weight = 0.25
    size: Weight = 0.15
    profitability: Weight = 0.15
    strategic_fit: Weight = 0.10
    campaign_efficiency: Weight = 0.0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if sum(self.model_dump().values()) <= 0:
            raise ValueError("at least one weight must be above 0")
        return self


def quantile_of(cut: float | str) -> float | None:
    """Return the share that a quantile cut asks for, or None for a value.

    >>> quantile_of("q80"), quantile_of("q2.5"), quantile_of(90)
    (0.8, 0.025, None)
    """
    match = QUANTILE.fullmatch(cut) if isinstance(cut, str) else None
    return float(match[1]) / 100 if match else None


def _checked_cut(cut: object) -> float | str:
    if isinstance(cut, str):
        match = QUANTILE.fullmatch(cut)
        if match is None or float(match[1]) == 0:
            raise ValueError(f"cut '{cut}' is neither a number nor a quantile between q0 and q100, such as q80")
        return cut
    # YAML reads `yes` as True, which Python counts as the number 1. Fitted cuts of 1e300 and more mean "without end",
    # so a policy may not ask for one.
    if isinstance(cut, bool) or not isinstance(cut, int | float) or not -1e300 < cut < 1e300:
        raise ValueError(f"cut {cut!r} is neither a finite number nor a quantile such as q80")
    return float(cut)


class LearnedCuts(_Model):
    """Cuts that are learned from the customers: how, how many branches, and, if supervised, what they must tell of."""

    method: Literal["quantile", "kmeans", "equal", "share", "supervised"]
    bins: Annotated[int, Field(strict=True, ge=2, le=33)] = 3
    outcome: Text | None = Field(default=None, description="For supervised cuts: a number or a yes/no column.")

    @model_validator(mode="after")
    def _outcome(self) -> Self:
        if (self.method == "supervised") != (self.outcome is not None):
            raise ValueError("supervised cuts need an 'outcome', such as recovered; other methods have none")
        if self.outcome is not None and self.outcome not in OUTCOMES:
            raise ValueError(
                f"outcome '{self.outcome}' is neither a number nor a yes/no column of the contract. "
                f"{did_you_mean(self.outcome, OUTCOMES)}"
            )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each cut, which stands where other cuts have their value or quantile."""
        how = f"from {self.outcome}" if self.outcome else f"by {self.method}"
        return tuple(f"{place} of {self.bins - 1}, learned {how}" for place in range(1, self.bins))


class Split(_Model):
    """One inner node: a column, its cuts or groups, and a branch for everything that can occur.

    A numeric split has `cuts`, listed or learned, and one branch more than cuts, in ascending order and right-closed:
    a value equal to a cut goes to the lower branch. A categorical split has `groups` (branch -> values) and
    `else`. `missing` names the branch of a missing value; that may be a branch of its own, listed last.
    """

    split: Text
    cuts: (
        Annotated[
            Annotated[tuple[float | str, ...], Field(min_length=1, max_length=32), Tag("listed")]
            | Annotated[LearnedCuts, Tag("learned")],
            Discriminator(lambda given: "learned" if isinstance(given, dict | LearnedCuts) else "listed"),
        ]
        | None
    ) = None
    groups: dict[Name, tuple[Text, ...]] | None = Field(default=None, min_length=1)
    otherwise: Name | None = Field(default=None, alias="else")
    missing: Name
    branches: dict[Name, "Node"] = Field(min_length=2)

    @field_validator("cuts", mode="before")
    @classmethod
    def _cuts(cls, cuts: object) -> object:
        if not isinstance(cuts, list | tuple):
            return cuts
        checked = tuple(_checked_cut(cut) for cut in cuts)
        # Where a quantile lies among values only the data can tell, so before there is any each kind is compared with
        # itself.
        for kind, same in (("values", float), ("quantiles", str)):
            numbers = [c if isinstance(c, float) else float(c[1:]) for c in checked if isinstance(c, same)]
            if any(b <= a for a, b in pairwise(numbers)):
                raise ValueError(f"cuts must increase: the {kind} {numbers} do not")
        return checked

    @model_validator(mode="after")
    def _total(self) -> Self:
        if (self.cuts is None) == (self.groups is None):
            raise ValueError(f"the split on '{self.split}' needs either cuts or groups")
        known = NUMERIC_FEATURES if self.cuts is not None else CATEGORICAL_FEATURES
        if isinstance(self.cuts, LearnedCuts) and self.cuts.outcome == self.split:
            raise ValueError(f"the cuts of '{self.split}' cannot be learned from '{self.split}' itself")
        if self.split not in known:
            kind = "numeric" if self.cuts is not None else "categorical"
            raise ValueError(
                f"'{self.split}' is not a {kind} column of the contract. {did_you_mean(self.split, known)}"
            )
        if self.cuts is not None:
            self._check_numeric()
        else:
            self._check_categorical()
        return self

    @property
    def asked(self) -> tuple[float | str, ...]:
        """What the policy asks of each cut, in order: a value, a quantile, or the name of a learned one."""
        return self.cuts.names if isinstance(self.cuts, LearnedCuts) else self.cuts or ()

    def _check_numeric(self) -> None:
        if self.otherwise is not None:
            raise ValueError("'else' belongs to a categorical split, not to one with cuts")
        intervals, names = len(self.asked) + 1, list(self.branches)
        if self.missing not in names:
            raise ValueError(f"missing: '{self.missing}' is not a branch. {did_you_mean(self.missing, names)}")
        own = len(names) == intervals + 1 and names[-1] == self.missing
        if len(names) != intervals and not own:
            raise ValueError(
                f"{intervals - 1} cuts make {intervals} branches, and one more, last, if missing has its own; "
                f"there are {len(names)}"
            )

    def _check_categorical(self) -> None:
        groups = self.groups or {}
        if self.otherwise is None:
            raise ValueError("a categorical split needs 'else': the branch of every value that no group lists")
        wanted = {*groups, self.otherwise, self.missing}
        if wanted != set(self.branches):
            odd = ", ".join(sorted(wanted.symmetric_difference(self.branches)))
            raise ValueError(f"branches must be those of groups, else and missing; these do not match: {odd}")
        hollow = sorted(label for label, group in groups.items() if not any(map(fold_category, group)))
        if hollow:
            raise ValueError(f"groups: these list no value: {', '.join(hollow)}")
        values = Counter(fold_category(value) for group in groups.values() for value in group)
        twice = sorted(value for value, count in values.items() if count > 1)
        if twice or "" in values:
            raise ValueError(f"groups: a value is listed twice or is empty: {', '.join(twice)}")


def fold_category(value: str) -> str:
    """Return a category as it is compared: without outer blanks, case-folded.

    >>> fold_category(" North ") == fold_category("NORTH")
    True
    """
    return value.strip().casefold()


def _node_kind(node: Any) -> str:
    return "split" if isinstance(node, Split | dict) else "leaf"


Node = Annotated[Annotated[Split, Tag("split")] | Annotated[Name, Tag("leaf")], Discriminator(_node_kind)]
Split.model_rebuild()

OTHER = "Other"
ALL = "All abandoners"
_GENERAL = Campaign(
    audience="Abandoners of groups too small for a campaign of their own",
    message="Your cart is still here",
    offer="No discount; free returns",
    channel="E-mail",
    timing="Within 24 hours, one reminder",
)


class Policy(_Model):
    """A decision tree with named leaves, their campaigns, sizes, weights and assumptions."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    title: Text
    description: Text
    tree: Node
    segments: dict[Name, Campaign] = Field(min_length=1)
    other: Campaign = Field(
        default=_GENERAL, description="Campaign of the ELSE segment and of a universe too small to split."
    )
    sizes: Sizes = Field(default_factory=Sizes)
    weights: Weights = Field(default_factory=Weights)
    assumptions: Assumptions = Field(default_factory=Assumptions)

    @model_validator(mode="after")
    def _leaves_are_segments(self) -> Self:
        if depth(self.tree) > MAX_DEPTH:
            raise ValueError(f"tree: deeper than {MAX_DEPTH} splits")
        leaves = Counter(leaf_names(self.tree))
        twice = sorted(name for name, count in leaves.items() if count > 1)
        if twice:
            raise ValueError(f"tree: leaf name used twice: {', '.join(twice)}")
        for reserved in (OTHER, ALL):
            if reserved in leaves:
                raise ValueError(f"tree: '{reserved}' is reserved for the ELSE segment; choose another leaf name")
        odd = sorted(set(leaves).symmetric_difference(self.segments))
        if odd:
            raise ValueError(f"segments must list exactly the leaves of the tree; these do not match: {', '.join(odd)}")
        return self


def splits(node: Split | str) -> Iterator[Split]:
    """Yield the splits below and including a node, depth first."""
    if isinstance(node, Split):
        yield node
        for child in node.branches.values():
            yield from splits(child)


def leaf_names(node: Split | str) -> Iterator[str]:
    """Yield the leaf names below a node, in the order of the tree."""
    if isinstance(node, Split):
        for child in node.branches.values():
            yield from leaf_names(child)
    else:
        yield node


def depth(node: Split | str) -> int:
    """Return the number of splits on the longest path below a node."""
    return 1 + max(depth(child) for child in node.branches.values()) if isinstance(node, Split) else 0


def features(policy: Policy) -> tuple[str, ...]:
    """Return the columns that a policy splits on, each once, in the order of the contract."""
    used = {split.split for split in splits(policy.tree)}
    return tuple(name for name in COLUMNS if name in used)
