"""Groups of leaves -> segments, and the segment of every leaf."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from retention.errors import ensure
from retention.partition.sizing import Group
from retention.partition.tree import FittedNode, Segment, leaves, rule_of


def form_segments(
    root: FittedNode, groups: Sequence[Group]
) -> tuple[tuple[Segment, ...], npt.NDArray[np.unsignedinteger]]:
    """Return the segments that some groups of leaves form.

    Args:
        root: The fitted tree.
        groups: A partition of its leaves.

    Returns:
        The segments in the order of the groups, and the position of each leaf's segment, shape (leaves,).
    """
    count = len(tuple(leaves(root)))
    members = [leaf for group in groups for leaf in group.leaves]
    ensure(sorted(members) == list(range(count)), "every leaf is in exactly one segment")
    codes = np.empty(count, dtype=np.min_scalar_type(len(groups)))
    for code, group in enumerate(groups):
        codes[list(group.leaves)] = code
    segments = tuple(Segment(g.name, g.campaign, g.leaves, *rule_of(root, g.leaves)) for g in groups)
    return segments, codes
