"""Two policies told apart in words: what another tree, other texts and other settings change.

Nodes are the same where the branches that lead to them are: by their names, or, of equally many, by their order.
"""

from collections.abc import Iterable, Iterator, Mapping

from retention.customers.contracts import COLUMNS
from retention.policy.policy import OTHER, LearnedCuts, Policy, Split, leaf_names
from retention.wording import cut_words

Node = Split | str


def differences(before: Policy, after: Policy) -> tuple[str, ...]:
    """Return a sentence for each difference, those of the tree first, from the top down; names don't count."""
    names = renames(before, after)
    changes = [
        f"{'In ' + ', '.join(way) + ': ' if way else ''}{words}"
        for one, other, way in _pairs(before.tree, after.tree, ())
        for words in _of_node(one, other, names)
    ]
    return (*changes, *_of_texts(before, after, names), *_of_settings(before, after))


def renames(before: Policy, after: Policy) -> dict[str, str]:
    """Return the segments that have another name at the same place of the tree: the old name -> the new one."""
    old, new = set(leaf_names(before.tree)), set(leaf_names(after.tree))
    return {
        one: other
        for one, other, _ in _pairs(before.tree, after.tree, ())
        if isinstance(one, str) and isinstance(other, str) and one not in new and other not in old
    }


def _pairs(one: Node, other: Node, way: tuple[str, ...]) -> Iterator[tuple[Node, Node, tuple[str, ...]]]:
    """Yield the nodes that stand at the same place in both trees, those above first."""
    yield one, other, way
    if isinstance(one, Split) and isinstance(other, Split) and one.split == other.split:
        for old, new in _branches(one, other).items():
            yield from _pairs(one.branches[old], other.branches[new], (*way, f"{COLUMNS[other.split].label} {new}"))


def _branches(one: Split, other: Split) -> dict[str, str]:
    """Return the branches of a split that stayed: the old label -> the new one."""
    ordered = one.cuts is not None or set(one.branches) != set(other.branches)
    if ordered and len(one.branches) == len(other.branches):
        return dict(zip(one.branches, other.branches, strict=True))
    return {label: label for label in one.branches if label in other.branches}


def _of_node(one: Node, other: Node, names: Mapping[str, str]) -> Iterator[str]:
    if isinstance(one, Split) and isinstance(other, Split):
        if one.split == other.split:
            yield from _of_split(one, other)
        else:
            yield f"the split by {_column(one)} gives way to one by {_column(other)}"
    elif isinstance(one, Split):
        yield f"the split by {_column(one)} is removed: {_listed(leaf_names(one))} become {other}"
    elif isinstance(other, Split):
        yield f"{one} is split by {_column(other)} into {_listed(leaf_names(other))}"
    elif one != other:
        yield f"{one} is now called {other}" if one in names else f"who was in {one} is in {other}"


def _of_split(one: Split, other: Split) -> Iterator[str]:
    """Yield how two splits by one column differ."""
    labels, column = _branches(one, other), _column(one)
    if one.cuts != other.cuts:
        learned = isinstance(one.cuts, LearnedCuts) or isinstance(other.cuts, LearnedCuts)
        pairs = [] if learned or len(one.asked) != len(other.asked) else zip(one.asked, other.asked, strict=True)
        moved = [pair for pair in pairs if pair[0] != pair[1]]
        yield from (f"the cut of {column} moves from {cut_words(a)} to {cut_words(b)}" for a, b in moved)
        if not moved:
            yield f"the cuts of {column} were {_cuts(one)} and are {_cuts(other)}"
    for old, new in labels.items():
        if old != new:
            yield f"the branch {old} of {column} is now called {new}"
        values = [(split.groups or {}).get(label, ()) for split, label in ((one, old), (other, new))]
        if set(values[0]) != set(values[1]):
            yield f"the branch {new} of {column} held {_listed(values[0])} and holds {_listed(values[1])}"
    yield from (f"the branch {label} of {column} is new" for label in other.branches if label not in labels.values())
    yield from (f"the branch {label} of {column} is gone" for label in one.branches if label not in labels)
    for what, was, now in (("unknown", one.missing, other.missing), ("other", one.otherwise, other.otherwise)):
        if was != now and labels.get(was or "") != now:
            yield f"an {what} {column} went to {was} and goes to {now}"


def _column(split: Split) -> str:
    return COLUMNS[split.split].label


def _cuts(split: Split) -> str:
    if isinstance(split.cuts, LearnedCuts):
        return f"learned for {split.cuts.bins} branches, {split.cuts.names[0].rpartition('learned ')[2]}"
    return _listed(map(cut_words, split.asked))


def _listed(words: Iterable[str]) -> str:
    *first, last = words or ("nothing",)
    return f"{', '.join(first)} and {last}" if first else last


def _of_texts(before: Policy, after: Policy, names: Mapping[str, str]) -> Iterator[str]:
    """Yield how the campaigns of the segments that stayed differ, and those of new ones."""
    old, new = {**before.segments, OTHER: before.other}, {**after.segments, OTHER: after.other}
    for segment, campaign in old.items():
        name = names.get(segment, segment)
        for field, text in campaign.model_dump().items():
            if name in new and getattr(new[name], field) != text:
                yield f"the {field} of {name} was \u201c{text}\u201d and is \u201c{getattr(new[name], field)}\u201d"
    stayed = {names.get(segment, segment) for segment in old}
    for name, campaign in new.items():
        if name not in stayed:
            texts = (f"{field} \u201c{text}\u201d" for field, text in campaign.model_dump().items())
            yield f"the campaign of {name} is new: {', '.join(texts)}"


def _of_settings(before: Policy, after: Policy) -> Iterator[str]:
    for part in ("sizes", "weights", "assumptions"):
        old, new = getattr(before, part).model_dump(), getattr(after, part).model_dump()
        for name, value in old.items():
            if value != new[name]:
                yield f"{name.replace('_', ' ')} of the {part} was {_value(value)} and is {_value(new[name])}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {part:g}" for name, part in value.items())
    if value is None:
        return "automatic"
    return ("no", "yes")[value] if isinstance(value, bool) else f"{value:,}"
