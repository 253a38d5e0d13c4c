"""Who can be reached, customer by customer, and how many of each segment."""

import numpy as np
import pandas as pd
from hypothesis import given, strategies as st

from retention.customers.reach import LeftAlone, Reach, Unreached, count_reach, reach_words, unreached

ANSWERS = st.sampled_from([True, False, None])
PERSON = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["a@x.org", "", " ", None]),
        "phone": st.sampled_from(["12", "\t", None]),
        "email_consent": ANSWERS,
        "recovered": ANSWERS,
        "unsubscribed": ANSWERS,
        "contacted_recently": ANSWERS,
        "control": st.booleans(),
        "segment": st.integers(0, 2),
    }
)
SILENT = "Of the other 3 the data does not say, and audience files leave them out until you do."
FLAGS = ("email_consent", "recovered", "unsubscribed", "contacted_recently")
TYPES = {"email": "str", "phone": "str"} | dict.fromkeys(FLAGS, "boolean")


def why(person: dict[str, object]) -> str:
    """Return the reason by the words of the documentation."""
    if person["recovered"]:
        return "recovered"
    if not any(str(person[name] or "").strip() for name in ("email", "phone")):
        return "no_identifier"
    if person["email_consent"] is False:
        return "no_consent"
    alone = next((name for name in ("unsubscribed", "contacted_recently") if person[name]), "")
    return alone or ("control" if person["control"] else "")


@given(st.lists(PERSON, min_size=1, max_size=30))
def test_each_customer_has_the_first_reason_that_applies_and_the_counts_add_up(people: list[dict[str, object]]) -> None:
    customers = pd.DataFrame(people).astype(TYPES)
    control = customers["control"].to_numpy(dtype=np.bool_)
    names = ["", *(reason.value for reason in Unreached)]
    assert [names[code] for code in unreached(customers, control)] == [why(person) for person in people]
    reach = count_reach(customers, customers["segment"].to_numpy(dtype=np.uint8), 3, control)
    assert sum(map(sum, reach.counts)) == len(people)
    assert reach.total + sum(reach.left_out.values()) == len(people)
    assert reach.total == [why(person) for person in people].count("")
    # One number of people who have bought again, whatever else is true of them.
    assert reach.left_out[Unreached.RECOVERED] == sum(person["recovered"] is True for person in people)
    agreed = [person for person in people if not why(person) and person["email_consent"]]
    assert (reach.agreed, reach.by_user_id) == (len(agreed), False)
    held = reach.held_out(("a", "b", "c"))
    whole = [row[0] + row[-1] for row in reach.counts]
    kept = [n - round(n * held.get(name, 0)) for name, n in zip("abc", whole, strict=True)]
    assert tuple(kept) == reach.reachable


def test_a_table_without_contact_columns_counts_everybody_and_says_so() -> None:
    customers = pd.DataFrame({"user_id": ["1", "2", "3"]})
    reach = count_reach(customers, np.array([0, 0, 1], dtype=np.uint8), 2)
    assert (reach.reachable, reach.agreed, reach.by_user_id) == ((2, 1), 0, True)
    assert reach_words(reach) == [
        "3 of 3 customers can be reached.",
        f"0 of them agreed to be contacted. {SILENT}",
        "The data has no e-mail addresses or phone numbers, so everybody counts as reachable by user_id.",
    ]


def test_where_everybody_answered_there_is_nothing_more_to_say() -> None:
    assert reach_words(Reach(((7, 0, 0, 0, 0),), (0,), False)) == ["7 of 7 customers can be reached."]


def test_who_is_named_by_id_or_address_is_left_alone_and_periods_of_an_older_program_still_count() -> None:
    customers = pd.DataFrame({"user_id": ["1", "2", "3"], "email": ["A@x.org ", "b@x.org", "c@x.org"]})
    named = {Unreached.CONTACTED: frozenset({"a@x.org", "3"}), Unreached.UNSUBSCRIBED: frozenset({"3"})}
    reach = count_reach(LeftAlone(named).told(customers), np.array([0, 0, 0], dtype=np.uint8), 1)
    assert (reach.total, reach.left_out[Unreached.CONTACTED], reach.left_out[Unreached.UNSUBSCRIBED]) == (1, 1, 1)
    assert LeftAlone().told(customers) is customers
    older = Reach(((60, 1, 2, 3, 4),), (0,), False)
    assert (older.left_out[Unreached.CONTROL], older.left_out[Unreached.NO_CONSENT], older.total) == (4, 3, 60)
