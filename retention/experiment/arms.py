"""Who gets which treatment: arms assigned by a hash of the customer, the same on every machine and in every run."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.errors import OptionError, Setting, did_you_mean
from retention.hashing import hash_ids, hashes_by_salt

Codes = npt.NDArray[np.int8]

CONTROL = "control"
BUCKETS = 10_000
DEFAULT_SALT = "cart-recovery"
MOST_ARMS = 100


@dataclass(frozen=True)
class Experiment:
    """A randomised experiment: its arms and how many customers each one gets.

    Args:
        name: Names the experiment; two names give independent assignments.
        shares: Share of each arm by its label, the control first; they sum to 1.
        segment_shares: Other shares for segments that differ, by the segment's name; the same arms.
        salt: Keeps the assignments of two shops apart.

    >>> Experiment("autumn", {"control": 0.1, "reminder": 0.45, "discount": 0.45}).arms
    ('control', 'reminder', 'discount')
    """

    name: str
    shares: Mapping[str, float] = field(default_factory=lambda: {CONTROL: 0.1, "treatment": 0.9})
    segment_shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    salt: str = DEFAULT_SALT

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise OptionError("the experiment has no name", where=Setting.EXPERIMENT)
        check_shares(self.shares, where=Setting.ARMS)
        for segment, shares in self.segment_shares.items():
            check_shares(shares, where=f"segment '{segment}'")
            if set(shares) != set(self.shares):
                raise OptionError(
                    "the arms are not those of the experiment",
                    where=f"segment '{segment}'",
                    hint=f"Give a share to each of {', '.join(self.shares)}",
                )

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of the arms; an arm's code is its place, and the control has code 0."""
        return tuple(self.shares)

    def shares_of(self, segment: str) -> tuple[float, ...]:
        """Return the shares of a segment in the order of `arms`."""
        shares = self.segment_shares.get(segment, self.shares)
        return tuple(shares[arm] for arm in self.arms)


def check_shares(shares: Mapping[str, float], *, where: str | Setting) -> None:
    """Check that shares are those of an experiment.

    Raises:
        OptionError: There are fewer than two arms or too many, or the shares are not positive and sum to 1.
    """
    if not 2 <= len(shares) <= MOST_ARMS:
        raise OptionError(f"{len(shares)} arms were given", where=where, hint=f"Use 2 to {MOST_ARMS}, control first")
    wrong = [label for label, share in shares.items() if not 0 < share < 1]
    if wrong:
        raise OptionError(
            f"the share of '{wrong[0]}' is not between 0 and 1", where=where, hint="Leave an arm out to give it nothing"
        )
    if not math.isclose(math.fsum(shares.values()), 1, abs_tol=1e-9):
        raise OptionError(f"the shares sum to {math.fsum(shares.values()):.6g}, not to 1", where=where)


def buckets(user_ids: pd.Series, experiment: Experiment) -> npt.NDArray[np.int64]:
    """Return `int(sha256(f"{salt}|{experiment}|{user_id}").hexdigest()[:15], 16) % 10000` of each customer.

    >>> buckets(pd.Series(["00123", "a"], dtype="str"), Experiment("autumn")).tolist()
    [7786, 74]
    """
    # The remainder of 2**60 numbers favours no bucket by more than one part in 10**14.
    return hash_ids(user_ids, _full_salt(experiment, experiment.salt)) % BUCKETS


def _full_salt(experiment: Experiment, salt: str) -> str:
    return f"{salt}|{experiment.name}"


def held_out(
    user_ids: pd.Series, experiment: Experiment, segments: pd.Series, salts: Sequence[str]
) -> Iterator[npt.NDArray[np.bool_]]:
    """Yield who would be in the control under each of several salts; arguments as `assign`."""
    shares = {segment: experiment.shares_of(segment)[0] for segment in segments.unique()}
    cuts = np.round(segments.map(shares).to_numpy(dtype=np.float64) * BUCKETS, 6)
    for hashes in hashes_by_salt(user_ids, [_full_salt(experiment, salt) for salt in salts]):
        yield hashes % BUCKETS < cuts


def assign(user_ids: pd.Series, experiment: Experiment, segments: pd.Series | None = None) -> "pd.Categorical[str]":
    """Return the arm of each customer; it depends on nothing but the identifier, the experiment and the shares.

    Args:
        user_ids: Identifiers as text, none missing.
        experiment: Its arms and shares.
        segments: The segment of each customer, needed where segments have shares of their own.

    Raises:
        OptionError: Segments have shares of their own, but the customers' segments are not given or not those.
    """
    drawn = buckets(user_ids, experiment)
    codes = _codes(drawn, experiment.shares_of(""))
    if experiment.segment_shares:
        if segments is None:
            raise OptionError("segments have shares of their own, but no customer's segment is given")
        known = set(segments.astype("category").cat.categories)
        for segment in experiment.segment_shares:
            if segment not in known:
                raise OptionError(f"there is no segment '{segment}'", hint=did_you_mean(segment, known))
            inside = segments.eq(segment).to_numpy(dtype=bool)
            # Only the cuts are others: a customer has one bucket in every segment.
            codes[inside] = _codes(drawn[inside], experiment.shares_of(segment))
    arms: pd.Categorical[str] = pd.Categorical.from_codes(codes, categories=pd.Index(experiment.arms))
    return arms


def _codes(drawn: npt.NDArray[np.int64], shares: tuple[float, ...]) -> Codes:
    """Return how many of the cumulated shares a bucket has reached."""
    # Rounded, because 0.1 + 0.2 is a little more than 0.3 and would move a bucket.
    cuts = np.round(np.cumsum(shares)[:-1] * BUCKETS, 6)
    # The control has the lowest buckets, so a larger control keeps everybody who was in the smaller one.
    return np.searchsorted(cuts, drawn, side="right").astype(np.int8)
