"""Whose outcome it is: by user_id, else by e-mail address, else by phone number."""

import pandas as pd
import pytest

from analysis import with_experiment
from analysis.experiment_results import campaign_results
from analysis.matching import places
from analysis.outcomes import Outcomes
from retention.errors import ContractError
from retention.experiment.arms import Experiment
from tests.audience_export.shops import shop

ANN, BOB = "+442079460958", "+442079460959"


@pytest.mark.parametrize(
    ("written", "region"),
    [(ANN, ""), ("+44 (0)20 7946 0958", ""), ("020 7946 0958", "GB"), ("'+442079460958", ""), ("442079460958", "GB")],
)
def test_customers_are_found_by_phone_whatever_way_it_is_written(written: str, region: str) -> None:
    run = shop([{"user_id": BOB, "phone": BOB}, {"user_id": "17", "phone": "020 7946 0958", "country": "GB"}])
    assert places(run, pd.DataFrame({"customer": [written, BOB, "nobody"]}), region).tolist() == [1, 0, -1]


def test_the_number_beside_another_id_finds_the_customer() -> None:
    run = shop([{"user_id": "17", "phone": ANN}, {"user_id": "18", "phone": BOB}])
    orders = pd.DataFrame({"customer": ["x", "y@z.org"], "phone": [BOB, None], "email": [None, "y@z.org"]})
    assert places(run, orders.astype("str")).tolist() == [1, -1]


def test_a_number_of_two_customers_says_nothing_of_one_of_them() -> None:
    run = shop([{"user_id": "17", "phone": ANN}, {"user_id": "18", "phone": ANN}])
    assert places(run, pd.DataFrame({"customer": [ANN]})).tolist() == [-1]


def test_national_numbers_without_a_country_are_asked_for_it() -> None:
    run = with_experiment(shop([{"user_id": ANN, "phone": ANN}]), Experiment("x", {"control": 0.5, "treatment": 0.5}))
    listed = pd.DataFrame({"customer": ["020 7946 0958"], "converted": [True]})
    with pytest.raises(ContractError, match="Set the country of phone numbers"):
        campaign_results([(run, Outcomes(listed, True, 1, {}))])


def test_addresses_are_compared_as_mailboxes() -> None:
    run = shop([{"email": "jane.doe@gmail.com"}, {"email": "ann@münchen.de"}, {"email": "Bob <bob@x.org>"}])
    asked = ["JaneDoe+shop@googlemail.com", "ann@xn--mnchen-3ya.de", "mailto:BOB@x.org"]
    assert places(run, pd.DataFrame({"customer": asked})).tolist() == [0, 1, 2]
    assert places(run, pd.DataFrame({"customer": ["nobody", *asked, "Bob@x.org"]})).tolist() == [-1, 0, 1, 2, 2]
