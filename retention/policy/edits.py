"""A policy edited: each function takes one and returns another, checked as if it had been read from a file.

A place in the tree is the labels of the branches that lead there from the root. A new segment takes over the campaign
of the one whose customers it gets.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from retention.errors import PolicyError
from retention.policy.policy import ALL, OTHER, LearnedCuts, Policy, Split, leaf_names
from retention.policy.yaml_text import faults_of
from retention.wording import free_name

Place = tuple[str, ...]
Cuts = Sequence[float | str] | LearnedCuts
Groups = Sequence[Sequence[str]]

LONGEST = 60
LEVELS = {2: ["low", "high"], 3: ["low", "medium", "high"]}


def nodes(policy: Policy) -> dict[Place, Split | str]:
    """Return every node by its place, each before those below it."""
    return dict(_nodes(policy.tree, ()))


def cuts_of(text: str) -> list[float | str]:
    """Return the cuts that a text holds; what is no number is left to the policy to judge.

    >>> cuts_of("20, q80")
    [20.0, 'q80']
    """
    cuts: list[float | str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            cuts.append(float(part))
        except ValueError:
            cuts.append(part)
    return cuts


def groups_of(text: str) -> list[list[str]]:
    """Return the groups of values that a text holds.

    >>> groups_of("north, east; south")
    [['north', 'east'], ['south']]
    """
    groups = ([*filter(None, map(str.strip, group.split(",")))] for group in text.split(";"))
    return [group for group in groups if group]


def with_text(policy: Policy, segment: str, field: str, text: str) -> Policy:
    """Return the policy with another campaign text; `Other` is a segment here."""
    data = _data(policy)
    campaigns = {**data["segments"], OTHER: data["other"]}
    if segment not in campaigns:
        raise PolicyError(f"there is no segment {segment} any more")
    campaigns[segment][field] = text.strip()
    return _checked(data)


def renamed(policy: Policy, segment: str, name: str) -> Policy:
    """Return the policy with another name of a segment, whose campaign follows it."""
    place = next((place for place, node in nodes(policy).items() if node == segment), None)
    if place is None:
        raise PolicyError(f"there is no segment {segment} any more")
    name = name.strip()
    return _changed(policy, place, name, {name: segment})


def with_label(policy: Policy, place: Place, label: str) -> Policy:
    """Return the policy with another name of the branch that leads to a place."""
    split, old, label = _split_at(policy, place[:-1]), place[-1], label.strip()
    if label != old and label in split.branches:
        raise PolicyError(f"two branches cannot both be called {label}")
    new = {name: label if name == old else name for name in split.branches}
    node = _data(split)
    node |= {"missing": new.get(split.missing), "branches": {new[name]: node["branches"][name] for name in new}}
    if split.groups is not None:
        node["groups"] = {new.get(name, name): values for name, values in node["groups"].items()}
        node["else"] = new.get(split.otherwise or "")
    return _changed(policy, place[:-1], node, {})


def with_cuts(policy: Policy, place: Place, cuts: Cuts) -> Policy:
    """Return the policy with other cuts of a numeric split.

    As many as before move where they are. Else a branch stays with the cut that ends it: what a new cut takes off is a
    new segment, and the branch of a cut that is gone goes with what is below it.
    """
    split = _split_at(policy, place)
    new = cuts.names if isinstance(cuts, LearnedCuts) else tuple(cuts)
    if not new:
        raise PolicyError("there is no cut", hint="Write values such as 90, or quantiles such as q80")
    labels = list(split.branches)[: len(split.asked) + 1]
    own = [label for label in split.branches if label not in labels]
    learned = isinstance(cuts, LearnedCuts) or isinstance(split.cuts, LearnedCuts)
    by_value = not learned and len(new) != len(split.asked)
    # No cut ends the highest branch, which therefore always stays.
    ends, new_ends = ([*(each if by_value else _parts(len(each))), None] for each in (split.asked, new))
    known = dict(zip(ends, labels, strict=True))
    names, branches, origins, origin = _names(policy), dict[str, Any](), dict[str, str](), ""
    old = _data(split)["branches"]
    for end in reversed(new_ends):
        if (label := known.get(end)) is not None:
            branches[label], origin = old[label], next(leaf_names(split.branches[label]))
            continue
        words = f"{end:.6g}" if isinstance(end, float) else str(end)
        label = _free(f"up to {words}" if by_value else words, (*old, *branches))
        branches[label] = _new_leaf(origin, label, names, origins)
    ordered = {label: branches[label] for label in reversed(branches)} | {label: old[label] for label in own}
    missing = split.missing if split.missing in ordered else next(iter(ordered))
    written = _data(cuts) if isinstance(cuts, LearnedCuts) else list(cuts)
    return _changed(policy, place, _data(split) | {"cuts": written, "missing": missing, "branches": ordered}, origins)


def with_groups(policy: Policy, place: Place, groups: Groups) -> Policy:
    """Return the policy with other groups of a categorical split: more are new segments, fewer go with their branch."""
    split = _split_at(policy, place)
    node, origins, names = _data(split), dict[str, str](), _names(policy)
    old = list(node["groups"])
    origin = next(leaf_names(split.branches[split.otherwise or old[0]]))
    branches = {name: child for name, child in node["branches"].items() if name not in old[len(groups) :]}
    branches |= {name: node["branches"][name] for name in (split.missing, node["else"])}
    labels = old[: len(groups)]
    for values in groups[len(old) :]:
        label = _free(" or ".join(values), branches)
        branches[label] = _new_leaf(origin, label, names, origins)
        labels.append(label)
    listed = {label: list(values) for label, values in zip(labels, groups, strict=True)}
    return _changed(policy, place, node | {"groups": listed, "branches": branches}, origins)


def with_missing(policy: Policy, place: Place, label: str) -> Policy:
    """Return the policy with another branch of missing values; one that is not there yet becomes one of their own."""
    split = _split_at(policy, place)
    if own_missing(split) and label not in split.branches:
        return with_label(policy, (*place, split.missing), label)
    node, origins, label = _data(split), dict[str, str](), label.strip()
    if own_missing(split) and label != split.missing:
        del node["branches"][split.missing]
    if label not in split.branches:
        origin = next(leaf_names(split.branches[split.missing]))
        node["branches"][label] = _new_leaf(origin, label, _names(policy), origins)
    return _changed(policy, place, node | {"missing": label}, origins)


def own_missing(split: Split) -> bool:
    """Return whether a branch is of missing values alone."""
    if split.groups is not None:
        return split.missing not in (*split.groups, split.otherwise)
    return len(split.branches) > len(split.asked) + 1


def split_leaf(policy: Policy, place: Place, column: str, *, cuts: Cuts = (), groups: Groups = ()) -> Policy:
    """Return the policy with a segment split by a column: a number by cuts, a category by groups of its values."""
    leaf = nodes(policy).get(place)
    if not isinstance(leaf, str):
        raise PolicyError("there is no segment at this place any more")
    learned = cuts if isinstance(cuts, LearnedCuts) else None
    listed = [] if isinstance(cuts, LearnedCuts) else list(cuts)
    if not (learned or listed or groups):
        raise PolicyError("there is nothing to split at", hint="Write cuts such as 20, q80, or groups such as north")
    names, origins, labels, node = _names(policy), dict[str, str](), list[str](), dict[str, Any](split=column)
    if groups:
        for values in groups:
            labels.append(_free(" or ".join(values), labels))
        node["groups"] = {label: list(values) for label, values in zip(labels, groups, strict=True)}
        labels.append(_free("other", labels))
        node["else"] = labels[-1]
    else:
        bins = learned.bins if learned else len(listed) + 1
        labels += LEVELS.get(bins, _parts(bins))
        node["cuts"] = _data(learned) if learned else listed
    branches = {label: _new_leaf(leaf, label, names, origins) for label in labels}
    return _changed(policy, place, node | {"missing": node.get("else", labels[0]), "branches": branches}, origins)


def joined(policy: Policy, place: Place, name: str) -> Policy:
    """Return the policy without a split: who was below it is one segment, which keeps a name or gets one."""
    split, name = _split_at(policy, place), name.strip()
    return _changed(policy, place, name, {name: next(leaf_names(split))})


def _nodes(node: Split | str, place: Place) -> Iterator[tuple[Place, Split | str]]:
    yield place, node
    if isinstance(node, Split):
        for label, child in node.branches.items():
            yield from _nodes(child, (*place, label))


def _split_at(policy: Policy, place: Place) -> Split:
    node = nodes(policy).get(place)
    if not isinstance(node, Split):
        raise PolicyError("there is no split at this place any more")
    return node


def _parts(number: int) -> list[str]:
    return [f"part {place}" for place in range(1, number + 1)]


def _data(part: Policy | Split | LearnedCuts) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def _names(policy: Policy) -> list[str]:
    return [*leaf_names(policy.tree), OTHER, ALL]


def _free(text: str, taken: Iterable[str]) -> str:
    """Return a name that is short enough and not taken."""
    return free_name(text.strip()[: LONGEST - 4].rstrip(), set(taken))


def _new_leaf(origin: str, label: str, names: list[str], origins: dict[str, str]) -> str:
    """Return a name for a new segment at a branch, and note it with the segment whose customers it gets."""
    name = _free(f"{origin}, {label}", names)
    names.append(name)
    origins[name] = origin
    return name


def _changed(policy: Policy, place: Place, node: dict[str, Any] | str, origins: Mapping[str, str]) -> Policy:
    """Return the policy with another node; `origins` says from which segment a new one has its campaign."""
    data = _data(policy)
    campaigns = data["segments"]
    data["tree"] = _replaced(data["tree"], place, node)
    leaves = list(_leaves(data["tree"]))
    data["segments"] = {leaf: dict(campaigns.get(leaf) or campaigns[origins[leaf]]) for leaf in leaves}
    return _checked(data)


def _replaced(node: Any, place: Place, new: Any) -> Any:
    if not place:
        return new
    child = _replaced(node["branches"][place[0]], place[1:], new)
    return node | {"branches": node["branches"] | {place[0]: child}}


def _leaves(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for child in node["branches"].values():
            yield from _leaves(child)
    else:
        yield node


def _checked(data: dict[str, Any]) -> Policy:
    try:
        return Policy.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise PolicyError("; ".join(faults_of(error, with_paths=False)), hint="The policy stays as it was") from error
