"""Files with damaged bytes: each is read with an account that adds up, or refused; nothing else ever happens."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from data_ingestion import ReadLimits, ReadOptions, read_customers
from retention.errors import InputError
from tests.data_ingestion.corpus.case import Accounted
from tests.data_ingestion.test_corpus import CASES

Bytes = bytearray
FEW, MANY = 60, 5_000
"""Files of the quick test; of the slow one, which takes about a minute."""

TOKENS: tuple[bytes, ...] = (
    *(
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b"|",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"'",
        b"\\",
        b"\x1a",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"\xff\xfe",
        b"\xc3",
        b"\x81",
        b"1e999",
        b"-0",
        b"1,234",
        b"1.234,5",
        b"$",
        "\u20ac".encode(),
        b"%",
        b"NaN",
        b"=",
    ),
    *(
        b"2025-02-30",
        b"31/12/2025",
        b"1756684800",
        b"Mon, ",
        b"user_id",
        b"PK\x03\x04",
        b"PAR1",
        b"\x1f\x8b",
        b"{",
        b"sep=;\n",
    ),
)
OPTIONS = ReadOptions(limits=ReadLimits(decoded_bytes=8 << 20, rows=50_000, record_bytes=1 << 20), threads=1)


@cache
def seeds() -> tuple[bytes, ...]:
    """Return the files that are damaged: those of the corpus that can be read and are not large."""
    read = [case for case in CASES if isinstance(case.outcome, Accounted) and not case.options]
    return tuple(content for case in read if len(content := case.build()) < 40_000)


def flip(content: Bytes, rng: np.random.Generator) -> None:
    for place in rng.integers(0, max(1, len(content)), rng.integers(1, 9)):
        content[place : place + 1] = bytes([rng.integers(0, 256)])


def insert(content: Bytes, rng: np.random.Generator) -> None:
    place = int(rng.integers(0, len(content) + 1))
    content[place:place] = TOKENS[rng.integers(0, len(TOKENS))] * int(rng.integers(1, 4))


def overwrite(content: Bytes, rng: np.random.Generator) -> None:
    token = TOKENS[rng.integers(0, len(TOKENS))]
    place = int(rng.integers(0, len(content) + 1))
    content[place : place + len(token)] = token


def cut(content: Bytes, rng: np.random.Generator) -> None:
    first, last = sorted(rng.integers(0, len(content) + 1, 2))
    del content[first : min(last, first + 200)]


def cut_off(content: Bytes, rng: np.random.Generator) -> None:
    del content[int(rng.integers(0, len(content) + 1)) :]


def repeat(content: Bytes, rng: np.random.Generator) -> None:
    first, last = sorted(rng.integers(0, len(content) + 1, 2))
    content[first:first] = content[first : min(last, first + 500)] * int(rng.integers(1, 5))


def splice(content: Bytes, rng: np.random.Generator) -> None:
    other = seeds()[rng.integers(0, len(seeds()))]
    content[int(rng.integers(0, len(content) + 1)) :] = other[int(rng.integers(0, len(other) + 1)) :]


MUTATIONS: tuple[Callable[[Bytes, np.random.Generator], None], ...] = (
    flip,
    insert,
    overwrite,
    cut,
    cut_off,
    repeat,
    splice,
)


def damaged(seed: int) -> bytes:
    """Return a file of the corpus with one to four mutations; the seed decides all."""
    rng = np.random.default_rng(seed)
    content = Bytes(seeds()[rng.integers(0, len(seeds()))])
    for _ in range(rng.integers(1, 5)):
        MUTATIONS[rng.integers(0, len(MUTATIONS))](content, rng)
    return bytes(content)


def check(seed: int, folder: Path) -> bool:
    """Read one damaged file; return whether it was read."""
    path = folder / "damaged.csv"
    path.write_bytes(damaged(seed))
    try:
        intake = read_customers([path], options=OPTIONS)
    except InputError as error:
        said = str(error)
        assert "\n" not in said, seed
        return False
    except Exception as error:
        error.add_note(f"the file is damaged({seed})")
        raise
    assert intake.read == len(intake.rows) + len(intake.quarantine) + intake.folded == intake.sources[0].rows_read, seed
    assert intake.sources[0].rows_quarantined == len(intake.quarantine), seed
    return True


def test_some_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    read = sum(check(seed, tmp_path) for seed in range(FEW))
    assert FEW * 0.2 < read < FEW * 0.95


@pytest.mark.proof
def test_many_damaged_files_are_read_or_refused(tmp_path: Path) -> None:
    read = sum(check(seed, tmp_path) for seed in range(FEW, FEW + MANY))
    assert MANY * 0.2 < read < MANY * 0.95
