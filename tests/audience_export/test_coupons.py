"""One code a customer, or no file at all."""

from pathlib import Path
from typing import Any

import pytest

from audience_export import AudienceRequest, read_coupons, write_audiences
from retention.errors import OptionError
from tests.audience_export.shops import agreed, records, shop

HEADERS = {
    "klaviyo": "Coupon Code",
    "mailchimp": "Coupon Code",
    "braze": "cart_coupon_code",
    "csv": "coupon_code",
    "json": "coupon_code",
}


def people(count: int) -> list[dict[str, Any]]:
    return [agreed(email=f"p{place}@x.org", avg_order_value=[1.0, 5000.0][place % 2]) for place in range(count)]


def codes(folder: Path, lines: list[str]) -> Any:
    path = folder / "codes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_coupons(path)


@pytest.mark.parametrize("platform", HEADERS)
def test_every_customer_gets_a_code_of_their_own(platform: str, tmp_path: Path) -> None:
    given = codes(tmp_path, ["code", *(f"C{number:02}" for number in range(30))])
    found = [
        record[HEADERS[platform]] for record in records(shop(people(20)), AudienceRequest(platform, coupons=given))
    ]
    assert sorted(found) == [f"C{number:02}" for number in range(20)]


def test_codes_follow_the_customers_and_not_the_order_of_rows(tmp_path: Path) -> None:
    given, rows = codes(tmp_path, ["code", "A", "B", "C"]), people(3)
    named = [row | {"user_id": f"u{place}"} for place, row in enumerate(rows)]
    for order in (named, named[::-1]):
        found = records(shop(order), AudienceRequest("csv", coupons=given))
        assert {record["user_id"]: record["coupon_code"] for record in found} == {"u0": "A", "u1": "B", "u2": "C"}


def test_who_is_left_out_uses_no_code(tmp_path: Path) -> None:
    rows = [*people(3), {"user_id": "a", "email": "z@x.org", "email_consent": False}]
    found = records(shop(rows), AudienceRequest("csv", coupons=codes(tmp_path, ["code", "A", "B", "C"])))
    assert [record["coupon_code"] for record in found] == ["A", "B", "C"]


def test_too_few_codes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    wanted = AudienceRequest("csv", coupons=codes(tmp_path, ["code", "A", "B"]))
    with pytest.raises(OptionError, match=r"codes\.csv: 2 codes cannot do for 3 customers of the audiences"):
        write_audiences(shop(people(3)), tmp_path / "out", wanted)
    assert not (tmp_path / "out").exists()


def test_a_segment_has_its_own_codes(tmp_path: Path) -> None:
    run = shop(people(20))
    names = [segment.name for segment in run.segmentation.tree.segments]
    sizes = dict(zip(names, run.segmentation.sizes, strict=True))
    first, *others = [name for name in names if sizes[name]]
    lines = ["segment,code", *(f"{first},F{number}" for number in range(sizes[first]))]
    found = records(run, AudienceRequest("csv", coupons=codes(tmp_path, lines)))
    assert all(record["coupon_code"].startswith("F") for record in found if record["Segment"] == first)
    assert {record["coupon_code"] for record in found if record["Segment"] in others} == {""}
    with pytest.raises(OptionError, match=f"customers of the segment {first}"):
        records(run, AudienceRequest("csv", coupons=codes(tmp_path, lines[:-1])))
    with pytest.raises(OptionError, match="'Atlantis' is not a segment"):
        records(run, AudienceRequest("csv", coupons=codes(tmp_path, [*lines, "Atlantis,X"])))


@pytest.mark.parametrize("platform", ["google-ads", "meta"])
def test_platforms_that_send_nothing_take_no_codes(platform: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="takes no coupon codes"):
        records(shop(people(3)), AudienceRequest(platform, coupons=codes(tmp_path, ["code", "A", "B", "C"])))
