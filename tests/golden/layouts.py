"""The shop's story as each shop system and each log tells it."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.golden.inputs import Row, header, text
from tests.golden.story import Step, chance, story

BERLIN = timezone(timedelta(hours=2))
Rows = Iterator[Row]


def write_layouts(folder: Path) -> None:
    """Write the story once in every layout, with a few rows at the end of each that cannot be used."""
    steps = story()
    for name, render in TABLES.items():
        (folder / name).write_bytes(text(render(steps)).encode())
    (folder / "otto.jsonl").write_bytes(_otto(steps).encode())
    (folder / "cdnow.txt").write_bytes(_cdnow(steps).encode())
    for name, mapping in MAPPINGS.items():
        (folder / name).write_bytes(mapping.encode())


def email(customer: int) -> str:
    """Return the address of a customer; orders write it differently from checkouts."""
    return f"shopper{customer}@example.com"


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _micros(step: Step) -> int:
    return int(step.at.timestamp()) * 1_000_000


def _of(steps: Iterable[Step], *kinds: str) -> list[Step]:
    return [step for step in steps if step.kind in kinds]


def _rees46(steps: list[Step]) -> Rows:
    yield header("event_time,event_type,product_id,category_id,brand,price,user_id,user_session")
    words = {"remove": "remove_from_cart"}
    rows = [
        (f"{_iso(s.at)} UTC", words.get(s.kind, s.kind), s.item, 9, "", s.price, 5000 + s.customer, s.visit)
        for s in steps
        if s.kind != "checkout"
    ]
    yield from rows
    yield from (rows[3], (*rows[4][:6], "", "s"), ("someday", *rows[5][1:]), (rows[6][0], "liked", *rows[6][2:]))


def _retailrocket(steps: list[Step]) -> Rows:
    yield header("timestamp,visitorid,event,itemid,transactionid")
    words = {"view": "view", "cart": "addtocart", "purchase": "transaction"}
    known = _of(steps, *words)
    yield from ((_micros(s) // 1000, s.customer, words[s.kind], s.item, s.order) for s in known)
    yield from ((_micros(known[0]) // 1000, "", "view", 1, ""), ("", 1, "view", 1, ""))


def _ga4(steps: list[Step]) -> Rows:
    yield header(
        "event_date,event_timestamp,event_name,event_params,event_value_in_usd,user_id,user_pseudo_id,"
        "ecommerce.transaction_id,ecommerce.purchase_revenue_in_usd,items"
    )
    words = {"view": "view_item", "cart": "add_to_cart", "remove": "remove_from_cart", "checkout": "begin_checkout"}
    for s in steps:
        session = json.dumps([{"key": "ga_session_id", "value": {"int_value": int(s.visit[1:].replace("-", ""))}}])
        money, bought = round(s.price * s.quantity, 2), s.kind == "purchase"
        user = "" if chance("device", s.customer, s.visit) < 0.3 else f"u{s.customer}"
        item = json.dumps([{"item_id": str(s.item), "quantity": s.quantity}])
        start = (s.at.strftime("%Y%m%d"), _micros(s), words.get(s.kind, s.kind), session, money)
        yield *start, user, f"d{s.customer}", s.order, money if bought else "", item
    yield "20250901", 1_756_720_800_000_000, "refund", "", 10, "u1", "d1", "7010", "", ""
    yield "20250901", 1_756_720_800_000_000, "page_view", "", "", "", "", "", "", ""


EXPORT = header(
    "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Total,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Billing Name,Billing Zip,Billing Country,Cancelled at,Refunded Amount,Id,Phone"
)


def _exported(s: Step, number: str, *, checkout: bool, status: str = "paid", refunded: str = "0") -> Rows:
    """Yield the rows of an order or checkout of Shopify's export: its first line, and at times a second one."""
    at, total = s.at.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M:%S %z"), round(s.price * s.quantity + 4.9, 2)
    mail = email(s.customer) if checkout else email(s.customer).upper()
    start = (f"#{number}", mail, "" if checkout else status, "" if checkout else at)
    consent, zipcode = ("no", "yes")[s.customer % 2], f"'0{1000 + s.customer}"
    yield (
        *(*start, consent, "EUR", round(s.price * s.quantity, 2), total, at, s.quantity, f"Item {s.item}", s.price),
        *(f"Name{s.customer}", zipcode, "DE", "", refunded, number, ""),
    )
    if s.customer % 3 == 0:
        yield *start[:2], *[""] * 6, at, 1, "Gift", 0, *[""] * 7


def _shopify_checkouts(steps: list[Step]) -> Rows:
    yield EXPORT
    for place, s in enumerate(_of(steps, "checkout")):
        yield from _exported(s, f"{90_000 + place}", checkout=True)


def _shopify_orders(steps: list[Step]) -> Rows:
    yield EXPORT
    states = ("paid", "paid", "pending", "partially_refunded", "refunded", "voided", "paid", "invented")
    for place, s in enumerate(_of(steps, "purchase")):
        state = states[place % len(states)] if place % 5 == 0 else "paid"
        yield from _exported(s, s.order, checkout=False, status=state, refunded="5" if "part" in state else "0")


def _shopify_customers(steps: list[Step]) -> Rows:
    yield header(
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Zip,"
        "Default Address Country Code,Phone,Total Spent,Total Orders"
    )
    for c in sorted({s.customer for s in steps})[::2]:
        yield f"'{8000 + c}", "Ann", f"Name{c}", email(c), ("yes", "no")[c % 2], f"'0{1000 + c}", "DE", "", 10, 1


def _api_checkouts(steps: list[Step]) -> Rows:
    yield header("id,token,email,buyer_accepts_marketing,created_at,completed_at,currency,total_price,customer_id")
    orders = {s.visit: s.at.isoformat() for s in _of(steps, "purchase") if chance("through", s.visit) < 0.5}
    for place, s in enumerate(_of(steps, "checkout")):
        consent, money = ("true", "false")[s.customer % 2], f"{s.price * s.quantity:.2f}"
        start = (60_000 + place, f"t{place}", email(s.customer), consent, s.at.isoformat())
        yield *start, orders.get(s.visit, ""), "EUR", money, f"gid://shopify/Customer/{s.customer}"


def _api_orders(steps: list[Step]) -> Rows:
    yield header("id,email,financial_status,created_at,cancelled_at,currency,total_price,customer_id,test")
    for place, s in enumerate(_of(steps, "purchase")):
        cancelled, test = s.at.isoformat() if place % 29 == 0 else "", "true" if place % 31 == 0 else "false"
        money = f"{s.price * s.quantity:.2f}"
        yield s.order, email(s.customer), "PAID", s.at.isoformat(), cancelled, "EUR", money, s.customer, test


def _woocommerce(steps: list[Step]) -> Rows:
    yield header(
        "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,"
        "Attribution"
    )
    states = ("completed", "pending", "failed", "wc-processing", "cancelled", "refunded", "trash", "backordered")
    for place, s in enumerate(_of(steps, "checkout", "purchase")):
        state = "completed" if s.kind == "purchase" else "checkout-draft"
        state = states[place // 9 % len(states)] if place % 9 == 0 else state
        money, name = round(s.price * s.quantity, 2), f"Ann Name{s.customer}"
        yield _iso(s.at), place, f"€{money:,.2f}", state, name, "new", "1x Tea", s.quantity, "", money, "Direct"


def _retail(steps: list[Step]) -> Rows:
    yield header("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country")
    for place, s in enumerate(_of(steps, "purchase")):
        number, pieces = (f"C{s.order}", -s.quantity) if place % 20 == 0 else (s.order, s.quantity)
        who, price = "" if place % 7 == 0 else f"{s.customer}.0", 0 if place % 23 == 0 else s.price
        line = (number, f"{s.item}A", "LANTERN", f"{pieces}.0", _iso(s.at), price, who, "France")
        yield from [line] * (2 if place % 13 == 0 else 1)


def _events(steps: list[Step]) -> Rows:
    yield header("who,when,what,where,how much")
    words = {"view": "front page", "cart": "put in basket", "checkout": "to the till", "purchase": "paid"}
    for s in steps:
        yield f"k{s.customer}", s.at.isoformat(), words.get(s.kind, "shrug"), s.visit, round(s.price * s.quantity, 2)


def _orders(steps: list[Step]) -> Rows:
    yield header("kunde,bestellung,datum,summe,status")
    for place, s in enumerate(_of(steps, "purchase")):
        status = ("cancelled", "refunded", "draft")[place % 3] if place % 10 == 0 else "paid"
        yield f"k{s.customer}", s.order, _iso(s.at), f"{s.price * s.quantity:.2f}", status


def _checkouts(steps: list[Step]) -> Rows:
    yield header("mail,begonnen,warenkorb,nummer")
    for place, s in enumerate(_of(steps, "checkout")):
        yield email(s.customer), _iso(s.at), f"{s.price * s.quantity:.2f}", place


def _people(steps: list[Step]) -> Rows:
    yield header("kunde,adresse,land,darf")
    for c in sorted({s.customer for s in steps}):
        yield f"k{c}", email(c), ("DE", "AT")[c % 2], ("yes", "no", "")[c % 3]


TABLES: dict[str, Callable[[list[Step]], Rows]] = {
    "rees46.csv": _rees46,
    "retailrocket.csv": _retailrocket,
    "ga4.csv": _ga4,
    "shopify_checkouts.csv": _shopify_checkouts,
    "shopify_orders.csv": _shopify_orders,
    "shopify_customers.csv": _shopify_customers,
    "api_checkouts.csv": _api_checkouts,
    "api_orders.csv": _api_orders,
    "woocommerce.csv": _woocommerce,
    "retail.csv": _retail,
    "events.csv": _events,
    "orders.csv": _orders,
    "checkouts.csv": _checkouts,
    "people.csv": _people,
}

MAPPINGS = {
    "log.yaml": """\
format: events
columns: {customer: who, time: when, event: what, visit: where, total: how much}
words: {front page: view, put in basket: cart, to the till: checkout, paid: purchase}
""",
    "shop.yaml": """\
mappings:
- format: orders
  columns: {customer: kunde, order: bestellung, time: datum, total: summe, status: status}
- format: checkouts
  columns: {email: mail, time: begonnen, total: warenkorb, order: nummer}
- format: people
  columns: {customer: kunde, email: adresse, country: land, email_consent: darf}
""",
}


def _otto(steps: list[Step]) -> str:
    """Return one session a customer; the last event has an unknown type."""
    words = {"view": "clicks", "cart": "carts", "purchase": "orders"}
    sessions = dict[int, list[dict[str, object]]]()
    for s in _of(steps, *words):
        sessions.setdefault(s.customer, []).append({"aid": s.item, "ts": _micros(s) // 1000, "type": words[s.kind]})
    sessions[0].append({"aid": 1, "ts": 1_756_720_800_000, "type": "returns"})
    return "".join(json.dumps({"session": number, "events": events}) + "\n" for number, events in sessions.items())


def _cdnow(steps: list[Step]) -> str:
    orders = _of(steps, "purchase")
    rows = [f" {s.customer:05} {s.at:%Y%m%d}  {s.quantity}  {s.price * s.quantity:.2f}" for s in orders]
    return "\n".join([" customer_id  date number_of_cds  dollar_value", *rows, rows[0], " 00001 19970231 1 1.00", ""])
