"""A statement assigns every customer to the arm of the experiment."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from retention.errors import OptionError
from retention.experiment.arms import Experiment, assign
from segmentation_engine import assign as assign_segments, fit
from tests.retention.sql.databases import NAMES, answered, warehouse
from tests.retention.sql.shops import experiments, shops
from tests.strategies import policies, policy_of


@pytest.mark.untraced
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_arms_are_those_of_the_experiment(name: str, data: st.DataObject) -> None:
    frame = data.draw(shops())
    tree = fit(pd.concat([frame] * 20, ignore_index=True), data.draw(policies()))
    experiment = data.draw(experiments([segment.name for segment in tree.segments]))
    ids = pd.Series([f"{number} \u00e4\u4e2d'" for number in range(len(frame))], dtype="str")
    frame = frame.assign(user_id=ids)
    labels = assign_segments(frame, tree).labels().astype("str")
    # Shares of a segment in which nobody is are refused here, and change nothing there.
    shares = {segment: each for segment, each in experiment.segment_shares.items() if segment in set(labels)}
    here = Experiment(experiment.name, experiment.shares, shares, experiment.salt)
    rows = answered(name, warehouse(name, tree, frame, experiment).statement("arms"), frame)
    assert sorted(rows) == sorted(zip(ids, labels, assign(ids, here, labels), strict=True))


def test_an_engine_without_the_hash_is_refused_unless_it_has_a_function() -> None:
    tree = fit(pd.DataFrame({"user_id": ["a"]}), policy_of("Everybody"))
    place = replace(warehouse("sqlite", tree, ["user_id", "email_consent"], Experiment("x")), hash_function="")
    for statement in ("arms", "audience"):
        with pytest.raises(OptionError, match="sqlite has no SHA-256"):
            place.statement(statement)


def test_without_an_experiment_nobody_has_an_arm() -> None:
    tree = fit(pd.DataFrame({"user_id": ["a"]}), policy_of("Everybody"))
    with pytest.raises(OptionError, match="there is no experiment"):
        warehouse("duckdb", tree, ["user_id"]).statement("arms")
