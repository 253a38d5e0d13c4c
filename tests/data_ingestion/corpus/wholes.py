"""Mutations of a whole file: how its numbers, dates and money are written, and its header."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

from tests.data_ingestion.corpus.case import Accounted, Case, Refused
from tests.data_ingestion.corpus.good import GOOD, HEADER, NUMBERS, TIMES, Table, csv, each_cell

MONEY = ("avg_order_value", "cart_value")
COMMA = {ord(","): ".", ord("."): ","}


def _grouped(cell: str) -> str:
    return f"{float(cell):,.2f}"


NUMBER_STYLES: dict[str, tuple[tuple[str, ...], Callable[[str], str]]] = {
    "decimal commas": (NUMBERS, lambda cell: cell.replace(".", ",")),
    "thousands by comma": (MONEY, _grouped),
    "thousands by point": (
        NUMBERS,
        lambda cell: (
            f"{float(cell):,.3f}".translate(COMMA) if float(cell) < 1 else f"{float(cell):,.2f}".translate(COMMA)
        ),
    ),
    "thousands by blank": (NUMBERS, lambda cell: f"{float(cell):,.3f}".replace(",", " ").replace(".", ",")),
    "thousands by a no-break space": (MONEY, lambda cell: _grouped(cell).replace(",", "\u00a0")),
    "thousands by a narrow space": (MONEY, lambda cell: _grouped(cell).replace(",", "\u202f")),
    "thousands by an apostrophe": (MONEY, lambda cell: _grouped(cell).replace(",", "'")),
    "euros": (MONEY, lambda cell: "\u20ac " + _grouped(cell)),
    "dollars": (MONEY, lambda cell: "$" + _grouped(cell)),
    "rupees": (MONEY, lambda cell: "\u20b9" + _grouped(cell)),
    "taka": (MONEY, lambda cell: "\u09f3" + _grouped(cell)),
    "codes": (MONEY, lambda cell: "USD " + _grouped(cell)),
    "codes after": (MONEY, lambda cell: cell + " usd"),
    "dollars and their code": (MONEY, lambda cell: f"${cell} USD"),
    "blanks around": (NUMBERS, lambda cell: f"  {cell}\t"),
    "shares in per cent": (("engagement_score", "profitability_score"), lambda cell: f"{float(cell) * 100:g}%"),
    "exponents": (NUMBERS, lambda cell: f"{float(cell):.6e}"),
    "digits of another script": (
        NUMBERS,
        lambda cell: "".join(chr(0x0660 + int(c)) if c.isdigit() else "\u066b" for c in cell),
    ),
}


def _time(cell: str) -> datetime:
    return datetime.fromisoformat(cell).replace(tzinfo=UTC)


def _written(form: str) -> Callable[[str], str]:
    return lambda cell: _time(cell).strftime(form)


def _with_offset(cell: str) -> str:
    """Return a time with one of three offsets, as a shop writes them that moved or changed its clocks."""
    time = _time(cell)
    hours = (-8, 5.5, 2)[time.day % 3]
    return time.astimezone(timezone(timedelta(hours=hours))).isoformat(sep=" ")


DATE_STYLES: dict[str, Callable[[str], str]] = {
    "day first": _written("%d-%m-%Y %H:%M:%S"),
    "month first": _written("%m/%d/%Y %I:%M:%S %p"),
    "German": _written("%d.%m.%Y, %H:%M:%S"),
    "month names": _written("%d %b %Y %H:%M:%S"),
    "English": _written("%B %d, %Y %I:%M:%S %p"),
    "weekdays and offsets": _written("%a, %d %b %Y %H:%M:%S +0000"),
    "UTC at the end": _written("%Y-%m-%d %H:%M:%S UTC"),
    "Z": _written("%Y-%m-%dT%H:%M:%SZ"),
    "Shopify": _written("%Y-%m-%d %H:%M:%S +0000"),
    "digits only": _written("%Y%m%dT%H%M%SZ"),
    "mixed offsets": _with_offset,
    "microseconds": _written("%Y-%m-%d %H:%M:%S.%f"),
}


def _since(scale: int) -> Callable[[str], str]:
    return lambda cell: str(int(_time(cell).timestamp()) * scale)


def cases() -> Iterator[Case]:
    """Yield files that are written in other ways, all of one meaning, and files whose meaning cannot be told."""
    for name, (columns, change) in NUMBER_STYLES.items():
        yield _case(f"numbers: {name}", each_cell(columns, change), Accounted())
    for name, change in DATE_STYLES.items():
        yield _case(f"dates: {name}", each_cell(TIMES, change), Accounted())
    for name, scale in (("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)):
        yield _case(f"dates: {name} since 1970", each_cell(TIMES, _since(scale)), Accounted())
    others = tuple(name for name in NUMBERS if name not in MONEY)
    euros = each_cell(MONEY, lambda cell: _grouped(cell).translate(COMMA) + " \u20ac")
    yield _case(
        "numbers: euros after, with commas", each_cell(others, lambda cell: cell.replace(".", ","), euros), Accounted()
    )
    yield from _undecided()
    yield from _currencies()
    yield from _headers()


def _case(name: str, table: Table, outcome: Accounted | Refused, **options: str) -> Case:
    return Case(name, partial(_encoded, table), outcome, options)


def _encoded(table: Table) -> bytes:
    return csv(table).encode()


def _thousands(mark: str) -> Table:
    """Return a table of which every number with a separator can be read both ways."""
    shares = ("engagement_score", "profitability_score")
    return [
        [
            ("1" if name in shares else f"1{mark}234" if name in MONEY else cell) if row and cell else cell
            for name, cell in zip(HEADER, cells, strict=True)
        ]
        for row, cells in enumerate(GOOD)
    ]


def _undecided() -> Iterator[Case]:
    for mark, name in ((",", "comma"), (".", "point")):
        unsure = Refused(f"numbers such as '1{mark}234' can be read as thousands or as decimals", "line 2")
        yield _case(f"only 1{mark}234", _thousands(mark), unsure)
        yield _case(
            f"only 1{mark}234 in dates' company, asked for nothing, {name}", _thousands(mark), unsure, date_order="ymd"
        )
    both = each_cell(("last_order_date",), lambda _: "01/02/2025")
    yield _case("only 01/02/2025", both, Refused("can be read day first or month first", "line 2"))
    crossed = each_cell(("last_order_date",), lambda cell: "02/13/2025" if cell.endswith("13") else "13/02/2025")
    yield _case("13/02/2025 and 02/13/2025", crossed, Refused("the dates contradict each other"))
    yield _case("no date is one", each_cell(TIMES, lambda _: "soon"), Refused("none of the 6 rows can be used"))
    yield _case("no one has an id", each_cell(("user_id",), lambda _: " "), Refused("6 missing user id"))


def _currencies() -> Iterator[Case]:
    yield _case(
        "$ and \u20ac in one column",
        _two("$", "\u20ac"),
        Refused("2 currencies", "money"),
    )
    yield _case("$ and \u20ac in two columns", _two_columns(), Refused("2 currencies", "money"))
    yield _case("$ and a code", _two("$", "GBP "), Refused("2 currencies", "money"))
    yield _case("$ and CA$", _two("$", "CA$"), Accounted())
    yield _case("kr and kr.", _two("kr ", "kr."), Accounted())
    currency = [[*cells, "EUR" if row else "currency"] for row, cells in enumerate(_two("$", "$"))]
    yield _case("$ beside the currency EUR", currency, Refused("2 currencies", "money"))
    mixed = [[*cells, ("EUR", "usd")[row % 2] if row else "currency"] for row, cells in enumerate(GOOD)]
    yield _case("two codes", mixed, Refused("2 currencies (EUR, USD)", "currency"))


def _two(first: str, second: str) -> Table:
    """Return the good table with two currency signs by turns."""
    place = HEADER.index("cart_value")
    return [
        [*cells[:place], f"{(first, second)[row % 2]}{cells[place]}" if row else cells[place], *cells[place + 1 :]]
        for row, cells in enumerate(GOOD)
    ]


def _two_columns() -> Table:
    table = each_cell(MONEY[:1], lambda cell: "$" + cell)
    place = HEADER.index(MONEY[1])
    return [
        [*cells[:place], f"\u20ac{cells[place]}" if row else cells[place], *cells[place + 1 :]]
        for row, cells in enumerate(table)
    ]


def _renamed(old: str, new: str) -> Table:
    return [[new if cell == old else cell for cell in GOOD[0]], *GOOD[1:]]


def _headers() -> Iterator[Case]:
    yield _case("header in capitals with blanks", [[f" {cell.upper()} " for cell in GOOD[0]], *GOOD[1:]], Accounted())
    yield _case("header twice", _renamed("cart_value", "USER_ID"), Refused("the header has 'user_id' more than once"))
    without = [
        [cell for name, cell in zip(HEADER, cells, strict=True) if name != "cart_abandoned_date"] for cells in GOOD
    ]
    yield _case("no date column", without, Refused("cart_abandoned_date"))
    yield _case(
        "misspelt date column", _renamed("cart_abandoned_date", "cart_abandon_date"), Refused("cart_abandoned_date")
    )
    yield _case("no header", GOOD[1:], Refused("required columns are missing"))
    blank = [[*cells, "", "x", "x"] if row else [*cells, "", "note", "note"] for row, cells in enumerate(GOOD)]
    yield _case("blank and repeated columns that are not read", blank, Accounted())
    wide = [
        [*cells, *(f"column_{place}" if not row else "" for place in range(1_900))] for row, cells in enumerate(GOOD)
    ]
    yield _case("1,914 columns", wide, Accounted())
    wider = [
        [*cells, *(f"column_{place}" if not row else "" for place in range(9_986))] for row, cells in enumerate(GOOD)
    ]
    yield _case("10,000 columns", wider, Refused("more than 2,000 columns"))
    yield _case("a title above the header", [["Customers of May"], *GOOD], Accounted(warning="passed over: 1"))
