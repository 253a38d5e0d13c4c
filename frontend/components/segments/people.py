"""Customers of a run, found and shown a page at a time: filters look at single columns, rows are taken last.

Of a saved period the customers stay in its files: a search and a page of rows ask them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis import Run
from analysis.headline import GROUPS
from frontend.state import Result
from frontend.utils import format as fmt
from frontend.utils.store import MOST_CUSTOMERS, Store, key_of
from frontend.utils.workspace import workspace
from retention.customers.contracts import COLUMNS
from retention.partition.explanation import Change, Step, Value, path_of, smallest_change
from retention.partition.fitted import PartedSegmentation, Segmentation
from retention.partition.tree import leaves
from retention.scores.measures import MEASURES
from retention.scores.terms import COLUMNS as COLUMNS_OF_TERMS, terms
from run_store import SavedRun
from run_store.lookup import Positions, search_frame
from run_store.period_files import SEGMENT, WAVE

TERMS = {each.label: each.term for each in MEASURES.values() if each.term is not None and not each.scaled}
"""What a customer adds to the scores of the segment: the segment's measure is the mean of it."""
_PERSON = ("first_name", "last_name", "email", "phone", "country", "zip", "region", "archetype")


@dataclass(frozen=True)
class CustomerFilter:
    """Which customers to show; empty, or 0, is all. The order is one of `TERMS`, the highest first, or empty."""

    search: str = ""
    segment: str = ""
    wave: int = 0
    groups: tuple[tuple[str, str], ...] = ()
    order: str = ""


@dataclass(frozen=True)
class Facts:
    """What filters and explanations need to know of all customers of a run."""

    choices: Mapping[str, tuple[str, ...]]
    waves: int
    spread: Mapping[str, float]


@dataclass(frozen=True)
class Why:
    """One customer: who, where, and why there. No change moves them where it is None; an unknown term is NaN."""

    user_id: str
    person: Mapping[str, str]
    segment: str
    wave: int
    leaf: str
    steps: tuple[Step, ...]
    change: Change | None
    terms: Mapping[str, float]


FACTS = Store[Facts](entries=64)
POSITIONS = Store[Positions](entries=64, size=MOST_CUSTOMERS, size_of=len)
ROWS = Store[Segmentation](entries=64, size=10_000, size_of=lambda found: len(found.codes), personal=True)


def facts(result: Result) -> Facts:
    """Return what filters and explanations need to know of all customers of a run."""
    return FACTS.get(result.key, lambda: facts_of(result.run))


def positions(result: Result, wanted: CustomerFilter) -> Positions:
    """Return the positions of the wanted customers, in the wanted order; exact matches of a search come first.

    Raises:
        WorkspaceError: The saved period was deleted or is damaged, or a customer was erased meanwhile.
    """
    return POSITIONS.get(key_of(result.key, wanted), lambda: _positions(result, wanted))


def facts_of(run: Run) -> Facts:
    """Return what filters and explanations need to know of all customers of a run."""
    segmentation = run.segmentation
    numbers = {axis.feature: _Numbers() for axis in segmentation.tree.grid.axes if not axis.categories}
    for part in segmentation.in_parts([*numbers]):
        for name, column in numbers.items():
            column.add(part.customers[name])
    values = {name: tuple(sorted(filter(None, counts))) for name, counts in run.overview.groups.items()}
    return Facts(
        choices={name: column for name, column in values.items() if column},
        waves=max(segmentation.wave_counts, default=1),
        spread={name: column.spread for name, column in numbers.items()},
    )


def _positions(result: Result, wanted: CustomerFilter) -> Positions:
    segmentation = result.run.segmentation
    equal: dict[str, str | int] = dict(wanted.groups)
    if wanted.segment:
        equal[SEGMENT] = segmentation.tree.names.index(wanted.segment)
    if wanted.wave:
        equal[WAVE] = wanted.wave
    if _is_whole(segmentation):
        placed = segmentation.customers.assign(**{SEGMENT: segmentation.codes, WAVE: segmentation.waves})
        matching = search_frame(placed, wanted.search, equal)
    elif wanted == CustomerFilter():
        return np.arange(result.run.accounting.universe, dtype=np.int32)
    else:
        matching = _saved(result).search(wanted.search, equal)
    if not wanted.order:
        return matching
    # A search puts exact matches first. Ties of the wanted order stand in the order of the data instead, and customers
    # whose value is not known come last, as NaN sorts last under the minus sign too.
    matching.sort()
    term, parts = [TERMS[wanted.order]], segmentation.in_parts(COLUMNS_OF_TERMS)
    values = np.concatenate([terms(part.customers, part.scale, term)[0] for part in parts])
    return matching[np.argsort(-values[matching], kind="stable")]


def rows(result: Result, shown: Positions) -> Segmentation:
    """Return the customers at some positions, in that order; errors as `positions`."""
    whole = result.run.segmentation
    if _is_whole(whole):
        return _taken(whole, shown)
    return ROWS.get(key_of(result.key, shown.tolist()), lambda: _saved(result).rows(shown))


def one(rows: Segmentation, place: int) -> Segmentation:
    """Return the customer at a place of some."""
    return _taken(rows, np.array([place], dtype=np.int32))


def _taken(whole: Segmentation, places: Positions) -> Segmentation:
    return replace(whole, customers=whole.customers.iloc[places], codes=whole.codes[places], waves=whole.waves[places])


def _is_whole(segmentation: Segmentation) -> bool:
    return not isinstance(segmentation, PartedSegmentation)


def _saved(result: Result) -> SavedRun:
    """Return the period as it is now, as long as it holds the customers of the result at the same places.

    Raises:
        ErasedError: Another session erased one of them.
    """
    saved = workspace().open(result.run_id)
    if saved.summary.erased != result.run.accounting.erased:
        raise saved.shifted()
    return saved


def page(result: Result, rows: Segmentation) -> pd.DataFrame:
    """Return some customers as people read them: identifier, segment, path, terms, groups."""
    segmentation = result.run.segmentation
    part, names = rows.customers, list(segmentation.tree.names)
    ends = [
        ", ".join(c.words(result.run.currency) for c in leaf.path) or "everyone"
        for leaf in leaves(segmentation.tree.root)
    ]
    columns: dict[str, object] = {"Customer": part["user_id"].tolist()}
    if "email" in part.columns:
        columns["E-mail"] = part["email"].tolist()
    columns["Segment"] = [names[code] for code in rows.codes]
    if max(segmentation.wave_counts, default=1) > 1:
        columns["Wave"] = rows.waves
    values = terms(part, segmentation.scale, list(TERMS.values()))
    columns |= dict(zip(TERMS, values, strict=True))
    columns |= {COLUMNS[name].short: part[name].tolist() for name in GROUPS if name in part.columns}
    # The leaf comes from the cell again: a merged segment has several leaves, and `codes` names the segment only.
    ended = segmentation.tree.leaf_of_cell[segmentation.tree.grid.cells_of(part)]
    columns["Path"] = [fmt.sentence(ends[leaf]) for leaf in ended]
    return pd.DataFrame(columns)


def why(result: Result, row: Segmentation) -> Why:
    """Return why one customer is where they are."""
    segmentation = result.run.segmentation
    tree = segmentation.tree
    part = row.customers
    customer: dict[str, object] = {str(name): value for name, value in part.iloc[0].items()}
    leaf = int(tree.leaf_of_cell[tree.grid.cells_of(part)][0])
    values = terms(part, segmentation.scale, list(TERMS.values()))
    known = {name: customer.get(name) for name in _PERSON}
    return Why(
        user_id=str(customer["user_id"]),
        person={_label(name): value for name, value in known.items() if isinstance(value, str) and value.strip()},
        segment=tree.segments[int(row.codes[0])].name,
        wave=int(row.waves[0]),
        leaf=next(each.name for each in leaves(tree.root) if each.index == leaf),
        steps=path_of(tree, customer, result.run.currency),
        change=smallest_change(tree, customer, facts(result).spread, result.run.currency),
        terms={name: float(value[0]) for name, value in zip(TERMS, values, strict=True)},
    )


def value_words(feature: str, value: Value, currency: str) -> str:
    """Return a customer's value of a column with its unit.

    >>> value_words("avg_order_value", 90.0, "USD"), value_words("region", None, ""), value_words("region", "North", "")
    ('$90', 'not known', 'North')
    """
    if value is None:
        return fmt.UNKNOWN
    if isinstance(value, str):
        return value
    return fmt.number_words(value, COLUMNS[feature].unit, currency)


def distance_words(change: Change) -> str:
    """Return how far a change is, for people; nothing for a category."""
    if isinstance(change.value, str):
        return ""
    if change.distance < 0.05:
        return "They are right at the edge."
    return f"That is {change.distance:.1f} standard deviations of all abandoners away."


def _label(name: str) -> str:
    label = COLUMNS[name].label or name.replace("_", " ")
    return "E-mail" if name == "email" else label.capitalize()


class _Numbers:
    """Known numbers, added up around the first of them, so that their squares keep their precision."""

    def __init__(self) -> None:
        self._count, self._center, self._sum, self._squares = 0, 0.0, 0.0, 0.0

    def add(self, series: pd.Series) -> None:
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        known = values[np.isfinite(values)]
        self._center = self._center if self._count or not len(known) else float(np.median(known))
        known = known - self._center
        self._count += len(known)
        self._sum, self._squares = self._sum + float(known.sum()), self._squares + float(known @ known)

    @property
    def spread(self) -> float:
        """Their standard deviation."""
        count = max(1, self._count)
        return math.sqrt(max(0.0, self._squares / count - (self._sum / count) ** 2))
