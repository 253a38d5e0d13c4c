"""Write how good the learners of causalml are at choosing whom to mail, as figures that a test compares with.

Which customers of Hillstrom get the women's mail, where a visit is worth 1 and a mail costs 0.045, about what it brings
on average. Each of 100 times a model learns from one half of the customers and is judged on the other. causalml pins
too much for the environment of the project, so this runs in one of its own:

    python3 -m venv causal && causal/bin/pip install causalml==0.18.0
    OMP_NUM_THREADS=1 causal/bin/python tools/uplift_rivals.py hillstrom.csv.gz tests/data/uplift/rivals.json
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

SPLITS, COST, ARM = 100, 0.045, "Womens E-Mail"


def customers(hillstrom: Path) -> pd.DataFrame:
    """Return those of the mail and of no mail: features, `visit` and `treated`."""
    table = pd.read_csv(hillstrom)
    table = table[table["segment"].isin(["No E-Mail", ARM])].reset_index(drop=True)
    return table.assign(treated=(table["segment"] == ARM).astype(int))


def learners(count: int, split: int) -> npt.NDArray[np.bool_]:
    """Return which customers are learnt from; the others judge."""
    return np.random.default_rng(split).permutation(count) < count // 2


def value(table: pd.DataFrame, gain: Floats) -> float:
    """Return the value per customer of mailing those whose expected gain is above 0.

    Args:
        table: The customers who judge.
        gain: What a mail is expected to bring each, less its cost.
    """
    treated, visit = table["treated"].to_numpy(), table["visit"].to_numpy(dtype=np.float64)
    share = treated.mean()
    effect = (visit - visit.mean()) * (treated - share) / (share * (1 - share))
    return float(((effect - COST) * (gain > 0)).mean())


def models(split: int) -> dict[str, Callable[[pd.DataFrame, pd.DataFrame], Floats]]:
    """Return the models of causalml: learn from some customers, tell the lift of others."""
    from causalml.inference.meta import BaseSRegressor, BaseTRegressor, BaseXRegressor  # noqa: PLC0415
    from causalml.inference.tree import UpliftRandomForestClassifier  # noqa: PLC0415
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415

    def features(table: pd.DataFrame) -> Floats:
        columns = ["recency", "history", "mens", "womens", "newbie", "zip_code", "channel"]
        return np.asarray(pd.get_dummies(table[columns]).to_numpy(dtype=np.float64))

    def meta(kind: Any) -> Callable[[pd.DataFrame, pd.DataFrame], Floats]:
        def lift(known: pd.DataFrame, asked: pd.DataFrame) -> Floats:
            learner = HistGradientBoostingRegressor(max_iter=50, max_depth=3, min_samples_leaf=200, random_state=split)
            model = kind(learner, control_name=0)
            share = {} if kind is not BaseXRegressor else {"p": np.full(len(known), known["treated"].mean())}
            again = {} if kind is not BaseXRegressor else {"p": np.full(len(asked), known["treated"].mean())}
            model.fit(X=features(known), treatment=known["treated"].to_numpy(), y=known["visit"].to_numpy(), **share)
            return np.asarray(model.predict(X=features(asked), **again)).ravel()

        return lift

    def forest(known: pd.DataFrame, asked: pd.DataFrame) -> Floats:
        model = UpliftRandomForestClassifier(
            control_name="control", n_estimators=20, max_depth=5, min_samples_leaf=200, random_state=split, n_jobs=1
        )
        arms = np.where(known["treated"] == 1, "mail", "control")
        model.fit(features(known), treatment=arms, y=known["visit"].to_numpy())
        return np.asarray(model.predict(features(asked))).ravel()

    return {
        "S-learner": meta(BaseSRegressor),
        "T-learner": meta(BaseTRegressor),
        "X-learner": meta(BaseXRegressor),
        "uplift forest": forest,
    }


def main(hillstrom: Path, target: Path) -> None:
    """Write value and Qini of each model in each split."""
    from causalml.metrics import qini_score  # noqa: PLC0415 - only where causalml is installed

    table = customers(hillstrom)
    found: dict[str, list[tuple[float, float]]] = {}
    for split in range(SPLITS):
        known = learners(len(table), split)
        for name, lift in models(split).items():
            others = table[~known]
            score = lift(table[known], others)
            # Ties are broken by the place in the file.
            ranked = pd.DataFrame({"score": pd.Series(score).rank(method="first").to_numpy()})
            ranked = ranked.assign(y=others["visit"].to_numpy(), w=others["treated"].to_numpy())
            qini = float(qini_score(ranked, normalize=False)["score"]) / others["treated"].sum()
            found.setdefault(name, []).append((value(others, score - COST), qini))
    rounded = {name: np.round(pairs, 8).tolist() for name, pairs in found.items()}
    target.write_text(json.dumps({"causalml": "0.18.0", "values": rounded}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
