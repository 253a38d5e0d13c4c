"""Pictures of the scores: customers per segment, the priority map, and what makes up each score."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from outputs.report.colours import OF_MEASURES
from outputs.report.markup import bar, picture, words, wrapped
from retention.scores.measures import MEASURES
from retention.wording import count, percent, score

WIDTH = 960
NAMES = 270
ROW = 34
LARGEST = 34


def sizes(table: pd.DataFrame, colours: Mapping[str, str]) -> str:
    """Return bars of customers per segment (`Segment`, `Size`), the first to contact on top."""
    everyone, largest = max(int(table["Size"].sum()), 1), max(int(table["Size"].max()), 1)
    room = WIDTH - NAMES - 150
    shapes = []
    for place, (name, size) in enumerate(zip(table["Segment"], table["Size"].tolist(), strict=True)):
        top = place * ROW
        width = room * size / largest
        shapes += [
            _name(top, place, name),
            bar(NAMES, top + 5, width, ROW - 10, colours[name]),
            words(NAMES + width + 8, top + 22, f"{count(size)} \u00b7 {percent(size / everyone)}", kind="small"),
        ]
    return picture(WIDTH, ROW * len(table), "Customers per segment, the first to contact on top", shapes)


def composition(parts: pd.DataFrame) -> str:
    """Return stacked bars of what each measure adds to the overall score: `Segment`, and points in a column each."""
    used = [name for name in MEASURES if name in parts.columns and bool((parts[name].fillna(0) > 0).any())]
    values = parts[used].fillna(0.0).clip(lower=0)
    longest = max(float(values.sum(axis=1).max()), 1e-9)
    shapes = _legend(used)
    for place, name in enumerate(parts["Segment"]):
        top, left = 34 + place * ROW, float(NAMES)
        shapes.append(_name(top, place, name))
        for measure in used:
            width = (WIDTH - NAMES - 60) * float(values[measure].iloc[place]) / longest
            if width > 0:
                shapes.append(bar(left, top + 5, width, ROW - 10, OF_MEASURES[measure]))
            left += width
        shapes.append(words(left + 8, top + 22, score(float(values.iloc[place].sum())), kind="small"))
    return picture(WIDTH, 34 + ROW * len(parts), "What each measure adds to the overall score", shapes)


def priority(table: pd.DataFrame, colours: Mapping[str, str]) -> str:
    """Return the priority map: conversion x profitability, area = customers, numbers are the order to contact.

    Args:
        table: Scores in the order to contact: `Segment`, `Size`, `Conv_Pot`, `Profitability`.
        colours: Colour by segment.
    """
    ranked = table.assign(rank=range(1, len(table) + 1)).dropna(subset=["Conv_Pot", "Profitability"])
    if ranked.empty:
        return ""
    known = ranked.sort_values("Size", ascending=False)
    x, y = _Scale(known["Conv_Pot"], 60, WIDTH - 20), _Scale(known["Profitability"], 340, 20)
    largest = max(int(table["Size"].max()), 1)
    circles = [
        _Circle(x.at(across), y.at(up), max(LARGEST * math.sqrt(size / largest), 7), str(rank), colours[name])
        for name, size, rank, across, up in zip(
            *(known[column].tolist() for column in ("Segment", "Size", "rank", "Conv_Pot", "Profitability")),
            strict=True,
        )
    ]
    shapes = [*_axes(x, y), *(circle.drawn() for circle in circles), *(circle.named(circles) for circle in circles)]
    return picture(WIDTH, 400, "Priority map: conversion index and profitability of each segment", shapes)


@dataclass(frozen=True)
class _Circle:
    """One segment on the map, in pixels."""

    x: float
    y: float
    radius: float
    rank: str
    colour: str

    def drawn(self) -> str:
        """Return the circle."""
        place = f'cx="{self.x:.1f}" cy="{self.y:.1f}" r="{self.radius:.1f}"'
        return f'<circle {place} fill="{self.colour}" stroke="#ffffff" stroke-width="1.5"/>'

    def named(self, others: "Sequence[_Circle]") -> str:
        """Return the rank: inside, above where the circle is small, beside where others cover its middle."""
        near = [o for o in others if o is not self and math.hypot(o.x - self.x, o.y - self.y) < max(o.radius, 14)]
        if near:
            left = any(other.x >= self.x for other in near)
            aside = -(self.radius + 6) if left else self.radius + 6
            return words(self.x + aside, self.y + 4, self.rank, kind="strong", anchor="end" if left else "start")
        if self.radius >= 13:
            return words(self.x, self.y + 5, self.rank, kind="rank", anchor="middle")
        return words(self.x, self.y - self.radius - 4, self.rank, kind="strong", anchor="middle")


class _Scale:
    """Values -> pixels, with room at both ends for circles."""

    def __init__(self, values: pd.Series, start: float, end: float) -> None:
        low, high = float(values.min()), float(values.max())
        room = 0.25 * (high - low) or 0.1
        self.low, self.high, self.start, self.end = low - room, high + room, start, end

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return about five round values."""
        raw = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw)
        first = math.ceil(self.low / step)
        return [step * n for n in range(first, math.floor(self.high / step) + 1)]


def _axes(x: _Scale, y: _Scale) -> list[str]:
    shapes = []
    for value in x.ticks():
        at = x.at(value)
        shapes.append(f'<line x1="{at:.1f}" y1="20" x2="{at:.1f}" y2="340" class="grid"/>')
        shapes.append(words(at, 358, score(value), kind="small", anchor="middle"))
    for value in y.ticks():
        at = y.at(value)
        shapes.append(f'<line x1="60" y1="{at:.1f}" x2="{WIDTH - 20}" y2="{at:.1f}" class="grid"/>')
        shapes.append(words(52, at + 4, score(value), kind="small", anchor="end"))
    shapes.append(words((60 + WIDTH - 20) / 2, 384, "Conversion index", kind="small strong", anchor="middle"))
    label = words(0, 0, "Profitability", kind="small strong", anchor="middle")
    shapes.append(f'<g transform="translate(14 180) rotate(-90)">{label}</g>')
    return shapes


def _name(top: float, place: int, name: str) -> str:
    return words(0, top + 22, wrapped(f"{place + 1}. {name}", NAMES - 16, lines=1)[0], kind="strong")


def _legend(measures: Sequence[str]) -> list[str]:
    shapes, left = list[str](), 0.0
    for name in measures:
        label = MEASURES[name].label
        shapes += [bar(left, 4, 14, 14, OF_MEASURES[name]), words(left + 20, 16, label, kind="small")]
        left += 44 + 7.2 * len(label)
    return shapes
