"""Random ways to write a table, quickly."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DELIMITERS = (",", ";", "\t", "|")
ENDS = ("\n", "\r\n")
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32-le", "cp1252")
PACKERS = ("plain", "plain", "gzip")
NUMBERS = ("plain", "plain", "comma", "thousands", "European", "dollars", "euros")
DATES = ("ISO", "ISO", "T", "UTC", "offset", "dmy", "mdy", "compact", "seconds", "milliseconds")


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    delimiter: str
    end: str
    encoding: str
    packer: str
    number: str
    date: str
    always: bool

    def row(self, cells: Sequence[str], *, raw: bool = False) -> str:
        """Return a row with its line end; with `raw`, the last cell stands as it is."""
        written = [self._quoted(cell) for cell in (cells[:-1] if raw else cells)]
        return self.delimiter.join([*written, cells[-1]] if raw else written) + self.end

    def _quoted(self, cell: str) -> str:
        if self.always or '"' in cell or "\n" in cell or self.delimiter in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def packed(self, texts: Sequence[str]) -> bytes:
        """Return the bytes of a file of these rows."""
        content = "".join(texts).encode(self.encoding)
        return gzip.compress(content, 1) if self.packer == "gzip" else content

    def money(self, cents: NDArray[np.int64]) -> list[str]:
        """Return amounts as text; -1 is missing."""
        styles = {
            "plain": ("{:.2f}", None),
            "comma": ("{:.2f}", {46: ","}),
            "thousands": ("{:,.2f}", None),
            "European": ("{:,.2f}", {44: ".", 46: ","}),
            "dollars": ("${:,.2f}", None),
            "euros": ("{:,.2f} EUR", {44: "\u00a0", 46: ","}),
        }
        form, signs = styles[self.number]
        texts = ["" if each < 0 else form.format(each / 100) for each in cents.tolist()]
        return texts if signs is None else [text.translate(signs) for text in texts]

    def dates(self, seconds: NDArray[np.int64]) -> list[str]:
        """Return times as text."""
        if self.date in {"seconds", "milliseconds"}:
            scale = 1 if self.date == "seconds" else 1_000
            return [str(each) for each in (seconds * scale).tolist()]
        texts: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
        forms: dict[str, Callable[[str], str]] = {
            "ISO": lambda text: text.replace("T", " "),
            "T": lambda text: text + "Z",
            "UTC": lambda text: text.replace("T", " ") + " UTC",
            "offset": lambda text: text.replace("T", " ") + " +0000",
            "dmy": lambda text: f"{text[8:10]}.{text[5:7]}.{text[:4]} {text[11:]}",
            "mdy": lambda text: f"{text[5:7]}/{text[8:10]}/{text[:4]} {text[11:]}",
            "compact": lambda text: text.replace("-", "").replace(":", "") + "Z",
        }
        return [forms[self.date](text) for text in texts]


def draw(rng: np.random.Generator) -> Dialect:
    """Return a random dialect."""

    def one(choices: Sequence[str]) -> str:
        return choices[int(rng.integers(0, len(choices)))]

    return Dialect(
        delimiter=one(DELIMITERS),
        end=one(ENDS),
        encoding=one(ENCODINGS),
        packer=one(PACKERS),
        number=one(NUMBERS),
        date=one(DATES),
        always=bool(rng.random() < 0.2),
    )
