"""Files as shops posted them in public, with their right values: e-mail as the key, short years, phones, Shift_JIS."""

from pathlib import Path

import pytest

from analysis import Settings, analyze
from audience_export import AudienceRequest, plan_audiences
from data_ingestion import ColumnMapping, Intake, ReadOptions, read_customers
from retention.errors import SourceError
from retention.policy.policy import Sizes
from run_store import load_policy


def written(folder: Path, **files: str) -> list[Path]:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return [folder / f"{name}.csv" for name in files]


def in_files(intake: Intake, platform: str = "klaviyo") -> int:
    run = analyze(intake, load_policy("five-segments"), Settings(sizes=Sizes(min_size=1)))
    plan = plan_audiences(run, AudienceRequest(platform, assume_consent=True))
    return int((plan.reasons == 0).sum())


CHECKOUTS = "checkout_id,{},created_at,total_price\n" + "".join(
    f"k{n},{{}},2025-09-01 10:0{n}:00,2{n}\n" for n in range(1, 8)
)


@pytest.mark.parametrize(
    ("key", "value", "platform"),
    [
        ("email", "c{}@example.com", "klaviyo"),
        ("email", "C{}@Example.com", "mailchimp"),
        ("phone", "+493012345{}", "klaviyo"),
        ("phone", "+4930 12345{}", "omnisend"),
    ],
)
def test_what_customers_are_known_by_is_also_what_they_are_reached_by(
    tmp_path: Path, key: str, value: str, platform: str
) -> None:
    checkouts = CHECKOUTS.format(key, *(value.format(100 + n) for n in range(7)))
    orders = f"order_id,{key},order_date,total\no1,{value.format(999)},2025-09-12 10:00:00,9\n"
    mappings = (
        ColumnMapping("checkouts", {key: key, "time": "created_at", "total": "total_price", "order": "checkout_id"}),
        ColumnMapping("orders", {key: key, "time": "order_date", "order": "order_id", "total": "total"}),
    )
    paths = written(tmp_path, checkouts=checkouts, orders=orders)
    assert in_files(read_customers(paths, options=ReadOptions(mappings=mappings)), platform) == 7


SOLD = (
    "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,Number of Items,Payment Method,Date Shipped,"
    "Currency,Order Value,Order Total,SKU\n"
    "{},2744652857,s1,A A,A,A,2,Credit Card,01/01/23,USD,40.9,43.46,659839703516\n"
    "{},2743728263,n2,B B,B,B,1,Credit Card,12/30/22,USD,18.95,24.32,659839709709\n"
)


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (("12/31/22", "12/30/22"), ["2022-12-30", "2022-12-31"]),
        (("1/2/23", "12/30/22"), ["2022-12-30", "2023-01-02"]),
        (("12-31-22", "12-30-22"), ["2022-12-30", "2022-12-31"]),
        (("12/31/68", "12/30/68"), ["2068-12-30", "2068-12-31"]),
    ],
)
def test_orders_with_short_years_are_read_without_a_mapping(
    tmp_path: Path, dates: tuple[str, str], days: list[str]
) -> None:
    intake = read_customers(written(tmp_path, sold=SOLD.format(*dates)))
    assert intake.activity is not None
    assert sorted(str(day)[:10] for day in intake.activity.time.astype("datetime64[us]")) == days
    assert intake.activity.people["user_id"].tolist() == ["s1", "n2"]
    assert any("dates have a year of two digits" in warning for warning in intake.warnings)


SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Zip,Billing Country,Billing Phone,"
    "Cancelled at,Refunded Amount,Id,Phone\n"
    "#1113,{2},pending,,unfulfilled,no,BDT,1300.00,100.00,0.00,1400.00,2026-04-01 12:39:28 -0400,1,Serum,1300.00,A A,-,"
    "BD,{0},,0.00,6870379135024,{0}\n"
    "#1114,,pending,,unfulfilled,no,BDT,2080.00,100.00,0.00,2180.00,2026-04-01 15:48:57 -0400,2,Serum,1040.00,B B,-,"
    "BD,{1},,0.00,6870735880240,{1}\n"
)


@pytest.mark.parametrize(
    "phones",
    [
        ("+8801700000001", "+8801700000002", ""),
        ("01700000001", "01700000002", ""),
        ("'+880 1700-000001", "8801700000002", ""),
        ("+8801700000001", "+8801700000002", "a@example.com"),
    ],
)
def test_orders_of_customers_with_a_phone_alone_are_two_customers_with_their_money(
    tmp_path: Path, phones: tuple[str, str, str]
) -> None:
    intake = read_customers(written(tmp_path, orders=SHOPIFY.format(*phones)))
    assert intake.activity is not None
    assert (intake.accepted, len(intake.activity.people), float(intake.activity.value.sum())) == (2, 2, 3580.0)


NAMES = (
    "user_id,cart_abandoned_date,avg_order_value,engagement_score,first_name,email\nu1,2025-09-01,10,0.5,{},u1@x.org\n"
)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("山田 表子", "cp932"), ("ソフィア", "cp932"), ("王小明", "gbk"), ("김민준", "cp949")],
)
def test_names_in_other_scripts_are_read_or_asked_about_and_never_garbled(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(NAMES.format(name).encode(encoding))
    try:
        found = read_customers([path]).rows["first_name"].tolist()
    except SourceError as error:
        found = [name] if name in str(error) else []
    assert found == [name]
    assert read_customers([path], options=ReadOptions(encoding=encoding)).rows["first_name"].tolist() == [name]


def test_orders_whose_columns_read_the_same_in_every_encoding_that_fits_are_read(tmp_path: Path) -> None:
    header, rows = (
        "注文番号,注文日時,お支払金額,メールアドレス\n",
        "a1,2026/05/03 12:34,1000,t@x.org\na2,2026/05/20 09:00,2500,h@x.org\n",
    )
    path = tmp_path / "orders.csv"
    path.write_bytes((header + rows).encode("cp932"))
    columns = {"email": "メールアドレス", "time": "注文日時", "order": "注文番号", "total": "お支払金額"}
    intake = read_customers([path], options=ReadOptions(mappings=(ColumnMapping("orders", columns),)))
    assert intake.activity is not None
    assert (intake.sources[0].encoding, float(intake.activity.value.sum())) == ("shift_jis", 3500.0)
