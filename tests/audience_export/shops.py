"""Small shops whose customers are in sight, and exports of them."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis import Run
from audience_export import PLATFORMS, AudienceRequest, audience_zip
from retention.experiment.arms import Experiment
from tests.audience_export.validators import VALIDATORS
from tests.outputs.runs import run_of_frame

Record = dict[str, str]
RUNS = dict[str, Run]()
"""Runs by what was said of their customers: one file a platform is written of most."""


def shop(people: list[dict[str, Any]]) -> Run:
    """Return the run of customers `u000`, `u001` ...; each says only what a test is about, and no test changes it."""
    if (known := RUNS.get(repr(people))) is not None:
        return known
    rows = [
        {
            "user_id": f"u{place:03}",
            "cart_abandoned_date": f"2025-09-{24 + place % 7}",
            "avg_order_value": float(place * 7 % 150),
            "engagement_score": place % 10 / 10,
        }
        | person
        for place, person in enumerate(people)
    ]
    frame = pd.DataFrame(rows)
    frame["cart_abandoned_date"] = pd.to_datetime(frame["cart_abandoned_date"]).dt.tz_localize("Europe/Berlin")
    for name in ("email_consent", "recovered"):
        if name in frame:
            frame[name] = frame[name].astype("boolean")
    texts = [name for name in ("email", "phone", "first_name", "last_name", "country", "zip") if name in frame]
    return RUNS.setdefault(repr(people), run_of_frame(frame.astype(dict.fromkeys(texts, "str"))))


def in_arms(run: Run, labels: Sequence[str], control: str = "stop") -> Run:
    """Return a run with an experiment whose arms are these, whatever the hashes of the customers say."""
    arms = [control, *sorted({*labels, "go"} - {control})]
    held = replace(run, experiment=Experiment("autumn", dict.fromkeys(arms, 1 / len(arms))))
    held.__dict__["arms"] = pd.Categorical(pd.Series(labels, dtype="str"), categories=arms)
    return held


def agreed(**values: Any) -> dict[str, Any]:
    """Return a customer who agreed."""
    return {"email_consent": True} | values


def files(run: Run, wanted: AudienceRequest) -> dict[str, bytes]:
    """Return the files of an export by name."""
    with zipfile.ZipFile(io.BytesIO(audience_zip(run, wanted))) as made:
        assert made.testzip() is None
        return {name: made.read(name) for name in made.namelist()}


def records(run: Run, wanted: AudienceRequest) -> list[Record]:
    """Return the records of all files of an export, each file held against the platform's format first."""
    check = VALIDATORS[wanted.platform]
    held = files(run, wanted)
    return [dict(record) for name, data in held.items() if name != "manifest.json" for record in check(data)]


def everybody(run: Run, platform: str, **options: Any) -> list[Record]:
    """Return the records of an export in which consent is taken as given."""
    return records(run, AudienceRequest(platform, assume_consent=True, **options))


def platforms() -> list[str]:
    """Return the names of all platforms."""
    return list(PLATFORMS)
