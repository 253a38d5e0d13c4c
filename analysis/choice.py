"""Whom a week's campaign contacts: the segments within a limit, and of the last of them some, always the same."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import Run
from analysis.people import reach_of
from data_ingestion import Spool
from retention.customers.reach import CONSENT, TELLING, Unreached, said, unreached
from retention.hashing import hash_ids
from retention.partition.fitted import Segmentation
from retention.partition.parts import PartedRows
from retention.partition.ranks import hashes_at
from retention.partition.record import Record
from segment_scorer import profit_draws

if TYPE_CHECKING:
    from retention.experiment.budget import CampaignPlan, Prospect

ConsentSource = Literal["column", "list", "assumed"]
Limit = Literal["all", "paying", "sends", "budget"]
SALT = "choice"


class Choice(Record):
    """What a person chose for the campaign of a week.

    Args:
        limit: Everybody, the segments that are expected to pay, or these within a number of contacts or a budget.
        most: Most contacts, or most money.
        consent: Where it is known from who agreed; by the data's column nobody counts of whom it says nothing.
        chosen: Customers whom it came to, without those who are held out.
    """

    limit: Limit = "all"
    most: float = 0.0
    consent: ConsentSource = "assumed"
    chosen: int = 0
    among: int = 0

    @classmethod
    def usual(cls, run: Run) -> "Choice":
        """Return everybody who can be reached, by the data's own word where it has one."""
        return cls(consent="column" if says_consent(run) else "assumed")

    def counted(self, run: Run) -> "Choice":
        """Return the choice with the customers whom it comes to in a run."""
        plan = planned(run, self)
        return self.model_copy(update={"chosen": plan.sends, "among": int(plan.table["customers"].sum())})


def says_consent(run: Run) -> bool:
    """Return whether the data itself says of anybody who agreed."""
    return run.reach.agreed > 0


def prospects_of(run: Run, *, agreed: bool = False) -> "list[Prospect]":
    """Return a run's segments in the order to send in, with their customers who can be reached (and agreed)."""
    from retention.experiment.budget import Prospect  # noqa: PLC0415 - only who plans a campaign needs what it loads

    assumed = run.scores.assumptions
    cost = assumed.contact_cost + assumed.discount * assumed.redemption
    draws = profit_draws(run.segmentation, run.scores)
    less = dict(zip(run.segmentation.tree.names, run.reach.unsaid, strict=True)) if agreed else {}
    return [
        Prospect(name, int(row["Reachable"]) - less.get(name, 0), float(row["Profit_per_Send"]), draws[name], cost)
        for row in run.scores.recommended.to_dict("records")
        for name in [row["Segment"]]
    ]


def planned(run: Run, choice: Choice) -> "CampaignPlan":
    """Return whom a choice contacts in each segment, and what that is expected to bring.

    Raises:
        OptionError: The limit is below 0.
    """
    from retention.experiment.budget import plan_campaign  # noqa: PLC0415

    return plan_campaign(
        prospects_of(run, agreed=choice.consent == "column"),
        sends=int(choice.most) if choice.limit == "sends" else None,
        budget=choice.most if choice.limit == "budget" else None,
        everybody=choice.limit == "all",
    )


def chosen(run: Run, choice: Choice | None) -> Run:
    """Return a run in which only those can be reached whom a choice takes; None takes all.

    Who of a segment is taken follows from the identifier alone, so the control is chosen as the treated are, and what
    is measured later compares like with like.
    """
    if choice is None or (choice.limit == "all" and choice.consent != "column"):
        return run
    segmentation = run.segmentation.altered(_Taken.of(run, choice).marked)
    return replace(run, segmentation=segmentation, reach=segmentation.summed(partial(reach_of, run.experiment)))


@dataclass(frozen=True)
class _Taken:
    """Whom a choice takes.

    Args:
        known: Whether only those count who said that they agree.
        some: Of which segments anybody is taken, in the order of the tree.
        ends: The hash from which on nobody is taken, of segments that are taken in part.
        tied: Who is taken although the hash is just that: one of several, who comes first.
    """

    known: bool
    some: npt.NDArray[np.bool_]
    ends: dict[int, int]
    tied: frozenset[str]

    @classmethod
    def of(cls, run: Run, choice: Choice) -> "_Taken":
        """Return whom a choice takes in a run."""
        plan, known = planned(run, choice).table.set_index("segment"), choice.consent == "column"
        rows = plan.loc[list(run.segmentation.tree.names), ["sends", "customers"]]
        sends = rows["sends"].to_numpy()
        split = np.flatnonzero((sends > 0) & (sends < rows["customers"].to_numpy()))
        ends, tied = dict[int, int](), set[str]()
        with TemporaryDirectory(prefix="choice-") as folder:
            parts = run.in_parts(TELLING, waves=False) if len(split) else ()
            hashed = Spool(Path(folder)).kept(_hashed(part, split, known=known) for part in parts)
            for code, most in zip(split.tolist(), sends[split].tolist(), strict=True):
                if hashed.summed(partial(_below, code, 1 << 60)) > most:
                    ends[code] = int(hashes_at(hashed, {code: [most]})[code][0])
                    tied |= _tied(hashed, code, ends[code], most)
        return cls(known, sends > 0, ends, frozenset(tied))

    def marked(self, part: Segmentation) -> Segmentation:
        """Return a part with a column of those who are not taken."""
        customers, codes = part.customers, part.codes
        # Who only counts customers leaves their columns out.
        if "user_id" not in customers:
            return part
        taken = _able(customers, known=self.known) & self.some[codes]
        for code, end in self.ends.items():
            members = np.flatnonzero(taken & np.equal(codes, code))
            ids = customers["user_id"].iloc[members]
            taken[members] = (hash_ids(ids, SALT) < end) | ids.isin(self.tied).to_numpy()
        return replace(part, customers=customers.assign(**{Unreached.NOT_CHOSEN.value: ~taken}))


def _able(customers: pd.DataFrame, *, known: bool) -> npt.NDArray[np.bool_]:
    able = np.equal(unreached(customers), 0)
    return able & said(customers, CONSENT, True) if known else able


def _hashed(part: Run, split: npt.NDArray[np.intp], *, known: bool) -> pd.DataFrame:
    """Return `user_id, segment, code, hash` of who may be taken of some segments; the code of who is held out is -1."""
    customers, codes = part.segmentation.customers, part.segmentation.codes
    members = np.flatnonzero(_able(customers, known=known) & np.isin(codes, split))
    ids, segments = customers["user_id"].iloc[members], codes[members].astype(np.int64)
    treated = np.ones(len(members), dtype=np.bool_) if part.arms is None else part.arms.codes[members] > 0
    columns = {"segment": segments, "code": np.where(treated, segments, -1), "hash": hash_ids(ids, SALT)}
    return pd.DataFrame({"user_id": ids.reset_index(drop=True), **columns})


def _below(code: int, end: int, hashed: pd.DataFrame) -> int:
    return int(((hashed["code"] == code) & (hashed["hash"] < end)).sum())


def _tied(hashed: PartedRows, code: int, end: int, most: int) -> set[str]:
    """Return who of a segment has a hash and is among so many treated all the same, in the order of the customers."""
    same = pd.concat([part[(part["segment"] == code) & (part["hash"] == end)] for part in hashed])
    before = hashed.summed(partial(_below, code, end))
    return set(same["user_id"][before + (same["code"] == code).cumsum() <= most])
