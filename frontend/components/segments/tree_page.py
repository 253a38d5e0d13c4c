"""The picture of the tree: PyVis with everything in line, places fixed, no physics, no request to anywhere.

Two layouts are computed here and the page takes the one that fits: from left to right on wide screens, an
indented list on narrow ones.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pyvis.network import Network

from frontend.utils import format as fmt, palette
from retention.partition.outline import TreeNode, middles

INDENT = 24
EDGE = 6
GAP = 20
FACE = "system-ui, sans-serif"
"""Until the script has found the font of the page around the picture."""
LINE = 16
PADDING = 24

_OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"hierarchical": {"enabled": False}},
    "interaction": {
        "dragNodes": False,
        "dragView": False,
        "zoomView": False,
        "selectable": False,
        "hover": True,
        "tooltipDelay": 120,
    },
    "edges": {"smooth": {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal", "roundness": 0.55}},
}
# PyVis links Bootstrap from a public host even where everything is to be in line, and writes its empty heading twice.
# Neither is needed, and a page with customers' numbers asks no other host for anything.
_OUTSIDE = re.compile(r"<link[^>]*?href=\"https?://[^>]*>|<script[^>]*?src=\"https?://[^>]*>\s*</script>", re.DOTALL)
_HEADING = re.compile(r"<center>\s*<h1></h1>\s*</center>")
_LAYING_OUT = Path(__file__).parents[2] / "assets" / "tree.js"
"""Lays out the page in the browser, from the places of both layouts."""


@dataclass(frozen=True)
class _Box:
    """One drawn node: its text and its height in pixels."""

    node: TreeNode
    label: str
    height: int


def page_of(
    nodes: Sequence[TreeNode],
    colours: Mapping[str, str],
    *,
    dark: bool,
    places: Mapping[str, int] = MappingProxyType({}),
    worth: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the tree as one HTML page.

    Args:
        nodes: Its boxes.
        colours: Of each segment.
        dark: Whether the page around it is.
        places: What opens by a click, by segment.
        worth: What a segment says in place of its score.
    """
    surface = palette.surface(dark)
    network = Network(height="100%", width="100%", bgcolor=surface.background, cdn_resources="in_line")
    network.options = _OPTIONS
    # Narrower boxes for a deeper tree, so that its text keeps its size.
    width, column, wrap = (238, 296, 24) if max(node.depth for node in nodes) <= 2 else (204, 230, 20)
    boxes = [_boxed(node, wrap, worth.get(node.segment, "")) for node in nodes]
    for box in boxes:
        _draw(network, box, width, colours.get(box.node.segment, surface.line), surface)
    for box in boxes:
        if box.node.parent:
            thick, colour = 1 + 9 * box.node.share, colours.get(box.node.segment, surface.line)
            network.add_edge(box.node.parent, box.node.id, width=thick, color={"color": colour, "hover": colour})
    layouts = {"wide": _wide(boxes, width, column), "narrow": _narrow(boxes, width, surface.line)}
    page = _HEADING.sub("", _OUTSIDE.sub("", network.generate_html(notebook=False)))
    style = (
        f"<style>html, body {{ margin: 0; overflow: hidden; background: {surface.background}; }}"
        " #mynetwork { border: 0 !important; } .card { border: 0; }"
        " #rule { position: absolute; box-sizing: border-box; max-width: 340px; padding: 6px 10px; font-size: 13px;"
        f" border: 1px solid {surface.line}; border-radius: 8px; color: {surface.text};"
        f" background: {surface.background}; pointer-events: none; }}</style>"
    )
    facts = {node.id: {"rule": fmt.sentence(node.rule), "opens": places.get(node.segment)} for node in nodes}
    laying_out = _LAYING_OUT.read_text(encoding="utf-8")
    script = f"<script>\nconst layouts = {json.dumps(layouts)};\nconst told = {_script(facts)};\n{laying_out}</script>"
    return page.replace("</body>", f"{style}<div id='rule' hidden></div>{script}</body>")


def _script(value: object) -> str:
    """Return a value as a script takes it; no text in it ends the script."""
    return json.dumps(value).replace("<", "\\u003c")


def _canvas_text(line: str) -> str:
    """Return text for a label of vis-network, which takes a line with `&` for a pattern and `<` for a tag."""
    return line.replace("&", "\uff06").replace("<", "\u2039")


def _boxed(node: TreeNode, wrap: int, worth: str) -> _Box:
    lines = [
        _canvas_text(line) for line in textwrap.wrap(fmt.sentence(node.label).rstrip("."), wrap, break_on_hyphens=False)
    ]
    numbers = f"{fmt.count(node.size)} \u00b7 {fmt.percent(node.share)}"
    if node.segment:
        names = [
            f"<b>{_canvas_text(line)}</b>" for line in textwrap.wrap(node.segment, wrap - 2, break_on_hyphens=False)
        ]
        lines = [*names, *lines]
        worth = worth or ("" if node.overall is None else f"score {fmt.score(node.overall)}")
        numbers += f" \u00b7 {_canvas_text(worth)}" if worth else ""
    lines.append(f"<i>{numbers}</i>")
    return _Box(node, "\n".join(lines), LINE * len(lines) + PADDING)


def _draw(network: Network, box: _Box, width: int, colour: str, surface: palette.Surface) -> None:
    fill = {"background": surface.panel, "border": colour}
    network.add_node(
        box.node.id,
        label=box.label,
        shape="box",
        chosen=False,
        color={**fill, "hover": fill, "highlight": fill},
        borderWidth=3 if box.node.segment else 1.5,
        margin=10,
        shapeProperties={"borderRadius": 8},
        widthConstraint={"minimum": width - 20, "maximum": width + 20},
        font={
            "multi": "html",
            "size": 14,
            "face": FACE,
            "color": surface.text,
            "align": "left",
            "bold": {"size": 15, "color": surface.text, "face": FACE, "mod": "bold"},
            "ital": {"size": 13, "color": surface.muted, "face": FACE, "mod": ""},
        },
        # Any place will do, as the script of the page sets the real one; for a node without, vis-network makes one up.
        x=0,
        y=0,
    )


def _wide(boxes: Sequence[_Box], width: int, column: int) -> dict[str, object]:
    """Return places from left to right, as `middles` has them."""
    middle, height = middles([box.node for box in boxes], {box.node.id: box.height for box in boxes}, GAP)
    return _layout(boxes, width, column, {name: place + GAP / 2 for name, place in middle.items()}, height)


def _narrow(boxes: Sequence[_Box], width: int, line: str) -> dict[str, object]:
    """Return places of an indented list, its nodes tied by angled lines that the page draws."""
    middle: dict[str, float] = {}
    top = 0.0
    for box in boxes:
        middle[box.node.id] = top + (box.height + GAP) / 2
        top += box.height + GAP
    elbows = [
        {
            "x": (b.node.depth - 1) * INDENT + INDENT / 2 + EDGE,
            "top": middle[b.node.parent],
            "bottom": middle[b.node.id],
            "end": b.node.depth * INDENT + width / 2 + EDGE,
            "colour": line,
        }
        for b in boxes
        if b.node.parent
    ]
    return _layout(boxes, width, INDENT, middle, top) | {"elbows": elbows}


def _layout(
    boxes: Sequence[_Box], width: int, step: int, middle: Mapping[str, float], height: float
) -> dict[str, object]:
    """Return the places of boxes, each a step to the right of the one above it in the tree."""
    nodes, half = [box.node for box in boxes], width / 2 + EDGE
    places = [{"id": node.id, "x": node.depth * step + half, "y": middle[node.id]} for node in nodes]
    deepest = max(node.depth for node in nodes)
    return {"width": deepest * step + width + 2 * EDGE, "height": height, "places": places, "elbows": []}
