"""How many real customers are in the gaps and overlaps of rules, and what their carts are worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from retention.rules.audit import Finding, Parts, RuleAudit, regions_of

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Cells:
    """The cells that customers are in: positions of shape (cells, axes), customers of each, value of their carts."""

    at: npt.NDArray[np.int64]
    customers: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64] | None

    def of(self, parts: Parts) -> Places:
        """Return the cells of some parts, in order."""
        if not len(parts.rule) or not self.at.shape[1]:
            return np.arange(len(self.at) * bool(len(parts.rule)))
        # Cells are sorted by their first axis, so a part need not look at all of them.
        first = self.at[:, 0].searchsorted(parts.low[:, 0])
        last = self.at[:, 0].searchsorted(parts.high[:, 0], side="right")
        places = [
            start + np.flatnonzero(((self.at[start:end] >= low) & (self.at[start:end] <= high)).all(axis=1))
            for start, end, low, high in zip(first, last, parts.low, parts.high, strict=True)
        ]
        return np.unique(np.concatenate(places))

    def told(self, finding: Finding, cells: Places) -> Finding:
        """Return a finding with the customers of its cells."""
        value = None if self.value is None else float(self.value[cells].sum())
        return replace(finding, customers=int(self.customers[cells].sum()), value=value)


def counted(audited: RuleAudit, customers: pd.DataFrame) -> RuleAudit:
    """Return an audit with the real customers of each gap and overlap, those with most of them first.

    Args:
        audited: The audit.
        customers: One row each, with the columns that the rules read, and `cart_value` where it is known.
    """
    cells = _cells(audited, customers)
    members = [cells.of(audited.parts.of(audited.parts.rule == place)) for place in range(len(audited.rules.rules))]
    segments: dict[str, list[Places]] = {}
    for rule, places in zip(audited.rules.rules, members, strict=True):
        segments.setdefault(rule.segment, []).append(places)
    hits = np.zeros(len(cells.at), dtype=np.int64)
    for several in segments.values():
        hits[np.unique(np.concatenate(several))] += 1
    gaps = [cells.told(gap, _inside(cells, gap, np.flatnonzero(hits == 0))) for gap in audited.gaps]
    overlaps = [
        cells.told(each, np.intersect1d(members[each.rules[0]], members[each.rules[1]], assume_unique=True))
        for each in audited.overlaps
    ]
    total = int(cells.customers[hits == 0].sum()), int(cells.customers[hits > 1].sum())
    return replace(audited, gaps=_most(gaps), overlaps=_most(overlaps), customers=total)


def _cells(audited: RuleAudit, customers: pd.DataFrame) -> _Cells:
    codes = [axis.codes(customers[axis.feature]) for axis in audited.space.axes]
    table = pd.DataFrame(np.column_stack(codes) if codes else np.empty((len(customers), 0), dtype=np.int64))
    cell = table.groupby(list(table)).ngroup().to_numpy() if codes else np.zeros(len(customers), dtype=np.int64)
    first = np.unique(cell, return_index=True)[1]
    value: npt.NDArray[np.float64] | None = None
    if "cart_value" in customers:
        carts = customers["cart_value"].to_numpy(dtype=np.float64, na_value=np.nan)
        value = np.bincount(cell, weights=np.nan_to_num(carts)).astype(np.float64)
    return _Cells(table.to_numpy()[first], np.bincount(cell), value)


def _inside(cells: _Cells, gap: Finding, some: Places) -> Places:
    codes, regions = cells.at[some], regions_of(gap.boxes[0])
    inside = [((codes >= low) & (codes <= high)).all(axis=1) for low, high in regions]
    return some[np.logical_or.reduce(inside)]


def _most(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda each: -(each.customers or 0)))
