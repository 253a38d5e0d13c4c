"""What an experiment on a run showed: what its customers did after the send, by arm and segment."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import Run
from analysis.experiment_design import baseline_of, common_experiment
from analysis.matching import nobody, places
from analysis.outcome_days import NOT_KNOWN, OutcomeDays, last_to_end
from analysis.outcomes import Outcomes
from data_ingestion.outcomes.outcome_list import GUARDRAIL
from retention.activity.activity import NONE
from retention.customers.reach import TELLING, unreached
from retention.errors import OptionError, ensure
from retention.experiment.arms import Experiment
from retention.experiment.guardrails import Guardrail
from retention.experiment.lift import Costs
from retention.experiment.looks import so_far
from retention.experiment.observations import Observations
from retention.experiment.policy_value import PolicyValue, policy_values
from retention.experiment.results import Planned, Results, measure
from retention.scores.arithmetic import Stated
from retention.scores.measured_lift import MeasuredLift


@dataclass(frozen=True)
class RunResults:
    """The results of a run's experiment.

    Args:
        results: Checks, lifts and words; the groups are the segments.
        found: Customers of the outcomes that the run has.
        foreign: Customers of the outcomes that the run does not have.
        unknown: Customers of the run whose outcome is not known; they are left out.
        days: How many of the outcome days are over; None: not known. Before the last is over the results hold no
            money and no lifts, and intervals that hold however often one looks.
        universe: Customers of the periods, each counted once.
        again: How often one of them was there again in a later period.
        policies: What it is worth to treat the segments that each treatment is recommended for; none before the last
            outcome day, or where the sizes of the arms do not fit.
    """

    results: Results
    experiment: str
    found: int
    foreign: int
    unknown: int
    days: OutcomeDays | None = None
    periods: int = 1
    universe: int = 0
    people: int = 0
    again: int = 0
    policies: tuple[PolicyValue, ...] = ()


def campaign_results(
    periods: Sequence[tuple[Run, Outcomes]],
    *,
    costs: Costs | None = None,
    cap: float | None = None,
    guardrails: Sequence[Guardrail] = (),
) -> RunResults:
    """Return what an experiment showed over its periods; every customer counts in the arm that it was assigned to.

    A customer of several periods counts once: in the first, with what came of that. The treatment may decide who is
    there again, but not who is there for the first time.

    Args:
        periods: Runs with the experiment, each with what its customers did after its send.
        costs: What turns revenue into profit; None takes the first run's assumptions.
        cap: Quantile of all purchases above which revenue is cut off; None: nowhere.
        guardrails: What must not get worse; the outcomes have a column for each.

    Raises:
        OptionError: A run has no experiment or another one, or segments have arms that do not last.
        ContractError: None of the outcomes is of a customer of the runs.
    """
    periods = sorted(periods, key=lambda period: period[0].window.start)
    runs = [run for run, _ in periods]
    experiment = common_experiment(runs)
    rows = [places(run, outcomes.customers, outcomes.country) for run, outcomes in periods]
    matched = _matched([outcomes for _, outcomes in periods], rows)
    if not matched.any():
        raise nobody(matched.index)
    segments = tuple(dict.fromkeys(each.name for run in runs for each in run.segmentation.tree.segments))
    seen = [_observed(*period, place, segments) for period, place in zip(periods, rows, strict=True)]
    known, people, again, universe = _once(seen)
    observations, costs = _observations(known, experiment.arms, segments, guardrails), costs or costs_of(runs[0])
    planned = _planned(experiment, runs[0].scores.assumptions.stated_lift)
    currency = runs[0].currency
    measured = measure(observations, costs=costs, planned=planned, cap=cap, guardrails=guardrails, currency=currency)
    days = last_to_end([outcomes.days for _, outcomes in periods])
    sound = measured.sample_ratio.status != "mismatch" and (days is None or days.final)
    return RunResults(
        _as_known(measured, days, runs),
        experiment.name,
        found=int(matched.sum()),
        foreign=int((~matched).sum()),
        unknown=people - len(known),
        days=days,
        periods=len(runs),
        universe=universe,
        people=people,
        again=again,
        policies=policy_values(observations, costs, currency=currency) if sound else (),
    )


def _planned(experiment: Experiment, lift: Stated) -> Planned:
    # The arms themselves are as planned; customers of one arm who are missing from the outcomes are what can go wrong.
    # Groups without shares of their own are put together: within groups is less plain and finds no more.
    own = {name: experiment.shares_of(name) for name in experiment.segment_shares}
    return Planned(experiment.shares_of(""), own, lift=lift)


def _matched(outcomes: Sequence[Outcomes], rows: Sequence[NDArray[np.intp]]) -> "pd.Series[bool]":
    """Return of each customer of the outcomes whether a run has them."""
    parts = [pd.Series(place != NONE, each.customers["customer"]) for each, place in zip(outcomes, rows, strict=True)]
    return pd.concat(parts).groupby(level=0).any()


def _observations(
    known: pd.DataFrame, arms: tuple[str, ...], segments: tuple[str, ...], guardrails: Sequence[Guardrail]
) -> Observations:
    return Observations(
        arms,
        known["arm"].to_numpy(dtype=np.int64),
        known["converted"].to_numpy(dtype=np.bool_),
        _numbers(known, "revenue"),
        _numbers(known, "covariate"),
        segments,
        known["segment"].to_numpy(dtype=np.int64),
        {each.name: known[f"{GUARDRAIL}{each.name}"].to_numpy(dtype=np.float64) for each in guardrails},
    )


def _once(seen: list[pd.DataFrame]) -> tuple[pd.DataFrame, int, int, int]:
    """Return who could be reached and is known, each once; all who could, how often again, and the universe's size.

    The list is emptied, so that the customers are in memory once.
    """
    # In one period everybody is there once.
    several, everybody = len(seen) > 1, pd.concat(seen, ignore_index=True)
    seen.clear()
    universe = everybody["user_id"].nunique() if several else len(everybody)
    # Who cannot be reached is sent nothing in either arm; counted, they would only blur what contact changes.
    exposed = everybody[everybody.pop("able")]
    people = exposed.drop_duplicates("user_id") if several else exposed
    return people[people["known"]].drop(columns="user_id"), len(people), len(exposed) - len(people), universe


def _observed(run: Run, outcomes: Outcomes, place: NDArray[np.intp], segments: Sequence[str]) -> pd.DataFrame:
    """Return user_id, arm, segment, what is observed of each customer, and whether they are able to be reached."""
    codes, parts = np.array([segments.index(each.name) for each in run.segmentation.tree.segments]), []
    for part in run.in_parts(TELLING, waves=False):
        ensure(part.arms is not None, "a run with an experiment has arms")
        customers, arm = part.segmentation.customers, None if part.arms is None else part.arms.codes
        columns = {"user_id": customers["user_id"], "arm": arm, "segment": codes[part.segmentation.codes]}
        parts.append(pd.DataFrame({**columns, "able": np.equal(unreached(customers), 0)}))
    return observed(run, outcomes, place).join(pd.concat(parts, ignore_index=True))


def _numbers(people: pd.DataFrame, name: str) -> NDArray[np.float64] | None:
    known = name in people and not bool(people[name].isna().any())
    return people[name].to_numpy(dtype=np.float64) if known else None


def _as_known(measured: Results, days: OutcomeDays | None, runs: Sequence[Run]) -> Results:
    """Return results as final, as of a look, or with a warning that nobody can tell which."""
    if days is None:
        return replace(measured, warnings=(*measured.warnings, NOT_KNOWN))
    rates = {name: rate for run in reversed(runs) for name, rate in _planned_rates(run).items()}
    return measured if days.final else so_far(measured, rates)


def _planned_rates(run: Run) -> dict[str, float]:
    """Return the rate without contact that was expected of each segment, and by "" of all customers."""
    rates = {each.name: baseline_of(run, each.name)[0] for each in run.segmentation.tree.segments}
    # A segment of which nobody is left to be won has no rate.
    sized = [pair for pair in zip(rates.values(), run.segmentation.sizes, strict=True) if pair[0] >= 0]
    everyone = sum(rate * size for rate, size in sized) / max(1, sum(size for _, size in sized))
    return {**rates, "": everyone}


def costs_of(run: Run) -> Costs:
    """Return the costs that the run assumes."""
    assumed = run.scores.assumptions
    return Costs(assumed.margin, assumed.contact_cost, assumed.discount)


def observed(run: Run, outcomes: Outcomes, place: NDArray[np.intp]) -> pd.DataFrame:
    """Return converted, revenue, covariate and whether they are known, for each customer of the run."""
    size = sum(run.segmentation.sizes)
    inside = outcomes.customers[place != NONE]
    where = place[place != NONE]
    frame = pd.DataFrame({"known": np.full(size, not outcomes.complete), "converted": np.zeros(size, dtype=np.bool_)})
    listed = np.zeros(size, dtype=np.bool_)
    listed[where] = True
    frame["known"] |= listed
    if "unknown" in inside:
        frame["known"] &= np.bincount(where, inside["unknown"].to_numpy(dtype=np.float64), size) == 0
    converted = np.bincount(where, inside["converted"].to_numpy(dtype=np.float64), size)
    frame["converted"] = converted > 0
    # Who is not listed spent nothing, and did nothing that a guardrail counts.
    for name in inside.columns[[each == "revenue" or each.startswith(GUARDRAIL) for each in inside.columns]]:
        frame[name] = np.bincount(where, inside[name].to_numpy(dtype=np.float64), size)
    if "covariate" in inside:
        # Customers who are not listed get the mean, which adjusts nothing for them.
        values = np.full(size, float(inside["covariate"].mean()))
        values[where] = inside["covariate"].to_numpy(dtype=np.float64)
        frame["covariate"] = values
    ensure(int(listed.sum()) <= len(inside), "customers with an outcome are at most the outcomes")
    return frame


def measured_lifts(measured: RunResults, on: date, *, treatment: str | None = None) -> tuple[MeasuredLift, ...]:
    """Return what was counted in each segment, for the next analyses.

    Raises:
        OptionError: Outcome days are left, the treatment is not given or not known, or the sample ratio does not fit.
    """
    if measured.days is not None:
        measured.days.check_final()
    results = measured.results
    treatments = results.arms[1:]
    if treatment is None and len(treatments) > 1:
        raise OptionError("there are several treatments", hint=f"Choose one of {', '.join(treatments)}")
    chosen = treatment or treatments[0]
    if chosen not in treatments:
        raise OptionError(f"there is no treatment '{chosen}'", hint=f"Choose one of {', '.join(treatments)}")
    if results.sample_ratio.status == "mismatch":
        raise OptionError(
            "the sizes of the arms do not match the shares, so no lift can be kept",
            hint="Find out why first; the results list the likely causes",
        )
    rows = results.groups[results.groups["arm"] == chosen]
    usable = rows[(rows["n"] > 0) & (rows["n_control"] > 0) & (rows["verdict"] != "blocked")]
    return tuple(
        MeasuredLift(
            segment=str(row["group"]),
            converted=int(row["converted"]),
            customers=int(row["n"]),
            control_converted=int(row["converted_control"]),
            control_customers=int(row["n_control"]),
            experiment=measured.experiment,
            treatment=chosen,
            measured_on=on,
        )
        for row in usable.to_dict("records")
    )
