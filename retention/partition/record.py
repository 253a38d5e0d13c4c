"""A fitted tree and a what-if grid as plain data for JSON, and back: strict, and exact to the last bit.

Infinite cuts are written as words, because JSON has no sign for them. What comes back is checked like a
stranger's: leaves numbered in order, every cell in exactly one of them, every leaf in one segment.
"""

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from retention.customers.contracts import COLUMNS
from retention.errors import WorkspaceError
from retention.partition.cube import Cube
from retention.partition.fitted import FittedTree
from retention.partition.grid import Axis, Grid, leaf_table
from retention.partition.proof import prove
from retention.partition.sizing import SizeLimits, SizingStep
from retention.partition.tree import FittedLeaf, FittedSplit, Segment, Threshold, inner_nodes, leaves
from retention.partition.what_if import Stop, WhatIf
from retention.policy.policy import Policy, splits


class Record(BaseModel):
    """Plain data of known shape: unknown keys are refused, infinite numbers are words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, data: object, *, source: str) -> Self:
        """Return the record that parsed JSON holds.

        Raises:
            WorkspaceError: The data has another shape, or its parts do not fit together.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            path = ".".join(str(step) for step in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            raise WorkspaceError(f"'{path}' is not as it was written: {what}", where=source) from error

    def plain(self) -> dict[str, Any]:
        """Return what `read` makes an equal record of; JSON can hold it."""
        plain: dict[str, Any] = _with_words(self.model_dump(mode="json"))
        return plain


def _with_words(data: Any) -> Any:
    """Return plain data with words for the numbers that JSON does not have; `float` reads them back."""
    if isinstance(data, dict):
        return {key: _with_words(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_words(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


class TreeRecord(Record):
    """A fitted tree as plain data."""

    root: FittedSplit | FittedLeaf
    axes: tuple[Axis, ...]
    segments: tuple[Segment, ...]
    thresholds: tuple[Threshold, ...]
    limits: SizeLimits
    sizing_log: tuple[SizingStep, ...]

    @classmethod
    def of(cls, tree: FittedTree) -> "TreeRecord":
        """Return the record of a tree."""
        same = {name: getattr(tree, name) for name in cls.model_fields if name != "axes"}
        return cls(axes=tree.grid.axes, **same)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        indices = [leaf.index for leaf in leaves(self.root)]
        if indices != list(range(len(indices))):
            raise ValueError("leaves are not numbered in order")
        if sorted(leaf for segment in self.segments for leaf in segment.leaves) != indices:
            raise ValueError("a leaf is not in exactly one segment")
        axes = {axis.feature for axis in self.axes}
        if len(axes) != len(self.axes) or axes != {node.feature for node in inner_nodes(self.root)}:
            raise ValueError("the axes are not the features of the splits")
        if not axes <= COLUMNS.keys():
            raise ValueError("a split is on a column that the contract does not have")
        return self

    def tree(self, policy: Policy) -> FittedTree:
        """Return the tree of a policy, its tables worked out anew and proven.

        Raises:
            WorkspaceError: Some cell is in no leaf, or in two.
            PolicyError: There are more cells than a grid may have.
        """
        # The tables are not saved: worked out anew they cannot contradict the tree, whatever happened to the file.
        grid = Grid(self.axes)
        table = leaf_table(self.root, grid)
        proof = prove(tuple(leaves(self.root)), grid, table)
        if not (proof.exclusive and proof.exhaustive):
            raise WorkspaceError("the saved tree does not put every customer into exactly one leaf")
        return FittedTree(policy, self.root, grid, table, self.segments, self.thresholds, self.limits, self.sizing_log)


class KnobRecord(Record):
    """One set of sliders: a feature, the cuts that the policy asks for, where they lie and could lie."""

    feature: str
    cuts: tuple[float | str, ...]
    fitted: tuple[float, ...]
    stops: tuple[Stop, ...]


class WhatIfRecord(Record):
    """A what-if grid as plain data; its cube is kept apart, being large."""

    axes: tuple[Axis, ...]
    knobs: tuple[KnobRecord, ...]

    @classmethod
    def of(cls, what_if: WhatIf) -> "WhatIfRecord":
        """Return the record of a what-if grid."""
        knobs = (
            KnobRecord(feature=knob[0], cuts=knob[1], fitted=what_if.fitted[knob], stops=stops)
            for knob, stops in what_if.stops.items()
        )
        return cls(axes=what_if.grid.axes, knobs=tuple(knobs))

    def what_if(self, policy: Policy, cube: Cube) -> WhatIf:
        """Return the what-if that this grid, a policy and the grid's cube make.

        Raises:
            WorkspaceError: The grid is that of another policy.
            PolicyError: There are more cells than a grid may have.
        """
        self._check(policy)
        stops = {(knob.feature, knob.cuts): knob.stops for knob in self.knobs}
        fitted = {(knob.feature, knob.cuts): knob.fitted for knob in self.knobs}
        return WhatIf(policy, Grid(self.axes), cube, stops, fitted)

    def _check(self, policy: Policy) -> None:
        nodes = tuple(splits(policy.tree))
        knobs = {(node.split, node.asked) for node in nodes if node.cuts}
        own = {(knob.feature, knob.cuts) for knob in self.knobs}
        features = [axis.feature for axis in self.axes]
        cuts = {axis.feature: set(axis.cuts) for axis in self.axes}
        sound = own == knobs and features == list(dict.fromkeys(node.split for node in nodes))
        for knob in self.knobs:
            values = {stop.value for stop in knob.stops}
            sound = sound and len(knob.fitted) == len(knob.cuts) and values.issuperset(knob.fitted)
            sound = sound and cuts.get(knob.feature, set()).issuperset(values)
        if not sound:
            raise WorkspaceError("the what-if grid of the saved period is not of its policy")
