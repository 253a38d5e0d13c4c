"""The picture of the tree: boxes from left to right, lines as wide as the customers they carry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outputs.report.colours import NOBODYS
from outputs.report.markup import picture, words, wrapped
from retention.partition.outline import TreeNode, middles
from retention.wording import count, percent, score, sentence

WIDTH = 960
LINE = 17
GAP = 14
BETWEEN = 54


@dataclass(frozen=True)
class _NodeBox:
    """One node: its lines, the first `bold` of them heavy, and its height."""

    node: TreeNode
    lines: tuple[str, ...]
    bold: int

    @property
    def height(self) -> float:
        """Pixels."""
        return LINE * len(self.lines) + 16


def tree_picture(nodes: Sequence[TreeNode], colours: Mapping[str, str]) -> str:
    """Return the tree."""
    columns = max(node.depth for node in nodes) + 1
    width = min(240.0, (WIDTH - BETWEEN * (columns - 1)) / columns)
    step = width + BETWEEN
    boxes = {node.id: _boxed(node, width) for node in nodes}
    relative, top = middles(nodes, {name: box.height for name, box in boxes.items()}, GAP)
    middle = {name: place + 1 for name, place in relative.items()}
    height = max(top - GAP + 2, max(middle[name] + box.height / 2 for name, box in boxes.items()) + 1)
    shapes = [
        _line(boxes[node.parent], box, middle, width, step, colours.get(node.segment, NOBODYS))
        for node, box in ((box.node, box) for box in boxes.values())
        if node.parent
    ]
    for box in boxes.values():
        shapes += _drawn(box, box.node.depth * step, middle[box.node.id], width, colours.get(box.node.segment, NOBODYS))
    return picture(max(step * columns - BETWEEN, 1), height, "The tree from all abandoners to the segments", shapes)


def _boxed(node: TreeNode, width: float) -> _NodeBox:
    names = wrapped(node.segment, width - 22, lines=2) if node.segment else []
    rule = wrapped(sentence(node.label).rstrip("."), width - 22)
    numbers = [count(node.size), percent(node.share)]
    if node.segment and node.overall is not None:
        numbers.append(f"score {score(node.overall)}")
    return _NodeBox(node, (*names, *rule, " \u00b7 ".join(numbers)), len(names))


def _line(parent: _NodeBox, box: _NodeBox, middle: Mapping[str, float], width: float, step: float, colour: str) -> str:
    left, right = parent.node.depth * step + width, box.node.depth * step
    start, end = middle[parent.node.id], middle[box.node.id]
    bend = (left + right) / 2
    path = f"M{left:.1f} {start:.1f}C{bend:.1f} {start:.1f} {bend:.1f} {end:.1f} {right:.1f} {end:.1f}"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{1 + 9 * box.node.share:.1f}" opacity="0.75"/>'
    )


def _drawn(box: _NodeBox, left: float, middle: float, width: float, colour: str) -> list[str]:
    top = middle - box.height / 2
    heavy = 2.5 if box.node.segment else 1
    place = f'x="{left + 1.5:.1f}" y="{top:.1f}" width="{width - 3:.1f}" height="{box.height:.1f}"'
    shapes = [f'<rect {place} rx="8" class="box" stroke="{colour}" stroke-width="{heavy}"/>']
    for number, text in enumerate(box.lines):
        kind = "strong" if number < box.bold else ("small" if number == len(box.lines) - 1 else "")
        shapes.append(words(left + 12, top + 21 + LINE * number, text, kind=kind))
    return shapes
