"""A film made of browser frames: captions below, a ring around what is about to be used, one animated file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Locator, Page

BAND, MARGIN = 64, 6
"""In pixels of the page."""
BACKGROUND, INK, RING, DONE, AHEAD = "#16202e", "#ffffff", "#e0592a", "#5f9ae0", "#38465a"
COLOURS = 96
"""Enough for the pages' text and charts, few enough that the file stays small."""


@dataclass
class Film:
    """Frames of one page, each with its caption and the time it stays.

    Args:
        page: What is filmed.
        chapters: Parts of the story; the band shows how far it is.
        scale: Pixels of a frame to one of the page.
        frames: Pictures of one size.
        times: Milliseconds that each stays.
        chapter: The part that is playing.
    """

    page: Page
    chapters: Sequence[str]
    scale: float = 1.0
    frames: list[Image.Image] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    chapter: int = 0

    def show(self, caption: str, seconds: float, target: Locator | None = None) -> None:
        """Take a frame of what the page shows; a target gets a ring."""
        box = target.bounding_box() if target is not None else None
        band = round(BAND * self.scale)
        with Image.open(BytesIO(self.page.screenshot(animations="disabled"))) as shot:
            frame = Image.new("RGB", (shot.width, shot.height + band), BACKGROUND)
            frame.paste(shot.convert("RGB"))
        draw = ImageDraw.Draw(frame)
        if box is not None:
            left, top = box["x"] - MARGIN, box["y"] - MARGIN
            corners = (left, top, left + box["width"] + 2 * MARGIN, top + box["height"] + 2 * MARGIN)
            scaled = [self.scale * corner for corner in corners]
            draw.rounded_rectangle(scaled, radius=12 * self.scale, outline=RING, width=round(4 * self.scale))
        self._caption(draw, caption, frame.width, frame.height - band)
        self.frames.append(frame)
        self.times.append(round(1000 * seconds))

    def use(self, target: Locator, caption: str, seconds: float = 1.1) -> None:
        """Show what is about to be used, and click it."""
        target.scroll_into_view_if_needed()
        self.show(caption, seconds, target)
        target.click()

    def save(self, path: Path) -> None:
        """Write the frames as one GIF that repeats."""
        pictures = [frame.quantize(COLOURS, dither=Image.Dither.NONE) for frame in self.frames]
        pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=self.times, loop=0, optimize=True)

    def _caption(self, draw: ImageDraw.ImageDraw, caption: str, width: int, top: int) -> None:
        """Draw the band: a dash for each chapter, then the caption."""
        # A ring may reach into the band, so it is filled again.
        draw.rectangle((0, top, width, top + round(BAND * self.scale)), fill=BACKGROUND)
        font = ImageFont.load_default(25 * self.scale)
        draw.text((28 * self.scale, top + self.scale * BAND / 2), caption, fill=INK, font=font, anchor="lm")
        step = width / len(self.chapters)
        for place in range(len(self.chapters)):
            colour = DONE if place <= self.chapter else AHEAD
            draw.rectangle((place * step + 2, top, (place + 1) * step - 2, top + 4 * self.scale), fill=colour)
