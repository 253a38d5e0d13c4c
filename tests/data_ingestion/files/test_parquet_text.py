import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_ingestion import ReadLimits
from data_ingestion.cells.typed_blocks import Settled, TypedBlock, finish_block, type_block
from data_ingestion.files.byte_source import Meter
from data_ingestion.files.parquet_batches import BATCH_BYTES, MOST_ROWS, open_batches, plain, sized_batches
from data_ingestion.files.parquet_text import open_parquet
from retention.errors import ContractError, SourceError
from tests.data_ingestion.conftest import Read

DAY = [date(2025, 9, 1), date(2025, 9, 2)]


def parquet(columns: dict[str, object]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_typed_columns_follow_the_rules_of_text(read: Read) -> None:
    intake = read(
        parquet(
            {
                "user_id": pa.array([9007199254740993, 12]),
                "cart_abandoned_date": pa.array(DAY),
                "last_order_date": pa.array([datetime(2025, 8, 1, 10, tzinfo=UTC), None], pa.timestamp("ns", "UTC")),
                "avg_order_value": pa.array([Decimal("10.50"), None]),
                "engagement_score": pa.array([0.1, float("nan")], pa.float32()),
                "sessions_last_30d": pa.array([3, None], pa.int8()),
                "email_consent": pa.array([True, None]),
                "region": pa.array(["North", None]).dictionary_encode(),
                "zip": pa.array([b"01234", None], pa.binary()),
            }
        ),
        timezone="Europe/Berlin",
    )
    rows = intake.rows
    assert intake.sources[0].format == "parquet"
    assert rows["user_id"].tolist() == ["9007199254740993", "12"]
    assert rows["cart_abandoned_date"].astype(str).tolist() == [
        "2025-09-01 00:00:00+02:00",
        "2025-09-02 00:00:00+02:00",
    ]
    assert str(rows["last_order_date"][0]) == "2025-08-01 12:00:00+02:00"
    assert rows["avg_order_value"].tolist()[0] == 10.5
    assert rows["engagement_score"].tolist()[0] == 0.1
    assert rows["email_consent"].tolist()[0] is True
    assert rows["zip"].tolist()[0] == "01234"
    assert rows.iloc[1][["last_order_date", "avg_order_value", "email_consent", "region", "zip"]].isna().all()


def test_naive_timestamps_are_local(read: Read) -> None:
    content = parquet({"user_id": ["a"], "cart_abandoned_date": np.array(["2025-09-01T10:00:00.5"], "datetime64[ms]")})
    times = read(content, timezone="Europe/Berlin").rows["cart_abandoned_date"]
    assert str(times[0]) == "2025-09-01 10:00:00.500000+02:00"


def test_a_rejected_row_has_its_row_number(read: Read) -> None:
    ids = pa.array([None if i == 20_000 else f"u{i}" for i in range(25_000)])
    intake = read(parquet({"user_id": ids, "cart_abandoned_date": pa.array([DAY[0]] * 25_000)}))
    assert intake.quarantine[["line", "reason"]].values.tolist() == [[20_001, "missing_user_id"]]


def test_ids_stored_as_floats_become_whole_numbers_again(read: Read) -> None:
    ids = pa.array([123.0, 456.0, None])
    intake = read(parquet({"user_id": ids, "cart_abandoned_date": pa.array([*DAY, DAY[0]])}))
    assert intake.rows["user_id"].tolist() == ["123", "456"]
    assert intake.quarantine["reason"].tolist() == ["missing_user_id"]


def test_ids_that_lost_digits_are_refused(read: Read) -> None:
    content = parquet({"user_id": pa.array([2.0**53 + 2, 1.0]), "cart_abandoned_date": pa.array(DAY)})
    with pytest.raises(ContractError, match=r"above 2\^53"):
        read(content)


def test_nested_and_non_text_columns_are_refused(read: Read) -> None:
    nested = parquet({"user_id": pa.array([["a"], ["b"]]), "cart_abandoned_date": pa.array(DAY)})
    with pytest.raises(ContractError, match="'user_id' holds nested values"):
        read(nested)
    raw = parquet({"user_id": pa.array([b"\xff", b"a"]), "cart_abandoned_date": pa.array(DAY)})
    with pytest.raises(ContractError, match="'user_id' holds bytes that are not UTF-8"):
        read(raw)


def test_a_small_file_that_decodes_to_a_huge_one_is_refused(read: Read) -> None:
    region = pa.DictionaryArray.from_arrays(pa.array(np.zeros(200_000, np.int32)), pa.array(["x" * 10_000]))
    table = {
        "user_id": pa.array(["a"] * 200_000),
        "cart_abandoned_date": pa.array([DAY[0]] * 200_000),
        "region": region.cast(pa.dictionary(pa.int32(), pa.string())),
    }
    content = parquet(table)
    assert len(content) < 1_000_000
    with pytest.raises(SourceError, match="unpacks to more than 50,000,000 bytes"):
        read(content, limits=ReadLimits(decoded_bytes=50_000_000))


@pytest.mark.parametrize("in_schema", [True, False])
def test_few_rows_of_a_bomb_are_decoded(tmp_path: Path, *, in_schema: bool) -> None:
    # 8,192 times 800,000 letters are 6.5 GB.
    text = pa.DictionaryArray.from_arrays(pa.array(np.zeros(8_192, np.int32)), pa.array(["x" * 800_000]))
    schema = pa.schema({"region": pa.dictionary(pa.int32(), pa.string())})
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table([text], schema=schema), path, compression="zstd", store_schema=in_schema)
    assert path.stat().st_size < 2_000
    with open_batches(path) as file:
        held, sizes = 0, list[int]()
        for batch, size in islice(sized_batches(file), 40):
            held = max(held, batch.nbytes)
            sizes.append(size)
    assert sizes[0] == 800_000
    assert max(sizes) <= BATCH_BYTES
    assert held < BATCH_BYTES


def test_large_rows_after_small_ones_are_handed_over_a_few_at_a_time(tmp_path: Path) -> None:
    texts = ["x"] * 5_000 + ["y" * 100_000] * 1_000
    path = tmp_path / "late.parquet"
    pq.write_table(pa.table({"region": texts}), path, use_dictionary=False)
    with open_batches(path) as file:
        parts = list(sized_batches(file))
    assert [text for part, _ in parts for text in plain(part["region"]).to_pylist()] == texts
    assert max(size for _, size in parts) <= BATCH_BYTES
    assert max(part.num_rows for part, _ in parts) == MOST_ROWS


def test_a_truncated_file_is_damaged(read: Read) -> None:
    content = parquet({"user_id": ["a", "b"], "cart_abandoned_date": DAY})
    with pytest.raises(SourceError, match="damaged or encrypted"):
        read(content[:-20])


def test_dictionaries_of_numbers_and_too_many_columns(read: Read) -> None:
    codes = pa.array([7, 8]).dictionary_encode()
    content = parquet({"user_id": codes, "cart_abandoned_date": pa.array(DAY), "other": pa.array([1, 2])})
    assert read(content).rows["user_id"].tolist() == ["7", "8"]
    with pytest.raises(SourceError, match="more than 2 columns"):
        read(content, limits=ReadLimits(columns=2))


def test_a_damaged_page_is_found_while_reading(read: Read) -> None:
    content = bytearray(parquet({"user_id": [f"u{i}" for i in range(5_000)], "cart_abandoned_date": [DAY[0]] * 5_000}))
    content[4:2_000] = b"\xff" * 1_996
    with pytest.raises(SourceError, match="damaged or encrypted"):
        read(bytes(content))


def test_a_number_is_never_in_doubt_and_a_text_like_one_is(read: Read) -> None:
    columns: dict[str, object] = {"user_id": ["a"], "cart_abandoned_date": DAY[:1], "avg_order_value": [1.234]}
    assert read(parquet(columns)).rows["avg_order_value"].tolist() == [1.234]
    with pytest.raises(SourceError, match="Set the decimal sign"):
        read(parquet(columns | {"avg_order_value": ["1.234"]}))


ODD_NUMBERS = [-0.0, None, float("nan"), float("inf"), -1.0, 0.1, 1e300, 2.0**60, 5e-324]
HOUR = 3_600_000_000
ODD_TIMES = [0, None, 1_758_000_000_000_001, -1, -80_000 * 24 * HOUR, 80_000 * 24 * HOUR, 2**62, -(2**62), HOUR]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.timestamp("us", "Asia/Tokyo")])
@pytest.mark.parametrize("count", [2, 4, 6, 9])
def test_what_is_stored_as_numbers_and_times_is_judged_as_its_text(
    tmp_path: Path, kind: pa.DataType, count: int
) -> None:
    times = pa.array(ODD_TIMES[:count], kind)
    columns = {
        "user_id": [str(place) for place in range(count)],
        "cart_abandoned_date": times,
        "last_order_date": times,
        "avg_order_value": ODD_NUMBERS[:count],
        "engagement_score": pa.array(ODD_NUMBERS[:count], pa.float32()),
        "sessions_last_30d": pa.array([None, 2**53 + 1, -(2**62), 4, 5, 6, 7, 8, 9][:count], pa.int64()),
        "num_cart_items": pa.nulls(count, pa.timestamp("s", "UTC")),
    }
    (tmp_path / "a.parquet").write_bytes(parquet(columns))
    (make,) = open_parquet(tmp_path / "a.parquet", "a.parquet", Meter(ReadLimits())).parts
    block = make()
    as_text = replace(block, columns=dict(block.columns))
    assert [str(each.type) for each in as_text.stored.values()] == ["large_string"] * 7
    assert block.stored["avg_order_value"].type == pa.float64()
    assert judged(type_block(block, 1_000)) == judged(type_block(as_text, 1_000))


def judged(block: TypedBlock) -> str:
    finished = finish_block(block, Settled("dmy"))
    values = {
        name: repr(cells.to_pylist() if isinstance(cells, pa.Array) else cells)
        for name, cells in finished.values.items()
    }
    return repr((values, finished.rejected.to_pylist(), finished.cells.to_pylist(), finished.nothing, finished.rows))
