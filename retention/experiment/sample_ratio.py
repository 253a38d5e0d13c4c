"""The check that comes before any result: did the arms get the customers that they were meant to get?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from retention.errors import OptionError, Setting, did_you_mean, ensure

Status = Literal["passed", "mismatch", "not checked"]

# Every experiment and every group is checked, and an alarm blocks all verdicts, so false ones must be rare.
ALARM = 0.001
EXACT_UP_TO = 1_000
"""Up to so many customers in two arms the exact binomial test is used; beyond, chi-square is near enough."""
_ROUNDING = 0.01


@dataclass(frozen=True)
class SampleRatio:
    """Customers per arm against those that were meant.

    Args:
        status: `mismatch` blocks conclusions; `not checked` without shares.
        p: Probability of so large a deviation by chance; NaN where nothing was checked.
        expected: Customers that the shares give; empty where nothing was checked.
        alarm: Below this p it is a mismatch.
    """

    status: Status
    p: float
    arms: tuple[str, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...] = ()
    alarm: float = ALARM


def check_ratio(
    arms: Sequence[str], observed: npt.ArrayLike, shares: Sequence[float] | None, *, alarm: float = ALARM
) -> SampleRatio:
    """Return how well counts fit shares; without shares nothing is assumed and nothing checked.

    >>> check_ratio(["control", "mail"], [5000, 5400], [0.5, 0.5]).status
    'mismatch'
    >>> check_ratio(["control", "mail"], [5000, 5400], None).status
    'not checked'
    """
    counts = np.asarray(observed, dtype=np.int64)
    seen = tuple(int(count) for count in counts)
    if shares is None or not counts.sum():
        return SampleRatio("not checked", float("nan"), tuple(arms), seen, alarm=alarm)
    share = np.asarray(shares, dtype=np.float64)
    ensure(share.shape == counts.shape and bool((share > 0).all()), "one positive share per arm")
    expected = counts.sum() * share / share.sum()
    p = _p(counts, expected)
    status: Status = "mismatch" if p < alarm else "passed"
    return SampleRatio(status, p, tuple(arms), seen, tuple(float(e) for e in expected), alarm)


def _p(counts: npt.NDArray[np.int64], expected: npt.NDArray[np.float64]) -> float:
    total = int(counts.sum())
    if len(counts) > 2 or total > EXACT_UP_TO:
        return float(chdtrc(len(counts) - 1, ((counts - expected) ** 2 / expected).sum()))
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to import, and most experiments are larger

    return float(binomtest(int(counts[0]), total, expected[0] / total).pvalue)


def parse_allocation(text: str, arms: Sequence[str]) -> tuple[float, ...]:
    """Return the share of each arm from `LABEL=SHARE,...`; shares are parts of 1, of 100, or fractions.

    Raises:
        OptionError: A label is missing, unknown or given twice, or the shares are none.

    >>> parse_allocation("mail=2/3,control=1/3", ["control", "mail"])
    (0.333..., 0.666...)
    """
    shares: dict[str, float] = {}
    for label, share in _entries(text, arms):
        if label in shares:
            raise _refused(f"'{label}' is given twice")
        shares[label] = _share(share)
    missing = [arm for arm in arms if arm not in shares]
    if missing:
        raise _refused(f"the arm '{missing[0]}' has no share", hint="Every arm of the file needs one")
    total = sum(shares.values())
    # People round shares, as in 0.33,0.33,0.33. What is nearly whole is scaled to be whole.
    if min(abs(total - 1), abs(total / 100 - 1)) > _ROUNDING:
        raise _refused(f"the shares sum to {total:g}", hint="They must sum to 1, or to 100")
    return tuple(shares[arm] / total for arm in arms)


def _entries(text: str, arms: Sequence[str]) -> list[tuple[str, str]]:
    """Return labels and shares; a label may itself hold commas."""
    entries, held = list[tuple[str, str]](), ""
    for part in text.split(","):
        held = f"{held},{part}" if held else part
        label, sign, share = held.rpartition("=")
        # A part that neither names an arm nor ends in a share is the beginning of a label with a comma in it. It is
        # held until the rest comes.
        if sign and (label.strip() in arms or _is_share(share)):
            if label.strip() not in arms:
                raise _refused(f"no row has the arm '{label.strip()}'", hint=did_you_mean(label.strip(), arms))
            entries.append((label.strip(), share))
            held = ""
    if held:
        raise _refused(f"'{held.strip()}' is not LABEL=SHARE")
    return entries


def _is_share(text: str) -> bool:
    try:
        _share(text)
    except OptionError:
        return False
    return True


def _share(text: str) -> float:
    parts = text.strip().removesuffix("%").split("/")
    try:
        numbers = [float(part) for part in parts]
        share = numbers[0] if len(parts) == 1 else numbers[0] / numbers[1]
    except (ValueError, ZeroDivisionError) as error:
        raise _refused(f"'{text.strip()}' is not a share") from error
    if not 0 < share < float("inf") or len(parts) > 2:
        raise _refused(f"'{text.strip()}' is not a share above 0")
    return share


def _refused(what: str, *, hint: str = "") -> OptionError:
    return OptionError(what, where=Setting.ALLOCATION, hint=hint or "Write it as LABEL=SHARE,LABEL=SHARE")


def expected_by_label(check: SampleRatio) -> Mapping[str, float]:
    """Return the expected customers by label; empty where nothing was checked."""
    return dict(zip(check.arms, check.expected, strict=False))
