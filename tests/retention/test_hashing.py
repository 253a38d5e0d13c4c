from hashlib import sha256

import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from retention.hashing import hash_ids


def by_hashlib(user_id: str, salt: str) -> int:
    return int(sha256(f"{salt}|{user_id}".encode()).hexdigest()[:15], 16)


@given(
    ids=st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=20),
    salt=st.text("ab|'\u00e9", max_size=4),
)
def test_a_hash_is_the_formula_of_hashlib(ids: list[str], salt: str) -> None:
    hashes = hash_ids(pd.Series(ids, dtype="str"), salt)
    assert hashes.dtype == np.int64
    assert hashes.tolist() == [by_hashlib(user_id, salt) for user_id in ids]


def test_hashes_come_back_in_the_order_of_the_rows_of_a_large_table() -> None:
    ids = pd.Series([f"u{i}" for i in range(300_000)], dtype="str")
    hashes = hash_ids(ids, "wave")
    places = [0, 1, 122_879, 122_880, 122_881, 245_760, 299_999]
    assert [int(hashes[i]) for i in places] == [by_hashlib(ids[i], "wave") for i in places]


def test_hashes_do_not_depend_on_the_index_or_the_kind_of_text() -> None:
    ids = ["00123", "123", "9007199254740993", " a"]
    plain = hash_ids(pd.Series(ids, dtype="str"), "s").tolist()
    assert hash_ids(pd.Series(ids, dtype="object", index=[7, 7, 3, 1]), "s").tolist() == plain
    assert len(set(plain)) == 4
