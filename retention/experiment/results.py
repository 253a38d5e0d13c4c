"""The results of an experiment, from its customers to a verdict: checks first, then lift, then words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import ensure
from retention.experiment.guardrails import Guarded, Guardrail, guarded
from retention.experiment.lift import (
    Costs,
    Heterogeneity,
    add_shrunk,
    adjusted_for_rows,
    arm_table,
    differ,
    holm,
    lift_table,
)
from retention.experiment.observations import Observations, Tally, tally
from retention.experiment.sample_ratio import ALARM, SampleRatio, check_ratio
from retention.experiment.stratified import stratify
from retention.experiment.words import MEANING, EffectFacts, Estimate, groups_words, ratio_words, verdict, words
from retention.policy.policy import Assumptions
from retention.scores.arithmetic import Stated

ADJUSTMENT = (
    "Holm: the treatments and all of them together are one family, all groups x treatments another; conversions, "
    "revenue and profit each by themselves"
)


@dataclass(frozen=True)
class Planned:
    """What was planned and what was assigned, as far as it is known.

    Args:
        shares: Share of each arm, in the order of the arms; None: not known, so nothing is checked.
        group_shares: Shares by group, where groups have shares of their own.
        assigned: Customers per arm before rows without an outcome were left out; None: as observed.
    """

    shares: Sequence[float] | None = None
    group_shares: Mapping[str, Sequence[float]] = field(default_factory=dict)
    assigned: Sequence[int] | None = None
    lift: Stated = Assumptions().stated_lift


@dataclass(frozen=True)
class Capping:
    """Revenue was cut off above an amount: a quantile of all purchases, which was fixed before looking."""

    quantile: float
    amount: float

    @property
    def words(self) -> str:
        """What to know before reading the money."""
        return (
            f"Money is capped: what a customer spent above {self.amount:,.2f}, the {100 * self.quantile:g} % quantile "
            "of all purchases, does not count. Name the quantile before you look at the results"
        )


@dataclass(frozen=True)
class Differing:
    """Whether the groups differ in what one treatment does.

    Args:
        difference: Test of one common difference in percentage points.
        ratio: Test of one common relative lift.
        ratio_p: Its p, adjusted for the treatments.
    """

    arm: str
    difference: Heterogeneity
    ratio: Heterogeneity
    difference_p: float
    ratio_p: float
    words: str


@dataclass(frozen=True)
class Results:
    """What an experiment shows.

    Args:
        arms: Labels; the first is the control.
        sample_ratio: The check of all customers; a mismatch blocks every verdict.
        group_ratios: The checks of the groups; a mismatch blocks the group's verdicts.
        arm_rates: Each arm by itself; see `retention.experiment.lift.arm_table`.
        group_rates: The same per group; no rows without groups.
        overall: Each treatment against the control; see `lift.lift_table`, with `verdict` and `words`;
            within the groups where these have shares of their own.
        pooled: All treatments together against the control; no rows with one treatment, or with such groups.
        groups: As `overall` per group, with shrunk effects and `do_not_contact`; no rows without groups.
        differing: Per treatment, whether the groups differ; empty without groups.
        warnings: What to know before using the numbers.
        costs: What profit was calculated with; None: not known, so there is none.
        capping: How revenue was cut off, if it was.
        guardrails: What each treatment did to each guardrail, all treatments together included.
    """

    arms: tuple[str, ...]
    sample_ratio: SampleRatio
    group_ratios: tuple[SampleRatio, ...]
    arm_rates: pd.DataFrame
    group_rates: pd.DataFrame
    overall: pd.DataFrame
    pooled: pd.DataFrame
    groups: pd.DataFrame
    differing: tuple[Differing, ...]
    warnings: tuple[str, ...]
    costs: Costs | None
    capping: Capping | None = None
    guardrails: tuple[Guarded, ...] = ()


def measure(
    observations: Observations,
    *,
    costs: Costs | None = None,
    planned: Planned | None = None,
    cap: float | None = None,
    guardrails: Sequence[Guardrail] = (),
    currency: str = "",
) -> Results:
    """Return what an experiment shows.

    Args:
        observations: What happened to each customer, by the arm it was assigned to.
        costs: What turns revenue into profit; without them nothing is said about profit.
        planned: What the sample-ratio check compares with.
        cap: Quantile of all purchases above which revenue is cut off; None: nowhere.
        guardrails: What must not get worse, out of the guardrails of the observations.
        currency: Of the money, for the words; empty where it is not known.

    >>> arm = np.repeat([0, 1], 1000)
    >>> converted = np.arange(2000) % 1000 < np.where(arm == 1, 150, 100)
    >>> shown = measure(Observations(("control", "mail"), arm, converted))
    >>> shown.overall["verdict"].item(), shown.sample_ratio.status
    ('works', 'not checked')
    """
    planned, (observations, capping) = planned or Planned(), _capped(observations, cap)
    everybody = observations.ungrouped()
    cells, whole = tally(observations), tally(everybody)
    ensure(int(cells.n.sum()) == int(whole.n.sum()), "customers of the groups = customers")
    check, checks = _check(whole, cells, planned), _group_checks(cells, planned)
    grouped, blocked = bool(cells.groups), check.status == "mismatch"
    overall = lift_table(everybody, costs, cells=whole)
    pooled = lift_table(everybody.pooled(), costs) if len(whole.arms) > 2 else overall.iloc[:0]
    groups = add_shrunk(lift_table(observations, costs, cells=cells), planned.lift) if grouped else overall.iloc[:0]
    # With shares of their own the groups are mixed otherwise in each arm, so put together the arms hold different
    # customers. All treatments as one would do so as well, and that table is left out.
    if planned.group_shares and grouped:
        overall, pooled = stratify(overall, groups, cells, costs), pooled.iloc[:0]
    watched = guarded(everybody, guardrails) + (guarded(everybody.pooled(), guardrails) if len(pooled) else ())
    overall, pooled = _judged_together(overall, pooled, watched, currency, blocked=blocked)
    stopped = [blocked or one.status == "mismatch" for one in checks for _ in cells.arms[1:]]
    return Results(
        observations.arms,
        check,
        checks,
        arm_table(whole),
        arm_table(cells) if grouped else arm_table(whole).iloc[:0],
        overall,
        pooled,
        _with_advice(_judged(groups, stopped, currency=currency)) if grouped else _judged(groups, []),
        _differing(groups, any(stopped)) if grouped else (),
        tuple(_warnings(cells, whole, planned)),
        costs,
        capping,
        watched,
    )


def _capped(observations: Observations, cap: float | None) -> tuple[Observations, Capping | None]:
    if cap is None:
        return observations, None
    capped, amount = observations.capped(cap)
    return capped, Capping(cap, amount)


def _check(whole: Tally, cells: Tally, planned: Planned) -> SampleRatio:
    """Return the check of all customers, with the shares that the groups' own shares add up to."""
    # Customers without an outcome were assigned all the same: without them sound arms could look wrong, and wrong ones
    # sound.
    counts = whole.n[0] if planned.assigned is None else np.asarray(planned.assigned)
    shares = planned.shares
    if planned.group_shares and shares is not None:
        sizes = cells.n.sum(axis=1)
        of_groups = np.array([planned.group_shares.get(group, shares) for group in cells.groups])
        shares = tuple(float(share) for share in sizes @ of_groups / max(1, sizes.sum()))
    return check_ratio(whole.arms, counts, shares)


def _group_checks(cells: Tally, planned: Planned) -> tuple[SampleRatio, ...]:
    """Return the check of each group; the alarm is shared out so that all together alarm at the nominal rate."""
    alarm = ALARM / max(1, len(cells.groups))
    return tuple(
        check_ratio(cells.arms, counts, planned.group_shares.get(group, planned.shares), alarm=alarm)
        for group, counts in zip(cells.groups, cells.n, strict=False)
    )


def _judged_together(
    overall: pd.DataFrame, pooled: pd.DataFrame, watched: Sequence[Guarded], currency: str, *, blocked: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables with verdicts; they are one family of tests."""
    both = adjusted_for_rows(pd.concat([overall, pooled]) if len(pooled) else overall)
    judged = _judged(both, [blocked] * len(both), watched, currency)
    return judged.iloc[: len(overall)], judged.iloc[len(overall) :]


def _judged(
    table: pd.DataFrame, blocked: Sequence[bool], watched: Sequence[Guarded] = (), currency: str = ""
) -> pd.DataFrame:
    facts = [facts_of(row, stop, watched, currency) for (_, row), stop in zip(table.iterrows(), blocked, strict=True)]
    verdicts = pd.Series([verdict(fact) for fact in facts], dtype="str", index=table.index)
    return table.assign(
        verdict=verdicts, words=pd.Series([words(fact) for fact in facts], dtype="str", index=table.index)
    )


def facts_of(
    row: "pd.Series[float]", blocked: bool, watched: Sequence[Guarded] = (), currency: str = ""
) -> EffectFacts:
    """Return what a verdict on one row of a lift table rests on."""

    def estimate(name: str) -> Estimate:
        return Estimate(float(row[name]), float(row[f"{name}_low"]), float(row[f"{name}_high"]))

    return EffectFacts(
        float(row["rate"]),
        float(row["rate_control"]),
        estimate("difference"),
        float(row["p_adjusted"]),
        estimate("revenue_difference"),
        float(row["revenue_p_adjusted"]),
        (float(row["purchases"]), float(row["purchases_control"])),
        estimate("net_profit"),
        float(row["profit_p_adjusted"]),
        blocked,
        tuple(each.words for each in watched if each.status == "broken" and each.arm == str(row["arm"])),
        currency,
    )


def _with_advice(groups: pd.DataFrame) -> pd.DataFrame:
    """Mark groups that are better left alone: contact is shown to lose, or the best that is believed is a loss."""
    lost = groups["verdict"].isin(["harms", "loses money"])
    # Shrunk limits, because among many groups the worst looks worse than it is.
    best = groups["shrunk_difference_high"]
    return groups.assign(do_not_contact=lost | ((best < 0) & (groups["verdict"] != "blocked")))


def _differing(groups: pd.DataFrame, blocked: bool) -> tuple[Differing, ...]:
    tests = {str(arm): differ(rows) for arm, rows in groups.groupby("arm", sort=False)}
    difference_p = holm([difference.p for difference, _ in tests.values()])
    ratio_p = holm([ratio.p for _, ratio in tests.values()])
    return tuple(
        Differing(
            arm,
            difference,
            ratio,
            float(dp),
            float(rp),
            MEANING["blocked"] if blocked else groups_words(float(dp), float(rp)),
        )
        for (arm, (difference, ratio)), dp, rp in zip(tests.items(), difference_p, ratio_p, strict=True)
    )


def _warnings(cells: Tally, whole: Tally, planned: Planned) -> list[str]:
    out = []
    if planned.assigned is not None and _uneven(np.array([whole.n[0], np.asarray(planned.assigned) - whole.n[0]])):
        out.append(
            "Rows without an outcome are not spread evenly over the arms, so leaving them out favours one of them"
        )
    if len(cells.groups) > 1 and not planned.group_shares and _uneven(cells.n):
        out.append(
            "The shares of the arms differ between the groups. If that was planned, read the groups: the overall "
            "comparison mixes them unevenly. If not, the treatment may decide which group a customer is in"
        )
    for group, check in zip(cells.groups, _group_checks(cells, planned), strict=False):
        if check.status == "mismatch":
            out.append(f"{group}: {ratio_words(check)}")
    return out


def _uneven(counts: npt.NDArray[np.int64]) -> bool:
    """Return whether rows of counts have different shares, beyond chance."""
    # An empty row or column has expected counts of 0, which the test refuses.
    table = counts[counts.sum(axis=1) > 0]
    table = table[:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return False
    from scipy.stats import chi2_contingency  # noqa: PLC0415 - a week without results does not wait for it

    return float(chi2_contingency(table, correction=False).pvalue) < ALARM
