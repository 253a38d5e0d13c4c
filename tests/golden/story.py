"""A shop's six weeks, made by arithmetic: the same on every machine and with every version of every library."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

START = datetime(2025, 8, 18, tzinfo=UTC)
DAYS = 42


def chance(*key: object) -> float:
    """Return a number from 0 to 1 that depends on the key only."""
    return int(sha256("|".join(map(str, key)).encode()).hexdigest()[:12], 16) / 16**12


@dataclass(frozen=True)
class Step:
    """Something that a customer did."""

    customer: int
    at: datetime
    kind: str
    item: int
    price: float
    quantity: int
    visit: str
    order: str = ""


def story(customers: int = 400) -> list[Step]:
    """Return what the customers did, by time."""
    steps = [step for customer in range(customers) for step in _of_customer(customer)]
    return sorted(steps, key=lambda step: (step.at, step.customer, step.kind, step.item))


def _of_customer(customer: int) -> Iterator[Step]:
    """Yield one to four visits; who put much into the cart comes back more often."""
    for visit in range(1 + int(4 * chance("visits", customer))):
        key = (customer, visit)
        begin = START + timedelta(seconds=int(DAYS * 86_400 * chance("day", *key)))
        price = round(5 + 120 * chance("price", *key) ** 2, 2)
        name = f"s{customer}-{visit}"

        def step(kind: str, minutes: float, item: int = 0, quantity: int = 1, order: str = "") -> Step:
            at = begin + timedelta(seconds=int(60 * minutes))  # noqa: B023 - used within its turn of the loop only
            return Step(customer, at, kind, 100 + item, price, quantity, name, order)  # noqa: B023 - as above

        yield step("view", 0)
        if chance("cart", *key) > 0.85:
            continue
        pieces = 1 + int(3 * chance("pieces", *key))
        yield step("cart", 4, 1, pieces)
        yield step("cart", 6, 2)
        if chance("remove", *key) < 0.1:
            yield step("remove", 7, 2)
        if chance("checkout", *key) < 0.6:
            yield step("checkout", 9, 1, pieces)
        bought = chance("purchase", *key)
        if bought < (0.55 if price > 60 else 0.35):
            late = 3 * 24 * 60 if bought < 0.15 else 15
            yield step("purchase", late, 1, pieces, f"{7000 + 10 * customer + visit}")
