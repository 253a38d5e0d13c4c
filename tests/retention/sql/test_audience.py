"""The audience of a statement is whom the rules of contact leave."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.customers.normalise import folded, text_column
from retention.customers.reach import CONSENT, said, unreached
from retention.errors import ContractError
from retention.experiment.arms import Experiment, assign
from retention.policy.policy import Policy
from segmentation_engine import fit
from tests.retention.sql.databases import NAMES, answered, warehouse
from tests.retention.sql.shops import shops
from tests.strategies import policies, policy_of

TRIAL = Experiment("autumn", {"control": 0.3, "mail": 0.7})
BLOCKED = (1, 3, 4, 5, 7)
"""Reasons that hold for the person: bought again, refused, unsubscribed, contacted lately, held out."""


def expected(frame: pd.DataFrame, trial: Experiment | None, suppressed: pd.DataFrame | None) -> set[str]:
    """Return whom a campaign may contact, by the engine's own rules."""
    mailbox = pd.Series(folded(text_column(frame, "email")).to_pylist(), dtype="object")
    if suppressed is not None:
        listed = frame["user_id"].isin(set(suppressed["user_id"].dropna()))
        others = set(folded(text_column(suppressed, "email")).drop_null().to_pylist())
        told = said(frame, "unsubscribed", True) | listed.to_numpy() | mailbox.isin(others).to_numpy()
        frame = frame.assign(unsubscribed=pd.Series(told, dtype="boolean"))
    control = None if trial is None else np.equal(assign(frame["user_id"], trial).codes, 0)
    reasons = unreached(frame, control)
    blocked = np.isin(reasons, BLOCKED) | (False if control is None else control)
    shared = mailbox.notna() & mailbox.isin(set(mailbox[blocked].dropna()))
    agreed = said(frame, CONSENT, True) if CONSENT in frame else np.ones(len(frame), dtype=np.bool_)
    return set(frame["user_id"][(reasons == 0) & agreed & ~shared.to_numpy()])


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
@given(policy=policies(), frame=shops(), trial=st.sampled_from([None, TRIAL]), lists=st.booleans())
def test_the_audience_is_whom_the_rules_leave(
    name: str, policy: Policy, frame: pd.DataFrame, trial: Experiment | None, lists: bool
) -> None:
    tree = fit(pd.concat([frame] * 20, ignore_index=True), policy)
    columns = {"user_id": ["00001", "00001", None, "x"], "email": [None, "B@x.org ", "", None]}
    suppressed = pd.DataFrame(columns, dtype="str") if lists else None
    place = warehouse(name, tree, frame, trial)
    table = place.engine.table("suppressed") if lists else None
    statement = replace(place, suppressed=table, assume_consent=True).statement("audience")
    others = {} if suppressed is None else {"suppressed": suppressed}
    rows = answered(name, statement, frame, **others)
    assert len(rows) == len({row[0] for row in rows})
    assert {row[0] for row in rows} == expected(frame, trial, suppressed)
    assert [each.alias_or_name for each in statement.selects] == ["user_id", "email", "phone", "segment", "arm"]


def test_nobody_is_contacted_where_nothing_says_who_agreed() -> None:
    frame = pd.DataFrame({"user_id": ["a"]})
    with pytest.raises(ContractError, match="nothing says who agreed"):
        warehouse("duckdb", fit(frame, policy_of("Everybody")), frame).statement("audience")
