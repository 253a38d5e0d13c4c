"""Cost against customers as a picture: two panels with logarithmic axes, written by hand as SVG."""

from collections.abc import Mapping
from html import escape
from math import ceil, floor, log10
from pathlib import Path

from benchmarks.scale.watching import Watched

WIDTH, HEIGHT, LEFT, TOP, GAP = 360, 260, 70, 40, 110
COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57")


def draw(points: Mapping[tuple[str, int], Watched], target: Path) -> None:
    """Write the picture of CPU seconds and memory by customers."""
    names = sorted({name for name, _ in points})
    panels = [("CPU seconds", "cpu"), ("MB of memory of its own", "megabytes")]
    parts = [_panel(points, names, place, *panel) for place, panel in enumerate(panels)]
    keys = [
        f'<text x="{LEFT + 150 * place}" y="{TOP + HEIGHT + 62}" fill="{colour}">{escape(name)}</text>'
        for place, (name, colour) in enumerate(zip(names, COLOURS, strict=False))
    ]
    size = f"{LEFT + 2 * WIDTH + GAP + 20} {TOP + HEIGHT + 80}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="12">'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    target.write_text("\n".join([head, ground, *parts, *keys, "</svg>"]) + "\n", encoding="utf-8")


def _panel(points: Mapping[tuple[str, int], Watched], names: list[str], place: int, title: str, what: str) -> str:
    left = LEFT + place * (WIDTH + GAP)
    found = {key: getattr(each, what) for key, each in points.items()}
    low, high = floor(log10(min(found.values()))), ceil(log10(max(found.values())))
    first = floor(log10(min(size for _, size in found)))
    last = ceil(log10(max(size for _, size in found)))

    def x(size: float) -> float:
        return left + WIDTH * (log10(size) - first) / max(1, last - first)

    def y(value: float) -> float:
        return TOP + HEIGHT * (1 - (log10(value) - low) / max(1, high - low))

    lines = [f'<text x="{left}" y="{TOP - 14}" font-weight="bold">{escape(title)}</text>']
    for power in range(low, high + 1):
        at = y(10.0**power)
        lines.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        lines.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g}</text>')
    for power in range(first, last + 1):
        at = x(10.0**power)
        lines.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{TOP + HEIGHT}" stroke="#ddd"/>')
        lines.append(f'<text x="{at:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">1e{power}</text>')
    lines.append(f'<text x="{left + WIDTH / 2}" y="{TOP + HEIGHT + 36}" text-anchor="middle">customers</text>')
    for name, colour in zip(names, COLOURS, strict=False):
        own = sorted((size, value) for (each, size), value in found.items() if each == name)
        path = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in own)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in own]
    return "\n".join(lines)
