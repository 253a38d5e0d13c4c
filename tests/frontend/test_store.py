"""The shared memory: bounded, and nothing is made twice at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from frontend.utils.store import Store, forget_customers
from tests.waiting import PATIENCE, wait_until

PEOPLE = 8


def store(entries: int = 8, size: int = 100) -> Store[str]:
    return Store[str](entries=entries, size=size, size_of=len)


def test_people_who_ask_at_once_wait_for_the_one_who_makes_it() -> None:
    shared, made = store(), list[str]()

    def make() -> str:
        made.append("run")
        wait_until(lambda: shared._making["key"].waiting == PEOPLE)
        return "run"

    with ThreadPoolExecutor(PEOPLE) as pool:
        assert list(pool.map(lambda _: shared.get("key", make), range(PEOPLE))) == ["run"] * PEOPLE
    assert made == ["run"]


def test_things_of_different_keys_are_made_at_the_same_time() -> None:
    shared, together = store(), Barrier(2, timeout=PATIENCE)

    def make() -> str:
        together.wait()
        return "made"

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda key: shared.get(key, make), ["a", "b"])) == ["made", "made"]


def test_after_an_error_the_next_one_who_asks_makes_it() -> None:
    shared = store()

    def fail() -> str:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"):
        shared.get("key", fail)
    assert "key" not in shared
    assert shared.get("key", lambda: "made") == "made"


def test_one_thing_may_be_made_from_another_one_of_the_same_store() -> None:
    shared = store()
    assert shared.get("outer", lambda: shared.get("inner", lambda: "x") * 2) == "xx"
    assert "inner" in shared


def test_what_was_not_used_for_longest_goes_first() -> None:
    shared = store(entries=2)
    for key in ("a", "b", "a", "c"):
        shared.get(key, lambda key=key: key)  # type: ignore[misc]
    assert ["a" in shared, "b" in shared, "c" in shared] == [True, False, True]


def test_one_thing_larger_than_the_store_is_kept_alone() -> None:
    shared = store(size=3)
    shared.get("small", lambda: "xx")
    assert shared.get("large", lambda: "x" * 10) == "x" * 10
    assert "small" not in shared


def test_only_stores_of_customers_forget_when_one_of_them_is_erased() -> None:
    customers, charts = Store[str](entries=2, personal=True), Store[str](entries=2)
    for each in (customers, charts):
        each.get("key", lambda: "made")
    forget_customers()
    assert "key" not in customers
    assert "key" in charts


def test_what_was_begun_before_a_customer_was_erased_is_not_kept() -> None:
    store = Store[str](entries=2, personal=True)

    def make() -> str:
        forget_customers()
        return "made of rows from before"

    assert store.get("run", make) == "made of rows from before"
    assert "run" not in store
    assert store.get("run", lambda: "made anew") == "made anew"
    assert "run" in store
