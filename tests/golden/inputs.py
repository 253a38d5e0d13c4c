"""The input files of the golden runs: customer tables, and one shop's story in every layout."""

import csv
import gzip
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.golden.story import START, chance

Row = Sequence[object]


def header(names: str) -> list[str]:
    """Return the names of columns, which stand between commas."""
    return names.split(",")


COLUMNS = header(
    "user_id,cart_abandoned_date,last_order_date,avg_order_value,cart_value,sessions_last_30d,num_cart_items,"
    "engagement_score,profitability_score,email,phone,first_name,last_name,country,zip,region,archetype,"
    "email_consent,currency"
)
ORDERS = ("order_count", "total_spent", "first_order_date")
NUMBERS = frozenset(COLUMNS[3:9])
FIRST = ("Ann", "Bo", "Chloé", "Dévi", "=1+1", "Łukasz", 'Eve "E"', "a, b")
PHONES = (("DE", "030 90182{:03}"), ("US", "+1650555{:04}"), ("FR", "01 42 68 5{:03}"), ("", "650-555-{:04}"))


def write_inputs(folder: Path) -> None:
    """Write all input files that are no event logs or orders; `layouts` writes those."""
    people = customers()
    _csv(folder / "customers.csv", [COLUMNS, *people])
    _csv(folder / "ordered.csv", [[*COLUMNS, *ORDERS], *map(_ordered, people)])
    _csv(folder / "faulty.csv", [COLUMNS, *_faulty(people[:400])])
    (folder / "twice.yaml").write_text("Large: cart_value > 200\nOften: order_count >= 3 and cart_value > 100\n")
    _european(folder / "european.csv", people[:500])
    _jsonl(folder / "customers.jsonl", [dict(zip(COLUMNS, row, strict=True)) for row in people[:500]])
    _excel(folder / "customers.xlsx", people[:500])
    _parquet(folder / "customers.parquet", people[:500])
    _database(folder / "shop.db", people[:500])
    data = (folder / "customers.csv").read_bytes()
    (folder / "customers.csv.gz").write_bytes(gzip.compress(data, mtime=0))
    _lists(folder, people)
    _experiment(folder, people)


def customers(size: int = 1500) -> list[list[str]]:
    """Return rows of a customer table over 14 days, some with blanks."""
    return [_customer(number) for number in range(size)]


def _customer(number: int) -> list[str]:
    def one(name: str, low: float, high: float, digits: int = 2, blank: float = 0.05) -> str:
        if chance("blank", name, number) < blank:
            return ""
        value = low + (high - low) * chance(name, number) ** 2
        return f"{value:.{digits}f}"

    at = START + timedelta(seconds=int(14 * 86_400 * chance("left", number)))
    last = at - timedelta(days=1 + int(300 * chance("last", number)))
    country, phone = PHONES[number % len(PHONES)]
    return [
        f"{number:05}",
        at.strftime("%Y-%m-%d %H:%M:%S"),
        "" if chance("new", number) < 0.2 else last.strftime("%Y-%m-%d"),
        one("aov", 5, 400),
        one("cart", 5, 600),
        one("sessions", 0, 30, 0),
        one("items", 1, 9, 0),
        one("engagement", 0, 1, 4, 0.15),
        one("profit", 0, 1, 4, 0.15),
        "" if number % 11 == 0 else f"c{number - (number % 97 == 1)}@example.com",
        "" if number % 7 == 0 else phone.format(number % 1000),
        FIRST[number % len(FIRST)],
        f"Name{number % 50}",
        country,
        f"{10_000 + number}"[-5:],
        ("North", "South", "")[number % 3],
        ("VIP", "Regular", "Dormant", "")[number % 4],
        ("yes", "yes", "no", "")[number % 4],
        "EUR",
    ]


def _ordered(row: list[str]) -> list[str]:
    """Return a customer with the orders so far."""
    orders = 0 if not row[2] else 1 + int(8 * chance("orders", row[0]) ** 2)
    first = (
        ""
        if not orders
        else date.fromisoformat(row[2]) - timedelta(days=int(70 * (orders - 1) * chance("first", row[0])))
    )
    return [*row, str(orders), f"{orders * float(row[3] or 0):.2f}" if orders else "", str(first)]


def _faulty(people: list[list[str]]) -> list[list[str]]:
    """Return the rows with faults of every kind between them."""
    faults = (
        {0: ""},
        {1: "2025-02-30"},
        {1: ""},
        {3: "abc"},
        {3: "-1"},
        {7: "1.5"},
        {7: "inf"},
        {5: "2.5"},
        {17: "perhaps"},
        {4: "many"},
    )
    rows = [list(row) for row in people]
    for place, fault in enumerate(faults):
        for column, text in fault.items():
            rows[7 + 13 * place][column] = text
    again, other, later = list(rows[200]), list(rows[201]), list(rows[202])
    other[3], later[1] = "77.77", "2025-08-30 10:00:00"
    return [*rows, again, other, later, rows[203][:5], [*rows[204], "more"]]


def _experiment(folder: Path, people: list[list[str]]) -> None:
    """Write what the customers did after the send of the experiment autumn, in which half are held out."""
    rows, orders = [], []
    for user in (row[0] for row in people):
        mailed = int(sha256(f"cart-recovery|autumn|{user}".encode()).hexdigest()[:15], 16) % 10_000 >= 5_000
        bought = chance("bought", user) < (0.3 if mailed else 0.15)
        spent = f"{20 + 60 * chance('spent', user):.2f}" if bought else "0"
        rows.append((user, "mail" if mailed else "control", int(bought), spent, f"{90 * chance('before', user):.2f}"))
        if bought:
            orders.append((f"2025-09-0{2 + int(user) % 7} 10:00:00 UTC", "purchase", "1", spent, user, "s"))
    _csv(folder / "outcomes.csv", [("user_id", "arm", "converted", "revenue", "revenue_before"), *rows])
    _csv(
        folder / "bought.csv", [("event_time", "event_type", "product_id", "price", "user_id", "user_session"), *orders]
    )


def _lists(folder: Path, people: list[list[str]]) -> None:
    """Write the lists that audiences take."""
    _csv(folder / "unsubscribed.csv", [("email",), *((row[9],) for row in people[::17] if row[9])])
    _csv(folder / "contacted.csv", [("user_id", "date"), *((row[0], "2025-08-20") for row in people[::19])])
    _csv(folder / "buyers.csv", [("customer_id", "order_date"), *((row[0], "2025-09-01") for row in people[::23])])
    _csv(folder / "agreed.csv", [("Email Address", "consent"), *((row[9], "yes") for row in people[::2] if row[9])])
    _csv(folder / "coupons.csv", [("code",), *((f"C{number:05}",) for number in range(2000))])


def text(rows: Iterable[Row], delimiter: str = ",") -> str:
    """Return the rows as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _csv(path: Path, rows: Iterable[Row]) -> None:
    path.write_bytes(text(rows).encode())


def _jsonl(path: Path, rows: Iterable[dict[str, str]]) -> None:
    path.write_bytes("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


def _european(path: Path, people: list[list[str]]) -> None:
    """Write semicolons, decimal commas, the day first, and Windows-1252."""
    rows = []
    for row in people:
        new = [cell.replace(".", ",") if name in NUMBERS else cell for name, cell in zip(COLUMNS, row, strict=True)]
        year, month, rest = row[1].split("-")
        day, time = rest.split(" ")
        new[1] = f"{day}.{month}.{year} {time}"
        new[2] = ".".join(reversed(row[2].split("-"))) if row[2] else ""
        new[11] = row[11].replace("Ł", "L")
        rows.append(new)
    path.write_bytes(text([COLUMNS, *rows], ";").encode("cp1252"))


def _excel(path: Path, people: list[list[str]]) -> None:
    """Write numbers as numbers and everything else as text; the file holds no time at which it was written."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in [COLUMNS, *people]:
        book.active.append(
            [float(c) if n in NUMBERS and c and c != n else c or None for n, c in zip(COLUMNS, row, strict=True)]
        )
    for cells in book.active.iter_rows():
        for cell in cells:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    book.save(out)
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(path, "w") as kept:
        for name in made.namelist():
            kept.writestr(
                zipfile.ZipInfo(name), re.sub(rb"20\d\d-[\d-]+T[\d:]+Z", b"2025-01-01T00:00:00Z", made.read(name))
            )


def _parquet(path: Path, people: list[list[str]]) -> None:
    columns = {}
    for place, name in enumerate(COLUMNS):
        cells = [row[place] or None for row in people]
        columns[name] = [None if cell is None else float(cell) for cell in cells] if name in NUMBERS else cells
    pq.write_table(pa.table(columns), path)


def _database(path: Path, people: list[list[str]]) -> None:
    with sqlite3.connect(path) as shop:
        shop.execute(f"CREATE TABLE carts ({', '.join(f'{name} TEXT' for name in COLUMNS)})")
        shop.executemany(f"INSERT INTO carts VALUES ({', '.join('?' * len(COLUMNS))})", people)
    shop.close()
