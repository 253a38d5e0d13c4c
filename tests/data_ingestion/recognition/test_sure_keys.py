"""Beside an address or a number that is sure, a weak guess of the customer is not added."""

from pathlib import Path

import pytest

from data_ingestion.files.peek import peek
from data_ingestion.options import ReadOptions
from data_ingestion.recognition.guess import SURE, guess_layouts

# Headers as shop systems export orders; the rows are made up.
SQUARESPACE = """\
Order ID,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,Lineitem name,Billing Name
1,a@example.com,PAID,7/25/2018 21:06,USD,20,30,7/25/2018 21:06,1,Coffee,A A
2,b@example.com,PAID,7/26/2018 9:06,USD,40,40,7/26/2018 9:06,2,Coffee,B B
"""
MAGENTO = """\
ID,Purchase Point,Purchase Date,Bill-to Name,Status,Customer Email,Customer Group,Subtotal,Customer Name
000000012,Main Website,"Nov 3, 2025, 9:41:07 PM",A A,Complete,a@example.com,General,59.0000,A A
000000013,Main Website,"Nov 4, 2025, 12:05:07 AM",B B,Complete,b@example.com,General,95.5000,B B
"""
WIX = """\
Order number,Date created,Time,Contact email,Item,Quantity,Price,Billing name,Total
10001,3 Sep 2025,9:41:07 PM,a@example.com,Tea,1,20,A A,20
10002,4 Sep 2025,9:41:07 PM,b@example.com,Tea,2,20,B B,40
"""
CASH_ON_DELIVERY = """\
Order Number,Order Date,Customer Name,Customer Phone,Status,Total
1001,2025-09-01 10:00,A A,+8801700000001,Delivered,20
1002,2025-09-02 10:00,B B,+8801700000002,Delivered,30
"""
SPANISH = """\
Nº Pedido,Fecha,Cliente,Teléfono,Estado,Productos,Total (€)
1,2025-09-01 10:00,Ana,+34 612 34 56 78,Pagado,Té,20
2,2025-09-02 10:00,Eva,+34 612 34 56 79,Pagado,Té,30
"""
MARKETPLACE = """\
SubOrder,Order,CreatedOn,Status,BuyerName,BuyerEmail,BuyerPhone,Country,Total
S1,O1,2025-09-01 10:00:00Z,Shipped,A A,a@example.com,+442079460958,GB,20
S2,O2,2025-09-01 10:00:00Z,Shipped,B B,b@example.com,+442079460959,GB,30
"""


def columns(text: str, folder: Path) -> dict[str, str]:
    """Return the columns of the likeliest guess."""
    path = folder / "orders.csv"
    path.write_text(text, encoding="utf-8")
    best = guess_layouts(peek(path, path.name, ReadOptions()))[0]
    assert best.template.name == "orders"
    return {each.column: each.header for each in best.columns}


@pytest.mark.parametrize(
    ("text", "key", "header"),
    [
        (SQUARESPACE, "email", "Email"),
        (MAGENTO, "email", "Customer Email"),
        (WIX, "email", "Contact email"),
        (CASH_ON_DELIVERY, "phone", "Customer Phone"),
        (SPANISH, "phone", "Teléfono"),
        (MARKETPLACE, "email", "BuyerEmail"),
    ],
)
def test_a_weak_guess_of_the_customer_is_never_added_to_a_sure_key(
    text: str, key: str, header: str, tmp_path: Path
) -> None:
    found = columns(text, tmp_path)
    assert found[key] == header
    assert "customer" not in found


def test_a_number_that_the_customer_does_not_take_is_that_of_the_order(tmp_path: Path) -> None:
    assert columns(MAGENTO, tmp_path)["order"] == "ID"


def test_an_id_that_is_sure_stays_beside_an_address(tmp_path: Path) -> None:
    text = SQUARESPACE.replace("Billing Name", "Customer ID")
    assert columns(text, tmp_path) | {"customer": "Customer ID", "email": "Email"} == columns(text, tmp_path)


def test_whether_a_visitor_is_mobile_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("client,when,event,mobile\n1,2025-09-01 10:00,purchase,true\n2,2025-09-01 10:00,view,false\n")
    guess = guess_layouts(peek(path, path.name, ReadOptions()))[0]
    assert {each.column for each in guess.columns} == {"customer", "time", "event"}
    assert guess.confidence < SURE
