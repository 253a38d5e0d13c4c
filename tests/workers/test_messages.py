"""What goes through a pipe arrives as it was; its large arrays are in a file that both sides map."""

import os
import tracemalloc
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from data_ingestion import ReadOptions, Spool, read_customers
from workers import job, messages

LARGE = 10 * messages.LARGE
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
TIMES = st.one_of(st.none(), st.datetimes(pd.Timestamp("1900-01-01"), pd.Timestamp("2199-12-31")))


def numbers(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"number": np.arange(float(count)), "text": pd.array([str(n) for n in range(count)], dtype="str")}
    )


def sent(message: object, file: Path, *, keep: bool = True) -> Any:
    stream = BytesIO()
    messages.send(stream, message, file)
    stream.seek(0)
    return messages.receive(stream, keep=keep)


def test_what_files_are_read_with_goes_through_a_pipe(tmp_path: Path) -> None:
    there, back = os.pipe()
    options = ReadOptions(timezone="Europe/Berlin", keep=Spool(tmp_path))
    with os.fdopen(there, "rb") as reading, os.fdopen(back, "wb") as writing:
        messages.send(writing, options, tmp_path / "file")
        assert messages.receive(reading) == options
        writing.close()
        with pytest.raises(EOFError):
            messages.receive(reading)
    assert not list(tmp_path.iterdir())


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), TEXTS, st.sampled_from(["007", "0", "", "a" * 70_000])),
            st.floats(),
            TIMES,
            st.sampled_from([True, False, None]),
        ),
        max_size=9,
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]),
    st.sampled_from([1, messages.LARGE]),
)
def test_customers_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, ...]], zone: str, large: int
) -> None:
    texts, floats, times, flags = zip(*rows, strict=True) if rows else ((), (), (), ())
    frame = pd.DataFrame(
        {
            "text": pd.array(texts, dtype="str"),
            "number": np.array(floats, dtype=np.float64),
            "time": pd.DatetimeIndex(times).as_unit("us").tz_localize("UTC").tz_convert(zone),
            "flag": pd.array(flags, dtype="boolean"),
            "kind": pd.Categorical(["b"] * len(rows), categories=["b", "a", ""]),
            "any": pd.Series(["\ud800", None, 1.5, float("nan")] * 3, dtype=object)[: len(rows)],
        }
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "LARGE", large)
        file = tmp_path_factory.mktemp("sent") / "file"
        back = sent((frame, frame.iloc[1:], frame.iloc[::-1]), file)
        again = sent(back, file.with_name("again"))
    for found in (back, again):
        for one, other in zip(found, (frame, frame.iloc[1:], frame.iloc[::-1]), strict=True):
            pd.testing.assert_frame_equal(one, other, check_exact=True)
            assert one["number"].to_numpy().tobytes() == other["number"].to_numpy().tobytes()
    assert large > 1 or not rows or file.exists()


def test_customers_that_waited_on_the_disk_are_those_that_did_not(tmp_path: Path) -> None:
    file = tmp_path / "carts.csv"
    rows = (
        f"{n:07d},2025-09-{n % 28 + 1:02d} 10:00,{'' if n % 7 else n / 8},{'yes' if n % 3 else 'no'},x{n}@example.com\n"
        for n in range(9_000)
    )
    header = "user_id,cart_abandoned_date,avg_order_value,email_consent,email\n"
    file.write_text(header + "".join(rows) + "9,never,1,yes,\n9,2025-09-01,1,yes,\n9,2025-09-01,1,no,\n")
    here = read_customers([file])
    read = partial(read_customers, [file], options=ReadOptions(keep=Spool(tmp_path)))
    there = job.done("spooled", lambda _: read)
    for name in ("rows", "quarantine", "cells", "originals"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name), check_exact=True)
    for name in ("sources", "warnings", "derived", "input_hash", "read", "origins"):
        assert repr(getattr(there, name)) == repr(getattr(here, name))


def test_large_arrays_stand_in_a_private_file_and_nowhere_in_memory(tmp_path: Path) -> None:
    table, file = numbers(LARGE), tmp_path / "file"
    tracemalloc.start()
    received = sent(table, file)
    assert tracemalloc.get_traced_memory()[1] < table["number"].nbytes // 2
    tracemalloc.stop()
    pd.testing.assert_frame_equal(received, table)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_size > table["number"].nbytes


def test_what_came_out_of_a_file_is_sent_by_its_name(tmp_path: Path) -> None:
    table = sent(numbers(LARGE), tmp_path / "first")
    part = sent(table.assign(other=table["number"].to_numpy()[::-1].copy()), tmp_path / "second")
    assert (tmp_path / "second").stat().st_size < table["number"].nbytes + 100
    assert sent(table, tmp_path / "third").equals(table)
    assert not (tmp_path / "third").exists()
    # A file that somebody removed is written anew.
    (tmp_path / "first").unlink()
    assert sent(part, tmp_path / "fourth").equals(part)
    assert (tmp_path / "fourth").exists()


def test_a_file_goes_when_nobody_needs_its_arrays_any_more(tmp_path: Path) -> None:
    received = sent(numbers(LARGE), tmp_path / "file", keep=False)
    column = received["number"].iloc[5:]
    del received
    assert (tmp_path / "file").exists()
    del column
    assert not (tmp_path / "file").exists()


def test_texts_in_one_part_several_or_a_slice_come_back_as_they_were(tmp_path: Path) -> None:
    texts = pd.Series(["a", None, "b" * 2_000] * 1_000, dtype="str")
    for number, part in enumerate((texts, pd.concat([texts, texts]), texts.iloc[5:7], texts.iloc[:0], texts.iloc[::2])):
        file = tmp_path / str(number)
        pd.testing.assert_series_equal(sent(part, file), part)
        # What a slice leaves out is not sent.
        size = file.stat().st_size if file.exists() else 0
        assert size < part.memory_usage() + part.index.memory_usage() + 10_000
