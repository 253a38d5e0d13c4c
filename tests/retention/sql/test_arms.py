"""A statement assigns every customer to the arm of the experiment."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.errors import OptionError
from retention.experiment.arms import Experiment, assign
from retention.sql.arms import arms
from retention.sql.dialects import ENGINES, Warehouse
from segmentation_engine import assign as assign_segments
from segmentation_engine import fit
from tests.retention.sql.engines import RUNS, answered, warehouse
from tests.retention.sql.shops import experiments, shops
from tests.strategies import policies, policy_of


@pytest.mark.parametrize("name", RUNS)
@given(data=st.data())
@settings(max_examples=40)
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
    rows = answered(name, arms(tree, experiment, warehouse(name)), frame)
    assert sorted(rows) == sorted(zip(ids, labels, assign(ids, here, labels), strict=True))


def test_an_engine_without_the_hash_is_refused_unless_it_has_a_function() -> None:
    tree = fit(pd.DataFrame({"user_id": ["a"]}), policy_of("Everybody"))
    engine = ENGINES["sqlite"]
    with pytest.raises(OptionError, match="sqlite has no SHA-256"):
        arms(tree, Experiment("x"), Warehouse(engine, engine.table("t")))
