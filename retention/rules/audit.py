"""Gaps, overlaps and dead rules: all of them, by parting the space where rules begin and end; no customer is drawn."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt

from retention.errors import RulesError
from retention.rules.cells import Box, Space, mask_of, merged, runs, space_of
from retention.rules.logic import RuleSet

MAX_PARTS = 20_000
"""Parts of all rules together, one for each range of positions; all pairs of them are compared."""
MAX_REGIONS = 200_000
"""Regions that the search for gaps looks at."""
MAX_PAIRS = 100_000
"""Overlapping pairs of parts that are kept."""

Corner = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Parts:
    """The rules as ranges of positions, both ends included: corners of shape (parts, axes), and the rule of each."""

    low: Corner
    high: Corner
    rule: npt.NDArray[np.int32]

    def of(self, chosen: Mask | npt.NDArray[np.intp]) -> "Parts":
        """Return some of them."""
        return Parts(self.low[chosen], self.high[chosen], self.rule[chosen])

    def holding(self, low: Corner, high: Corner) -> Mask:
        """Return which hold a whole region."""
        return np.asarray(((self.low <= low) & (self.high >= high)).all(axis=1))

    def touching(self, low: Corner, high: Corner) -> Mask:
        """Return which share a cell with a region."""
        return np.asarray(((self.low <= high) & (self.high >= low)).all(axis=1))


Region = tuple[Corner, Corner]


@dataclass(frozen=True)
class Finding:
    """A gap, or an overlap of two rules.

    Args:
        rules: Places of the two rules; empty for a gap.
        takes: The rule that has these customers once its boundary is moved; None where it is more than a boundary.
        customers: Real customers there; None where none were given.
        value: The value of their carts; None where it is not known.
    """

    boxes: tuple[Box, ...]
    rules: tuple[int, ...] = ()
    takes: int | None = None
    customers: int | None = None
    value: float | None = None


@dataclass(frozen=True)
class RuleAudit:
    """What is wrong with rules, and the space in which they were looked at.

    Args:
        gaps: Where no rule holds, the largest first; with an ELSE, whom it is for.
        overlaps: Where two rules of different segments hold, the largest first.
        never: Places of rules that no customer can satisfy.
        shadowed: Places of rules whose customers are all taken by earlier ones, where the order decides.
        stopped: What was not looked at any more, in words.
        customers: Real customers in a gap, and in an overlap; None where none were given.
    """

    rules: RuleSet
    space: Space
    parts: Parts
    gaps: tuple[Finding, ...]
    overlaps: tuple[Finding, ...]
    never: tuple[int, ...]
    shadowed: tuple[int, ...] = ()
    stopped: tuple[str, ...] = ()
    customers: tuple[int, int] | None = None

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The places of the rules in the order in which the first that holds decides.

        It is that of the file, but for a rule that lies inside another one and would have nobody left.
        """
        return tuple(range(len(self.rules.rules))) if self.rules.ordered else _precedence(self)

    @cached_property
    def rank(self) -> npt.NDArray[np.int32]:
        """The place in this order of each rule."""
        return np.argsort(self.order).astype(np.int32)

    @property
    def clean(self) -> bool:
        """Whether every customer is proven to be in exactly one segment, and every rule to be for somebody."""
        disputed = self.overlaps and not self.rules.ordered
        # With an ELSE the gaps are its customers, and without them it is for nobody.
        served = bool(self.gaps) == bool(self.rules.otherwise)
        return served and not (disputed or self.never or self.shadowed or self.stopped)


def audit(rules: RuleSet) -> RuleAudit:
    """Return all gaps and overlaps of some rules.

    Raises:
        RulesError: The rules fall into too many parts to be compared.
    """
    space = space_of(rule.when for rule in rules.rules)
    taken = [space.boxes(rule.when) for rule in rules.rules]
    parts = _parts(space, taken)
    regions, done = uncovered(parts, regions_of(space.whole)[0])
    boxes = [part for box in merged(list(map(_box, regions))) for part in _boundaries_apart(space, box)]
    gaps = tuple(Finding((box,), takes=_neighbour(space, parts, box)) for box in _largest(space, boxes))
    overlaps, all_pairs = _overlaps(rules, space, parts)
    searches = {f"gaps stopped after {MAX_REGIONS:,} regions": done, f"overlaps stopped after {MAX_PAIRS:,}": all_pairs}
    stopped = tuple(f"the search for {words}; there may be more" for words, whole in searches.items() if not whole)
    never = tuple(place for place, boxes in enumerate(taken) if not boxes)
    audited = RuleAudit(rules, space, parts, gaps, overlaps, never, stopped=stopped)
    return replace(audited, shadowed=shadowed(audited)) if rules.ordered else audited


def regions_of(box: Box) -> list[Region]:
    """Return the ranges of positions that make a box."""
    ranges = list(product(*map(runs, box)))
    corners = np.array(ranges, dtype=np.int32).reshape(len(ranges), len(box), 2)
    return [(each[:, 0], each[:, 1]) for each in corners]


def _parts(space: Space, taken: Sequence[Sequence[Box]]) -> Parts:
    rows, owners = list[tuple[tuple[int, int], ...]](), list[int]()
    for place, boxes in enumerate(taken):
        for box in boxes:
            rows += product(*map(runs, box))
        owners += [place] * (len(rows) - len(owners))
        if len(rows) > MAX_PARTS:
            hint = "Audit them in several files, or write them with fewer alternatives"
            raise RulesError(f"the rules fall into more than {MAX_PARTS:,} parts", hint=hint)
    corners = np.array(rows, dtype=np.int32).reshape(len(rows), len(space.axes), 2)
    return Parts(corners[..., 0], corners[..., 1], np.array(owners, dtype=np.int32))


def _box(region: Region) -> Box:
    return tuple(mask_of(low, high) for low, high in zip(*map(np.ndarray.tolist, region), strict=True))


def uncovered(parts: Parts, region: Region, *, one: bool = False) -> tuple[list[Region], bool]:
    """Return the regions inside a region that no part covers, and whether all of it was looked at.

    A region is cut where fewest parts are cut with it, until a part holds it or none touches it.
    """
    left, looked, stack = list[Region](), 0, [(*region, parts)]
    while stack and looked < MAX_REGIONS and not (one and left):
        looked += 1
        low, high, inside = stack.pop()
        if not len(inside.rule):
            left.append((low, high))
        elif not inside.holding(low, high).any():
            axis, cut = best_cut(inside, low, high)
            below, above = high.copy(), low.copy()
            below[axis], above[axis] = cut - 1, cut
            stack.append((above, high, inside.of(inside.high[:, axis] >= cut)))
            stack.append((low, below, inside.of(inside.low[:, axis] < cut)))
    return left, not stack


def best_cut(parts: Parts, low: Corner, high: Corner) -> tuple[int, int]:
    """Return the axis and the position before which a region is cut best: few parts on either side."""
    best = (np.inf, 0, 0)
    for axis in range(len(low)):
        lows, highs = np.sort(parts.low[:, axis]), np.sort(parts.high[:, axis])
        cuts = np.concatenate([lows[lows > low[axis]], highs[highs < high[axis]] + 1])
        if len(cuts):
            left = lows.searchsorted(cuts).astype(np.float64)
            right = len(highs) - highs.searchsorted(cuts)
            cost = left * left + right * right
            place = int(cost.argmin())
            best = min(best, (float(cost[place]), axis, int(cuts[place])))
    return best[1:]


def _boundaries_apart(space: Space, box: Box) -> Iterable[Box]:
    """Yield a box without what is only a boundary, and the boundaries: what mends one need not mend the other."""
    sides = list[list[int]]()
    for axis, mask in zip(space.axes, box, strict=True):
        thin = [mask_of(*run) for run in runs(mask & ~1) if axis.is_boundary(*run)]
        sides.append([each for each in (mask - sum(thin), *thin) if each])
    return product(*sides)


def _largest(space: Space, boxes: Iterable[Box]) -> tuple[Box, ...]:
    return tuple(sorted(boxes, key=lambda box: (-space.share(box), box)))


def _narrow(space: Space, box: Box) -> tuple[int, int, int] | None:
    """Return the axis and the positions on which a box is only a boundary."""
    for place, (axis, mask) in enumerate(zip(space.axes, box, strict=True)):
        first, last = next(runs(mask))
        if mask == mask_of(first, last) and axis.is_boundary(first, last):
            return place, first, last
    return None


def _neighbour(space: Space, parts: Parts, box: Box) -> int | None:
    """Return the rule beside a gap that is only a boundary; the lower one where both sides have one."""
    thin = _narrow(space, box)
    if thin is None:
        return None
    axis, first, last = thin
    for beside in (first - 1, last + 1):
        if 0 < beside < space.axes[axis].size:
            moved = (*box[:axis], 1 << beside, *box[axis + 1 :])
            holding: list[set[int]] = [set(parts.rule[parts.holding(*region)].tolist()) for region in regions_of(moved)]
            if rules := set.intersection(*holding):
                return min(rules)
    return None


def _overlaps(rules: RuleSet, space: Space, parts: Parts) -> tuple[tuple[Finding, ...], bool]:
    """Return the pairs of rules of different segments that share cells, and whether all were looked at."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(rule.segment for rule in rules.rules))}
    segment = np.array([numbers[rule.segment] for rule in rules.rules], dtype=np.int32)[parts.rule]
    shared: dict[tuple[int, int], list[Region]] = defaultdict(list)
    count, block = 0, max(1, 4_000_000 // max(len(segment), 1))
    for start in range(0, len(segment), block):
        some = slice(start, start + block)
        meet = segment[some, None] != segment[None, start:]
        for axis in range(len(space.axes)):
            meet &= parts.low[some, axis, None] <= parts.high[None, start:, axis]
            meet &= parts.high[some, axis, None] >= parts.low[None, start:, axis]
        one, other = np.nonzero(np.triu(meet))
        for i, j in zip((one + start)[: MAX_PAIRS - count], other + start, strict=False):
            region = np.maximum(parts.low[i], parts.low[j]), np.minimum(parts.high[i], parts.high[j])
            shared[int(parts.rule[i]), int(parts.rule[j])].append(region)
        count += len(one)
        if count > MAX_PAIRS:
            break
    findings = [Finding(_largest(space, merged(list(map(_box, regions)))), pair) for pair, regions in shared.items()]
    findings.sort(key=lambda each: (-sum(map(space.share, each.boxes)), each.rules))
    narrow = ((each, all(_narrow(space, box) for box in each.boxes)) for each in findings)
    return tuple(replace(each, takes=each.rules[0] if thin else None) for each, thin in narrow), count <= MAX_PAIRS


def _precedence(audited: RuleAudit) -> tuple[int, ...]:
    inside: dict[int, list[int]] = defaultdict(list)
    for one, other in (pair for each in audited.overlaps for pair in (each.rules, each.rules[::-1])):
        if _inside(audited.parts, other, one) and not _inside(audited.parts, one, other):
            inside[one].append(other)
    order: dict[int, None] = {}
    waiting = list(reversed(range(len(audited.rules.rules))))
    while waiting:
        place = waiting.pop()
        ahead = sorted(inside.pop(place, []), reverse=True)
        if ahead:
            waiting += [place, *ahead]
        else:
            order[place] = None
    return tuple(order)


def _inside(parts: Parts, rule: int, other: int) -> bool:
    own, outer = parts.of(parts.rule == rule), parts.of(parts.rule == other)
    return all(outer.holding(low, high).any() for low, high in zip(own.low, own.high, strict=True))


def shadowed(audited: RuleAudit) -> tuple[int, ...]:
    """Return the places of rules that have nobody left where the first one in the order decides."""
    rank, parts, hidden = audited.rank, audited.parts, list[int]()
    order: list[int] = rank.tolist()
    for place in sorted({max(each.rules, key=order.__getitem__) for each in audited.overlaps}):
        before, own = parts.of(rank[parts.rule] < rank[place]), parts.of(parts.rule == place)
        regions = zip(own.low, own.high, strict=True)
        if not any(uncovered(before.of(before.touching(*r)), r, one=True)[0] for r in regions):
            hidden.append(place)
    return tuple(hidden)
