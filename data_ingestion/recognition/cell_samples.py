"""A few cells of a column for a person to look at, without what names somebody."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.formats.header import looks_like_data

SHOWN_CELLS = 3
SHOWN_CHARACTERS = 40

_MASKED_COLUMNS = frozenset({"email", "phone", "first_name", "last_name", "zip", "customer", "user_id"})
# A customer's identifier may be their name, as in WooCommerce's export, so it is masked like one.
_MASKED_HEADER = re.compile(
    r"mail|phone|mobil|^tel|telefon|name|address|adresse|street|strasse|zip|postal|postcode|birth|passport|iban"
    r"|(^|[\W_])ip($|[\W_])",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(r"event|product|item|category|campaign|file|plan", re.IGNORECASE)
# An e-mail address, or an international phone number.
_PERSONAL_CELL = re.compile(r"\S@\S|^\+\d[\d ()-]{6,}$")


def samples(header: str, column: str, cells: pa.Array) -> tuple[str, ...]:
    """Return up to three different cells that have content, shortened; personal ones keep their first character.

    Args:
        header: Header of the file.
        column: What it is read as, `""` for nothing.
        cells: Large text without nulls, shape (n,).

    >>> samples("Contact", "", pa.array(["ann@example.com", "", "n/a"], pa.large_string()))
    ('a***', 'n/a')
    >>> samples("First Name", "first_name", pa.array(["Ann"], pa.large_string()))
    ('A***',)
    """
    trimmed = pc.utf8_trim_whitespace(cells)
    different = pc.unique(trimmed.filter(pc.not_equal(trimmed, "")))[:SHOWN_CELLS].to_pylist()
    named = not column and _MASKED_HEADER.search(header) is not None and _NO_PERSON.search(header) is None
    masked = column in _MASKED_COLUMNS or named
    return tuple(_masked(cell) if masked or _PERSONAL_CELL.search(cell) else _short(cell) for cell in different)


def shown_header(header: str) -> str:
    r"""Return a header in one line; what looks like a cell of a file without a header keeps its first character.

    >>> shown_header(" Order\t date"), shown_header("ann@example.com")
    ('Order date', 'a***')
    """
    name = " ".join(header.split())
    return _masked(name) if looks_like_data(name) else "".join(c if c.isprintable() else "?" for c in name)


def _masked(cell: str) -> str:
    return f"{_short(cell)[:1]}***"


def _short(cell: str) -> str:
    """Return a cell in one line of printable characters."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in cell[: SHOWN_CHARACTERS + 1])
    return plain if len(plain) <= SHOWN_CHARACTERS else f"{plain[: SHOWN_CHARACTERS - 3]}..."
