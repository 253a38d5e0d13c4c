"""Words for what became of an order: known ones, unknown ones, and never a sale by default."""

from pathlib import Path

import numpy as np
import pytest

from data_ingestion import ReadOptions, read_customers
from data_ingestion.formats.column_mapping import ColumnMapping
from data_ingestion.formats.order_states import SILENT, UNKNOWN, state_of
from data_ingestion.inspection import inspect_files
from retention.activity.activity import Event
from retention.activity.features import customers_at
from retention.errors import ContractError, UnsureLayoutError
from tests.data_ingestion.conftest import Read

HEADER = "customer_id,order_id,order_date,order_total,order_status\n"
MAPPED = {"email": "mail", "time": "ordered", "order": "order_no", "total": "total", "status": "state"}
STATES = ("Completed", "wc-cancelled", "wc-refunded", "wc-failed", "Payment failed", "Annulé", "Cancelled by customer")


def orders(*states: str) -> str:
    return HEADER + "".join(f"{n},{n},2025-09-01,5,{state}\n" for n, state in enumerate(states))


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        # WooCommerce, as it is stored.
        ("wc-completed", "purchase"),
        ("wc-pending", "unfinished"),
        ("wc-checkout-draft", "unfinished"),
        # PrestaShop in French, Spanish and Italian.
        ("Paiement accepté", "purchase"),
        ("Erreur de paiement", "unfinished"),
        ("En attente du paiement par chèque", "unfinished"),
        ("Remboursé", "refunded"),
        ("Pago aceptado", "purchase"),
        ("Cancelado", "cancelled"),
        ("Rimborsato", "refunded"),
        # Shopware, plentymarkets and the like in German; Lightspeed in Dutch.
        ("Storniert", "cancelled"),
        ("Vom Kunden storniert", "cancelled"),
        ("Zurückerstattet", "refunded"),
        ("Zahlung fehlgeschlagen", "unfinished"),
        ("Versandt", "purchase"),
        ("Geannuleerd", "cancelled"),
        # Magento, Amazon, eBay, Square, Stripe.
        ("payment_review", UNKNOWN),
        ("holded", "unfinished"),
        ("Shipped", "purchase"),
        ("FULLY_REFUNDED", "refunded"),
        ("PARTIALLY_REFUNDED", "purchase"),
        ("PaymentFailed", "unfinished"),
        ("requires_payment_method", "unfinished"),
        ("Charged back", "refunded"),
        # What may be either, or turns the meaning round, is asked about.
        ("Pending", UNKNOWN),
        ("not cancelled", UNKNOWN),
        ("Refund failed", UNKNOWN),
        ("Cancellation requested", UNKNOWN),
        ("Backordered", UNKNOWN),
        ("Delivery failed", UNKNOWN),
        ("  ", SILENT),
    ],
)
def test_a_state_means_what_its_vendor_says(word: str, meaning: str) -> None:
    assert state_of(word) == meaning


def test_orders_that_were_cancelled_in_other_words_were_not_bought(tmp_path: Path) -> None:
    checkouts, bought = tmp_path / "checkouts.csv", tmp_path / "orders.csv"
    rows = [f"k{n},c{n}@example.com,2025-09-01 10:0{n}:00,2{n}\n" for n in range(1, 8)]
    checkouts.write_text("checkout_id,email,created_at,total_price\n" + "".join(rows), encoding="utf-8")
    rows = [f"o{n},c{n}@example.com,2025-09-01 12:0{n}:00,2{n},{state}\n" for n, state in enumerate(STATES, start=1)]
    last = "o9,z@example.com,2025-09-12 10:00:00,5,Completed\n"
    bought.write_text("order_no,mail,ordered,total,state\n" + "".join(rows) + last, encoding="utf-8")
    mappings = (
        ColumnMapping("checkouts", {"email": "email", "time": "created_at", "order": "checkout_id"}),
        ColumnMapping("orders", MAPPED),
    )
    activity = read_customers([checkouts, bought], options=ReadOptions(mappings=mappings)).activity
    assert activity is not None
    cutoff = int(np.datetime64("2025-09-10", "us").astype(np.int64))
    found = customers_at(activity, cutoff, timezone="UTC")
    assert found.customers["user_id"].tolist() == [f"c{n}@example.com" for n in range(2, 8)]
    assert found.counts["bought_in_time"] == 1


def test_a_state_that_nobody_knows_is_asked_for_and_is_no_sale(read: Read, tmp_path: Path) -> None:
    mapping = ColumnMapping(
        "orders",
        {
            "customer": "customer_id",
            "order": "order_id",
            "time": "order_date",
            "total": "order_total",
            "status": "order_status",
        },
    )
    text = orders("paid", "Backordered", "backordered", "Layaway")
    asked = r"3 words are not known as the state of an order, in 3 rows: .*under words:.*Backordered'?: cancelled"
    with pytest.raises(ContractError, match=asked):
        read(text, mappings=(mapping,))
    with pytest.raises(UnsureLayoutError, match=r"2 unknown words for what happened: 'backordered', 'layaway'"):
        read(text)
    (look,) = inspect_files([tmp_path / "customers.csv"]).files
    assert look.mapping is not None
    assert look.mapping.words == {"paid": "purchase", "backordered": "unfinished", "layaway": "unfinished"}
    told = ColumnMapping("orders", mapping.columns, {"backordered": "purchase", "LAYAWAY": "unfinished"})
    intake = read(text, mappings=(told,))
    assert intake.activity is not None
    assert intake.activity.event.tolist() == [Event.PURCHASE] * 3
    assert intake.quarantine["reason"].tolist() == ["not_an_order"]


def test_what_a_mapping_says_goes_before_what_is_known(read: Read) -> None:
    columns = {"customer": "who", "time": "day", "total": "sum", "status": "how"}
    text = "who,day,sum,how\n1,2025-09-01,5,on hold\n2,2025-09-01,5,paid\n3,2025-09-01,5,\n"
    intake = read(text, mappings=(ColumnMapping("orders", columns, {"On-Hold": "purchase"}),))
    assert intake.accepted == 3
    assert intake.sources[0].noticed == {"without_status": 1}


def test_a_column_of_states_is_found_by_what_it_holds(read: Read) -> None:
    rows = HEADER.replace("order_status", "Zustand") + "1,1,2025-09-01,5,bezahlt\n2,2,2025-09-01,5,storniert\n"
    intake = read(rows)
    assert intake.quarantine["reason"].tolist() == ["cancellation"]


def test_two_columns_that_may_be_the_state_are_asked_about(read: Read) -> None:
    rows = HEADER.replace("order_status", "order_status,financial_status") + "1,1,2025-09-01,5,open,voided\n"
    with pytest.raises(UnsureLayoutError, match="status = "):
        read(rows)


def test_a_word_that_may_be_a_customers_is_not_repeated(read: Read) -> None:
    with pytest.raises(UnsureLayoutError) as caught:
        read(orders("paid", "ann@example.com"))
    assert "ann@" not in str(caught.value)


@pytest.mark.parametrize("word", ["Add to Cart", "addToCart", "ADD-TO-CART", "Ajouté au panier", "In den Warenkorb"])
def test_events_are_known_in_any_spelling(word: str, read: Read) -> None:
    intake = read(f"user_id,event_time,event\n1,2025-09-01 10:00,{word}\n")
    assert intake.activity is not None
    assert intake.activity.event.tolist() == [Event.CART]


def test_woocommerce_in_other_languages_has_the_same_states(read: Read) -> None:
    header = "Date,Order #,N. Revenue (formatted),Status,Customer,Net Sales\n"
    states = ("Terminé", "Annulée", "Remboursée", "Échouée", "misplaced")
    rows = "".join(f"2025-09-01 10:00:00,{n},5,{state},Ada L,5\n" for n, state in enumerate(states))
    intake = read(header + rows)
    assert intake.quarantine["reason"].tolist() == ["cancellation", "refund", "unknown_event"]
    assert intake.activity is not None
    assert intake.activity.event.tolist() == [Event.PURCHASE, Event.CHECKOUT]


WORDS = {
    "purchase": "Zahlung erhalten|Płatność zaakceptowana|Opłacone|Выполнен|発送済み|已发货|배송완료|Levererad",
    "cancelled": "交易关闭|취소완료|Avbruten|Отменён|Anulowane|İptal edildi",
    "refunded": "환불완료|Återbetald|Возврат|返金済み|İade edildi",
    "unfinished": "Nicht bezahlt|Non payé|No pagado|Ожидает оплаты|입금대기|Väntar på betalning|Ödeme bekleniyor",
    "?": "Unpaid shipped|Versand offen|Скоро|確認中|Maybe paid",
}


@pytest.mark.parametrize(("meaning", "word"), [(each, word) for each in WORDS for word in WORDS[each].split("|")])
def test_states_are_known_in_the_languages_of_dates(meaning: str, word: str) -> None:
    assert state_of(word) == meaning
