"""Two weeks of one campaign with many of the same people, drawn one by one; shares no code with the product."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Campaign:
    """A kind of campaign.

    Args:
        customers: Of each week.
        both: Share of the second week's who were there in the first.
        held_out: Share of the control.
        rate: Share who buy in a week without contact, on average: some nearly always do, most never.
        lift: Relative lift of each contact.
        buyers_leave: Whether nobody who bought in the first week is there in the second, so that the treatment decides.
    """

    customers: int
    both: float
    held_out: float = 0.5
    rate: float = 0.1
    lift: float = 0.2
    buyers_leave: bool = False


@dataclass(frozen=True)
class Exposures:
    """One row for each person and week, the first week first."""

    person: npt.NDArray[np.int64]
    treated: npt.NDArray[np.bool_]
    bought: npt.NDArray[np.bool_]


def draw(campaign: Campaign, rng: np.random.Generator) -> Exposures:
    """Return one campaign."""
    first, spare = campaign.customers, 2 * campaign.customers
    inclined = np.minimum(rng.beta(0.25, 0.25 * (1 - campaign.rate) / campaign.rate, spare), 1 / (1 + campaign.lift))
    treated = rng.random(spare) >= campaign.held_out
    chance = inclined * np.where(treated, 1 + campaign.lift, 1.0)
    week_one = np.arange(first)
    bought_one = rng.random(first) < chance[:first]
    left = week_one[~bought_one] if campaign.buyers_leave else week_one
    again = rng.choice(left, min(round(campaign.both * first), len(left)), replace=False)
    week_two = np.concatenate([again, np.arange(first, spare)[: first - len(again)]])
    person = np.concatenate([week_one, week_two])
    bought = np.concatenate([bought_one, rng.random(len(week_two)) < chance[week_two]])
    return Exposures(person, treated[person], bought)


def true_effect(campaign: Campaign) -> float:
    """Return the effect of a contact on the average person, by very many of them."""
    rng = np.random.default_rng(0)
    inclined = rng.beta(0.25, 0.25 * (1 - campaign.rate) / campaign.rate, 2_000_000)
    return float(np.minimum(inclined, 1 / (1 + campaign.lift)).mean() * campaign.lift)
