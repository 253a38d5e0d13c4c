"""A few cells of a column for a person to look at, without what names somebody."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from data_ingestion.formats.header import looks_like_data
from data_ingestion.formats.record_columns import SCHEMA

SHOWN_CELLS = 3
SHOWN_CHARACTERS = 40

# A customer's identifier may be their name, as in WooCommerce's export, so it is masked like one.
_MASKED_HEADER = re.compile(
    r"mail|correo|phone|mobil|celular|handy|^tel|telefon|t[eé]l[eé]fon|name|nombre|apellido|cognome|pr[eé]nom|^nom$|imi[eę]"
    r"|address|adres|direcci|indirizzo|endere|street|strasse|stra[sß]|zip|postal|postcode|^plz|^cep$|^cap$|birth|geburt"
    r"|note|comment|remark|message|instruct|kommentar|bemerk|anmerk|nachricht|observa|tax.?id|vat.?(id|n)|ust.?id|^ssn|^cpf"
    r"|備考|メモ|备注|비고|메시지|passport|iban|(^|[\W_])ip($|[\W_])|氏名|名前|姓名|電話|电话|住所|地址|郵便|邮编",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(r"event|product|item|category|campaign|(?<!pro)file|plan", re.IGNORECASE)
# An e-mail address, an international phone number, or a person inside an object.
_PERSONAL_CELL = re.compile(
    r"\S[@\uff20]\S|^['(]*00\d[\d ().-]{6,}$|(?<!\w)\+\d[\d ().-]{6,}"
    r"|[\"'](first_?name|last_?name|phone|zip|address1?)[\"']\s*:",
    re.IGNORECASE,
)
# A national number starts with 0, or its groups are parted as phones are; a date and a decimal are none.
_NATIONAL = re.compile(
    r"'?(?=(?:\D*\d){7,15}\D*$)(?:\(?0\d+\)?[ /-]\d[\d /-]+|0\d{8,10}|\(\d{2,5}\) ?\d[\d -]+"
    r"|\d{3}[ .-]\d{3}[ .-]\d{4})"
)
_DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}([ T].*)?")


def samples(header: str, column: str, cells: pa.Array) -> tuple[str, ...]:
    """Return up to three different cells that have content, shortened; personal ones keep their first character.

    Args:
        header: Header of the file.
        column: What it is read as, `""` for nothing.
        cells: Large text without nulls, shape (n,).

    A column is personal that is read as one, whose header says so, or one of whose cells looks it.

    >>> samples("Contact", "", pa.array(["ann@example.com", "", "n/a"], pa.large_string()))
    ('a***', 'n***')
    >>> samples("First Name", "first_name", pa.array(["Ann"], pa.large_string()))
    ('A***',)
    """
    trimmed = pc.utf8_trim_whitespace(cells)
    different = pc.unique(trimmed.filter(pc.not_equal(trimmed, ""))).to_pylist()
    named = not column and _MASKED_HEADER.search(header) is not None and _NO_PERSON.search(header) is None
    known = column in SCHEMA and SCHEMA[column].personal
    show = _masked if known or named or any(map(_is_personal, different)) else _short
    return tuple(map(show, different[:SHOWN_CELLS]))


def _is_personal(cell: str) -> bool:
    """Return whether a cell is an address or a number that somebody is reached by."""
    if _PERSONAL_CELL.search(cell):
        return True
    return _NATIONAL.fullmatch(cell) is not None and _DATE.fullmatch(cell) is None


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
